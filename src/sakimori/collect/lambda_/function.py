"""Lambda functions."""

from collections.abc import Mapping

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("lambda:ListFunctions", "Functions")


def environment_of(record: Record) -> Mapping[str, str] | None:
    """The environment variables; None where Lambda could not decrypt them and tells an error in their place."""
    environment = record.get("Environment") or {}
    return None if environment.get("Error") else environment.get("Variables") or {}


def _variables(record: Record, _context: Context) -> list[str] | None:
    """Names alone: the values may be secrets."""
    found = environment_of(record)
    return None if found is None else sorted(found)


def _count(record: Record, _context: Context) -> int | None:
    found = environment_of(record)
    return None if found is None else len(found)


TABLE = table(
    "aws_lambda_function",
    "Lambda functions, in their latest version.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Lambda::Function",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The function's ARN.", "FunctionArn"),
        col("name", TEXT, "The function's name.", "FunctionName"),
        col("runtime", TEXT, "python3.13, nodejs22.x, …; '' for a container image.", "Runtime", when_absent=""),
        col("package_type", TEXT, "Zip or Image.", "PackageType"),
        col("role_arn", TEXT, "The role it runs with.", "Role"),
        col("is_in_vpc", BOOLEAN, "It runs in one of the account's VPCs.",
            lambda record, _: bool((record.get("VpcConfig") or {}).get("VpcId"))),
        col("environment_variable_count", INTEGER, "Environment variables; NULL where they could not be decrypted.", _count),
        col("environment_variable_names", TEXT, "Their names, separated by commas; never a value.", _variables, sensitive=True),
        col("kms_key_arn", TEXT, "The customer managed key that encrypts them; '' where AWS's own does.",
            "KMSKeyArn", when_absent=""),
        col("modified_at", TIMESTAMP, "When it was last changed.", "LastModified"),
    ],
)  # fmt: skip
