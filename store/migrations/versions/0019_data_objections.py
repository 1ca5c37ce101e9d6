"""Objections to data of sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of objections to data; of one datum there is one open objection."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "data_objection",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("collection", sa.String(60), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("claim", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("answer", sa.Text),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
    )
    op.create_index("data_objection_by_enterprise", "data_objection", ["uscc", "created_at"])
    op.create_index("data_objection_by_source", "data_objection", ["source", "created_at"])
    where = sa.text("state = 'OPEN'")
    op.create_index(
        "data_objection_open", "data_objection", ["uscc", "collection", "record", "field"], unique=True,
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip
