"""HB14-aggregator: the findings of all Regions are read in one.

An account has one aggregator. One that gathers from other Regions is left alone, wherever it lies and whichever Regions
somebody chose; one that links none is made to link them all, those to come too. It can be changed in its own Region only.
There Security Hub must be on: where HB14 has not turned it on by then, this step does, and the undo turns it off again
unless somebody enabled a standard in it since.
Source: botocore's model of securityhub; Security Hub User Guide, "Understanding cross-Region aggregation".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.actions.terraform import Resource
from sakimori.actions.watching.security_hub import (
    ADMINISTRATOR,
    DISABLE,
    ENABLE,
    HUB,
    ORGANIZATION,
    PERMISSIONS,
    STANDARDS,
    called,
    disabling,
    enabling,
    manager_of,
    subscriptions,
)
from sakimori.model.action import Baseline, Call, Change
from sakimori.model.words import Scope

_LIST: Final = "securityhub:ListFindingAggregators"
_GET: Final = "securityhub:GetFindingAggregator"
_CREATE: Final = "securityhub:CreateFindingAggregator"
_UPDATE: Final = "securityhub:UpdateFindingAggregator"
_DELETE: Final = "securityhub:DeleteFindingAggregator"
_ALL: Final = "ALL_REGIONS"
_NONE: Final = "NO_REGIONS"
_NO_ARN: Final = "(the ARN that AWS gives)"


def _read(site: Site) -> State:
    is_on = called(site.at(site.home), HUB) is not None
    for region in dict.fromkeys((site.home, *site.account.selected)):
        here = site.at(region)
        listed = called(here, _LIST)
        if listed is None:
            continue
        found = listed.get("FindingAggregators") or ()
        told = here.call(_GET, FindingAggregatorArn=found[0]["FindingAggregatorArn"]) if found else None
        return {"manager": manager_of(here), "is_on": is_on, "aggregator": _normal(told) if told else None}
    return {"manager": "", "is_on": is_on, "aggregator": None}


def _normal(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "home": told["FindingAggregationRegion"],
        "mode": told["RegionLinkingMode"],
        "regions": sorted(told.get("Regions") or ()),
    }


def _wanted(site: Site, state: State) -> State:
    there = state["aggregator"]
    if there is None:
        return {**state, "is_on": True, "aggregator": {"home": site.home, "mode": _ALL, "regions": []}}
    return {**state, "aggregator": {**there, "mode": _ALL}} if there["mode"] == _NONE else state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    home, moved = site.at(site.home), _moved(site, now["aggregator"], target["aggregator"])
    if now["is_on"] == target["is_on"] or (now["is_on"] and subscriptions(home)):
        return moved
    on, off = enabling(home), disabling(home)
    there, back = (on, off) if target["is_on"] else (off, on)
    text = "harden_watch.hb14_aggregator_hub_on" if target["is_on"] else "harden_watch.hb14_aggregator_hub_off"
    hub = Change(name="hub", call=there, undo=(back,), text=text, values={"region": home.region})
    return [hub, *moved] if target["is_on"] else [*moved, hub]


def _moved(site: Site, there: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None) -> Sequence[Change]:
    if there == wanted:
        return ()
    arn = _arn(site, there) if there else _NO_ARN
    if there and wanted and there["home"] == wanted["home"]:
        call, back = (_update(arn, each) for each in (wanted, there))
        text, values = "harden_watch.hb14_aggregator_changed", {"region": wanted["home"], "mode": wanted["mode"]}
        return (Change(name="mode", call=call, undo=(back,), text=text, values=values),)
    changes: list[Change] = []
    if there:
        call, back = _delete(arn, there), _create(there)
        text, values = "harden_watch.hb14_aggregator_deleted", {"region": there["home"]}
        changes.append(Change(name="old", call=call, undo=(back,), text=text, values=values))
    if wanted:
        call, back = _create(wanted), _delete(_NO_ARN, wanted)
        text, values = "harden_watch.hb14_aggregator_made", {"region": wanted["home"]}
        changes.append(Change(name="aggregator", call=call, undo=(back,), text=text, values=values))
    return changes


def _arn(site: Site, aggregator: Mapping[str, Any]) -> str:
    listed = called(site.at(aggregator["home"]), _LIST) or {}
    found = listed.get("FindingAggregators") or ()
    return str(found[0]["FindingAggregatorArn"]) if found else _NO_ARN


def _create(aggregator: Mapping[str, Any]) -> Call:
    return Call(operation=_CREATE, region=aggregator["home"], parameters=_linking(aggregator))


def _update(arn: str, aggregator: Mapping[str, Any]) -> Call:
    parameters = {"FindingAggregatorArn": arn, **_linking(aggregator)}
    return Call(operation=_UPDATE, region=aggregator["home"], parameters=parameters)


def _delete(arn: str, aggregator: Mapping[str, Any]) -> Call:
    return Call(
        operation=_DELETE, region=aggregator["home"], parameters={"FindingAggregatorArn": arn},
        settled=("ResourceNotFoundException",),
    )  # fmt: skip


def _linking(aggregator: Mapping[str, Any]) -> dict[str, Any]:
    regions = {"Regions": aggregator["regions"]} if aggregator["regions"] else {}
    return {"RegionLinkingMode": aggregator["mode"], **regions}


def _owner(state: State) -> str:
    return str(state["manager"])


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    found = target["aggregator"]
    arguments = {"linking_mode": found["mode"], "specified_regions": found["regions"] or None}
    return (
        Resource(type="aws_securityhub_finding_aggregator", name="findings", arguments=arguments, region=found["home"]),
    )


STEP: Final = Step(
    id="HB14-aggregator",
    order=141,
    texts="harden_watch.hb14_aggregator",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STANDARD,
    rules=("aws.securityhub.findings-aggregated",),
    reads=(_LIST, _GET, HUB, ADMINISTRATOR, ORGANIZATION, STANDARDS),
    writes=(ENABLE, DISABLE, _CREATE, _UPDATE, _DELETE),
    permissions=PERMISSIONS,
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    residue=("aws_iam_* *AWSServiceRoleForSecurityHub*",),
    terraform=_terraform,
)
