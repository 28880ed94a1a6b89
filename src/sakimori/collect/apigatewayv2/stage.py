"""Stages of HTTP and WebSocket APIs of API Gateway."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    if not record.get("StageName") or not record.get("api"):
        return None
    return f"arn:{context.partition}:apigateway:{context.region}::/apis/{record['api']}/stages/{record['StageName']}"


TABLE = table(
    "aws_apigatewayv2_stage",
    "Stages of HTTP and WebSocket APIs of API Gateway.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ApiGatewayV2::Stage",
    rows=(
        call("apigatewayv2:GetApis", "Items"),
        call("apigatewayv2:GetStages", "Items", with_={"ApiId": "ApiId"},
             keep={"api": "ApiId", "api_name": "Name", "protocol": "ProtocolType"}),
    ),
    columns=[
        col("arn", TEXT, "The stage's ARN.", _arn),
        col("api_id", TEXT, "The API's id.", "api"),
        col("api_name", TEXT, "The API's name.", "api_name"),
        col("protocol", TEXT, "HTTP or WEBSOCKET.", "protocol"),
        col("stage_name", TEXT, "The stage's name; $default for the one without a path.", "StageName"),
        col("access_log_arn", TEXT, "Where access logs go; '' where there are none.", "AccessLogSettings.DestinationArn",
            when_absent=""),
        col("access_logs_are_enabled", BOOLEAN, "Access logs are written.",
            lambda record, _: bool((record.get("AccessLogSettings") or {}).get("DestinationArn"))),
        col("updated_at", TIMESTAMP, "When it was last changed.", "LastUpdatedDate"),
    ],
)  # fmt: skip
