"""The store's tables of policies: what officers make, the money behind it, and the benefits that come of it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, String, Table, Text

from store.columns import Packed, Yuan
from store.tables import METADATA, Moment

zone_policy = Table(
    "zone_policy",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("zone_id", String(60), nullable=False),
    Column("author", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("number", Integer, nullable=False),
    Column("published", Packed),
    Column("draft", Packed),
    Column("published_at", Moment),
    Column("withdrawn_on", Date),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("zone_policy_by_zone", "zone_id", "created_at"),
    Index("zone_policy_by_state", "state"),
)

policy_version = Table(
    "policy_version",
    METADATA,
    Column("policy_id", String(60), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Packed, nullable=False),
    Column("published_at", Moment, nullable=False),
)
"""What each published version of a policy says; never changed."""

budget_pool = Table(
    "budget_pool",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("zone_id", String(60), nullable=False),
    Column("name", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("total", Yuan, nullable=False),
    Column("reserved", Yuan, nullable=False),
    Column("paid", Yuan, nullable=False),
    Column("warned", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("reserved >= 0 AND paid >= 0 AND reserved + paid <= total", name="budget_pool_not_overdrawn"),
    Index("budget_pool_by_zone", "zone_id", "created_at"),
)

entitlement = Table(
    "entitlement",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("policy_id", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("zone_id", String(60), nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("author", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("amount", Yuan, nullable=False),
    Column("risk", Integer, nullable=False),
    Column("findings", Packed, nullable=False),
    Column("district", String(20)),
    Column("stage", String(60)),
    Column("due_on", Date),
    Column("account", Packed),
    Column("approvals", Packed, nullable=False),
    Column("reason", Text),
    Column("payment_reference", Text),
    Column("paid_on", Date),
    Column("year", Integer),
    Column("slot", String(100)),
    Column("confirmed_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("entitlement_by_slot", "slot", unique=True),
    Index("entitlement_by_enterprise", "uscc", "created_at"),
    Index("entitlement_by_policy", "policy_id", "created_at"),
    Index("entitlement_by_zone", "zone_id", "state"),
    Index("entitlement_by_paid", "paid_on", "id"),
)
"""The slot is that of an enterprise at a policy, given up when the entitlement comes to nothing: one holds it."""

entitlement_run = Table(
    "entitlement_run",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("policy_id", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("zone_id", String(60), nullable=False),
    Column("author", Text, nullable=False),
    Column("counts", Packed, nullable=False),
    Column("made", Integer, nullable=False),
    Column("already", Integer, nullable=False),
    Column("amount", Yuan, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("entitlement_run_by_policy", "policy_id", "created_at"),
)

entitlement_holder = Table("entitlement_holder", METADATA, Column("uscc", String(18), primary_key=True))
"""Locked while an enterprise's benefits are held against each other."""
