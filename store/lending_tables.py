"""The store's tables of the finance supermarket: demands, applications with their money, pre-credit, lists of banks."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from store.columns import Packed, Yuan
from store.tables import METADATA, ORDERED, Moment

financing_demand = Table(
    "financing_demand",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("author", Text, nullable=False),
    Column("amount", Yuan, nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("about", Text, nullable=False),
    Column("guarantee_kinds", Packed, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("financing_demand_by_enterprise", "uscc", "created_at"),
    Index("financing_demand_by_state", "state", "created_at"),
)

loan_application = Table(
    "loan_application",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("zone_id", Text),
    Column("author", Text, nullable=False),
    Column("demand_id", String(60), nullable=False),
    Column("demand_version", Integer, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("product", Packed, nullable=False),
    Column("lender", Text, nullable=False),
    Column("guarantor", Text),
    Column("amount", Yuan, nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("about", Text, nullable=False),
    Column("guarantee_kinds", Packed, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text),
    Column("line", Yuan),
    Column("rate", String(20)),
    Column("rate_basis", Text),
    Column("line_expires_on", Date),
    Column("signed_on", Date),
    Column("revolving", Boolean, nullable=False),
    Column("drawn", Yuan, nullable=False),
    Column("repaid", Yuan, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("loan_application_by_enterprise", "uscc", "created_at"),
    Index("loan_application_by_lender", "lender", "created_at"),
    Index("loan_application_by_guarantor", "guarantor", "created_at"),
    Index("loan_application_by_zone", "zone_id", "state"),
    Index("loan_application_by_demand", "demand_id"),
)

loan_movement = Table(
    "loan_movement",
    METADATA,
    Column("application", String(60), ForeignKey("loan_application.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("amount", Yuan, nullable=False),
    Column("day", Date, nullable=False),
    Column("reference", Text),
    Column("at", Moment, nullable=False),
)
"""What was drawn and repaid; `version` is that of the application which came of it."""

pre_credit_batch = Table(
    "pre_credit_batch",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("lender", Text, nullable=False),
    Column("edition", Text, nullable=False),
    Column("zone_id", Text, nullable=False),
    Column("product_id", Text),
    Column("line", Yuan, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("score_at_least", String(40)),
    Column("stage", Text),
    Column("offered", Integer, nullable=False),
    Column("left_out", Packed, nullable=False),
    Column("note", Text),
    Column("state", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("pre_credit_batch_by_lender", "lender", "created_at"),
    Index("pre_credit_batch_by_zone", "zone_id", "state"),
)

pre_credit = Table(
    "pre_credit",
    METADATA,
    Column("batch", String(60), ForeignKey("pre_credit_batch.id"), primary_key=True),
    Column("uscc", ORDERED, primary_key=True),
    Index("pre_credit_by_enterprise", "uscc"),
)

portfolio_list = Table(
    "portfolio_list",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("usccs", Packed, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("portfolio_list_by_organisation", "organisation", "name", unique=True),
)

loan_listing = Table(
    "loan_listing",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("lender", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("terms", Packed, nullable=False),
    Column("listed_at", Moment),
    Column("withdrawn_on", Date),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("loan_listing_by_lender", "lender", "created_at"),
    Index("loan_listing_by_state", "state", "created_at"),
)
