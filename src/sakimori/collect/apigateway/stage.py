"""Stages of REST APIs of API Gateway."""

from collections.abc import Mapping

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

_EVERY_METHOD = "*/*"
_LOGGED = frozenset({"ERROR", "INFO"})


def _arn(record: Record, context: Context) -> str | None:
    if not record.get("stageName") or not record.get("api"):
        return None
    return (
        f"arn:{context.partition}:apigateway:{context.region}::/restapis/{record['api']}/stages/{record['stageName']}"
    )


def _levels(record: Record) -> Mapping[str, str]:
    """The level of execution logs by path and method; a method without one of its own has that of every method."""
    settings = record.get("methodSettings") or {}
    return {_EVERY_METHOD: "OFF", **{method: each.get("loggingLevel") or "OFF" for method, each in settings.items()}}


def _logs_execution(record: Record, _context: Context) -> bool:
    return all(level in _LOGGED for level in _levels(record).values())


def _is_private(record: Record, _context: Context) -> bool | None:
    types = record.get("types")
    return "PRIVATE" in types if types else None


TABLE = table(
    "aws_apigateway_stage",
    "Stages of REST APIs of API Gateway.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ApiGateway::Stage",
    rows=(
        call("apigateway:GetRestApis", "items", limit=500),
        call("apigateway:GetStages", "item", with_={"restApiId": "id"},
             keep={"api": "id", "api_name": "name", "types": "endpointConfiguration.types"}),
    ),
    columns=[
        col("arn", TEXT, "The stage's ARN.", _arn),
        col("api_id", TEXT, "The API's id.", "api"),
        col("api_name", TEXT, "The API's name.", "api_name", when_absent=""),
        col("stage_name", TEXT, "The stage's name.", "stageName"),
        col("endpoint_types", TEXT, "EDGE, REGIONAL or PRIVATE, separated by commas.", "types"),
        col("is_private", BOOLEAN, "The API is reached only from inside a VPC.", _is_private),
        col("access_log_arn", TEXT, "Where access logs go; '' where there are none.", "accessLogSettings.destinationArn",
            when_absent=""),
        col("access_logs_are_enabled", BOOLEAN, "Access logs are written.",
            lambda record, _: bool((record.get("accessLogSettings") or {}).get("destinationArn"))),
        col("execution_log_levels", TEXT, "JSON: the level of execution logs (OFF, ERROR, INFO) by path and method.",
            lambda record, _: _levels(record)),
        col("execution_logs_are_enabled", BOOLEAN, "Execution logs are written for every method.", _logs_execution),
        col("web_acl_arn", TEXT, "The AWS WAF web ACL; '' where there is none.", "webAclArn", when_absent=""),
        col("has_web_acl", BOOLEAN, "An AWS WAF web ACL is associated.", lambda record, _: bool(record.get("webAclArn"))),
        col("updated_at", TIMESTAMP, "When it was last changed.", "lastUpdatedDate"),
    ],
)  # fmt: skip
