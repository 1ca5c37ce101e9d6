"""API keys, and a number that counts their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of API keys."""
    op.create_table(
        "api_key",
        sa.Column("prefix", sa.String(10), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
    op.create_index("api_key_by_change", "api_key", ["change"])
    op.create_table(
        "api_key_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
