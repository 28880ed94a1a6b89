"""Findings of Amazon Macie: as GetFindings and EventBridge tell them.

Source: the model of the service `macie2` in botocore (GetFindings); Macie User Guide, "Amazon EventBridge event schema for
Macie findings".
"""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.findings.imported.principals import behind
from sakimori.findings.imported.told import Told, Where, as_detection, severity_of
from sakimori.findings.imported.values import count, first_text, flag, items, known, member, moment, number, text
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity

_IDENTITIES: Final = (
    ("assumedRole", "sessionContext", "sessionIssuer", "arn"), ("assumedRole", "arn"), ("iamUser", "arn"), ("root", "arn"),
    ("federatedUser", "sessionContext", "sessionIssuer", "arn"), ("federatedUser", "arn"), ("awsService", "invokedBy"),
    ("awsAccount", "accountId"),
)  # fmt: skip


def recognises(found: Mapping[str, Any]) -> bool:
    """Whether these members are a finding of Macie."""
    return found.get("category") in ("CLASSIFICATION", "POLICY") and "resourcesAffected" in found


def detection(found: Mapping[str, Any], where: Where) -> Detection | None:
    """The detection of a finding; None where it has no identity, type or time."""
    policy, affected = member(found, "policyDetails"), member(found, "resourcesAffected")
    call, actor = member(policy, "action", "apiCallDetails"), member(policy, "actor")
    is_sample = flag(found, "sample") is True
    told = Told(
        producer="macie",
        native_id=text(found, "id"),
        kind=text(found, "type"),
        title=text(found, "title"),
        description=text(found, "description", most=4_000),
        severity=severity_of(text(found, "severity", "description")) or Severity.MEDIUM,
        confidence=Confidence.LOW if is_sample else Confidence.MEDIUM,
        first_at=moment(call, "firstSeen") or moment(found, "createdAt"),
        last_at=moment(call, "lastSeen") or moment(found, "updatedAt"),
        updated_at=moment(found, "updatedAt"),
        count=count(found, "count"),
        account=text(found, "accountId"),
        region=text(found, "region"),
        partition=text(found, "partition"),
        principal=behind(first_text(member(actor, "userIdentity"), *_IDENTITIES)),
        origins=(
            text(actor, "ipAddressDetails", "ipAddressV4"),
            text(actor, "domainDetails", "domainName"),
        ),
        resources=(_bucket(affected), *_object(affected)),
        evidence=known(
            category=text(found, "category"),
            api=text(call, "api"),
            job=text(found, "classificationDetails", "jobArn"),
            object=text(affected, "s3Object", "path"),
            sensitive_data=tuple(
                f"{text(each, 'category')}: {number(each, 'totalCount') or 0:g}"
                for each in items(found, "classificationDetails", "result", "sensitiveData")
            ),
            is_sample=is_sample or None,
        ),
        is_closed=flag(found, "archived") is True,
    )
    return as_detection(told, where)


def _bucket(affected: object) -> str:
    return first_text(member(affected, "s3Bucket"), ("arn",), ("name",))


def _object(affected: object) -> tuple[str, ...]:
    bucket, key = text(affected, "s3Bucket", "arn"), text(affected, "s3Object", "key", most=1_024)
    return (f"{bucket}/{key}",) if bucket and key else ()
