"""One instance gives its role's credentials only for a token (IMDSv2): Security Hub EC2.8.

What still asks without a token is counted by CloudWatch, at no cost. Source: botocore's model of ec2
(ModifyInstanceMetadataOptions: what is not named stays); Amazon EC2 User Guide, "Transition to using Instance Metadata
Service Version 2" (the metric MetadataNoToken).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_DESCRIBE: Final = "ec2:DescribeInstances"
_MODIFY: Final = "ec2:ModifyInstanceMetadataOptions"
_METRIC: Final = "cloudwatch:GetMetricStatistics"
_KEY: Final = "HttpTokens"
_DAYS: Final = 14
_DAY: Final = 86_400
_OVER: Final = ("shutting-down", "terminated")


def _instance(site: Site, name: str) -> Mapping[str, Any] | None:
    answer = site.call(_DESCRIBE, ("InvalidInstanceID.NotFound",), InstanceIds=[name]) or {}
    found = [each for reservation in answer.get("Reservations") or () for each in reservation["Instances"]]
    return next((each for each in found if each["State"]["Name"] not in _OVER), None)


def _read(site: Site, name: str) -> State | None:
    """Empty where the instance has no metadata at all: then there is nothing to require."""
    found = _instance(site, name)
    if found is None:
        return None
    options = found.get("MetadataOptions") or {}
    return {} if options.get("HttpEndpoint") == "disabled" else {_KEY: options.get(_KEY, "optional")}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_MODIFY, region=site.region, parameters={"InstanceId": name, key: target[key]})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    options = (_instance(site, name) or {}).get("MetadataOptions") or {}
    hops = (Caution(text="fix_network.metadata_one_hop", values={"name": name}),)
    return [*looked(lambda: _old_use(site, name)), *(hops if options.get("HttpPutResponseHopLimit") == 1 else ())]


def _old_use(site: Site, name: str) -> Sequence[Caution]:
    """How often something asked without a token; an instance that sent no figures was off, or CloudWatch does not know it."""
    if site.as_of is None:
        return ()
    answer = site.call(
        _METRIC, Namespace="AWS/EC2", MetricName="MetadataNoToken", Period=_DAY, Statistics=["Sum"],
        Dimensions=[{"Name": "InstanceId", "Value": name}],
        StartTime=site.as_of - timedelta(days=_DAYS), EndTime=site.as_of,
    )  # fmt: skip
    points = [each["Sum"] for each in (answer or {}).get("Datapoints") or ()]
    values = {"name": name, "days": _DAYS}
    if not points:
        return (Caution(text="fix_network.metadata_use_unknown", values=values),)
    if not any(points):
        return ()
    return (Caution(text="fix_network.metadata_old_use", values={**values, "count": int(sum(points))}, blocks=True),)


STEP: Final = setting_step(
    Setting(
        id="instance-metadata-token-required",
        order=1140,
        texts="fix_network.metadata",
        rules=("aws.ec2.instance-imdsv2-required",),
        kind=Kind(service="ec2", call=_DESCRIBE, prefix="instance/", pattern=r"i-[0-9a-f]{1,32}"),
        reads=(_DESCRIBE, _METRIC),
        writes=(_MODIFY,),
        read=_read,
        safe=lambda state: dict.fromkeys(state, "required"),
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
