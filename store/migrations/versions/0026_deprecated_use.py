"""How often each client asks for what is deprecated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of deprecated uses."""
    op.create_table(
        "deprecated_use",
        sa.Column("coordinate", sa.String(400), primary_key=True),
        sa.Column("client", sa.String(200), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("times", sa.BigInteger, nullable=False),
    )
