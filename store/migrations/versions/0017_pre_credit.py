"""Pre-credit, and the lists that banks keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of pre-credit and of lists."""
    op.create_table(
        "pre_credit_batch",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lender", sa.Text, nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("zone_id", sa.Text, nullable=False),
        sa.Column("product_id", sa.Text),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("score_at_least", sa.String(40)),
        sa.Column("stage", sa.Text),
        sa.Column("offered", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("pre_credit_batch_by_lender", "pre_credit_batch", ["lender", "created_at"])
    op.create_index("pre_credit_batch_by_zone", "pre_credit_batch", ["zone_id", "state"])
    op.create_table(
        "pre_credit",
        sa.Column("batch", sa.String(60), sa.ForeignKey("pre_credit_batch.id"), primary_key=True),
        sa.Column("uscc", ORDERED, primary_key=True),
    )
    op.create_index("pre_credit_by_enterprise", "pre_credit", ["uscc"])
    op.create_table(
        "portfolio_list",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("usccs", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("portfolio_list_by_organisation", "portfolio_list", ["organisation", "name"], unique=True)
