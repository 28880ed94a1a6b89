"""Statements of the policies of private certificate authorities (AWS Private CA): who else may issue certificates by them."""

from collections.abc import Iterator

from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if record.get("Policy"):
        yield from statement_rows(record.get("Arn"), record["Policy"])


TABLE = table(
    "aws_acmpca_authority_policy_statement",
    "Statements of the policies of private certificate authorities; those that are deleted are left out.",
    key="id",
    parent="authority_arn",
    parent_key="Arn",
    scope=Scope.REGION,
    resource_type="AWS::ACMPCA::CertificateAuthority",
    rows=call("acm-pca:ListCertificateAuthorities", "CertificateAuthorities[?Status != 'DELETED']", ResourceOwner="SELF", absent=(NOT_OFFERED,)),
    each=[
        call("acm-pca:GetPolicy", "Policy", with_={"ResourceArn": "Arn"}, absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("authority_arn", "authority"),
)  # fmt: skip
