"""Objections of enterprises against scores in editions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of objections."""
    ordered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "objection",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("edition", ordered, nullable=False),
        sa.Column("uscc", ordered, nullable=False),
        sa.Column("indicator", sa.String(64)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("filed_at", moment, nullable=False),
        sa.Column("filed_by", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("decided_at", moment),
        sa.Column("decided_by", sa.Text),
    )
    op.create_index("objection_by_edition", "objection", ["edition", "uscc"])
