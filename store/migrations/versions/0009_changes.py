"""What every change leaves: the answer to its key, the history of its thing, and its event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of changes, no event given yet."""
    op.create_table(
        "change_key",
        sa.Column("organisation", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("mutation", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text),
    )
    op.create_table(
        "change_history",
        sa.Column("noun", sa.String(60), primary_key=True),
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data_group", sa.String(40), nullable=False),
        sa.Column("uscc", sa.String(18)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("purpose", sa.String(60)),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.Boolean, nullable=False),
    )
    op.create_index("event_by_recorded", "event", ["recorded", "place"])
    places = op.create_table(
        "event_place",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("delivered", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(places, [{"id": 1, "last": 0, "delivered": 0}])
