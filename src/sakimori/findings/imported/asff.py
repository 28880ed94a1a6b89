"""Findings of Security Hub in the AWS Security Finding Format: as GetFindings and EventBridge tell them.

A finding that another service sent to Security Hub is that service's: it keeps the identity that it has there, where the
two are the same (GuardDuty, Inspector, Macie), and so is one detection however it came.
Source: the model of the service `securityhub` in botocore (AwsSecurityFinding); Security Hub User Guide, "ASFF examples".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.findings.imported import inspector
from sakimori.findings.imported.guardduty import tactic
from sakimori.findings.imported.principals import behind, principal_of
from sakimori.findings.imported.told import Told, Where, as_detection, closed_word, severity_of, tactic_of
from sakimori.findings.imported.values import count, first_text, flag, items, known, member, moment, number, text, texts
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity

_PRODUCERS: Final = {
    "guardduty": "guardduty",
    "inspector": "inspector",
    "macie": "macie",
    "access-analyzer": "access-analyzer",
    "iam access analyzer": "access-analyzer",
}
_PRODUCT: Final = re.compile(r":product/aws/([a-z0-9-]{1,60})\Z")
_TYPE: Final = re.compile(r"([A-Za-z]{1,60}:[A-Za-z0-9]{1,60})-(\S{1,200})")
"""A type of GuardDuty, whose slash Security Hub writes as a hyphen."""
_NORMALIZED: Final = ((90, Severity.CRITICAL), (70, Severity.HIGH), (40, Severity.MEDIUM), (1, Severity.LOW))
_SURE, _LIKELY = 70, 40
_ADDRESSES: Final = (
    ("Action", "AwsApiCallAction", "RemoteIpDetails", "IpAddressV4"),
    ("Action", "NetworkConnectionAction", "RemoteIpDetails", "IpAddressV4"),
    ("Network", "SourceIpV4"),
    ("Network", "SourceIpV6"),
)
_KEY_DETAILS: Final = ("Details", "AwsIamAccessKey")


def recognises(found: Mapping[str, Any]) -> bool:
    """Whether these members are a finding in this format."""
    return "ProductArn" in found and "AwsAccountId" in found


def detection(found: Mapping[str, Any], where: Where) -> Detection | None:
    """The detection of a finding; None where it has no identity, kind or time."""
    producer, product = _producer(found)
    types = texts(found, "Types")
    kind = _kind(found, producer, types)
    resources = items(found, "Resources")
    account = text(found, "AwsAccountId")
    partition = (
        first_text(found, ("Resources", "Partition"))
        or text(found, "ProductArn").partition("arn:")[2].partition(":")[0]
    )
    told = Told(
        producer=producer,
        native_id=_identity(text(found, "Id"), producer),
        kind=kind,
        title=text(found, "Title"),
        description=text(found, "Description", most=4_000),
        severity=_severity(found),
        confidence=Confidence.LOW if flag(found, "Sample") else confidence(number(found, "Confidence")),
        first_at=moment(found, "FirstObservedAt") or moment(found, "CreatedAt"),
        last_at=moment(found, "LastObservedAt") or moment(found, "UpdatedAt"),
        updated_at=moment(found, "UpdatedAt"),
        count=count(member(found, "ProductFields"), "aws/guardduty/service/count"),
        account=account,
        region=text(found, "Region"),
        partition=partition,
        principal=_principal(resources, account, partition),
        origins=tuple(_origins(found)),
        resources=tuple(text(each, "Id") for each in resources if text(each, "Type") != "AwsAccount"),
        tactics=tuple(_tactics(types, kind)),
        evidence=known(
            product=product if producer == "securityhub" else "",
            control=text(found, "Compliance", "SecurityControlId"),
            compliance=text(found, "Compliance", "Status"),
            workflow=text(found, "Workflow", "Status"),
            access_key_id=first_text(_key(resources), ("AccessKeyId",)),
            is_sample=flag(found, "Sample") or None,
        ),
        is_closed=closed_word(
            text(found, "RecordState"), text(found, "Workflow", "Status"), text(found, "Compliance", "Status")
        ),
    )
    return as_detection(told, where)


def producer_of(product: str) -> str:
    """The service behind a product's name; Security Hub, which passes it on, for any other."""
    return _PRODUCERS.get(product.lower().removeprefix("amazon ").removeprefix("aws "), "securityhub")


def guardduty_type(name: str) -> str:
    """GuardDuty's own name of a type.

    >>> guardduty_type("TTPs/Discovery/Recon:EC2-PortProbeUnprotectedPort")
    'Recon:EC2/PortProbeUnprotectedPort'
    """
    last = name.rpartition("/")[2]
    found = _TYPE.fullmatch(last)
    return f"{found[1]}/{found[2]}" if found else last


def confidence(percent: float | None) -> Confidence:
    """How sure, of 100; medium where it is not told."""
    if percent is None:
        return Confidence.MEDIUM
    return Confidence.HIGH if percent >= _SURE else Confidence.MEDIUM if percent >= _LIKELY else Confidence.LOW


def _producer(found: Mapping[str, Any]) -> tuple[str, str]:
    told = _PRODUCT.search(text(found, "ProductArn"))
    product = text(found, "ProductName") or (told[1] if told else "")
    return (producer_of(told[1]) if told else "securityhub"), product


def _identity(identifier: str, producer: str) -> str:
    """As the service itself names it: Macie by what Security Hub may write after a path."""
    return identifier.rpartition("/")[2] if producer == "macie" else identifier


def _kind(found: Mapping[str, Any], producer: str, types: tuple[str, ...]) -> str:
    if producer == "guardduty" and types:
        return guardduty_type(types[0])
    if producer == "inspector" and (vulnerability := text(found, "Vulnerabilities", "Id")):
        return inspector.kind_of("PACKAGE_VULNERABILITY", vulnerability)
    control = text(found, "Compliance", "SecurityControlId")
    return control or text(found, "GeneratorId") or (types[0] if types else text(found, "Title"))


def _severity(found: Mapping[str, Any]) -> Severity:
    label = severity_of(first_text(found, ("Severity", "Label"), ("FindingProviderFields", "Severity", "Label")))
    if label is not None:
        return label
    normalized = number(found, "Severity", "Normalized")
    if normalized is None:
        return Severity.MEDIUM
    return next((word for least, word in _NORMALIZED if normalized >= least), Severity.INFORMATIONAL)


def _key(resources: tuple[object, ...]) -> object:
    return next((found for each in resources if (found := member(each, *_KEY_DETAILS)) is not None), None)


def _principal(resources: tuple[object, ...], account: str, partition: str) -> str:
    key = _key(resources)
    issuer = text(key, "SessionContext", "SessionIssuer", "Arn")
    if issuer:
        return behind(issuer)
    return principal_of(
        kind=text(key, "PrincipalType"),
        name=first_text(key, ("PrincipalName",), ("UserName",)),
        principal_id=text(key, "PrincipalId"),
        account=text(key, "AccountId") or account,
        partition=partition,
    )


def _origins(found: Mapping[str, Any]) -> Iterator[str]:
    yield from (text(found, *path) for path in _ADDRESSES)
    for probe in items(found, "Action", "PortProbeAction", "PortProbeDetails"):
        yield text(probe, "RemoteIpDetails", "IpAddressV4")


def _tactics(types: tuple[str, ...], kind: str) -> Iterator[str]:
    yield tactic(kind)
    for each in types:
        space, _, rest = each.partition("/")
        if space == "TTPs":
            yield tactic_of(rest.partition("/")[0])
