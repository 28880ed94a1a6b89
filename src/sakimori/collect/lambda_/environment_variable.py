"""Environment variables of functions: names and what their values look like, never a value."""

from collections.abc import Iterator

from sakimori.collect.declaration import TEXT, Context, Malformed, Record, col, table
from sakimori.collect.lambda_.function import LIST, environment_of
from sakimori.collect.variable_columns import SECRET_TRACES, traces
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
            **traces(value),
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
        *SECRET_TRACES,
    ],
)  # fmt: skip
