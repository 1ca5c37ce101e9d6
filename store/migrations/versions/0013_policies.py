"""Policies of zones, their versions, and the budget pools that they are paid from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of policies and pools."""
    op.create_table(
        "zone_policy",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.String(60), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("published", sa.Text),
        sa.Column("draft", sa.Text),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_on", sa.Date),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("zone_policy_by_zone", "zone_policy", ["zone_id", "created_at"])
    op.create_index("zone_policy_by_state", "zone_policy", ["state"])
    op.create_table(
        "policy_version",
        sa.Column("policy_id", sa.String(60), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "budget_pool",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.String(60), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("paid", sa.BigInteger, nullable=False),
        sa.Column("warned", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reserved >= 0 AND paid >= 0 AND reserved + paid <= total", name="budget_pool_not_overdrawn"
        ),
    )
    op.create_index("budget_pool_by_zone", "budget_pool", ["zone_id", "created_at"])
