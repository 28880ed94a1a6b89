"""Environment variables of functions: names and what their values look like, never a value."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.lambda_.function import LIST, environment_of
from sakimori.collect.secret_trace import is_plain_value, is_secret_name, looks_like_secret
from sakimori.model.words import Scope


def _variables(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    # The value ends here: no further than this function.
    function = record["FunctionArn"]
    found = environment_of(record)
    if found is None:
        yield Malformed(parent=str(function), words="variables that Lambda could not decrypt for the reader")
        return
    for name, value in sorted(found.items()):
        yield {
            "function": function,
            "name": name,
            "looks_like_secret": looks_like_secret(value),
            "is_plain": is_plain_value(value),
        }


TABLE = table(
    "aws_lambda_environment_variable",
    "Environment variables of Lambda functions, one row each, without their values.",
    key="id",
    parent="function_arn",
    parent_key="FunctionArn",
    scope=Scope.REGION,
    resource_type="AWS::Lambda::Function",
    rows=LIST,
    expand=_variables,
    columns=[
        col("id", TEXT, "The function's ARN, a slash and the variable's name.",
            lambda row, _: f"{row['function']}/{row['name']}"),
        col("function_arn", TEXT, "The function.", "function"),
        col("name", TEXT, "The variable's name.", "name"),
        col("has_secret_name", BOOLEAN, "Its name ends as names of secrets do: password, token, …",
            lambda row, _: is_secret_name(str(row["name"]))),
        col("value_is_plain", BOOLEAN, "Its value is neither empty, nor a switch, nor a reference to another place.",
            "is_plain", sensitive=True),
        col("value_looks_like_secret", BOOLEAN,
            "Its value has the form of an AWS key, a known token, a private key or a URL with a password.",
            "looks_like_secret", sensitive=True),
    ],
)  # fmt: skip
