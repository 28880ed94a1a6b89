"""Certificates in AWS Certificate Manager."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Reader, Record, col, table
from sakimori.model.words import Scope

_LIST: Final = "acm:ListCertificates"
# Without this filter ACM lists RSA keys of 2048 bits alone. Source: ACM API reference, ListCertificates.
_KEY_TYPES: Final = (
    "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1",
)  # fmt: skip
# ACM begins 60 days before the end: with 30 left its renewal has failed, and one's own must begin.
_RENEWAL: Final = timedelta(days=30)


def _certificates(door: Door, region: str) -> Iterator[Record]:
    for page in door.pages(_LIST, region, {"Includes": {"keyTypes": list(_KEY_TYPES)}}):
        yield from page["CertificateSummaryList"]


def _renewal_due_at(record: Record, _context: Context) -> object:
    expires_at = record.get("NotAfter")
    return None if expires_at is None else expires_at - _RENEWAL


TABLE = table(
    "aws_acm_certificate",
    "Certificates in ACM; those got by the ACME protocol or under Amazon's N2 roots are left out.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CertificateManager::Certificate",
    rows=Reader(function=_certificates, operations=(_LIST,)),
    columns=[
        col("arn", TEXT, "The certificate's ARN.", "CertificateArn"),
        col("domain_name", TEXT, "The domain that it is for.", "DomainName"),
        col("status", TEXT, "ISSUED, EXPIRED, PENDING_VALIDATION, REVOKED, FAILED, …", "Status"),
        col("type", TEXT, "AMAZON_ISSUED, IMPORTED or PRIVATE.", "Type"),
        col("is_imported", BOOLEAN, "It was imported: ACM does not renew it.",
            lambda record, _: record["Type"] == "IMPORTED"),
        col("is_in_use", BOOLEAN, "A resource of AWS uses it.", "InUse"),
        col("key_algorithm", TEXT, "RSA_2048, EC_prime256v1, …", "KeyAlgorithm"),
        col("expires_at", TIMESTAMP, "When it ceases to be valid; NULL before it was issued.", "NotAfter"),
        col("renewal_due_at", TIMESTAMP, "Thirty days before that: by then it should have been renewed.",
            _renewal_due_at),
    ],
)  # fmt: skip
