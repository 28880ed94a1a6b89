"""Services of ECS."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = (
    call("ecs:ListClusters", "clusterArns", maxResults=100),
    call("ecs:ListServices", "serviceArns", with_={"cluster": "@"}, keep={"cluster": "@"}, maxResults=100),
)
DESCRIBE = call(
    "ecs:DescribeServices", "services[0]", name="Service", with_={"cluster": "cluster", "services": "[value]"}
)


def assigns_public_ip(holder: Record) -> bool | None:
    """Whether ECS gives tasks of a service or task set a public address.

    Source: API reference, AwsVpcConfiguration: without a value it is DISABLED; without `awsvpc` tasks have no
    interface of their own.
    """
    if not holder:
        return None
    network = (holder.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return {"ENABLED": True, "DISABLED": False}.get(network.get("assignPublicIp", "DISABLED"))


def _subnets(record: Record, _context: Context) -> list[str]:
    network = record.get("Service", {}).get("networkConfiguration") or {}
    return list((network.get("awsvpcConfiguration") or {}).get("subnets") or ())


TABLE = table(
    "aws_ecs_service",
    "Services of ECS that are not deleted, in all clusters.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ECS::Service",
    rows=LIST,
    each=[DESCRIBE],
    columns=[
        col("arn", TEXT, "The service's ARN.", "value"),
        col("name", TEXT, "The service's name.", "Service.serviceName"),
        col("cluster_arn", TEXT, "The cluster it runs in.", "cluster"),
        col("status", TEXT, "ACTIVE, DRAINING or INACTIVE.", "Service.status"),
        col("launch_type", TEXT, "EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES; '' where capacity providers decide.",
            "Service.launchType", when_absent=""),
        col("task_definition_arn", TEXT, "The revision that its tasks run; '' where its task sets say.",
            "Service.taskDefinition", when_absent=""),
        col("desired_count", INTEGER, "Tasks that it is to keep running.", "Service.desiredCount"),
        col("assigns_public_ip", BOOLEAN, "Each of its tasks is given a public address.",
            lambda record, _: assigns_public_ip(record.get("Service", {})), needs=["Service"]),
        col("subnets", TEXT, "The subnets of its tasks, separated by commas; '' without awsvpc.",
            _subnets, needs=["Service"]),
        col("execute_command_is_enabled", BOOLEAN, "ECS Exec opens a shell in its containers.",
            "Service.enableExecuteCommand", when_absent=False),
    ],
)  # fmt: skip
