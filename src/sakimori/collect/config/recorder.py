"""Configuration recorders of AWS Config."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

_SERVICE_LINKED = ":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


def _arn(record: Record, context: Context) -> str | None:
    """The ARN that AWS gives (since the end of 2024), or one in the same form."""
    if not record.get("name"):
        return None
    prefix = f"arn:{context.partition}:config:{context.region}:{context.account_id}"
    return record.get("arn") or f"{prefix}:configuration-recorder/{record['name']}"


def _records_all_supported(record: Record, _context: Context) -> bool:
    group = record.get("recordingGroup") or {}
    strategy = (group.get("recordingStrategy") or {}).get("useOnly", "ALL_SUPPORTED_RESOURCE_TYPES")
    return bool(group.get("allSupported")) and strategy == "ALL_SUPPORTED_RESOURCE_TYPES"


def _last_status(record: Record, _context: Context) -> str:
    """AWS writes Pending, Success, … in some answers and in capitals in others."""
    return str(record.get("Status", {}).get("lastStatus") or "").upper()


TABLE = table(
    "aws_config_recorder",
    "The account's own configuration recorders; those that AWS services keep for themselves are left out.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Config::ConfigurationRecorder",
    rows=call("config:DescribeConfigurationRecorders", "ConfigurationRecorders"),
    each=[
        call("config:DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus[0]", name="Status",
             with_={"ConfigurationRecorderNames": "[name]"}),
    ],
    columns=[
        col("arn", TEXT, "The recorder's ARN.", _arn),
        col("name", TEXT, "The recorder's name.", "name"),
        col("role_arn", TEXT, "The role it reads with; '' where none is named.", "roleARN", when_absent=""),
        col("uses_service_linked_role", BOOLEAN, "It reads with the role that AWS keeps for Config.",
            lambda record, _: str(record.get("roleARN", "")).endswith(_SERVICE_LINKED)),
        col("records_all_supported", BOOLEAN, "It records every type of resource that Config supports in the Region.",
            _records_all_supported),
        col("includes_global_types", BOOLEAN, "It records users, groups, roles and policies of IAM too.",
            "recordingGroup.includeGlobalResourceTypes", when_absent=False),
        col("is_recording", BOOLEAN, "It is recording now.", "Status.recording"),
        col("last_status", TEXT, "PENDING, SUCCESS, FAILURE or NOT_APPLICABLE; '' where AWS says none.",
            _last_status, needs=["Status"]),
        col("is_failing", BOOLEAN, "Its last attempt to record failed.",
            lambda record, context: _last_status(record, context) == "FAILURE", needs=["Status"]),
        col("last_started_at", TIMESTAMP, "When it was last started; NULL where it never was.", "Status.lastStartTime"),
    ],
)  # fmt: skip
