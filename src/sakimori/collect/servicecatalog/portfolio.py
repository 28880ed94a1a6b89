"""Portfolios of Service Catalog, and with which accounts they are shared one by one."""

from collections.abc import Sequence

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _accounts(record: Record) -> Sequence[str] | None:
    """None where AWS did not say, or not all at once."""
    shares = record.get("Shares") or {}
    details = shares.get("PortfolioShareDetails")
    return None if details is None or shares.get("NextPageToken") else [each["PrincipalId"] for each in details]


def _is_shared(record: Record, _context: Context) -> bool | None:
    accounts = _accounts(record)
    return None if accounts is None else bool(accounts)


def _shared_with(record: Record, _context: Context) -> list[str] | None:
    accounts = _accounts(record)
    return None if accounts is None else sorted(accounts)


TABLE = table(
    "aws_servicecatalog_portfolio",
    "Portfolios of Service Catalog that the account owns.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ServiceCatalog::Portfolio",
    rows=call("servicecatalog:ListPortfolios", "PortfolioDetails"),
    each=[
        # Shares by account are those outside AWS Organizations' own sharing, which has types of its own.
        call("servicecatalog:DescribePortfolioShares", "@", name="Shares", with_={"PortfolioId": "Id"},
             Type="ACCOUNT", PageSize=100),
    ],
    columns=[
        col("arn", TEXT, "The portfolio's ARN.", "ARN"),
        col("portfolio_id", TEXT, "The portfolio's id.", "Id"),
        col("name", TEXT, "The name that users see.", "DisplayName"),
        col("provider", TEXT, "Who offers it.", "ProviderName", when_absent=""),
        col("created_at", TIMESTAMP, "When it was made.", "CreatedTime"),
        col("is_shared_with_accounts", BOOLEAN, "It is shared with single accounts, past AWS Organizations.", _is_shared,
            needs=["Shares"]),
        col("shared_account_ids", TEXT, "Those accounts, separated by commas.", _shared_with, needs=["Shares"]),
    ],
)  # fmt: skip
