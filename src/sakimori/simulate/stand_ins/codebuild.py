"""Changing a build project, which moto does not know. Source: CodeBuild API reference, UpdateProject."""

from collections.abc import Mapping
from typing import Any, Final

from moto.codebuild.models import codebuild_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def update_project(desk: Desk) -> Mapping[str, Any]:
    """The project with what the call names changed, and all else as it was."""
    asked = dict(desk.parameters())
    name = str(asked.pop("name"))
    backend = codebuild_backends[desk.state.account_id][desk.call.region]
    project = backend.codebuild_projects.get(name)
    if project is None:
        message = f"Project cannot be found: arn:{desk.state.partition}:codebuild:{desk.call.region}:{desk.state.account_id}:project/{name}"  # fmt: skip
        raise ServiceError("ResourceNotFoundException", message, 400)
    project.project_metadata.update(asked)
    return {"project": project.project_metadata}


STAND_INS: Final[Mapping[str, StandIn]] = {"codebuild:UpdateProject": update_project}
