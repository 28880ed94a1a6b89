"""GraphQL APIs of AppSync."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

_KEY = "API_KEY"


def _ways(record: Record) -> list[str]:
    """How callers are known: the default way, then the others; empty where AWS did not say."""
    default = record.get("authenticationType")
    others = [each.get("authenticationType", "") for each in record.get("additionalAuthenticationProviders") or ()]
    return [default, *others] if default and all(others) else []


def _authentication_types(record: Record, _context: Context) -> list[str] | None:
    return _ways(record) or None


def _takes_api_keys(record: Record, _context: Context) -> bool | None:
    ways = _ways(record)
    return _KEY in ways if ways else None


def _logs_fields(record: Record, _context: Context) -> bool:
    level = (record.get("logConfig") or {}).get("fieldLogLevel", "NONE")
    return level in {"ERROR", "INFO", "DEBUG", "ALL"}


TABLE = table(
    "aws_appsync_graphql_api",
    "GraphQL APIs of AppSync.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::AppSync::GraphQLApi",
    rows=call("appsync:ListGraphqlApis", "graphqlApis"),
    columns=[
        col("arn", TEXT, "The API's ARN.", "arn"),
        col("api_id", TEXT, "The API's id.", "apiId"),
        col("name", TEXT, "The API's name.", "name"),
        col("authentication_types", TEXT, "How callers are known, the default way first, separated by commas.",
            _authentication_types),
        col("takes_api_keys", BOOLEAN, "Some of it is open to whoever has an API key.", _takes_api_keys),
        col("is_private", BOOLEAN, "It is reached only from inside a VPC.",
            lambda record, _: record.get("visibility", "GLOBAL") == "PRIVATE"),
        col("field_log_level", TEXT, "What is logged of fields: NONE, ERROR, INFO, DEBUG or ALL.",
            "logConfig.fieldLogLevel", when_absent="NONE"),
        col("logs_fields", BOOLEAN, "At least the errors of fields are logged.", _logs_fields),
        col("web_acl_arn", TEXT, "The AWS WAF web ACL; '' where there is none.", "wafWebAclArn", when_absent=""),
    ],
)  # fmt: skip
