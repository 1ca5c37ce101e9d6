"""Events no longer remember whether their record was written: a change is one transaction with it."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop what was remembered."""
    op.drop_index("event_by_recorded", "event")
    op.drop_column("event", "recorded")
