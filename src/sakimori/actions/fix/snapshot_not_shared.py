"""One EBS snapshot is not shared with everybody: Security Hub EC2.1. Accounts that it is shared with by their ids stay.

Source: botocore's model of ec2; Amazon EBS User Guide, "Share an Amazon EBS snapshot" and "Block public access for EBS
snapshots".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call, Risk

_GET: Final = "ec2:DescribeSnapshotAttribute"
_MODIFY: Final = "ec2:ModifySnapshotAttribute"
_BLOCK: Final = "ec2:GetSnapshotBlockPublicAccessState"
_ATTRIBUTE: Final = "createVolumePermission"
_EVERYBODY: Final = ["all"]


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, ("InvalidSnapshot.NotFound",), SnapshotId=name, Attribute=_ATTRIBUTE)
    if answer is None:
        return None
    groups = {each.get("Group") for each in answer.get("CreateVolumePermissions") or ()}
    return {_ATTRIBUTE: _EVERYBODY if "all" in groups else []}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    kind = "add" if target[_ATTRIBUTE] else "remove"
    parameters = {
        "SnapshotId": name, "Attribute": _ATTRIBUTE, "OperationType": kind, "GroupNames": _EVERYBODY,
    }  # fmt: skip
    return Call(operation=_MODIFY, region=site.region, parameters=parameters)


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    def block() -> Sequence[Caution]:
        is_blocked = (site.call(_BLOCK) or {}).get("State") not in (None, "unblocked")
        return (Caution(text="fix_network.sharing_blocked", values={"name": name}),) if is_blocked else ()

    return (Caution(text="fix_network.was_public", values={"name": name}), *looked(block))


STEP: Final = setting_step(
    Setting(
        id="snapshot-not-shared",
        order=1050,
        texts="fix_network.snapshot",
        rules=("aws.ec2.snapshot-private",),
        kind=Kind(
            service="ec2", call=_GET, prefix="snapshot/", pattern=r"snap-[0-9a-f]{1,32}", has_account=False
        ),
        reads=(_GET, _BLOCK),
        writes=(_MODIFY,),
        read=_read,
        safe={_ATTRIBUTE: []},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
        approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
