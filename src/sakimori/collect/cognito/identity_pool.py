"""Identity pools of Amazon Cognito, which hand out credentials of AWS."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    pool = record.get("IdentityPoolId")
    where = f"{context.region}:{context.account_id}"
    return f"arn:{context.partition}:cognito-identity:{where}:identitypool/{pool}" if pool else None


def _providers(record: Record, _context: Context) -> list[str] | None:
    pool = record.get("Pool")
    return sorted(_names(pool)) if pool else None


def _names(pool: Record) -> Iterator[str]:
    yield from pool.get("SupportedLoginProviders") or {}
    yield from pool.get("OpenIdConnectProviderARNs") or ()
    yield from pool.get("SamlProviderARNs") or ()
    yield from (each["ProviderName"] for each in pool.get("CognitoIdentityProviders") or ())
    if pool.get("DeveloperProviderName"):
        yield pool["DeveloperProviderName"]


TABLE = table(
    "aws_cognito_identity_pool",
    "Identity pools of Amazon Cognito, which hand out credentials of AWS.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Cognito::IdentityPool",
    rows=call("cognito-identity:ListIdentityPools", "IdentityPools", MaxResults=60),
    each=[
        call("cognito-identity:DescribeIdentityPool", "@", name="Pool", with_={"IdentityPoolId": "IdentityPoolId"}),
    ],
    columns=[
        col("arn", TEXT, "The identity pool's ARN.", _arn),
        col("identity_pool_id", TEXT, "The identity pool's id.", "IdentityPoolId"),
        col("name", TEXT, "The identity pool's name.", "IdentityPoolName"),
        col("allows_guests", BOOLEAN, "It gives credentials to whoever asks, without any sign-in.",
            "Pool.AllowUnauthenticatedIdentities"),
        col("allows_classic_flow", BOOLEAN, "Its users may ask AWS STS themselves (basic flow), past Cognito's own limits.",
            "Pool.AllowClassicFlow", when_absent=False),
        col("providers", TEXT, "Who may sign users in, separated by commas.", _providers, needs=["Pool"]),
    ],
)  # fmt: skip
