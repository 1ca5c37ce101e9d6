"""Identifiers by which other systems know enterprises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of identifiers."""
    op.create_table(
        "identifier_link",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("confidence", sa.Numeric(3, 2), nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text),
    )
    op.create_index("identifier_link_by_enterprise", "identifier_link", ["uscc", "kind"])
    op.create_index("identifier_link_by_value", "identifier_link", ["value", "kind"])
