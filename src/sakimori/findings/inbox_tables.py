"""The tables of what people and the program do about findings: triage, cases, suppressions, what is to be told.

Their history is in `state/migrations`, as that of `findings/tables`.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text

from sakimori.findings.tables import METADATA
from sakimori.state.columns import UtcTime

TRIAGE: Final = Table(
    "triage",
    METADATA,
    Column("finding", String(32), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("disposition", String(8), nullable=False),
    Column("is_closed", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("due_on", Date),
    Column("decided_by", String(200), nullable=False),
    Column("decided_at", UtcTime),
    Column("touched_at", UtcTime, nullable=False),
)
"""What people have decided of a finding, of either table; none for one that nobody has touched.

`disposition` is a Disposition or ""; `is_closed` 1 where a person closed it, whatever the program still sees.
"""

REMARK: Final = Table(
    "remark",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("finding", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(200), nullable=False),
    Column("act", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Index("remark_by_finding", "finding"),
)
"""Everything that was done about a finding, in its order; never changed, never deleted. `act` is an Act."""

CASE: Final = Table(
    "case",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("key", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(8), nullable=False),
    Column("account", String(600), nullable=False),
    Column("subject", String(600), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("taken_by", String(200), nullable=False),
    Column("is_pending", Integer, nullable=False),
    Column("told", Text, nullable=False),
    Index("case_by_key", "key", "last_at"),
    Index("case_by_pending", "is_pending"),
)
"""What belongs together: all that one principal was seen to do within a day, all resources that fail one rule.

`key` is a digest of what holds it together, `subject` the principal, resource or rule; `first_at` and `last_at` are of
its findings. `is_pending` is 1 where it changed and nobody has considered yet whether to tell of it; it is written with the
change itself. `told` is JSON: by route, what people were last told of it.
"""

SUPPRESSION: Final = Table(
    "suppression",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("source", String(16), nullable=False),
    Column("action", String(8), nullable=False),
    Column("criteria", Text, nullable=False),
    Column("accounts", Text, nullable=False),
    Column("regions", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("ticket", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("created_from", Text, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("approved_by", String(200), nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", String(200), nullable=False),
)
"""Every suppression that ever was. `criteria`, `accounts`, `regions` and `created_from` are JSON; `ended_at` is set where a
person ended it before its day. A suppression is never deleted, and neither is what it hides."""

MESSAGE: Final = Table(
    "message",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("route", String(100), nullable=False),
    Column("case_id", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("reference", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("instead_of", String(32), nullable=False),
    Index("message_by_state", "state", "route", "not_before"),
    Index("message_by_case", "case_id", "route"),
    Index("message_by_time", "route", "created_at"),
)
"""The outbox and the ledger: every message that was ever to be sent to a route, and how that went.

`state` is a MessageState. `tried_at` is written before each try: a message that has it and is still waiting may have
arrived. `reference` is what the channel calls it, `instead_of` the key of the message that another route could not take.
"""

DIGEST_LINE: Final = Table(
    "digest_line",
    METADATA,
    Column("route", String(100), primary_key=True),
    Column("case_id", String(40), primary_key=True),
    Column("list", String(8), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("count", BigInteger, nullable=False),
)
"""Cases that a route tells of together: in its digest, or in one message of a storm (`list`: digest, storm)."""
