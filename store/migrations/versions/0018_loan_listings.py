"""Loan products that lenders list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of listed loan products."""
    op.create_table(
        "loan_listing",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lender", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_on", sa.Date),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("loan_listing_by_lender", "loan_listing", ["lender", "created_at"])
    op.create_index("loan_listing_by_state", "loan_listing", ["state", "created_at"])
