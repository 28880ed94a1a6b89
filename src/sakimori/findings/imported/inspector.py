"""Findings of Amazon Inspector: as ListFindings and EventBridge tell them.

Source: the model of the service `inspector2` in botocore (ListFindings); Inspector User Guide, "Amazon Inspector event
schema".
"""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.findings.imported.told import Told, Where, as_detection, closed_word, severity_of
from sakimori.findings.imported.values import items, known, moment, number, text, texts
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity

_VULNERABILITY: Final = ("packageVulnerabilityDetails", "vulnerabilityId")


def recognises(found: Mapping[str, Any]) -> bool:
    """Whether these members are a finding of Inspector."""
    return "findingArn" in found and "awsAccountId" in found


def detection(found: Mapping[str, Any], where: Where) -> Detection | None:
    """The detection of a finding: a kind for each vulnerability (`PACKAGE_VULNERABILITY:CVE-…`)."""
    resources = items(found, "resources")
    first = resources[0] if resources else None
    told = Told(
        producer="inspector",
        native_id=text(found, "findingArn"),
        kind=kind_of(text(found, "type"), _detail(found)),
        title=text(found, "title"),
        description=text(found, "description", most=4_000),
        # What nobody has rated yet is for Security Hub informational too.
        severity=severity_of(text(found, "severity")) or Severity.INFORMATIONAL,
        confidence=Confidence.HIGH,
        first_at=moment(found, "firstObservedAt"),
        last_at=moment(found, "lastObservedAt"),
        updated_at=moment(found, "updatedAt"),
        account=text(found, "awsAccountId"),
        region=text(first, "region"),
        partition=text(first, "partition"),
        resources=tuple(_resource(each) for each in resources),
        evidence=known(
            vulnerability=text(found, *_VULNERABILITY),
            packages=tuple(
                f"{text(each, 'name')} {text(each, 'version')}"
                for each in items(found, "packageVulnerabilityDetails", "vulnerablePackages")
            )[:20],
            fix_available=text(found, "fixAvailable"),
            exploit_available=text(found, "exploitAvailable"),
            epss=number(found, "epss", "score"),
            score=number(found, "inspectorScore"),
            ports=_ports(found),
            cwes=texts(found, "codeVulnerabilityDetails", "cwes"),
        ),
        is_closed=closed_word(text(found, "status")),
    )
    return as_detection(told, where)


def kind_of(kind: str, detail: str) -> str:
    """The type with what tells one vulnerability from another."""
    return f"{kind}:{detail}" if kind and detail else kind or detail


def _detail(found: Mapping[str, Any]) -> str:
    return text(found, *_VULNERABILITY) or text(found, "codeVulnerabilityDetails", "detectorId")


def _resource(resource: object) -> str:
    """The ARN of an instance, which Inspector names by its id alone."""
    identifier = text(resource, "id")
    if not identifier.startswith("i-"):
        return identifier
    partition, region = text(resource, "partition") or "aws", text(resource, "region")
    owner = text(resource, "providerAccountId")
    return f"arn:{partition}:ec2:{region}:{owner}:instance/{identifier}" if owner and region else identifier


def _ports(found: Mapping[str, Any]) -> str:
    begin = number(found, "networkReachabilityDetails", "openPortRange", "begin")
    end = number(found, "networkReachabilityDetails", "openPortRange", "end")
    return f"{begin:g}-{end:g}" if begin is not None and end is not None else ""
