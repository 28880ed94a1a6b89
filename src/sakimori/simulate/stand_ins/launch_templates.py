"""Versions of launch templates: made of another one, and deleted, which moto does not know."""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.ec2.models.launch_templates import LaunchTemplate

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300


def create_version(desk: Desk) -> Answer:
    """Moto's version, with all of its source's data that is not given anew.

    Source: EC2 API reference, CreateLaunchTemplateVersion, SourceVersion.
    """
    asked = desk.parameters()
    source = asked.get("SourceVersion")
    answer = desk.moto()
    if source is not None and answer.status < _SUCCESS:
        template = _template(desk)
        made = template.latest_version()
        made.data = {**template.get_version(source).data, **made.data}
    return answer


def delete_versions(desk: Desk) -> Mapping[str, Any]:
    """Delete the newest version; the default one is refused, and older ones, which moto cannot leave a gap for, too.

    The number is given again, where AWS counts on.
    """
    template = _template(desk)
    done: list[Mapping[str, Any]] = []
    left: list[Mapping[str, Any]] = []
    for number in desk.parameters().get("Versions") or ():
        told = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(number)}
        newest = template.latest_version()
        if int(number) == newest.number and not template.is_default(newest):
            template.versions.remove(newest)
            done.append(told)
        else:
            left.append({**told, "ResponseError": {"Code": "unexpectedError", "Message": "It is in use."}})
    return {"SuccessfullyDeletedLaunchTemplateVersions": done, "UnsuccessfullyDeletedLaunchTemplateVersions": left}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "ec2:CreateLaunchTemplateVersion": create_version,
    "ec2:DeleteLaunchTemplateVersions": delete_versions,
}


def _template(desk: Desk) -> LaunchTemplate:
    name = str(desk.parameters().get("LaunchTemplateId", ""))
    found = ec2_backends[desk.state.account_id][desk.call.region].launch_templates.get(name)
    if found is None:
        raise ServiceError("InvalidLaunchTemplateId.NotFound", f"The launch template {name} does not exist.", 400)
    return found
