"""R62: a SageMaker notebook instance that is stopped; its volume stays. Source: botocore's model of sagemaker."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_DESCRIBE: Final = "sagemaker:DescribeNotebookInstance"
_STOP: Final = "sagemaker:StopNotebookInstance"
_START: Final = "sagemaker:StartNotebookInstance"
_ON: Final = ("Pending", "InService", "Updating")


def _read(site: Site, name: str) -> State | None:
    found: Mapping[str, Any] | None = site.call(
        _DESCRIBE, ("ValidationException", "RecordNotFound"), NotebookInstanceName=name
    )
    if not found or found["NotebookInstanceStatus"] == "Deleting":
        return None
    return {"running": found["NotebookInstanceStatus"] in _ON}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    named = {"NotebookInstanceName": name}
    return Call(operation=_START if target[key] else _STOP, region=site.region, parameters=named)


STEP: Final = setting_step(
    Setting(
        id="notebook-stopped", order=3208, texts="respond_steps.notebook_stopped", rules=(),
        kind=Kind(service="sagemaker", call=_DESCRIBE, prefix="notebook-instance/", pattern=r"[A-Za-z0-9-]{1,63}"),
        reads=(_DESCRIBE,), writes=(_STOP, _START), read=_read, safe={"running": False}, put=_put, risk=Risk.MEDIUM,
    )
)  # fmt: skip
