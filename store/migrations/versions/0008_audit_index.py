"""The audit's index of enterprises by chunks of places; what it had is put in anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew, empty."""
    op.drop_table("audit_index")
    op.create_table(
        "audit_index",
        sa.Column("uscc", sa.String(18), primary_key=True),
        sa.Column("chunk", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_index_by_chunk", "audit_index", ["chunk"])
    op.execute("UPDATE audit_indexed SET place = 0")
