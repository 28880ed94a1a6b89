"""What people vouch for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "attestation",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("signer", sa.Text, nullable=False),
        sa.Column("signed_at", moment, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("evidence_name", sa.Text, nullable=False),
        sa.Column("evidence_sha256", sa.String(64), nullable=False),
        sa.Column("withdrawn_at", moment),
    )
    op.create_index("attestation_by_question", "attestation", ["question", "account"])
