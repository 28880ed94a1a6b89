"""Cost and Usage Reports (CSV and Parquet), the older form and CUR 2.0 of Data Exports: one row a line item.

AWS delivers the report of a month again and again, each time whole, until the month is closed, and gives line items
other identifiers each time; within one delivery one identifier may stand in several files. So nothing tells that two rows
are the same line item: every file that is ingested adds its rows. `delivery` and `delivered_at` tell deliveries apart.
Of each billing period only the newest delivery counts; a sum over all counts a cost once a delivery.
Source: Data Exports User Guide, "Identity columns", "Understanding your report versions", "Understanding export delivery".
"""

import re
from typing import Final

from sakimori.ingest.cur.batch import CostBatch, header_line
from sakimori.ingest.cur.columns import TABLE
from sakimori.ingest.source import Source
from sakimori.ingest.wrapping import PARQUET

_PARQUET_PATH: Final = re.compile(
    r"/(?:BILLING_PERIOD=[0-9]{4}-[0-9]{2}|[0-9]{8}-[0-9]{8})/(?:[^/]+/)?[^/]+\.parquet\Z"
    r"|/year=[0-9]{4}/month=[0-9]{1,2}/[^/]+\.parquet\Z"
)
_START: Final = b"line_item_usage_start_date"


def _recognises(name: str, head: bytes) -> bool:
    """By the titles; those of a Parquet file stand at its end, so that a large one is known by its path."""
    if head.startswith(PARQUET):
        return _START in head or bool(_PARQUET_PATH.search(name))
    return bool(header_line(head))


SOURCE: Final = Source(name="cur", table=TABLE, batch=CostBatch, recognises=_recognises, head=header_line)
