"""Environment variables of build projects: names and what their values look like, never a value."""

import re
from collections.abc import Iterator

from sakimori.collect.codebuild.project import LIST
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.model.words import Scope

_KEY_NAMES = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
# Source: IAM User Guide, "Understanding unique ID prefixes"; the ids are base 32.
_ACCESS_KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_SECRET = re.compile(r"[A-Za-z0-9/+]{40}\Z")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+\Z")


def looks_like_aws_key(value: str) -> bool:
    """Whether a value holds an access key id, or is as long and as mixed as a secret access key (as no hash is)."""
    if _ACCESS_KEY_ID.search(value):
        return True
    text = value.strip()
    is_mixed = all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return bool(_SECRET.match(text)) and is_mixed and not _HEXADECIMAL.match(text)


def _variables(record: Record, _context: Context) -> Iterator[Record]:
    # The value ends here: no further than this function.
    for variable in (record.get("environment") or {}).get("environmentVariables") or ():
        kind = variable.get("type", "PLAINTEXT")
        yield {
            "project": record.get("arn"),
            "name": variable.get("name"),
            "kind": kind,
            "looks_like_key": kind == "PLAINTEXT" and looks_like_aws_key(str(variable.get("value", ""))),
        }


TABLE = table(
    "aws_codebuild_environment_variable",
    "Environment variables of build projects, one row each, without their values.",
    key="id",
    parent="project_arn",
    parent_key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CodeBuild::Project",
    rows=LIST,
    expand=_variables,
    columns=[
        col("id", TEXT, "The project's ARN, a slash and the variable's name.",
            lambda row, _: f"{row['project']}/{row['name']}" if row["project"] and row["name"] else None),
        col("project_arn", TEXT, "The project.", "project"),
        col("name", TEXT, "The variable's name.", "name"),
        col("kind", TEXT, "PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER.", "kind"),
        col("is_plaintext", BOOLEAN, "Its value stands in the project for all to read who may read the project.",
            lambda row, _: row["kind"] == "PLAINTEXT"),
        col("is_aws_access_key_name", BOOLEAN, "It is named AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY.",
            lambda row, _: str(row["name"]).upper() in _KEY_NAMES),
        col("value_looks_like_aws_key", BOOLEAN, "Its value stands there in plain text and looks like an AWS key.",
            "looks_like_key", sensitive=True),
    ],
)  # fmt: skip
