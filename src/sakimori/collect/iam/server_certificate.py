"""TLS certificates that were uploaded to IAM; those of ACM have a table of their own."""

from sakimori.collect.declaration import TEXT, TIMESTAMP, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_iam_server_certificate",
    "TLS server certificates uploaded to IAM.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::ServerCertificate",
    rows=call("iam:ListServerCertificates", "ServerCertificateMetadataList", MaxItems=1000),
    columns=[
        col("arn", TEXT, "The certificate's ARN.", "Arn"),
        col("name", TEXT, "The certificate's name in IAM.", "ServerCertificateName"),
        col("path", TEXT, "The path in the ARN, / where there is none.", "Path"),
        col("uploaded_at", TIMESTAMP, "When it was uploaded.", "UploadDate"),
        col("expires_at", TIMESTAMP, "When it ceases to be valid.", "Expiration"),
    ],
)  # fmt: skip
