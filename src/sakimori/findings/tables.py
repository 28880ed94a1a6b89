"""The tables of findings. Their history is in `state/migrations`; a test holds both together."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, MetaData, String, Table, Text

from sakimori.state.columns import UtcTime

METADATA: Final = MetaData()

OPEN: Final = "open"
RESOLVED: Final = "resolved"
CLOSED: Final = "closed"

GROUND: Final = Table(
    "ground",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)
"""What runs covered: rules with parameters, accounts with Regions, as JSON; one row for all runs of equal ground."""

RUN: Final = Table(
    "run",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("ground", String(64), ForeignKey("ground.digest"), nullable=False),
    Index("run_by_time", "at"),
)
"""Recorded runs; `number` is the order in which they were recorded, `at` the time of what they read."""

FINDING: Final = Table(
    "finding",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("rule", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("partition", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("resource_type", Text, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("confidence", String(16), nullable=False),
    Column("message_en", Text, nullable=False),
    Column("message_ja", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("content", String(32), nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("reopened_at", UtcTime),
    Column("resolved_at", UtcTime),
    Column("muted_until", Date),
    Index("finding_by_rule", "state", "rule"),
)
"""Every finding that ever was, as it was last seen.

`state` is OPEN or RESOLVED; `content` is a digest of what may differ between two sights of
one finding, so that a finding seen again unchanged is not written again. `muted_until` is the last day of a mute that
rests on a tag, as the last run saw it; other mutes and suppressions are looked up when they are asked for.
"""

CHANGE: Final = Table(
    "change",
    METADATA,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("finding", String(32), ForeignKey("finding.id"), primary_key=True),
    Column("kind", String(8), nullable=False),
)
"""What a run changed in the life of a finding: `kind` is a ChangeKind."""

ATTESTATION: Final = Table(
    "attestation",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("signed_at", UtcTime, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("evidence_name", Text, nullable=False),
    Column("evidence_sha256", String(64), nullable=False),
    Column("withdrawn_at", UtcTime),
    Index("attestation_by_question", "question", "account"),
)
"""Every signature; the newest of a question and an account that was not withdrawn counts, through `valid_until`."""

DETECTION: Final = Table(
    "detection",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("rule", Text, nullable=False),
    Column("producer", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("confidence", String(16), nullable=False),
    Column("partition", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("case_id", String(40), nullable=False, server_default=""),
    Column("witness_of", String(32), nullable=False, server_default=""),
    Index("detection_by_time", "last_at"),
    Index("detection_by_rule", "rule", "last_at"),
    Index("detection_by_principal", "principal", "last_at"),
    Index("detection_by_case", "case_id"),
    Index("detection_by_witness", "witness_of"),
)
"""Every detection that ever was recorded.

`state` is OPEN or CLOSED. `body` holds the whole detection as JSON; the other columns are there to be searched, and their
texts are cut, for an outsider may have written them. `first_seen` and `last_seen` are when it was recorded and last changed.
`case_id` is the case that it belongs to; `witness_of` the finding that tells the same fact and came first, "" for none.
"""

CURSOR: Final = Table(
    "cursor",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Where something that goes on for long stands, by name."""
