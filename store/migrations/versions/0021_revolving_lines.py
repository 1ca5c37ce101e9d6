"""Whether the line of a loan application revolves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it: lines of before do not."""
    op.add_column("loan_application", sa.Column("revolving", sa.Boolean, nullable=False, server_default=sa.false()))
