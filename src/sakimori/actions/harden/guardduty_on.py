"""HB13: GuardDuty watches every enabled Region.

Five features are named, each of which costs by what it looks at and nothing where that is not used: malware is looked for
only after a finding about an instance, and then once a day at most. Runtime Monitoring is not among them: it puts agents
on machines. A Region or partition that does not offer a feature refuses its name, so there it is left to AWS, which
turns on what it offers. A detector of an administrator's member account is adopted, and so is a feature that a policy of
the organisation manages.
Source: botocore's model of guardduty (a feature that is not named is on, Runtime Monitoring excepted); GuardDuty User
Guide, "Regions and endpoints", "Suspending or disabling GuardDuty" (a deleted detector takes its findings with it).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site, Volume
from sakimori.actions.step import State, Step
from sakimori.actions.terraform import Expression, Resource, identifier
from sakimori.model.action import GIVEN_ID, Baseline, Call, Change, Quantity, Risk
from sakimori.model.words import Scope

_ID: Final = "HB13"
_LIST: Final = "guardduty:ListDetectors"
_GET: Final = "guardduty:GetDetector"
_ADMINISTRATOR: Final = "guardduty:GetAdministratorAccount"
_FINDINGS: Final = "guardduty:ListFindings"
_CREATE: Final = "guardduty:CreateDetector"
_UPDATE: Final = "guardduty:UpdateDetector"
_DELETE: Final = "guardduty:DeleteDetector"

_S3: Final = "S3_DATA_EVENTS"
_RDS: Final = "RDS_LOGIN_EVENTS"
_PRICES: Final[Mapping[str, str]] = {
    _S3: "guardduty.s3_data_events", "EKS_AUDIT_LOGS": "guardduty.eks_audit_logs",
    "EBS_MALWARE_PROTECTION": "guardduty.malware_gb", _RDS: "guardduty.database_units",
    "LAMBDA_NETWORK_LOGS": "guardduty.lambda_gb",
}  # fmt: skip
_FEATURES: Final = tuple(_PRICES)
"""What is named, and by what it is charged."""
_NOT_OFFERED: Final[Mapping[str, frozenset[str]]] = {"ap-east-2": frozenset({_RDS})}
_NAMED_IN: Final = "aws"
"""The partition of which it is known what its Regions offer."""
_ON, _OFF = "ENABLED", "DISABLED"
_LOST: Final = "guardduty"


def _read(site: Site) -> State:
    found: list[str] = site.all_of(_LIST, "DetectorIds")
    if not found:
        return {"administrator": "", "detector": None}
    told = site.call(_GET, DetectorId=found[0]) or {}
    administrator = (site.call(_ADMINISTRATOR, DetectorId=found[0]) or {}).get("Administrator") or {}
    is_member = str(administrator.get("RelationshipStatus", _ON)).upper() == _ON
    detector: dict[str, Any] = {
        "is_on": told.get("Status") == _ON,
        "features": {
            each["Name"]: each["Status"]
            for each in sorted(told.get("Features") or (), key=lambda each: each["Name"])
            if each["Name"] in _FEATURES and not each.get("ManagedBy")
        },
    }
    return {"administrator": administrator.get("AccountId", "") if is_member else "", "detector": detector}


def _wanted(site: Site, state: State) -> State:
    there = state["detector"]
    if there is None:
        detector = {"is_on": True, "features": dict.fromkeys(_offered(site), _ON)}
        return {**state, "detector": detector}
    return {**state, "detector": {**there, "is_on": True, "features": dict.fromkeys(there["features"], _ON)}}


def _offered(site: Site) -> Sequence[str]:
    if site.account.partition != _NAMED_IN:
        return ()
    return sorted(set(_FEATURES) - _NOT_OFFERED.get(site.region, frozenset()))


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    there, wanted = now["detector"], target["detector"]
    if there is None and wanted is None:
        return ()
    if there is None:
        gone = Call(operation=_DELETE, region=site.region, parameters={"DetectorId": GIVEN_ID})
        names = sorted(wanted["features"])
        text = "harden_watch.hb13_made"
        return (
            Change(name="detector", call=_create(site, wanted), undo=(gone,), text=text, values={"features": names}),
        )
    found = site.all_of(_LIST, "DetectorIds")
    identity = found[0] if found else GIVEN_ID
    if wanted is None:
        gone = Call(operation=_DELETE, region=site.region, parameters={"DetectorId": identity})
        text = "harden_watch.hb13_deleted"
        return (Change(name="detector", call=gone, undo=(_create(site, there),), text=text),)
    changes = [*_status(site, identity, there, wanted), *_features(site, identity, there, wanted)]
    # Of a suspended detector nothing else can be expected to change: on first, off last.
    return changes if wanted["is_on"] else changes[::-1]


def _status(site: Site, identity: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Sequence[Change]:
    if there["is_on"] == wanted["is_on"]:
        return ()
    text = "harden_watch.hb13_resumed" if wanted["is_on"] else "harden_watch.hb13_suspended"
    call, back = (_update(site, identity, {"Enable": each["is_on"]}) for each in (wanted, there))
    return (Change(name="status", call=call, undo=(back,), text=text),)


def _features(site: Site, identity: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Sequence[Change]:
    known: Mapping[str, str] = there["features"]
    differing = [name for name, status in wanted["features"].items() if known.get(name, status) != status]
    if not differing:
        return ()
    call, back = (
        _update(site, identity, {"Features": _listed({name: each["features"][name] for name in differing})})
        for each in (wanted, there)
    )
    on = [name for name in differing if wanted["features"][name] == _ON]
    off = [name for name in differing if wanted["features"][name] != _ON]
    text, names = ("harden_watch.hb13_features_on", on) if on else ("harden_watch.hb13_features_off", off)
    return (Change(name="features", call=call, undo=(back,), text=text, values={"features": names}),)


def _create(site: Site, detector: Mapping[str, Any]) -> Call:
    features = {"Features": _listed(detector["features"])} if detector["features"] else {}
    parameters = {
        "Enable": detector["is_on"], "FindingPublishingFrequency": "FIFTEEN_MINUTES", **features, "Tags": {"sakimori": _ID},
    }  # fmt: skip
    return Call(operation=_CREATE, region=site.region, parameters=parameters)


def _update(site: Site, identity: str, changed: Mapping[str, Any]) -> Call:
    return Call(operation=_UPDATE, region=site.region, parameters={"DetectorId": identity, **changed})


def _listed(features: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Status": status} for name, status in sorted(features.items())]


def _owner(state: State) -> str:
    return str(state["administrator"])


def _costs(site: Site, state: State) -> Sequence[Quantity]:
    """One quantity for each feature that comes to be on; how much there is for it to look at is known of few."""
    there = state["detector"] or {"is_on": False, "features": {}}
    is_new = not there["is_on"]
    found: list[Quantity] = []
    if is_new:
        found.append(Quantity("guardduty.management_events", site.volume(Volume.MANAGEMENT_EVENTS)))
        found.append(Quantity("guardduty.flow_and_dns_gb", None))
    for feature in _wanted(site, state)["detector"]["features"]:
        if is_new or there["features"][feature] == _OFF:
            count = site.volume(Volume.DATA_EVENTS) if feature == _S3 else None
            found.append(Quantity(_PRICES[feature], count))
    return found


def _loses(site: Site, before: State, now: State) -> str:
    if before["detector"] is not None or now["detector"] is None:
        return ""
    found: list[str] = site.all_of(_LIST, "DetectorIds")
    listed = site.call(_FINDINGS, DetectorId=found[0], MaxResults=1) if found else None
    return _LOST if (listed or {}).get("FindingIds") else ""


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    detector = target["detector"]
    name = f"guardduty_{identifier(site.region)}"
    arguments = {"enable": detector["is_on"], "finding_publishing_frequency": "FIFTEEN_MINUTES"}
    identity = Expression(f"aws_guardduty_detector.{name}.id")
    return [
        Resource(type="aws_guardduty_detector", name=name, arguments=arguments, region=site.region),
        *(
            Resource(
                type="aws_guardduty_detector_feature", name=f"{name}_{feature.lower()}", region=site.region,
                arguments={"detector_id": identity, "name": feature, "status": status},
            )
            for feature, status in sorted(detector["features"].items())
        ),
    ]  # fmt: skip


STEP: Final = Step(
    id=_ID,
    order=130,
    texts="harden_watch.hb13",
    scope=Scope.REGION,
    baseline=Baseline.STANDARD,
    risk=Risk.NONE,
    rules=(
        "aws.guardduty.detector-enabled", "aws.guardduty.s3-protection-enabled", "aws.guardduty.eks-protection-enabled",
        "aws.guardduty.rds-protection-enabled", "aws.guardduty.lambda-protection-enabled",
        "aws.guardduty.malware-protection-enabled",
    ),
    reads=(_LIST, _GET, _ADMINISTRATOR, _FINDINGS),
    writes=(_CREATE, _UPDATE, _DELETE),
    permissions=("guardduty:TagResource", "iam:CreateServiceLinkedRole"),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    costs=_costs,
    loses=_loses,
    residue=("aws_iam_* *AWSServiceRoleForAmazonGuardDuty*",),
    terraform=_terraform,
)  # fmt: skip
