"""HB18: nobody shares EBS snapshots with everybody, in every enabled Region.

Source: botocore's model of ec2; Amazon EBS User Guide, "Block public access for EBS snapshots".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "ec2:GetSnapshotBlockPublicAccessState"
_ENABLE: Final = "ec2:EnableSnapshotBlockPublicAccess"
_DISABLE: Final = "ec2:DisableSnapshotBlockPublicAccess"
_OFF: Final = "unblocked"
_ALL: Final = "block-all-sharing"


def _read(site: Site) -> State:
    answer = site.call(_GET) or {}
    return {"state": answer.get("State", _OFF), "managed_by": answer.get("ManagedBy", "account")}


def _wanted(_site: Site, state: State) -> State:
    return {**state, "state": _ALL}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["state"] == target["state"]:
        return ()
    return (
        Change(
            name="state", call=_call(site, target), undo=(_call(site, now),), text="harden.hb18_state",
            values={"state": target["state"]},
        ),
    )  # fmt: skip


def _call(site: Site, state: State) -> Call:
    if state["state"] == _OFF:
        return Call(operation=_DISABLE, region=site.region)
    return Call(operation=_ENABLE, region=site.region, parameters={"State": state["state"]})


def _owner(state: State) -> str:
    return "" if state["managed_by"] == "account" else str(state["managed_by"])


STEP: Final = Step(
    id="HB18",
    order=180,
    texts="harden.hb18",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.ec2.snapshot-public-access-blocked", "aws.ec2.snapshot-private"),
    reads=(_GET,),
    writes=(_ENABLE, _DISABLE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
)
