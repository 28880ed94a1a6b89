"""Runs, the ground they covered, findings and the changes in their lives."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "ground",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "run",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("ground", sa.String(64), sa.ForeignKey("ground.digest"), nullable=False),
    )
    op.create_index("run_by_time", "run", ["at"])
    op.create_table(
        "finding",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("partition", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("confidence", sa.String(16), nullable=False),
        sa.Column("message_en", sa.Text, nullable=False),
        sa.Column("message_ja", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("first_seen", moment, nullable=False),
        sa.Column("last_seen", moment, nullable=False),
        sa.Column("reopened_at", moment),
        sa.Column("resolved_at", moment),
    )
    op.create_index("finding_by_rule", "finding", ["state", "rule"])
    op.create_table(
        "change",
        sa.Column("run", sa.Integer, sa.ForeignKey("run.number"), primary_key=True),
        sa.Column("finding", sa.String(32), sa.ForeignKey("finding.id"), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
    )
