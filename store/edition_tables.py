"""The tables of editions of scores, as SQLAlchemy sees them; the migrations make them, and triggers that guard them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from store.tables import METADATA, ORDERED

edition = Table(
    "edition",
    METADATA,
    Column("id", ORDERED, primary_key=True),
    Column("zone", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("year", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("parent", ORDERED),
    Column("reason", Text),
    Column("chosen_by", String(16), nullable=False),
    Column("residents", Integer, nullable=False),
    Column("left_out", Text, nullable=False),
    Column("evaluated", Integer, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("maximum", Integer, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("sources_down", Text, nullable=False),
    Column("origins", Text, nullable=False),
    Column("statistics", Text, nullable=False),
    Column("inputs_digest", String(64), nullable=False),
    Column("results_digest", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("notice_from", Date),
    Column("notice_until", Date),
    Column("noticed_at", DateTime(timezone=True)),
    Column("noticed_by", Text),
    Column("final_at", DateTime(timezone=True)),
    Column("final_by", Text),
    Column("corrected_by", ORDERED),
    Index("edition_by_zone", "zone", "scheme", "day"),
)
"""From `state` on columns change with the edition's state; the others, and all that belongs to it, never do."""

edition_score = Table(
    "edition_score",
    METADATA,
    Column("edition", ORDERED, primary_key=True),
    Column("uscc", ORDERED, primary_key=True),
    Column("total", Integer, nullable=False),
    Column("stage", String(64)),
    Column("rank", Integer),
    Column("stage_rank", Integer),
    Column("percentile", Float),
    Column("stage_percentile", Float),
    Column("passed", String(8), nullable=False),
    Column("lists", Text, nullable=False),
    Index("edition_score_by_rank", "edition", "rank", "uscc"),
    Index("edition_score_by_stage", "edition", "stage", "stage_rank", "uscc"),
    Index("edition_score_by_enterprise", "uscc", "edition"),
)

edition_listed = Table(
    "edition_listed",
    METADATA,
    Column("edition", ORDERED, primary_key=True),
    Column("list", String(64), primary_key=True),
    Column("uscc", ORDERED, primary_key=True),
)

edition_snapshot = Table(
    "edition_snapshot",
    METADATA,
    Column("edition", ORDERED, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)

edition_run = Table(
    "edition_run",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("holder", String(32), nullable=False),
    Column("edition", Text),
    Column("feed", Text),
    Column("read", Integer),
    Column("total", Integer),
    Index("edition_run_by_edition", "edition"),
)
"""Runs under way or broken off; `holder` is whoever has begun or continued one last.

`edition` is what it will be, without its number; `feed`, `read` and `total` are what was read last, and how far.
"""

edition_page = Table(
    "edition_page",
    METADATA,
    Column("run", String(64), primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("position", Text),
    Column("last", Boolean, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

objection = Table(
    "objection",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("edition", ORDERED, nullable=False),
    Column("uscc", ORDERED, nullable=False),
    Column("indicator", String(64)),
    Column("text", Text, nullable=False),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decision", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    Index("objection_by_edition", "edition", "uscc"),
)
