"""A DynamoDB table that can be brought back to any second of the last 35 days (Security Hub: DynamoDB.2).

Turned off again, the way back in time is gone, so an undo asks for the table's name. Source: botocore's model of
dynamodb; Amazon DynamoDB Developer Guide, "Point-in-time backups for DynamoDB".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind, is_there
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call, Risk

_GET: Final = "dynamodb:DescribeContinuousBackups"
_DESCRIBE: Final = "dynamodb:DescribeTable"
_UPDATE: Final = "dynamodb:UpdateContinuousBackups"
_KEY: Final = "PointInTimeRecoveryEnabled"
_TABLE: Final = "table"
_GIGABYTE: Final = 1e9


def _read(site: Site, name: str) -> State | None:
    answer: Any = site.call(_GET, ("TableNotFoundException",), TableName=name)
    if answer is None:
        return None
    recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    return {_TABLE: name, _KEY: recovery.get("PointInTimeRecoveryStatus") == "ENABLED"}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    setting = {"PointInTimeRecoverySpecification": {key: target[key]}}
    return Call(operation=_UPDATE, region=site.region, parameters={"TableName": name, **setting})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    try:
        size = ((site.call(_DESCRIBE, TableName=name) or {}).get("Table") or {}).get("TableSizeBytes") or 0
    except Refusal as refusal:
        return (Caution(text="fix_data.table_recoverable_unseen", values={"name": name, "code": refusal.code}),)
    return (Caution(text="fix_data.table_recoverable_cost", values={"name": name, "gb": round(size / _GIGABYTE, 1)}),)


def _loses(_site: Site, before: State, now: State) -> str:
    is_lost = is_there(before) and is_there(now) and now[_KEY] and not before[_KEY]
    return str(now[_TABLE]) if is_lost else ""


STEP: Final[Step] = replace(
    setting_step(
        Setting(
            id="table-recoverable",
            order=2540,
            texts="fix_data.table_recoverable",
            rules=("aws.dynamodb.table-point-in-time-recovery",),
            kind=Kind(service="dynamodb", call=_GET, prefix="table/", pattern=r"[A-Za-z0-9_.-]{3,255}"),
            reads=(_GET, _DESCRIBE),
            writes=(_UPDATE,),
            read=_read,
            safe={_KEY: True},
            put=_put,
            cautions=_cautions,
            risk=Risk.NONE,
        )
    ),
    loses=_loses,
)
