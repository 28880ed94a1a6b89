"""Task sets: the parts of services that CodeDeploy or another program deploys."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.collect.ecs.service import DESCRIBE, LIST, assigns_public_ip
from sakimori.model.words import Scope


def _task_sets(record: Record, _context: Context) -> Iterator[Record]:
    for task_set in record.get("Service", {}).get("taskSets") or ():
        yield {**task_set, "service": record["value"]}


TABLE = table(
    "aws_ecs_task_set",
    "Task sets of services that CodeDeploy or another program deploys (deployment controller CODE_DEPLOY or EXTERNAL).",
    key="arn",
    parent="service_arn",
    parent_key="value",
    scope=Scope.REGION,
    resource_type="AWS::ECS::TaskSet",
    rows=LIST,
    each=[DESCRIBE],
    expand=_task_sets,
    expand_needs=["Service"],
    columns=[
        col("arn", TEXT, "The task set's ARN.", "taskSetArn"),
        col("service_arn", TEXT, "The service it is part of.", "service"),
        col("status", TEXT, "PRIMARY, ACTIVE or DRAINING.", "status"),
        col("launch_type", TEXT, "EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES; '' where capacity providers decide.",
            "launchType", when_absent=""),
        col("task_definition_arn", TEXT, "The revision that its tasks run.", "taskDefinition"),
        col("assigns_public_ip", BOOLEAN, "Each of its tasks is given a public address.",
            lambda task_set, _: assigns_public_ip(task_set)),
    ],
)  # fmt: skip
