"""R33: a SecureString of the Parameter Store into which a new key is written: `destination.deliver` does it, for no plan may hold the key.

As a step it only takes back: a parameter that was not there is deleted. The value of before would have to be read and
written by this program; it was the leaked key's as a rule, and stays in the parameter's history. The resource is its ARN.
`NAME` and `/NAME` are one parameter, and its ARN does not tell which it was called.
Sources: botocore's model of ssm (DescribeParameters, DeleteParameter); Systems Manager User Guide, "Working with parameter versions",
"Understanding parameter name requirements and constraints" (which names are fully qualified, and which are not unique).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

ID: Final = "replacement-parameter"
DESCRIBE: Final = "ssm:DescribeParameters"
PUT: Final = "ssm:PutParameter"
_DELETE: Final = "ssm:DeleteParameter"
_ABSENT: Final = "ParameterNotFound"
PARAMETER: Final = Kind(
    service="ssm", call=DESCRIBE, prefix="parameter/", pattern=r"[A-Za-z0-9_.-][A-Za-z0-9_./-]{0,1010}"
)


def name_of(site: Site) -> str:
    """The parameter's name as calls want it: with the first slash where it has parts."""
    name = PARAMETER.name(site)
    return f"/{name}" if "/" in name else name


def _read(site: Site, _name: str) -> State | None:
    name = name_of(site)
    names = [name] if "/" in name else [name, f"/{name}"]
    found: list[Mapping[str, Any]] = []
    for each in names:
        # Each by itself: that a filter of two names finds either is nowhere said.
        filters = [{"Key": "Name", "Option": "Equals", "Values": [each]}]
        found += site.all_of(DESCRIBE, "Parameters", ParameterFilters=filters)
    return next(map(_state, found), None)


def _state(told: Mapping[str, Any]) -> State:
    state: dict[str, Any] = {"version": int(told["Version"]), "type": str(told["Type"])}
    name = str(told["Name"])
    # Only a parameter of one level is called otherwise than its ARN says.
    return {**state, "name": name} if name.count("/") == 1 and name.startswith("/") else state


def parameter_state(site: Site) -> State:
    """Its version and type, or GONE; Refusal where it cannot be read."""
    return unless_others(PARAMETER, _read)(site)


def _as_it_is(_site: Site, state: State) -> State:
    return state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or target != GONE:
        return ()
    name = str(now.get("name") or name_of(site))
    call = Call(operation=_DELETE, region=site.region, parameters={"Name": name}, settled=(_ABSENT,))
    text, lasting = "respond_rotate.parameter_gone", "respond_rotate.parameter_gone_lasting"
    return (Change(name="parameter", call=call, text=text, values={"name": name}, lasting=lasting),)


STEP: Final = Step(
    id=ID,
    order=5040,
    texts="respond_rotate.step_parameter",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    reads=(DESCRIBE,),
    writes=(PUT, _DELETE),
    read=parameter_state,
    wanted=_as_it_is,
    towards=_towards,
    owner=owner,
    shown_within=10.0,
    of_resources=True,
)
