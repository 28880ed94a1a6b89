"""R62: a task of ECS that runs no longer. Source: botocore's model of ecs (StopTask)."""

from collections.abc import Mapping, Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_DESCRIBE: Final = "ecs:DescribeTasks"
_STOP: Final = "ecs:StopTask"


def _named(name: str) -> Mapping[str, str]:
    cluster, _, task = name.rpartition("/")
    return {"cluster": cluster or "default", "task": task}


def _read(site: Site, name: str) -> State | None:
    named = _named(name)
    answer = site.call(_DESCRIBE, ("ClusterNotFoundException",), cluster=named["cluster"], tasks=[named["task"]])
    is_on = [each for each in (answer or {}).get("tasks") or () if each.get("desiredStatus") != "STOPPED"]
    return {"on": True} if is_on else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_STOP, region=site.region, parameters={**_named(name), "reason": "sakimori"}),)


STEP: Final = ending_step(
    Ending(
        id="task-stopped", order=3205, texts="respond_steps.task_stopped",
        kind=Kind(service="ecs", call=_DESCRIBE, prefix="task/", pattern=r"([A-Za-z0-9_-]{1,255}/)?[0-9a-f-]{32,36}"),
        reads=(_DESCRIBE,), writes=(_STOP,), read=_read, calls=_calls,
    )
)  # fmt: skip
