"""R62: a SageMaker training job that runs no longer. Source: botocore's model of sagemaker (StopTrainingJob)."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_DESCRIBE: Final = "sagemaker:DescribeTrainingJob"
_STOP: Final = "sagemaker:StopTrainingJob"


def _read(site: Site, name: str) -> State | None:
    found = site.call(_DESCRIBE, ("ValidationException", "ResourceNotFound"), TrainingJobName=name) or {}
    return {"on": True} if found.get("TrainingJobStatus") == "InProgress" else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_STOP, region=site.region, parameters={"TrainingJobName": name}),)


STEP: Final = ending_step(
    Ending(
        id="training-stopped", order=3210, texts="respond_steps.training_stopped",
        kind=Kind(service="sagemaker", call=_DESCRIBE, prefix="training-job/", pattern=r"[A-Za-z0-9-]{1,63}"),
        reads=(_DESCRIBE,), writes=(_STOP,), read=_read, calls=_calls,
    )
)  # fmt: skip
