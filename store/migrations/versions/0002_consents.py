"""Consents of enterprises, and for each grantee a number that counts their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of consents."""
    op.create_table(
        "consent",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("grantee", sa.Text, nullable=False),
        sa.Column("groups", sa.Text, nullable=False),
        sa.Column("purposes", sa.Text, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column("evidence_hash", sa.Text),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
    op.create_index("consent_by_enterprise", "consent", ["uscc", "granted_at"])
    op.create_index("consent_by_grantee", "consent", ["grantee", "change"])
    op.create_table(
        "consent_grantee",
        sa.Column("grantee", sa.Text, primary_key=True),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
