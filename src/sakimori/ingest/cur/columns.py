"""The table of cost lines, and how headers of every form of the report become its columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.ingest.source import DOUBLE, TEXT, TIMESTAMP, col, log_table
from sakimori.lake.table import Column

START: Final = "line_item_usage_start_date"

TABLE: Final = log_table(
    "aws_cost_line",
    "Line items of Cost and Usage Reports; of each billing period only the newest delivery counts.",
    key="line_item_resource_id",
    time=START,
    distinct=("identity_line_item_id",),
    columns=(
        col(START, TIMESTAMP, "When the usage began, this hour or day included."),
        col("line_item_usage_end_date", TIMESTAMP, "When the usage ended, this moment not included."),
        col("bill_billing_period_start_date", TIMESTAMP, "The month of the bill, by its first moment."),
        col("delivered_at", TIMESTAMP, "When this report was delivered; NULL where nothing tells."),
        col("delivery", TEXT, "The delivery of the report by the name of its directory; '' where each replaces the last."),
        col("bill_payer_account_id", TEXT, "The account that pays."),
        col("line_item_usage_account_id", TEXT, "The account that used it."),
        col("line_item_line_item_type", TEXT, "Usage, Tax, Credit, Fee, DiscountedUsage or the like."),
        col("line_item_product_code", TEXT, "The service, such as AmazonEC2."),
        col("line_item_usage_type", TEXT, "What was used, such as `APN1-BoxUsage:t3.micro`."),
        col("line_item_operation", TEXT, "The operation that was used, such as RunInstances."),
        col("line_item_resource_id", TEXT, "The resource; NULL where the report has none."),
        col("line_item_availability_zone", TEXT, "The Availability Zone."),
        col("product_region_code", TEXT, "The Region as the report says it; NULL for what has none."),
        col("line_item_usage_amount", DOUBLE, "How much was used, in `pricing_unit`."),
        col("pricing_unit", TEXT, "The unit of that amount."),
        col("pricing_term", TEXT, "OnDemand, Reserved or Spot."),
        col("line_item_unblended_cost", DOUBLE, "What it costs, in `line_item_currency_code`."),
        col("line_item_blended_cost", DOUBLE, "What it costs at the average rate of the organisation."),
        col("line_item_net_unblended_cost", DOUBLE, "What it costs after discounts; NULL without any."),
        col("pricing_public_on_demand_cost", DOUBLE, "What it would cost on demand at public prices."),
        col("reservation_effective_cost", DOUBLE, "What it costs where a reservation covers it."),
        col("savings_plan_savings_plan_effective_cost", DOUBLE, "What it costs where a Savings Plan covers it."),
        col("line_item_currency_code", TEXT, "The currency, such as USD."),
        col("line_item_line_item_description", TEXT, "What it is, in words of the bill."),
        col("product_product_family", TEXT, "The kind of product, such as Compute Instance."),
        col("product_instance_type", TEXT, "The type of the instance; NULL for what is none."),
        col("bill_invoice_id", TEXT, "The invoice; NULL until the bill is closed."),
        col("identity_line_item_id", TEXT, "The line item within one delivery; in the next it has another."),
        col("identity_time_interval", TEXT, "The interval that the line item is about."),
        col("resource_tags", TEXT, "Its cost allocation tags, as JSON."),
        col("rest", TEXT, "All other fields that are not empty, as JSON."),
    ),
)  # fmt: skip

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_SAME: Final = {"product_region": "product_region_code"}
_LEGACY_TAG: Final = "resourceTags/"
_TAG: Final = "resource_tags_"
TAGS: Final = "resource_tags"
MAPS: Final = frozenset({"product", "cost_category", "discount", "tags"})
"""Columns of CUR 2.0 that hold JSON objects, besides the tags."""
_OF_FILE: Final = frozenset({"delivery", "delivered_at", "rest", TAGS})
COLUMNS: Final = {column.name: column for column in TABLE.own_columns if column.name not in _OF_FILE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where in a line which value stands: by index the table's columns, the tags by their keys, all others by name.

    A tag without a key is an object of all tags.
    """

    count: int
    main: tuple[tuple[int, Column], ...]
    tags: tuple[tuple[int, str], ...]
    others: tuple[tuple[int, str], ...]

    @property
    def is_known(self) -> bool:
        """Whether these are the columns of a Cost and Usage Report at all."""
        return any(column.name == START for _, column in self.main)

    @property
    def tells_region(self) -> bool:
        """Whether a line without a Region has none."""
        return any(column.name == "product_region_code" for _, column in self.main)


def header_of(names: Sequence[str]) -> Header:
    """The header of these column names. Of two names for one column the first that has a value fills it."""
    main: list[tuple[int, Column]] = []
    tags: list[tuple[int, str]] = []
    others: list[tuple[int, str]] = []
    for index, name in enumerate(names):
        spelled = snake(name)
        spelled = _SAME.get(spelled, spelled)
        if name.startswith(_LEGACY_TAG):
            tags.append((index, name.removeprefix(_LEGACY_TAG)))
        elif spelled == TAGS or spelled.startswith(_TAG):
            tags.append((index, spelled.removeprefix(TAGS).removeprefix("_")))
        elif spelled in COLUMNS:
            main.append((index, COLUMNS[spelled]))
        else:
            others.append((index, spelled))
    return Header(count=len(names), main=tuple(main), tags=tuple(tags), others=tuple(others))


def snake(name: str) -> str:
    """A column's name as CUR 2.0 and Athena spell it.

    >>> snake("lineItem/UsageStartDate"), snake("savingsPlan/SavingsPlanARN")
    ('line_item_usage_start_date', 'savings_plan_savings_plan_a_r_n')
    """
    return _OTHER.sub("_", _WORD.sub("_", name.strip()).lower()).strip("_")
