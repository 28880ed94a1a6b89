"""HB17: new volumes are encrypted, in every enabled Region.

With which key stays as it is. A key of the account's own that is turned off or goes to be deleted would stop every
launch, so the step is held back there; AWS's own key is made when it is first needed.
Source: botocore's models of ec2 and kms; Amazon EBS User Guide, "Enable Amazon EBS encryption by default".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "ec2:GetEbsEncryptionByDefault"
_ENABLE: Final = "ec2:EnableEbsEncryptionByDefault"
_DISABLE: Final = "ec2:DisableEbsEncryptionByDefault"
_KEY: Final = "ec2:GetEbsDefaultKmsKeyId"
_DESCRIBE: Final = "kms:DescribeKey"
_OF_AWS: Final = "alias/aws/ebs"
_USABLE: Final = "Enabled"


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
    text = "harden_watch.hb17_on" if target["is_on"] else "harden_watch.hb17_off"
    return (Change(name="default", call=there, undo=(back,), text=text),)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    return looked(lambda: _key(site))


def _key(site: Site) -> Sequence[Caution]:
    key = str((site.call(_KEY) or {}).get("KmsKeyId", _OF_AWS))
    if key.endswith(_OF_AWS):
        return (Caution(text="harden_watch.hb17_shared"),)
    told = (site.call(_DESCRIBE, ("NotFoundException",), KeyId=key) or {}).get("KeyMetadata") or {}
    state = told.get("KeyState", "NotFound")
    if state != _USABLE:
        values = {"key": key, "state": state}
        return (Caution(text="harden_watch.hb17_key_unusable", values=values, blocks=True),)
    if told.get("KeyManager") == "AWS":
        return (Caution(text="harden_watch.hb17_shared"),)
    return (Caution(text="harden_watch.hb17_key_rights", values={"key": key}),)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    arguments = {"enabled": target["is_on"]}
    name = identifier(site.region)
    return (Resource(type="aws_ebs_encryption_by_default", name=name, arguments=arguments, region=site.region),)


STEP: Final = Step(
    id="HB17",
    order=170,
    texts="harden_watch.hb17",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.ec2.ebs-encryption-by-default",),
    reads=(_GET, _KEY, _DESCRIBE),
    writes=(_ENABLE, _DISABLE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    terraform=_terraform,
)
