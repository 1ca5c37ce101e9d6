"""Trusted documents, and a number that counts their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of trusted documents."""
    op.create_table(
        "trusted_document",
        sa.Column("client", sa.String(200), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
    op.create_index("trusted_document_by_change", "trusted_document", ["change"])
    op.create_table(
        "trusted_document_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
