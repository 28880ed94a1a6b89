"""A trail whose files can be checked: CloudTrail writes a signed digest of them every hour (Security Hub: CloudTrail.4).

A trail of an organisation belongs to its management account, one of a landing zone to whoever set that up.
Source: botocore's model of cloudtrail; CloudTrail User Guide, "Validating CloudTrail log file integrity".
"""

from typing import Any, Final

from sakimori.actions.records.landing_zones import landing_zone_of
from sakimori.actions.resources.named_resource import Kind, belonging_to
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_GET: Final = "cloudtrail:GetTrail"
_UPDATE: Final = "cloudtrail:UpdateTrail"


def _read(site: Site, name: str) -> State | None:
    manager = landing_zone_of([name])
    if manager:
        return belonging_to(manager)
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
