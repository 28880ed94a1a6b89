"""A KMS key that KMS rotates every year (Security Hub: KMS.4).

Only symmetric keys with KMS's own material can be rotated; of the others KMS says so, and they stand in the plan as
unreadable. Old material stays, so nothing that was encrypted before is lost, also not by the undo.
Source: botocore's model of kms; KMS Developer Guide, "Rotate AWS KMS keys"; API reference, EnableKeyRotation.
"""

from collections.abc import Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Quantity, Risk

_GET: Final = "kms:GetKeyRotationStatus"
_DESCRIBE: Final = "kms:DescribeKey"
_ON: Final = "kms:EnableKeyRotation"
_OFF: Final = "kms:DisableKeyRotation"
_KEY: Final = "KeyRotationEnabled"
_NOT_THERE: Final = "NotFoundException"


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, (_NOT_THERE,), KeyId=name)
    return None if answer is None else {_KEY: bool(answer[_KEY])}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_ON if target[key] else _OFF, region=site.region, parameters={"KeyId": name})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    return looked(lambda: _hindrances(site, name))


def _hindrances(site: Site, name: str) -> Sequence[Caution]:
    told: Any = (site.call(_DESCRIBE, (_NOT_THERE,), KeyId=name) or {}).get("KeyMetadata") or {}
    found: list[Caution] = []
    if told.get("KeyState") != "Enabled":
        values = {"name": name, "status": str(told.get("KeyState"))}
        found.append(Caution(text="fix_data.key_rotated_yearly_state", values=values, blocks=True))
    regions = told.get("MultiRegionConfiguration") or {}
    if regions.get("MultiRegionKeyType") == "REPLICA":
        values = {"name": name, "region": str(regions.get("PrimaryKey", {}).get("Region"))}
        found.append(Caution(text="fix_data.key_rotated_yearly_replica", values=values, blocks=True))
    return found


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    """Each of the first two rotations costs as much as a key, from the day of the rotation on."""
    return (Quantity("kms.keys", 1.0),)


STEP: Final = setting_step(
    Setting(
        id="key-rotated-yearly",
        order=2510,
        texts="fix_data.key_rotated_yearly",
        rules=("aws.kms.key-rotation-enabled",),
        kind=Kind(service="kms", call=_GET, prefix="key/", pattern=r"[A-Za-z0-9-]{1,64}"),
        reads=(_GET, _DESCRIBE),
        writes=(_ON, _OFF),
        read=_read,
        safe={_KEY: True},
        put=_put,
        cautions=_cautions,
        costs=_costs,
        risk=Risk.NONE,
    )
)
