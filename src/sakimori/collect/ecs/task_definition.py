"""Task definitions of ECS: of each family the latest ACTIVE revision.

Older revisions stay ACTIVE until someone deregisters them, often by the hundred; the latest is the one that the
next task gets, and the one that Security Hub's controls judge. A service may still run an older one:
`aws_ecs_service.task_definition_arn` tells.
"""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = (
    call("ecs:ListTaskDefinitionFamilies", "families", status="ACTIVE", maxResults=100),
    # In brackets, so that an answer without it is a gap. A family whose last revision was deregistered meanwhile has none.
    call("ecs:DescribeTaskDefinition", "[taskDefinition]", with_={"taskDefinition": "@"},
         absent=("ClientException:Unable to describe task definition",)),
)  # fmt: skip


def is_windows(record: Record) -> bool:
    """Whether its containers are said to be Windows containers; without a word they are Linux ones."""
    return str((record.get("runtimePlatform") or {}).get("operatingSystemFamily", "")).startswith("WINDOWS")


def _is_for_fargate(record: Record, _context: Context) -> bool:
    return "FARGATE" in (record.get("requiresCompatibilities") or ())


TABLE = table(
    "aws_ecs_task_definition",
    "Task definitions of ECS: of each family the latest active revision, which new tasks get if none is named.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ECS::TaskDefinition",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The revision's ARN.", "taskDefinitionArn"),
        col("family", TEXT, "The name that all its revisions share.", "family"),
        col("revision", INTEGER, "The revision's number.", "revision"),
        col("network_mode", TEXT, "bridge, host, awsvpc or none; '' where none is named.", "networkMode", when_absent=""),
        col("uses_host_network", BOOLEAN, "Its containers share the network of their host.",
            lambda record, _: record.get("networkMode") == "host"),
        col("pid_mode", TEXT, "host or task; '' where each container has its own processes.", "pidMode", when_absent=""),
        col("shares_host_processes", BOOLEAN, "Its containers see the processes of their host.",
            lambda record, _: record.get("pidMode") == "host"),
        col("is_for_fargate", BOOLEAN, "It is made for Fargate.", _is_for_fargate),
        col("is_for_windows", BOOLEAN, "Its containers are Windows containers.", lambda record, _: is_windows(record)),
        col("task_role_arn", TEXT, "The role that its programs have; '' where there is none.",
            "taskRoleArn", when_absent=""),
        col("execution_role_arn", TEXT, "The role that starts it: fetches images and secrets; '' where there is none.",
            "executionRoleArn", when_absent=""),
        col("registered_at", TIMESTAMP, "When the revision was made.", "registeredAt"),
    ],
)  # fmt: skip
