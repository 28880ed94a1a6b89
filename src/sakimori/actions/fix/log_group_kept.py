"""A log group whose events are kept for a year or as long as the owner says (Security Hub: CloudWatch.16).

The way back shortens the time again, and AWS then deletes what is older: an undo asks for the group's name. Groups of
the delivery class keep a time that AWS sets. Source: botocore's model of logs; CloudWatch Logs API reference,
PutRetentionPolicy (the numbers of days); CloudWatch Logs User Guide, "Log classes".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.records.landing_zones import landing_zone_of
from sakimori.actions.resources.mended import changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import Kind, belonging_to, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "logs:DescribeLogGroups"
_PUT: Final = "logs:PutRetentionPolicy"
_DELETE: Final = "logs:DeleteRetentionPolicy"
_KIND: Final = Kind(service="logs", call=_GET, prefix="log-group:", pattern=r"[A-Za-z0-9._/#-]{1,512}")
_LEAST: Final = 365
_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
_FOREVER: Final = 0
_DELIVERY: Final = "DELIVERY"
_GIGABYTE: Final = 1e9


def _read(site: Site, name: str) -> State | None:
    manager = landing_zone_of([name])
    if manager:
        return belonging_to(manager)
    for each in site.all_of(_GET, "logGroups", logGroupNamePrefix=name):
        if each["logGroupName"] == name:
            group_class = each.get("logGroupClass") or "STANDARD"
            return {"group": name, "class": group_class, "days": each.get("retentionInDays") or _FOREVER}
    return None


def _wanted(site: Site, state: State) -> State:
    if not is_there(state) or state["days"] == _FOREVER or state["days"] >= _LEAST:
        return state
    asked = max(_LEAST, site.wishes.keep_days)
    return {**state, "days": next((each for each in _DAYS if each >= asked), _FOREVER)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["days"] == target["days"]:
        return ()
    text = "fix_data.log_group_kept_days" if target["days"] else "fix_data.log_group_kept_forever"
    values = {"group": now["group"], "days": target["days"]} if target["days"] else {"group": now["group"]}
    return (Change(name="retention", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    named = {"logGroupName": state["group"]}
    if state["days"] == _FOREVER:
        return Call(operation=_DELETE, region=site.region, parameters=named)
    return Call(operation=_PUT, region=site.region, parameters={**named, "retentionInDays": state["days"]})


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    name = state["group"]
    if state["class"] == _DELIVERY:
        return (Caution(text="fix_data.log_group_kept_delivery", values={"group": name}, blocks=True),)
    sizes = (each.get("storedBytes") for each in site.all_of(_GET, "logGroups", logGroupNamePrefix=name) if each["logGroupName"] == name)  # fmt: skip
    values = {"group": name, "gb": round((next(sizes, 0) or 0) / _GIGABYTE, 1), "days": state["days"]}
    return (Caution(text="fix_data.log_group_kept_cost", values=values),)


def _loses(_site: Site, before: State, now: State) -> str:
    if not is_there(before) or not is_there(now) or before["days"] == _FOREVER:
        return ""
    return str(now["group"]) if now["days"] == _FOREVER or before["days"] < now["days"] else ""


STEP: Final = Step(
    id="log-group-kept",
    order=2560,
    texts="fix_data.log_group_kept",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.NONE,
    rules=("aws.logs.group-kept-long-enough",),
    reads=(_GET,),
    writes=(_PUT, _DELETE),
    read=unless_others(_KIND, _read),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    loses=_loses,
    of_resources=True,
)
