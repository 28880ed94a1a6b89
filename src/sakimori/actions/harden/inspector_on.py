"""HB30-inspector: Amazon Inspector looks for known weaknesses in machines, images in ECR and functions, in every enabled Region.

What is scanned already stays, the code of functions too, which nobody is asked to pay for here. The account of an
organisation with an administrator for Inspector is adopted. Turning a scan off deletes what it found.
Source: botocore's model of inspector2; Amazon Inspector User Guide, "Activating a scan type", "Deactivating a scan type",
"Deactivating Amazon Inspector".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Quantity, Risk
from sakimori.model.words import Scope

_STATUS: Final = "inspector2:BatchGetAccountStatus"
_ADMINISTRATOR: Final = "inspector2:GetDelegatedAdminAccount"
_INSTANCES: Final = "ec2:DescribeInstances"
_ENABLE: Final = "inspector2:Enable"
_DISABLE: Final = "inspector2:Disable"
_SCANS: Final[Mapping[str, str]] = {"EC2": "ec2", "ECR": "ecr", "LAMBDA": "lambda"}
"""Types of resources, and where the answer has their state."""
_MACHINES: Final = "EC2"
_PRICES: Final[Mapping[str, str]] = {
    _MACHINES: "inspector.instances", "ECR": "inspector.images", "LAMBDA": "inspector.functions",
}  # fmt: skip
"""How many images and functions are scanned in a month is not counted."""
_ON: Final = frozenset({"ENABLED", "ENABLING"})
_LOST: Final = "inspector"


def _read(site: Site) -> State:
    accounts: Sequence[Mapping[str, Any]] = (site.call(_STATUS) or {}).get("accounts") or ()
    told = (accounts[0].get("resourceState") if accounts else None) or {}
    found = (site.call(_ADMINISTRATOR, ("ResourceNotFoundException",)) or {}).get("delegatedAdmin") or {}
    is_member = found.get("relationshipStatus") == "ENABLED" and found.get("accountId") != site.account.id
    return {
        "administrator": str(found["accountId"]) if is_member else "",
        "scans": {kind: (told.get(name) or {}).get("status") in _ON for kind, name in _SCANS.items()},
    }


def _wanted(_site: Site, state: State) -> State:
    return {**state, "scans": dict.fromkeys(_SCANS, True)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    differing = [kind for kind in _SCANS if now["scans"][kind] != target["scans"][kind]]
    on, off = ([kind for kind in differing if target["scans"][kind] is is_on] for is_on in (True, False))
    return [*_change(site, _DISABLE, off), *_change(site, _ENABLE, on)]


def _change(site: Site, operation: str, kinds: Sequence[str]) -> Sequence[Change]:
    if not kinds:
        return ()
    other, name, text = (
        (_DISABLE, "on", "harden_watch.hb30_inspector_on")
        if operation == _ENABLE
        else (_ENABLE, "off", "harden_watch.hb30_inspector_off")
    )
    call, back = (
        Call(operation=each, region=site.region, parameters={"resourceTypes": list(kinds)})
        for each in (operation, other)
    )
    return (Change(name=name, call=call, undo=(back,), text=text, values={"scans": list(kinds)}),)


def _owner(state: State) -> str:
    return str(state["administrator"])


def _cautions(_site: Site, state: State) -> Sequence[Caution]:
    machines = [] if state["scans"]["EC2"] else [Caution(text="harden_watch.hb30_inspector_machines")]
    return machines if state["scans"]["ECR"] else [*machines, Caution(text="harden_watch.hb30_inspector_images")]


def _costs(site: Site, state: State) -> Sequence[Quantity]:
    return [
        Quantity(price, _running(site) if kind == _MACHINES else None)
        for kind, price in _PRICES.items() if not state["scans"][kind]
    ]  # fmt: skip


def _running(site: Site) -> float | None:
    asked = [{"Name": "instance-state-name", "Values": ["running"]}]
    try:
        found = site.all_of(_INSTANCES, "Reservations", Filters=asked)
    except Refusal:
        return None
    return sum(len(each.get("Instances") or ()) for each in found)


def _loses(_site: Site, before: State, now: State) -> str:
    return _LOST if any(now["scans"][kind] and not before["scans"][kind] for kind in _SCANS) else ""


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    kinds = [kind for kind in _SCANS if target["scans"][kind]]
    arguments = {"account_ids": [site.account.id], "resource_types": kinds}
    name = identifier(site.region)
    return (Resource(type="aws_inspector2_enabler", name=name, arguments=arguments, region=site.region),)


STEP: Final = Step(
    id="HB30-inspector",
    order=300,
    texts="harden_watch.hb30_inspector",
    scope=Scope.REGION,
    baseline=Baseline.STRICT,
    risk=Risk.LOW,
    rules=(
        "aws.inspector.ec2-scanning-enabled", "aws.inspector.ecr-scanning-enabled", "aws.inspector.lambda-scanning-enabled",
    ),
    reads=(_STATUS, _ADMINISTRATOR, _INSTANCES),
    writes=(_ENABLE, _DISABLE),
    permissions=("iam:CreateServiceLinkedRole",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    costs=_costs,
    loses=_loses,
    residue=("aws_iam_* *AWSServiceRoleForAmazonInspector2*",),
    terraform=_terraform,
)  # fmt: skip
