"""R61: a launch template that a thief made, with all its versions. Source: botocore's model of ec2."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_DESCRIBE: Final = "ec2:DescribeLaunchTemplates"
_DELETE: Final = "ec2:DeleteLaunchTemplate"
_ABSENT: Final = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException")


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, _ABSENT, LaunchTemplateIds=[name]) or {}
    found = next(iter(answer.get("LaunchTemplates") or ()), None)
    return {"name": str(found.get("LaunchTemplateName", ""))} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_DELETE, region=site.region, parameters={"LaunchTemplateId": name}, settled=_ABSENT),)


STEP: Final = ending_step(
    Ending(
        id="launch-template-erased", order=4030, texts="respond_steps.launch_template_erased", verb="erased",
        kind=Kind(service="ec2", call=_DESCRIBE, prefix="launch-template/", pattern=r"lt-[0-9a-f]{8,17}"),
        reads=(_DESCRIBE,), writes=(_DELETE,), read=_read, calls=_calls,
    )
)  # fmt: skip
