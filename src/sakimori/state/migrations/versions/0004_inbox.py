"""What people and the program do about findings: triage, cases, suppressions, what is to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("detection", sa.Column("case_id", sa.String(40), nullable=False, server_default=""))
    op.add_column("detection", sa.Column("witness_of", sa.String(32), nullable=False, server_default=""))
    op.add_column("finding", sa.Column("muted_until", sa.Date))
    op.create_index("detection_by_case", "detection", ["case_id"])
    op.create_index("detection_by_witness", "detection", ["witness_of"])
    op.create_table(
        "triage",
        sa.Column("finding", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("disposition", sa.String(8), nullable=False),
        sa.Column("is_closed", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("decided_at", moment),
        sa.Column("touched_at", moment, nullable=False),
    )
    op.create_table(
        "remark",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("finding", sa.String(32), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("remark_by_finding", "remark", ["finding"])
    op.create_table(
        "case",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("account", sa.String(600), nullable=False),
        sa.Column("subject", sa.String(600), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("taken_by", sa.String(200), nullable=False),
        sa.Column("is_pending", sa.Integer, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("case_by_key", "case", ["key", "last_at"])
    op.create_index("case_by_pending", "case", ["is_pending"])
    op.create_table(
        "suppression",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("criteria", sa.Text, nullable=False),
        sa.Column("accounts", sa.Text, nullable=False),
        sa.Column("regions", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("created_from", sa.Text, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("approved_by", sa.String(200), nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("ended_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "message",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("route", sa.String(100), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("not_before", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("tried_at", moment),
        sa.Column("sent_at", moment),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("instead_of", sa.String(32), nullable=False),
    )
    op.create_index("message_by_state", "message", ["state", "route", "not_before"])
    op.create_index("message_by_case", "message", ["case_id", "route"])
    op.create_index("message_by_time", "message", ["route", "created_at"])
    op.create_table(
        "digest_line",
        sa.Column("route", sa.String(100), primary_key=True),
        sa.Column("case_id", sa.String(40), primary_key=True),
        sa.Column("list", sa.String(8), primary_key=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
