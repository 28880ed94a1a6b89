"""A CodeBuild project whose builds leave their output in CloudWatch Logs (Security Hub: CodeBuild.4).

A group that was named before is used again; logs to S3 stay as they are. Source: botocore's model of codebuild; AWS
CodeBuild User Guide, "Change a build project's settings"; API reference, LogsConfig.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

_GET: Final = "codebuild:BatchGetProjects"
_UPDATE: Final = "codebuild:UpdateProject"
_KEY: Final = "logsConfig"
_CLOUDWATCH: Final = "cloudWatchLogs"
_S3: Final = "s3Logs"
_ON: Final = "ENABLED"
# What a project has that says nothing of it.
_BORN_WITH: Final[Mapping[str, Any]] = {_CLOUDWATCH: {"status": _ON}, _S3: {"status": "DISABLED"}}


def _read(site: Site, name: str) -> State | None:
    found: Any = (site.call(_GET, names=[name]) or {}).get("projects") or []
    if not found:
        return None
    told = found[0].get(_KEY) or {}
    return {_KEY: {part: told.get(part) or born for part, born in _BORN_WITH.items()}}


def _safe(state: State) -> State:
    config: Mapping[str, Any] = state[_KEY]
    if any(part["status"] == _ON for part in config.values()):
        return state
    return {_KEY: {**config, _CLOUDWATCH: {**config[_CLOUDWATCH], "status": _ON}}}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_UPDATE, region=site.region, parameters={"name": name, key: target[key]})


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="fix_data.build_project_logged_role", values={"name": name}),)


STEP: Final = setting_step(
    Setting(
        id="build-project-logged",
        order=2570,
        texts="fix_data.build_project_logged",
        rules=("aws.codebuild.project-logs-enabled",),
        kind=Kind(service="codebuild", call=_GET, prefix="project/", pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}"),
        reads=(_GET,),
        writes=(_UPDATE,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
    )
)
