"""URLs of Lambda functions."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Malformed, Record, call, col, table
from sakimori.collect.lambda_.function import LIST
from sakimori.model.words import Scope


def _urls(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    function = record["FunctionArn"]
    answer = record.get("Urls") or {}
    for found in answer.get("FunctionUrlConfigs") or ():
        yield {**found, "function": function}
    if answer.get("NextMarker"):
        # A page holds the URLs of fifty aliases; nobody is known to have more.
        yield Malformed(parent=str(function), words="more URLs than one page holds")


def _requires_signature(record: Record, _context: Context) -> bool | None:
    return {"AWS_IAM": True, "NONE": False}.get(record.get("AuthType", ""))


TABLE = table(
    "aws_lambda_function_url",
    "URLs of Lambda functions, or of their aliases.",
    key="arn",
    parent="function_arn",
    parent_key="FunctionArn",
    scope=Scope.REGION,
    resource_type="AWS::Lambda::Url",
    rows=LIST,
    each=[
        call("lambda:ListFunctionUrlConfigs", "@", name="Urls", with_={"FunctionName": "FunctionName"}, MaxItems=50,
             absent=("ResourceNotFoundException",)),
    ],
    expand=_urls,
    expand_needs=["Urls"],
    columns=[
        col("arn", TEXT, "The function or alias that the URL belongs to.", "FunctionArn"),
        col("function_arn", TEXT, "The function.", "function"),
        col("url", TEXT, "The URL.", "FunctionUrl"),
        col("auth_type", TEXT, "AWS_IAM or NONE.", "AuthType"),
        col("requires_signature", BOOLEAN, "It serves only requests signed with credentials of IAM.", _requires_signature),
        col("allows_any_origin", BOOLEAN, "Scripts of any website may call it from a browser.",
            lambda record, _: "*" in ((record.get("Cors") or {}).get("AllowOrigins") or ())),
        col("created_at", TIMESTAMP, "When it was made.", "CreationTime"),
    ],
)  # fmt: skip
