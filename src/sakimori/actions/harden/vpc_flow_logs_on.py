"""HB21: every VPC of the account records who talks to whom, as Parquet files in the log archive.

A VPC whose traffic is recorded already, wherever that goes, is left as it is; one whose flow logs record accepted or
rejected traffic alone or deliver nothing is not recorded. Source: botocore's model of ec2; VPC User Guide, "Publish flow
logs to Amazon S3" (CreateFlowLogs tells of a failure in its answer, not by an error).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.records.log_archive import CAUTION_READS, READS, archive_cautions, log_archive
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource
from sakimori.model.action import GIVEN_ID, Baseline, Call, Change, Quantity
from sakimori.model.words import Scope

_VPCS: Final = "ec2:DescribeVpcs"
_LOGS: Final = "ec2:DescribeFlowLogs"
_CREATE: Final = "ec2:CreateFlowLogs"
_DELETE: Final = "ec2:DeleteFlowLogs"
_TAG: Final = {"Key": "sakimori", "Value": "HB21"}
_OPTIONS: Final = {"FileFormat": "parquet", "HiveCompatiblePartitions": False, "PerHourPartition": False}


def _read(site: Site) -> State:
    logs = _flow_logs(site)
    own = [
        str(each["VpcId"])
        for each in site.all_of(_VPCS, "Vpcs", MaxResults=1000)
        if (each.get("OwnerId") or site.account.id) == site.account.id
    ]
    return {
        "archive": log_archive(site).bucket,
        "vpcs": {
            vpc: {
                "has_ours": any(_is_ours(each) for each in logs if each.get("ResourceId") == vpc),
                "has_others": _serve([each for each in logs if each.get("ResourceId") == vpc and not _is_ours(each)]),
            }
            for vpc in sorted(own)
        },
    }


def _flow_logs(site: Site) -> Sequence[Mapping[str, Any]]:
    return site.all_of(_LOGS, "FlowLogs", MaxResults=1000)


def _is_ours(log: Mapping[str, Any]) -> bool:
    return _TAG in (log.get("Tags") or ())


def _serve(logs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether accepted and rejected traffic both arrive somewhere."""
    kinds = {str(each.get("TrafficType")) for each in logs if _delivers(each)}
    return "ALL" in kinds or {"ACCEPT", "REJECT"} <= kinds


def _delivers(log: Mapping[str, Any]) -> bool:
    return log.get("FlowLogStatus") == "ACTIVE" and log.get("DeliverLogsStatus") != "FAILED"


def _wanted(_site: Site, state: State) -> State:
    vpcs = {
        vpc: {**found, "has_ours": found["has_ours"] or not found["has_others"]} for vpc, found in state["vpcs"].items()
    }
    return {**state, "vpcs": vpcs}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    """VPCs that are in one of the two states alone came or went meanwhile, and are nobody's business here."""
    wrong = [
        (vpc, wanted["has_ours"])
        for vpc, wanted in target["vpcs"].items()
        if vpc in now["vpcs"] and now["vpcs"][vpc]["has_ours"] != wanted["has_ours"]
    ]
    if not wrong:
        return ()
    logs = _flow_logs(site)
    return [
        _made(site, vpc, target["archive"]) if is_wanted else _gone(site, vpc, target["archive"], logs)
        for vpc, is_wanted in wrong
    ]


def _made(site: Site, vpc: str, archive: str) -> Change:
    drop = Call(operation=_DELETE, region=site.region, parameters={"FlowLogIds": [GIVEN_ID]})
    return Change(
        name=vpc, call=_create(site, vpc, archive), undo=(drop,), text="harden_record.hb21_made", values={"vpc": vpc}
    )


def _gone(site: Site, vpc: str, archive: str, logs: Sequence[Mapping[str, Any]]) -> Change:
    ids = sorted(str(each["FlowLogId"]) for each in logs if each.get("ResourceId") == vpc and _is_ours(each))
    drop = Call(
        operation=_DELETE, region=site.region, parameters={"FlowLogIds": ids}, settled=("InvalidFlowLogId.NotFound",)
    )
    return Change(
        name=vpc, call=drop, undo=(_create(site, vpc, archive),), text="harden_record.hb21_dropped", values={"vpc": vpc}
    )


def _create(site: Site, vpc: str, archive: str) -> Call:
    parameters = {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": f"arn:{site.account.partition}:s3:::{archive}",
        "DestinationOptions": _OPTIONS,
        "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [_TAG]}],
    }
    # FlowLogAlreadyExists may speak of one that records less: it is not taken for this one.
    return Call(operation=_CREATE, region=site.region, parameters=parameters)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    return looked(lambda: archive_cautions(site, log_archive(site)), lambda: _in_the_way(site, state))


def _in_the_way(site: Site, state: State) -> Sequence[Caution]:
    """AWS lets a VPC have one flow log for each destination."""
    archive = f"arn:{site.account.partition}:s3:::{state['archive']}"
    lacking = {vpc for vpc, found in state["vpcs"].items() if not found["has_ours"] and not found["has_others"]}
    return [
        Caution(text="harden_record.hb21_in_the_way", values={"vpc": each["ResourceId"], "log": each["FlowLogId"]})
        for each in _flow_logs(site)
        if each.get("ResourceId") in lacking and str(each.get("LogDestination")).rstrip("/") == archive
    ]


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    # How much traffic there is is known only once it is recorded.
    return (Quantity("flow_logs.gb", None),)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    options = {"file_format": "parquet", "hive_compatible_partitions": False, "per_hour_partition": False}
    arguments = {
        "traffic_type": "ALL", "log_destination_type": "s3",
        "log_destination": f"arn:{site.account.partition}:s3:::{target['archive']}", "tags": {_TAG["Key"]: _TAG["Value"]},
    }  # fmt: skip
    return [
        Resource(
            type="aws_flow_log", name=f"sakimori_{vpc}", region=site.region, arguments={**arguments, "vpc_id": vpc},
            blocks=[("destination_options", options)],
        )
        for vpc, found in target["vpcs"].items() if found["has_ours"]
    ]  # fmt: skip


STEP: Final = Step(
    id="HB21",
    order=210,
    texts="harden_record.hb21",
    scope=Scope.REGION,
    baseline=Baseline.STRICT,
    rules=("aws.ec2.vpc-flow-logs-enabled",),
    reads=(*READS, *CAUTION_READS, _VPCS, _LOGS),
    writes=(_CREATE, _DELETE),
    permissions=(
        "ec2:CreateTags",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
    ),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    costs=_costs,
    terraform=_terraform,
)
