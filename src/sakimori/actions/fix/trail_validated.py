"""A trail whose files can be checked: CloudTrail writes a signed digest of them every hour (Security Hub: CloudTrail.4).

A trail of an organisation belongs to its management account, one of Control Tower to Control Tower.
Source: botocore's model of cloudtrail; CloudTrail User Guide, "Validating CloudTrail log file integrity"; AWS Control
Tower User Guide, "Resources created in the shared accounts".
"""

from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_GET: Final = "cloudtrail:GetTrail"
_UPDATE: Final = "cloudtrail:UpdateTrail"
_CONTROL_TOWER: Final = "aws-controltower-"


def _read(site: Site, name: str) -> State | None:
    if name.startswith(_CONTROL_TOWER):
        return {"belongs_to": "AWS Control Tower"}
    answer: Any = site.call(_GET, ("TrailNotFoundException",), Name=site.resource)
    return (
        None if answer is None else {"EnableLogFileValidation": bool(answer["Trail"].get("LogFileValidationEnabled"))}
    )


def _put(site: Site, _name: str, key: str, target: State) -> Call:
    return Call(operation=_UPDATE, region=site.region, parameters={"Name": site.resource, key: target[key]})


STEP: Final = setting_step(
    Setting(
        id="trail-validated",
        order=2520,
        texts="fix_data.trail_validated",
        rules=("aws.cloudtrail.trail-validates-files",),
        kind=Kind(
            service="cloudtrail", call=_GET, prefix="trail/", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]"
        ),
        reads=(_GET,),
        writes=(_UPDATE,),
        read=_read,
        safe={"EnableLogFileValidation": True},
        put=_put,
        risk=Risk.NONE,
    )
)
