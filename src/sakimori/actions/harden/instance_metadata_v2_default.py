"""HB19: instances that are launched from now on ask for a token at the metadata service.

What runs already is not touched. Source: botocore's model of ec2; Amazon EC2 User Guide, "Configure the Instance Metadata
Service options" (account-level defaults, per Region).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "ec2:GetInstanceMetadataDefaults"
_MODIFY: Final = "ec2:ModifyInstanceMetadataDefaults"
_NONE: Final = "no-preference"
_NO_HOPS: Final = -1
"""What the call takes for no preference of a number of hops."""


def _read(site: Site) -> State:
    level = (site.call(_GET) or {}).get("AccountLevel") or {}
    return {"tokens": level.get("HttpTokens", _NONE), "hops": level.get("HttpPutResponseHopLimit", _NO_HOPS)}


def _wanted(_site: Site, state: State) -> State:
    # Two hops: a container asks through one more than its machine.
    return {"tokens": "required", "hops": 2 if state["hops"] == _NO_HOPS else state["hops"]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    return (
        Change(
            name="defaults",
            call=_call(site, target),
            undo=(_call(site, now),),
            text="harden.hb19_tokens",
            values=dict(target),
        ),
    )


def _call(site: Site, state: State) -> Call:
    parameters = {"HttpTokens": state["tokens"], "HttpPutResponseHopLimit": state["hops"]}
    return Call(operation=_MODIFY, region=site.region, parameters=parameters)


STEP: Final = Step(
    id="HB19",
    order=190,
    texts="harden.hb19",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.ec2.imdsv2-account-default-required",),
    reads=(_GET,),
    writes=(_MODIFY,),
    read=_read,
    wanted=_wanted,
    towards=_towards,
)
