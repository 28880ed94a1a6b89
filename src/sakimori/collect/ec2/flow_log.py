"""Flow logs of VPCs, subnets and network interfaces."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    found = record.get("FlowLogId")
    return f"arn:{context.partition}:ec2:{context.region}:{context.account_id}:vpc-flow-log/{found}" if found else None


TABLE = table(
    "aws_ec2_flow_log",
    "Flow logs of VPCs, subnets, network interfaces and transit gateways.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::FlowLog",
    rows=call("ec2:DescribeFlowLogs", "FlowLogs", MaxResults=1000),
    columns=[
        col("arn", TEXT, "The flow log's ARN.", _arn),
        col("flow_log_id", TEXT, "fl-…", "FlowLogId"),
        col("resource_id", TEXT, "What it records: vpc-…, subnet-…, eni-… or tgw-….", "ResourceId"),
        col("is_active", BOOLEAN, "It is recording.", lambda record, _: record.get("FlowLogStatus") == "ACTIVE"),
        col("traffic_type", TEXT, "ACCEPT, REJECT or ALL; '' for a transit gateway's.", "TrafficType", when_absent=""),
        col("records_rejected", BOOLEAN, "It records traffic that was turned away.",
            lambda record, _: record.get("TrafficType") in {"REJECT", "ALL"}),
        col("destination_type", TEXT, "cloud-watch-logs, s3 or kinesis-data-firehose.", "LogDestinationType"),
        col("delivery_is_failing", BOOLEAN, "Its last delivery failed.",
            lambda record, _: record.get("DeliverLogsStatus") == "FAILED"),
    ],
)  # fmt: skip
