"""HB17: new volumes are encrypted, in every enabled Region.

Source: botocore's model of ec2; Amazon EBS User Guide, "Encryption by default".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "ec2:GetEbsEncryptionByDefault"
_ENABLE: Final = "ec2:EnableEbsEncryptionByDefault"
_DISABLE: Final = "ec2:DisableEbsEncryptionByDefault"


def _read(site: Site) -> State:
    answer = site.call(_GET) or {}
    return {"is_on": bool(answer.get("EbsEncryptionByDefault"))}


def _wanted(_site: Site, _state: State) -> State:
    return {"is_on": True}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["is_on"] == target["is_on"]:
        return ()
    on, off = Call(operation=_ENABLE, region=site.region), Call(operation=_DISABLE, region=site.region)
    there, back = (on, off) if target["is_on"] else (off, on)
    return (
        Change(
            name="default", call=there, undo=(back,), text="harden.hb17_on" if target["is_on"] else "harden.hb17_off"
        ),
    )


STEP: Final = Step(
    id="HB17",
    order=170,
    texts="harden.hb17",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.ec2.ebs-encryption-by-default",),
    reads=(_GET,),
    writes=(_ENABLE, _DISABLE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
)
