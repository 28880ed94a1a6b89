"""One finding as a suppression sees it, whether a rule of posture failed or something was noticed in a log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sakimori.model.arn import Arn
from sakimori.model.detection import MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.model.verdict import Verdict
from sakimori.model.words import Severity

OWN: Final = "sakimori"
_PRINCIPALS: Final = (":user/", ":role/")
_BUCKET: Final = "resource.s3BucketDetails.name"
_INSTANCE: Final = "resource.instanceDetails.instanceId"
_CALL: Final = "service.action.awsApiCallAction"
_ADDRESSES: Final = {
    "AWS_API_CALL": f"{_CALL}.remoteIpDetails.ipAddressV4",
    "NETWORK_CONNECTION": "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4",
    "KUBERNETES_API_CALL": "service.action.kubernetesApiCallAction.remoteIpDetails.ipAddressV4",
    "RDS_LOGIN_ATTEMPT": "service.action.rdsLoginAttemptAction.remoteIpDetails.ipAddressV4",
    "PORT_PROBE": "service.action.portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4",
}
"""Where a filter of GuardDuty looks for the other side's address, by the type of the action."""
_EVIDENCE: Final = {
    "access_key_id": "resource.accessKeyDetails.accessKeyId",
    "principal_id": "resource.accessKeyDetails.principalId",
    "resource_type": "resource.resourceType",
    "action_type": "service.action.actionType",
    "api": f"{_CALL}.api",
    "api_service": f"{_CALL}.serviceName",
    "api_error": f"{_CALL}.errorCode",
    "domain": "service.action.dnsRequestAction.domain",
    "kubernetes_user": "resource.kubernetesDetails.kubernetesUserDetails.username",
    "control": "ComplianceSecurityControlId",
}
"""What a recorded finding still knows, by its name in the evidence, and how filters of GuardDuty and Security Hub call it."""
_PARTS: Final = {
    ("lambda", "function"): "resource.lambdaDetails.functionName",
    ("rds", "db"): "resource.rdsDbInstanceDetails.dbInstanceIdentifier",
    ("eks", "cluster"): "resource.eksClusterDetails.name",
    ("ecs", "cluster"): "resource.ecsClusterDetails.name",
    ("ec2", "instance"): _INSTANCE,
}
"""Resources by service and kind in their ARN, and the filter name that their last part has."""

OWN_FIELDS: Final = ("rule", "severity", "principal", "resource", "origin", "subject")
AWS_FIELDS: Final = (
    _BUCKET,
    "resource.accessKeyDetails.userName",
    *_EVIDENCE.values(),
    *_PARTS.values(),
    *_ADDRESSES.values(),
)
"""Names of GuardDuty's filters (`CreateFilter`) and Security Hub's rules whose values a recorded finding still has."""
FIELDS: Final = (*OWN_FIELDS, *AWS_FIELDS)
IDENTITIES: Final = frozenset({
    "resource", "principal", _BUCKET, "resource.accessKeyDetails.userName", _EVIDENCE["access_key_id"],
    _EVIDENCE["principal_id"], _EVIDENCE["kubernetes_user"], *_PARTS.values(),
})  # fmt: skip
"""Fields that name one thing or one principal, and so make a suppression fine-grained."""
BUCKET_FIELD: Final = _BUCKET
ALIASES: Final = {"type": "rule", "ResourceId": "resource", "GeneratorId": "rule"}
"""Other names of a field, as filters of AWS have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What criteria are asked of. `source` is the producer: `sakimori`, or the service that found it.

    `fields` has further values by name. A value that is not known is not there, and then no criterion on it holds.
    `cut` names the fields of which only the first values were kept.
    """

    source: str = OWN
    rule: str
    severity: Severity
    account: str
    region: str
    principal: str = ""
    resources: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    subject: str = ""
    is_sample: bool = False
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    cut: frozenset[str] = frozenset()

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a field, none where it is not known."""
        match name:
            case "resource":
                return self.resources
            case "origin":
                return self.origins
            case "severity":
                return (self.severity.value,)
            case "rule" | "principal" | "subject":
                value: str = getattr(self, name)
                return (value,) if value else ()
            case _:
                return self.fields.get(name, ())


def subject_of_verdict(verdict: Verdict) -> Subject:
    """A failing verdict: its one resource; a resource without a Region has the Region `global`."""
    resources = (verdict.resource,) if verdict.resource else ()
    return Subject(
        rule=verdict.rule,
        severity=verdict.severity,
        account=verdict.account,
        region=verdict.region,
        resources=resources,
        fields=_collected(_of_resources(resources)),
    )


def subject_of_detection(detection: Detection) -> Subject:
    """A detection, ours or imported."""
    found = (*_of_resources(detection.resources), *_of_evidence(detection), *_of_origins(detection))
    cut: set[str] = set()
    if len(detection.resources) >= MAX_RESOURCES:
        cut |= {"resource", _BUCKET, *_PARTS.values()}
    if len(detection.origins) >= MAX_ORIGINS:
        cut |= {"origin", *_ADDRESSES.values()}
    return Subject(
        source=detection.producer,
        rule=detection.rule,
        severity=detection.severity,
        account=detection.account,
        region=detection.region,
        principal=detection.principal,
        resources=detection.resources,
        origins=detection.origins,
        subject=detection.subject,
        is_sample=detection.evidence.get("is_sample") is True,
        fields=_collected(found),
        cut=frozenset(cut),
    )


def subject_fields(arn: str) -> tuple[tuple[str, str], ...]:
    """What filters of AWS call the thing or principal of this ARN, with its name there; nothing where they have no word."""
    principal = (("resource.accessKeyDetails.userName", arn.rpartition("/")[2]),)
    return principal if any(sign in arn for sign in _PRINCIPALS) else _of_resources((arn,))


def _collected(found: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[str, ...]]:
    fields: dict[str, dict[str, None]] = {}
    for name, value in found:
        fields.setdefault(name, {})[value] = None
    return {name: tuple(values) for name, values in fields.items()}


def _of_resources(resources: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for each in resources if each.startswith("arn:") for pair in _of_arn(each))


def _of_arn(text: str) -> Iterator[tuple[str, str]]:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return
    if arn.service == "s3" and not arn.account_id:
        # An object's ARN names its bucket too; a bucket and an object in it are one bucket.
        yield _BUCKET, arn.resource.partition("/")[0]
        return
    kind, name = _kind_and_name(arn.resource)
    known = _PARTS.get((arn.service, kind))
    if known and name:
        yield known, name


def _kind_and_name(resource: str) -> tuple[str, str]:
    """`instance/i-1` and `function:f:1` by what stands before the first sign that parts them, and the word after it.

    >>> _kind_and_name("function:f:1")
    ('function', 'f')
    """
    sign = min((each for each in "/:" if each in resource), key=resource.index, default="/")
    kind, _, rest = resource.partition(sign)
    return kind, rest.partition(sign)[0]


def _of_evidence(detection: Detection) -> Iterator[tuple[str, str]]:
    for name, known in _EVIDENCE.items():
        value = detection.evidence.get(name)
        if isinstance(value, str) and value:
            yield known, value
    if any(sign in detection.principal for sign in _PRINCIPALS):
        yield "resource.accessKeyDetails.userName", detection.principal.rpartition("/")[2]


def _of_origins(detection: Detection) -> Iterator[tuple[str, str]]:
    known = _ADDRESSES.get(str(detection.evidence.get("action_type", "")))
    if known:
        yield from ((known, origin) for origin in detection.origins)
