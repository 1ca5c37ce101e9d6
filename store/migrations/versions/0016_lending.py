"""Financing demands, and loan applications with what was drawn and repaid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of demands, applications and movements."""
    op.create_table(
        "financing_demand",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("term_months", sa.Integer, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("guarantee_kinds", sa.Text, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("financing_demand_by_enterprise", "financing_demand", ["uscc", "created_at"])
    op.create_index("financing_demand_by_state", "financing_demand", ["state", "created_at"])
    op.create_table(
        "loan_application",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("zone_id", sa.Text),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("demand_id", sa.String(60), nullable=False),
        sa.Column("demand_version", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Text, nullable=False),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("lender", sa.Text, nullable=False),
        sa.Column("guarantor", sa.Text),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("term_months", sa.Integer, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("guarantee_kinds", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("line", sa.BigInteger),
        sa.Column("rate", sa.String(20)),
        sa.Column("rate_basis", sa.Text),
        sa.Column("line_expires_on", sa.Date),
        sa.Column("signed_on", sa.Date),
        sa.Column("drawn", sa.BigInteger, nullable=False),
        sa.Column("repaid", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("loan_application_by_enterprise", "loan_application", ["uscc", "created_at"])
    op.create_index("loan_application_by_lender", "loan_application", ["lender", "created_at"])
    op.create_index("loan_application_by_guarantor", "loan_application", ["guarantor", "created_at"])
    op.create_index("loan_application_by_zone", "loan_application", ["zone_id", "state"])
    op.create_index("loan_application_by_demand", "loan_application", ["demand_id"])
    op.create_table(
        "loan_movement",
        sa.Column("application", sa.String(60), sa.ForeignKey("loan_application.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
