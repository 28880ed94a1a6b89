"""HB12: AWS Config keeps the history of resources in every enabled Region; users and roles once, in the home Region.

A recorder made here records every type. One that is there is adopted with what it records, whoever made it, and started
where it is stopped; what it leaves out or cannot deliver is told. Recorders that AWS services keep for themselves stand
beside it and are not asked for. The service-linked role stays after an undo: AWS
deletes it only where nothing uses it. Source: botocore's model of config; AWS Config Developer Guide, "Working with the
customer managed configuration recorder", "Managing the delivery channel", "Recording global resource types".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.records.landing_zones import landing_zone_of
from sakimori.actions.records.log_archive import (
    CAUTION_READS,
    READS,
    archive_cautions,
    exists_elsewhere,
    leaving,
    log_archive,
    owned_buckets,
)
from sakimori.actions.site import Site, Volume
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Expression, Resource
from sakimori.model.action import Baseline, Call, Change, Quantity
from sakimori.model.words import GLOBAL, Scope

_NAME: Final = "sakimori-recorder"
_CHANNEL_NAME: Final = "sakimori-channel"
_ROLE: Final = "AWSServiceRoleForConfig"
_SERVICE: Final = "config.amazonaws.com"
_RECORDERS: Final = "config:DescribeConfigurationRecorders"
_STATUS: Final = "config:DescribeConfigurationRecorderStatus"
_CHANNELS: Final = "config:DescribeDeliveryChannels"
_GET_ROLE: Final = "iam:GetRole"
_CREATE_ROLE: Final = "iam:CreateServiceLinkedRole"
_PUT: Final = "config:PutConfigurationRecorder"
_DELETE: Final = "config:DeleteConfigurationRecorder"
_PUT_CHANNEL: Final = "config:PutDeliveryChannel"
_DELETE_CHANNEL: Final = "config:DeleteDeliveryChannel"
_START: Final = "config:StartConfigurationRecorder"
_STOP: Final = "config:StopConfigurationRecorder"
_USER: Final = "AWS::IAM::User"
"""Stands for what exists once in an account and not in each Region: users, groups, roles and policies."""
_TAG: Final = {"Key": "sakimori", "Value": "HB12"}


def _read(site: Site) -> State:
    recorder = _recorder(site)
    channels = (site.call(_CHANNELS) or {}).get("DeliveryChannels") or ()
    channel = next(
        ({"name": str(each["name"]), "bucket": str(each.get("s3BucketName") or "")} for each in channels), None
    )
    state = {"channel": channel, "archive": log_archive(site).bucket}
    if recorder is None:
        has_global = site.region == site.home and not _global_is_recorded_elsewhere(site)
        return {**state, "recorder": None, "has_global": has_global}
    told = (site.call(_STATUS, ConfigurationRecorderNames=[recorder["name"]]) or {}).get("ConfigurationRecordersStatus")
    return {
        **state,
        "has_global": _includes_global(recorder),
        "recorder": {
            "name": str(recorder["name"]),
            "role": str(recorder.get("roleARN") or ""),
            "is_on": any(each.get("recording") for each in told or ()),
        },
    }


def _recorder(site: Site) -> Mapping[str, Any] | None:
    """The one that a Region may have beside those of AWS services."""
    found = (site.call(_RECORDERS) or {}).get("ConfigurationRecorders") or ()
    return next((each for each in found if not each.get("servicePrincipal")), None)


def _global_is_recorded_elsewhere(site: Site) -> bool:
    """Each Region that records users and roles is paid for."""
    others = (site.at(region) for region in site.account.regions if region != site.region)
    return any(_includes_global(each) for each in map(_recorder, others) if each is not None)


def _includes_global(recorder: Mapping[str, Any]) -> bool:
    group = recorder.get("recordingGroup") or {}
    if _left_out(group):
        return _USER not in _left_out(group)
    return bool(group.get("includeGlobalResourceTypes")) or _USER in (group.get("resourceTypes") or ())


def _records_all(recorder: Mapping[str, Any]) -> bool:
    """Global types apart, which one Region records for all."""
    group = recorder.get("recordingGroup") or {}
    return bool(group.get("allSupported")) and not _left_out(group)


def _left_out(group: Mapping[str, Any]) -> Sequence[str]:
    return (group.get("exclusionByResourceTypes") or {}).get("resourceTypes") or ()


def _wanted(site: Site, state: State) -> State:
    role = f"arn:{site.account.partition}:iam::{site.account.id}:role/aws-service-role/{_SERVICE}/{_ROLE}"
    recorder = state["recorder"] or {"name": _NAME, "role": role}
    channel = state["channel"] or {"name": _CHANNEL_NAME, "bucket": state["archive"]}
    return {**state, "recorder": {**recorder, "is_on": True}, "channel": channel}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    found, wanted = now["recorder"], target["recorder"]
    if wanted is None:
        if found is None:
            return _channel_gone(site, now, target)
        return _deletion(site, now, target) if found["name"] == _NAME else ()
    changes: list[Change] = []
    if found is None:
        if site.at(GLOBAL).call(_GET_ROLE, ("NoSuchEntity",), RoleName=_ROLE) is None and wanted["role"].endswith(
            _ROLE
        ):
            changes.append(_role())
        call, back = _put(site, target), _drop(site, wanted)
        changes.append(
            Change(
                name="recorder",
                call=call,
                undo=(back,),
                text="harden_record.hb12_made",
                values={"name": wanted["name"]},
            )
        )
    if now["channel"] is None and target["channel"] is not None:
        call, back = _put_channel(site, target["channel"]), _drop_channel(site, target["channel"])
        values = {"bucket": target["channel"]["bucket"]}
        changes.append(
            Change(name="channel", call=call, undo=(back,), text="harden_record.hb12_channel", values=values)
        )
    is_on = found is not None and found["is_on"]
    start, stop = _switch(site, wanted)
    values = {"name": wanted["name"]}
    if not is_on and wanted["is_on"]:
        changes.append(Change(name="on", call=start, undo=(stop,), text="harden_record.hb12_started", values=values))
    if is_on and not wanted["is_on"]:
        changes.append(Change(name="on", call=stop, undo=(start,), text="harden_record.hb12_stopped", values=values))
    return (*changes, *_channel_gone(site, now, target))


def _deletion(site: Site, now: State, target: State) -> Sequence[Change]:
    """A channel goes only while nothing records into it."""
    recorder, values = now["recorder"], {"name": _NAME}
    changes: list[Change] = []
    start, stop = _switch(site, recorder)
    if recorder["is_on"]:
        changes.append(Change(name="on", call=stop, undo=(start,), text="harden_record.hb12_stopped", values=values))
    changes += _channel_gone(site, now, target)
    gone = _drop(site, recorder)
    changes.append(
        Change(name="recorder", call=gone, undo=(_put(site, now),), text="harden_record.hb12_dropped", values=values)
    )
    return changes


def _channel_gone(site: Site, now: State, target: State) -> Sequence[Change]:
    channel = now["channel"]
    if target["channel"] is not None or channel is None or channel["name"] != _CHANNEL_NAME:
        return ()
    call, back = _drop_channel(site, channel), _put_channel(site, channel)
    return (Change(name="channel", call=call, undo=(back,), text="harden_record.hb12_no_channel"),)


def _role() -> Change:
    call = Call(
        operation=_CREATE_ROLE, region=GLOBAL, parameters={"AWSServiceName": _SERVICE}, settled=("InvalidInput",)
    )  # fmt: skip
    return Change(name="role", call=call, text="harden_record.hb12_role", lasting="harden_record.hb12_role_stays")


def _put(site: Site, state: State) -> Call:
    recorder = state["recorder"]
    group = {"allSupported": True, "includeGlobalResourceTypes": bool(state["has_global"])}
    body = {"name": recorder["name"], "roleARN": recorder["role"], "recordingGroup": group}
    parameters = {"ConfigurationRecorder": body, "Tags": [_TAG]}
    return Call(operation=_PUT, region=site.region, parameters=parameters, not_yet=("InvalidRoleException",))


def _drop(site: Site, recorder: Mapping[str, Any]) -> Call:
    parameters, settled = {"ConfigurationRecorderName": recorder["name"]}, ("NoSuchConfigurationRecorderException",)
    return Call(operation=_DELETE, region=site.region, parameters=parameters, settled=settled)


def _put_channel(site: Site, channel: Mapping[str, Any]) -> Call:
    body = {"name": channel["name"], "s3BucketName": channel["bucket"]}
    not_yet = (
        "NoAvailableConfigurationRecorderException",
        "NoSuchBucketException",
        "InsufficientDeliveryPolicyException",
    )
    return Call(operation=_PUT_CHANNEL, region=site.region, parameters={"DeliveryChannel": body}, not_yet=not_yet)


def _drop_channel(site: Site, channel: Mapping[str, Any]) -> Call:
    parameters, settled = {"DeliveryChannelName": channel["name"]}, ("NoSuchDeliveryChannelException",)
    return Call(operation=_DELETE_CHANNEL, region=site.region, parameters=parameters, settled=settled)


def _switch(site: Site, recorder: Mapping[str, Any]) -> tuple[Call, Call]:
    """Starting and stopping it."""
    parameters = {"ConfigurationRecorderName": recorder["name"]}
    return (
        Call(
            operation=_START,
            region=site.region,
            parameters=parameters,
            not_yet=("NoAvailableDeliveryChannelException",),
        ),
        Call(operation=_STOP, region=site.region, parameters=parameters),
    )


def _owner(state: State) -> str:
    recorder = state["recorder"]
    return "" if recorder is None else landing_zone_of((recorder["name"], recorder["role"]))


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    return () if state["channel"] else archive_cautions(site, log_archive(site))


def _faults(site: Site, state: State) -> Sequence[Caution]:
    if state["recorder"] is None:
        return ()
    return looked(
        lambda: _faults_of_recorder(site, state), lambda: _faults_of_channel(site, state), lambda: _faults_of_global(site, state)
    )  # fmt: skip


def _faults_of_recorder(site: Site, state: State) -> Sequence[Caution]:
    name = str(state["recorder"]["name"])
    recorder, found = _recorder(site), list[Caution]()
    if _owner(state) and not state["recorder"]["is_on"]:
        found.append(Caution(text="harden_record.hb12_managed_stopped", values={"name": name}))
    if recorder is not None and not _records_all(recorder):
        found.append(Caution(text="harden_record.hb12_in_part", values={"name": name}))
    told = (site.call(_STATUS, ConfigurationRecorderNames=[name]) or {}).get("ConfigurationRecordersStatus") or ()
    found += [
        Caution(text="harden_record.hb12_failed", values={"name": name, "error": str(each.get("lastErrorCode") or "")})
        for each in told
        if str(each.get("lastStatus")).upper() == "FAILURE"
    ]
    return found


def _faults_of_channel(site: Site, state: State) -> Sequence[Caution]:
    channel = state["channel"]
    if channel is None:
        # One is made beside a recorder of the account; a landing zone's stays without.
        values = {"name": state["recorder"]["name"]}
        return (Caution(text="harden_record.hb12_managed_without_channel", values=values),) if _owner(state) else ()
    owned, bucket = owned_buckets(site), str(channel["bucket"])
    if bucket not in owned and not exists_elsewhere(site, bucket):
        return (Caution(text="harden_record.hb12_bucket_gone", values={"bucket": bucket}),)
    return leaving(site, str(channel["name"]), bucket, _owner(state), owned)


def _faults_of_global(site: Site, state: State) -> Sequence[Caution]:
    if site.region != site.home or state["has_global"] or _global_is_recorded_elsewhere(site):
        return ()
    return (Caution(text="harden_record.hb12_no_global", values={"name": state["recorder"]["name"]}),)


def _costs(site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("config.items", site.volume(Volume.WRITE_EVENTS)),)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    """Nothing for a recorder of somebody else: code that says a part of it would take the rest away."""
    if target["recorder"]["name"] != _NAME or target["channel"]["name"] != _CHANNEL_NAME:
        return ()
    recorder, channel, region = target["recorder"], target["channel"], site.region
    name = f"sakimori_{region}"
    made = Expression(f"aws_config_configuration_recorder.{name}.name")
    group = {"all_supported": True, "include_global_resource_types": target["has_global"]}
    depends = [Expression(f"aws_config_delivery_channel.{name}")]
    return [
        Resource(
            type="aws_config_configuration_recorder", name=name, region=region,
            arguments={"name": recorder["name"], "role_arn": recorder["role"]}, blocks=[("recording_group", group)],
        ),
        Resource(
            type="aws_config_delivery_channel", name=name, region=region,
            arguments={"name": channel["name"], "s3_bucket_name": channel["bucket"],
                       "depends_on": [Expression(f"aws_config_configuration_recorder.{name}")]},
        ),
        Resource(
            type="aws_config_configuration_recorder_status", name=name, region=region,
            arguments={"name": made, "is_enabled": True, "depends_on": depends},
        ),
    ]  # fmt: skip


STEP: Final = Step(
    id="HB12",
    order=120,
    texts="harden_record.hb12",
    scope=Scope.REGION,
    baseline=Baseline.STANDARD,
    rules=("aws.config.recorder-enabled",),
    reads=tuple(dict.fromkeys((*READS, *CAUTION_READS, _RECORDERS, _STATUS, _CHANNELS, _GET_ROLE))),
    writes=(_CREATE_ROLE, _PUT, _DELETE, _PUT_CHANNEL, _DELETE_CHANNEL, _START, _STOP),
    permissions=("iam:PassRole", "config:TagResource"),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    faults=_faults,
    costs=_costs,
    residue=(f"aws_iam_role* *{_ROLE}*", "aws_iam_account *"),
    terraform=_terraform,
)
