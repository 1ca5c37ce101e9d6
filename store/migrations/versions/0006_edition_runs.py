"""Runs of editions that are under way or were broken off, and the pages that they have read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of runs."""
    op.create_table(
        "edition_run",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
    )
    op.create_table(
        "edition_page",
        sa.Column("run", sa.String(64), primary_key=True),
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Text),
        sa.Column("last", sa.Boolean, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
