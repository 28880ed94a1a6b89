"""Settings of ECR that hold for the whole private registry of a Region."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import ITSELF, TEXT, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_ecr_registry",
    "Settings of ECR that hold for the whole private registry of a Region, one row each.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ECR::RegistryScanningConfiguration",
    rows=ITSELF,
    each=[call("ecr:GetRegistryScanningConfiguration", "scanningConfiguration")],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("scan_type", TEXT, "BASIC, or ENHANCED where Amazon Inspector scans.", "scanningConfiguration.scanType"),
    ],
)  # fmt: skip
