"""Definitions of containers: tasks of ECS and jobs of Batch, their environments and commands."""

from collections.abc import Iterator, Mapping
from typing import Any

from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.secret_places.place import Place, Reach, Text, lines_of, variables

_WORDS = ("command", "entryPoint")


def _container(name: str, container: Mapping[str, Any]) -> Iterator[Text]:
    yield from lines_of(f"{name} environment".strip(), variables(container.get("environment")))
    for word in _WORDS:
        if container.get(word):
            yield Text(name=f"{name} {word}".strip(), data="\n".join(map(str, container[word])).encode())


def _task(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    for container in record.get("containerDefinitions") or ():
        yield from _container(str(container.get("name", "")), container)


def _job(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    yield from lines_of("parameters", (record.get("parameters") or {}).items())
    yield from _container("", record.get("containerProperties") or {})
    for node in (record.get("nodeProperties") or {}).get("nodeRangeProperties") or ():
        yield from _container(f"nodes {node.get('targetNodes', '')}", node.get("container") or {})
    for tasks in (record.get("ecsProperties") or {}).get("taskProperties") or ():
        for container in tasks.get("containers") or ():
            yield from _container(str(container.get("name", "")), container)
    pod = ((record.get("eksProperties") or {}).get("podProperties")) or {}
    for container in (*(pod.get("containers") or ()), *(pod.get("initContainers") or ())):
        name = str(container.get("name", ""))
        yield from lines_of(f"{name} environment".strip(), variables(container.get("env")))
        yield from _container(name, {"command": [*(container.get("command") or ()), *(container.get("args") or ())]})


PLACES = (
    # Every active revision: each can still be run.
    Place(
        id="ecs-task-definition", resource_type="AWS::ECS::TaskDefinition", texts=_task,
        arn=lambda record, _: record["taskDefinitionArn"],
        rows=(call("ecs:ListTaskDefinitions", "taskDefinitionArns", status="ACTIVE", maxResults=100),
              call("ecs:DescribeTaskDefinition", "[taskDefinition]", with_={"taskDefinition": "@"},
                   absent=("ClientException:Unable to describe task definition",))),
    ),
    Place(
        id="batch-job-definition", resource_type="AWS::Batch::JobDefinition", texts=_job,
        arn=lambda record, _: record["jobDefinitionArn"],
        rows=(call("batch:DescribeJobDefinitions", "jobDefinitions", status="ACTIVE", maxResults=100),),
    ),
)  # fmt: skip
