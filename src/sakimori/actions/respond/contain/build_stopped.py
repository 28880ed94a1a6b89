"""R62: a build of CodeBuild that runs no longer. Source: botocore's model of codebuild (StopBuild)."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_DESCRIBE: Final = "codebuild:BatchGetBuilds"
_STOP: Final = "codebuild:StopBuild"


def _read(site: Site, name: str) -> State | None:
    found = (site.call(_DESCRIBE, ids=[name]) or {}).get("builds") or ()
    return {"on": True} if [each for each in found if each.get("buildStatus") == "IN_PROGRESS"] else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_STOP, region=site.region, parameters={"id": name}),)


STEP: Final = ending_step(
    Ending(
        id="build-stopped", order=3209, texts="respond_steps.build_stopped",
        kind=Kind(service="codebuild", call=_DESCRIBE, prefix="build/", pattern=r"[A-Za-z0-9_-]{2,150}:[0-9a-f-]{36}"),
        reads=(_DESCRIBE,), writes=(_STOP,), read=_read, calls=_calls,
    )
)  # fmt: skip
