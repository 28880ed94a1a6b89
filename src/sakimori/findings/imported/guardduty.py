"""Findings of GuardDuty: as GetFindings, EventBridge and the export to S3 tell them.

Source: GuardDuty User Guide, "Finding format", "Severity levels" and "Attack sequence finding details"; the model of the
service `guardduty` in botocore (GetFindings).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.findings.imported.principals import behind, principal_of
from sakimori.findings.imported.told import Told, Where, as_detection, tactic_of
from sakimori.findings.imported.values import count, first_text, flag, items, known, member, moment, number, text, texts
from sakimori.ingest.guardduty import is_sample, remote_of, uncapitalised
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity

_SHAPE: Final = frozenset({"type", "service", "resource", "severity"})
_SEVERITIES: Final = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (1.0, Severity.LOW))
_TACTICS: Final = {
    "Backdoor": "command-and-control", "CryptoCurrency": "impact", "Cryptocurrency": "impact", "Recon": "discovery",
    "Stealth": "defense-evasion", "UnauthorizedAccess": "initial-access",
}  # fmt: skip
"""Purposes of GuardDuty that MITRE ATT&CK has another word for; the others are its tactics."""
_ARNS: Final = (
    ("lambdaDetails", "functionArn"), ("eksClusterDetails", "arn"), ("ecsClusterDetails", "arn"),
    ("ecsClusterDetails", "taskDetails", "arn"), ("rdsDbInstanceDetails", "dbInstanceArn"),
    ("rdsLimitlessDbDetails", "dbShardGroupArn"), ("ebsSnapshotDetails", "snapshotArn"), ("ec2ImageDetails", "imageArn"),
    ("recoveryPointDetails", "recoveryPointArn"), ("bedrockGuardrailDetails", "guardrailArn"),
)  # fmt: skip
"""Where a resource's own ARN stands."""
_ADDRESSES: Final = (("ipAddressV4",), ("ipAddressV6",))


def recognises(found: Mapping[str, Any]) -> bool:
    """Whether these members are a finding of GuardDuty."""
    names = {name[:1].lower() + name[1:] for name in found}
    return names >= _SHAPE and "schemaVersion" in names and "productArn" not in names


def detection(found: Mapping[str, Any], where: Where) -> Detection | None:
    """The detection of a finding; None where it has no identity, type or time."""
    finding = uncapitalised(dict(found)) if "Type" in found else found
    service, resource = member(finding, "service"), member(finding, "resource")
    kind, partition = text(finding, "type"), text(finding, "partition") or where.partition
    account, region = text(finding, "accountId") or where.account, text(finding, "region") or where.region
    sample = is_sample(member(service, "additionalInfo")) is True
    told = Told(
        producer="guardduty",
        native_id=text(finding, "arn") or text(finding, "id"),
        kind=kind,
        title=text(finding, "title"),
        description=text(finding, "description", most=4_000),
        severity=severity(number(finding, "severity")),
        confidence=Confidence.LOW if sample else Confidence.MEDIUM,
        first_at=moment(service, "eventFirstSeen") or moment(finding, "createdAt"),
        last_at=moment(service, "eventLastSeen") or moment(finding, "updatedAt"),
        updated_at=moment(finding, "updatedAt"),
        count=count(service, "count"),
        account=account,
        region=region,
        partition=partition,
        principal=_principal(resource, service, account, partition),
        origins=tuple(_origins(service)),
        resources=tuple(_resources(resource, service, f"arn:{partition or 'aws'}:ec2:{region}:{account}:instance/")),
        tactics=(tactic(kind), *(tactic_of(each) for each in _indicators(service, "ATTACK_TACTIC"))),
        techniques=_indicators(service, "ATTACK_TECHNIQUE"),
        evidence=_evidence(resource, service, is_a_sample=sample),
        is_closed=flag(service, "archived") is True,
    )
    return as_detection(told, where)


def severity(value: float | None) -> Severity:
    """The severity of GuardDuty's number, which goes from 1 to 10."""
    if value is None:
        return Severity.MEDIUM
    return next((word for least, word in _SEVERITIES if value >= least), Severity.INFORMATIONAL)


def tactic(kind: str) -> str:
    """The tactic that a type of finding names before its colon; "" for one that names none."""
    purpose = kind.partition(":")[0]
    return _TACTICS.get(purpose) or tactic_of(purpose)


def _principal(resource: object, service: object, account: str, partition: str) -> str:
    key = member(resource, "accessKeyDetails")
    if key is not None:
        return principal_of(
            kind=text(key, "userType"),
            name=text(key, "userName"),
            principal_id=text(key, "principalId"),
            account=account,
            partition=partition,
        )
    for actor in items(service, "detection", "sequence", "actors"):
        user = member(actor, "user")
        if user is not None:
            return principal_of(
                kind=text(user, "type"),
                name=text(user, "name"),
                principal_id=text(user, "uid"),
                account=text(user, "account", "uid") or account,
                partition=partition,
            )
    return behind(text(resource, "lambdaDetails", "role"))


def _resources(resource: object, service: object, instances: str) -> Iterator[str]:
    """What is concerned, by ARN; `instances` is what an instance's ARN begins with."""
    instance = text(resource, "instanceDetails", "instanceId")
    if instance:
        yield instance if instance.startswith("arn:") else instances + instance
    for bucket in items(resource, "s3BucketDetails"):
        yield text(bucket, "arn") or text(bucket, "name")
        yield from (text(each, "objectArn") for each in items(bucket, "s3ObjectDetails"))
    yield from (text(resource, *path) for path in _ARNS)
    for volume in items(resource, "ebsVolumeDetails", "scannedVolumeDetails"):
        yield text(volume, "volumeArn")
    yield from (text(each, "uid") for each in items(service, "detection", "sequence", "resources"))


def _origins(service: object) -> Iterator[str]:
    yield first_text(remote_of(service), *_ADDRESSES)
    action = member(service, "action")
    for probe in items(action, "portProbeAction", "portProbeDetails"):
        yield first_text(member(probe, "remoteIpDetails"), *_ADDRESSES)
    yield from texts(action, "kubernetesApiCallAction", "sourceIps")
    yield text(action, "awsApiCallAction", "domainDetails", "domain")
    for endpoint in items(service, "detection", "sequence", "endpoints"):
        yield first_text(endpoint, ("ip",), ("domain",))


def _indicators(service: object, key: str) -> tuple[str, ...]:
    found = items(service, "detection", "sequence", "sequenceIndicators")
    return tuple(each for indicator in found if text(indicator, "key") == key for each in texts(indicator, "values"))


def _evidence(resource: object, service: object, *, is_a_sample: bool) -> Mapping[str, object]:
    action = member(service, "action")
    return known(
        resource_type=text(resource, "resourceType"),
        resource_role=text(service, "resourceRole"),
        access_key_id=text(resource, "accessKeyDetails", "accessKeyId"),
        principal_id=text(resource, "accessKeyDetails", "principalId"),
        action_type=text(action, "actionType"),
        api=text(action, "awsApiCallAction", "api"),
        api_service=text(action, "awsApiCallAction", "serviceName"),
        api_error=text(action, "awsApiCallAction", "errorCode"),
        domain=text(action, "dnsRequestAction", "domain"),
        instance_profile=text(resource, "instanceDetails", "iamInstanceProfile", "arn"),
        kubernetes_user=text(resource, "kubernetesDetails", "kubernetesUserDetails", "username"),
        threat_lists=tuple(
            text(each, "threatListName") for each in items(service, "evidence", "threatIntelligenceDetails")
        ),
        is_sample=is_a_sample or None,
    )
