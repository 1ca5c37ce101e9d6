"""Entitlements: benefits of policies that come to enterprises without application."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of entitlements."""
    op.create_table(
        "entitlement",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("policy_id", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.String(60), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("risk", sa.Integer, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("district", sa.String(20)),
        sa.Column("stage", sa.String(60)),
        sa.Column("due_on", sa.Date),
        sa.Column("account", sa.Text),
        sa.Column("approvals", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("payment_reference", sa.Text),
        sa.Column("paid_on", sa.Date),
        sa.Column("year", sa.Integer),
        sa.Column("slot", sa.String(100)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("entitlement_by_slot", "entitlement", ["slot"], unique=True)
    op.create_index("entitlement_by_enterprise", "entitlement", ["uscc", "created_at"])
    op.create_index("entitlement_by_policy", "entitlement", ["policy_id", "created_at"])
    op.create_index("entitlement_by_zone", "entitlement", ["zone_id", "state"])
    op.create_index("entitlement_by_paid", "entitlement", ["paid_on", "id"])
    op.create_table(
        "entitlement_run",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("policy_id", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.String(60), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("already", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("entitlement_run_by_policy", "entitlement_run", ["policy_id", "created_at"])
    op.create_table("entitlement_holder", sa.Column("uscc", sa.String(18), primary_key=True))
