"""Events of things with long identities, and how far runs of editions have come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the events' identities, and add what a run is of and what it has read."""
    if op.get_bind().dialect.name == "postgresql":  # SQLite bounds no text
        op.alter_column("event", "id", type_=sa.Text)
    op.add_column("edition_run", sa.Column("edition", sa.Text))
    op.add_column("edition_run", sa.Column("feed", sa.Text))
    op.add_column("edition_run", sa.Column("read", sa.Integer))
    op.add_column("edition_run", sa.Column("total", sa.Integer))
    op.create_index("edition_run_by_edition", "edition_run", ["edition"])
