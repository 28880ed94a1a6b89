"""R52: a filter of GuardDuty by which a thief hides findings. It can be made again as it was. Source: botocore's model of guardduty."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "guardduty:GetFilter"
_DELETE: Final = "guardduty:DeleteFilter"
_CREATE: Final = "guardduty:CreateFilter"
_KEPT: Final = ("Action", "Description", "FindingCriteria", "Rank", "Tags")
_KIND: Final = Kind(
    service="guardduty", call=_GET, prefix="detector/", pattern=r"[0-9a-f]{32}/filter/[A-Za-z0-9._-]{3,64}"
)  # fmt: skip


def _named(site: Site) -> tuple[Mapping[str, str], str]:
    """The parameters that name the detector, and the filter's name."""
    detector, _, name = _KIND.name(site).split("/")
    return {"DetectorId": detector}, name


def _read(site: Site, _name: str) -> State | None:
    """Where there is none, GuardDuty refuses the request as a bad one."""
    detector, name = _named(site)
    found = site.call(_GET, ("BadRequestException",), **detector, FilterName=name)
    return {key: found[key] for key in _KEPT if found.get(key)} if found else None


def _wanted(_site: Site, state: State) -> State:
    return GONE if is_there(state) else state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target or (GONE not in (now, target)):
        return ()
    detector, name = _named(site)
    whole: Mapping[str, Any] = now if target == GONE else target
    create = Call(operation=_CREATE, region=site.region, parameters={**detector, "Name": name, **whole})
    delete = Call(
        operation=_DELETE, region=site.region, parameters={**detector, "FilterName": name},
        settled=("BadRequestException",),
    )  # fmt: skip
    there, back = (delete, create) if target == GONE else (create, delete)
    text = "respond_steps.filter_gone" if target == GONE else "respond_steps.filter_made"
    return (Change(name="filter", call=there, undo=(back,), text=text, values={"name": name}),)


STEP: Final = Step(
    id="guardduty-filter-erased",
    order=4320,
    texts="respond_steps.guardduty_filter_erased",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    reads=(_GET,),
    writes=(_DELETE, _CREATE),
    permissions=("guardduty:TagResource",),
    read=unless_others(_KIND, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    of_resources=True,
)
