"""One machine image (AMI) is not shared with everybody. Accounts and organisations that it is shared with stay.

Source: botocore's model of ec2; Amazon EC2 User Guide, "Make your AMI publicly available" and "Block public access to your
AMIs".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call, Risk

_GET: Final = "ec2:DescribeImageAttribute"
_MODIFY: Final = "ec2:ModifyImageAttribute"
_BLOCK: Final = "ec2:GetImageBlockPublicAccessState"
_ATTRIBUTE: Final = "launchPermission"
_EVERYBODY: Final = ["all"]


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"), ImageId=name, Attribute=_ATTRIBUTE)
    if answer is None:
        return None
    groups = {each.get("Group") for each in answer.get("LaunchPermissions") or ()}
    return {_ATTRIBUTE: _EVERYBODY if "all" in groups else []}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    kind = "Add" if target[_ATTRIBUTE] else "Remove"
    return Call(
        operation=_MODIFY, region=site.region, parameters={"ImageId": name, "LaunchPermission": {kind: [{"Group": "all"}]}}
    )  # fmt: skip


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    def block() -> Sequence[Caution]:
        is_blocked = (site.call(_BLOCK) or {}).get("ImageBlockPublicAccessState") not in (None, "unblocked")
        return (Caution(text="fix_network.sharing_blocked", values={"name": name}),) if is_blocked else ()

    return (Caution(text="fix_network.was_public", values={"name": name}), *looked(block))


STEP: Final = setting_step(
    Setting(
        id="image-not-shared",
        order=1060,
        texts="fix_network.image",
        rules=("aws.ec2.image-private",),
        kind=Kind(service="ec2", call=_GET, prefix="image/", pattern=r"ami-[0-9a-f]{1,32}", has_account=False),
        reads=(_GET, _BLOCK),
        writes=(_MODIFY,),
        read=_read,
        safe={_ATTRIBUTE: []},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
        approval=Approval.TWO_PERSON,
    )
)
