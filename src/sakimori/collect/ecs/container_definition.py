"""Containers of task definitions."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, col, table
from sakimori.collect.ecs.task_definition import LIST, is_windows
from sakimori.model.words import Scope

# "ContainerAdministrator": Microsoft Learn, "Secure Windows containers". A user may be written `DOMAIN\user`.
_ADMINISTRATORS = frozenset({"root", "administrator", "containeradministrator"})


def names_ordinary_user(user: str, *, is_for_windows: bool) -> bool | None:
    """Whether the definition itself says that the container runs as another user than its administrator.

    Without a user the image decides, and mostly it says root: nothing here prevents it. For Windows the API
    reference calls the setting unsupported, so that nothing can be said. `user` may be `user:group` in names or numbers.

    >>> [names_ordinary_user(user, is_for_windows=False) for user in ("app", "1000:1000", "root:app", "0", "")]
    [True, True, False, False, False]
    """
    name = user.partition(":")[0].strip().lower().rpartition("\\")[2]
    if not name:
        return None if is_for_windows else False
    return name not in _ADMINISTRATORS and name.strip("0") != ""


def _containers(record: Record, _context: Context) -> Iterator[Record]:
    for container in record.get("containerDefinitions") or ():
        yield {**container, "task_definition": record.get("taskDefinitionArn"), "is_windows": is_windows(record)}


TABLE = table(
    "aws_ecs_container_definition",
    "Containers of task definitions; as there, of the latest active revision of each family.",
    key="id",
    parent="task_definition_arn",
    parent_key="taskDefinitionArn",
    scope=Scope.REGION,
    resource_type="AWS::ECS::TaskDefinition",
    rows=LIST,
    expand=_containers,
    columns=[
        col("id", TEXT, "The task definition's ARN, a slash and the container's name.",
            lambda row, _: f"{row['task_definition']}/{row['name']}" if row["task_definition"] and row["name"] else None),
        col("task_definition_arn", TEXT, "The task definition.", "task_definition"),
        col("name", TEXT, "The container's name.", "name"),
        col("image", TEXT, "The image it is started from.", "image"),
        col("is_privileged", BOOLEAN, "It runs with nearly the rights of root on its host.",
            "privileged", when_absent=False),
        col("user", TEXT, "The user it runs as; '' where the image decides.", "user", when_absent=""),
        col("names_ordinary_user", BOOLEAN,
            "It names a user that is not root or administrator; NULL for Windows without a user.",
            lambda row, _: names_ordinary_user(str(row.get("user") or ""), is_for_windows=row["is_windows"])),
        col("root_filesystem_is_read_only", BOOLEAN, "It cannot write to its root file system.",
            "readonlyRootFilesystem", when_absent=False),
        col("log_driver", TEXT, "Where its output goes: awslogs, awsfirelens, …; '' where nothing is set.",
            "logConfiguration.logDriver", when_absent=""),
        col("environment_variable_count", INTEGER, "Environment variables in plain text.",
            lambda row, _: len(row.get("environment") or ())),
        col("secret_count", INTEGER, "Variables that are fetched from Secrets Manager or Parameter Store.",
            lambda row, _: len(row.get("secrets") or ())),
    ],
)  # fmt: skip
