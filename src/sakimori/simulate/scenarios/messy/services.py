"""What single services give away: guests' credentials, a public copy of a database, an API behind a key."""

from typing import Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO
from sakimori.simulate.state import ManagedNode

_PARTNER: Final = "333333333333"
_REPORTING: Final = {"web-1": "Online", "batch": "Online", "web-2": "ConnectionLost", "old": "Online"}


def seed(seeding: Seeding) -> None:
    """One of each kind as it should be, and one that is not."""
    _identity_pools(seeding)
    _migrations(seeding)
    _graphql(seeding)
    _portfolios(seeding)
    for name, status in _REPORTING.items():
        instance = seeding.names[f"instance.{name}"].rpartition("/")[2]
        at = seeding.days_ago(30 if status == "ConnectionLost" else 0)
        seeding.state.managed_nodes[instance] = ManagedNode(at=at, ping_status=status)


def _identity_pools(seeding: Seeding) -> None:
    cognito = seeding.client("cognito-identity", TOKYO)
    for name, guests in (("members", False), ("campaign", True)):
        made = cognito.create_identity_pool(IdentityPoolName=name, AllowUnauthenticatedIdentities=guests)
        pool = f"identitypool/{made['IdentityPoolId']}"
        seeding.names[f"pool.{name}"] = f"arn:aws:cognito-identity:{TOKYO}:{seeding.state.account_id}:{pool}"


def _migrations(seeding: Seeding) -> None:
    dms = seeding.client("dms", TOKYO)
    for name, is_public in (("move-2023", True), ("sync", False)):
        made = dms.create_replication_instance(
            ReplicationInstanceIdentifier=name,
            ReplicationInstanceClass="dms.t3.medium",
            PubliclyAccessible=is_public,
        )
        seeding.names[f"dms.{name}"] = made["ReplicationInstance"]["ReplicationInstanceArn"]


def _graphql(seeding: Seeding) -> None:
    appsync = seeding.client("appsync", TOKYO)
    role = f"arn:aws:iam::{seeding.state.account_id}:role/lambda-webhook"
    logs = {"logConfig": {"fieldLogLevel": "ERROR", "cloudWatchLogsRoleArn": role}}
    for name, kind, more in (("stock", "AWS_IAM", logs), ("campaign", "API_KEY", {})):
        made = appsync.create_graphql_api(name=name, authenticationType=kind, **more)
        seeding.names[f"graphql.{name}"] = made["graphqlApi"]["arn"]


def _portfolios(seeding: Seeding) -> None:
    catalog = seeding.client("servicecatalog", TOKYO)
    for name, account in (("標準サーバー", ""), ("協力会社向け", _PARTNER)):
        made = catalog.create_portfolio(DisplayName=name, ProviderName="情報システム部", IdempotencyToken=name)
        portfolio = made["PortfolioDetail"]
        seeding.names[f"portfolio.{'shared' if account else 'own'}"] = portfolio["ARN"]
        if account:
            catalog.create_portfolio_share(PortfolioId=portfolio["Id"], AccountId=account)
