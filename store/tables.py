"""The store's tables, as SQLAlchemy sees them; the migrations make them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.engine import Dialect

METADATA = MetaData()

UNKNOWN_DATE = date.min
UNKNOWN_CAPITAL = -1
"""What stands for "not known" in columns that are ordered by: every enterprise has a place in every order."""

ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
"""Both databases order texts by code point, so that their pages agree."""

if TYPE_CHECKING:
    _Moments = TypeDecorator[datetime]
else:
    _Moments = TypeDecorator


class Moment(_Moments):
    """A point in time, in UTC: SQLite gives times without their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time its zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


enterprise = Table(
    "directory_enterprise",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("uscc", ORDERED, nullable=False, unique=True),
    Column("name", ORDERED, nullable=False),
    Column("named", Boolean, nullable=False),
    Column("former_names", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("former_folded", Text, nullable=False),
    Column("initials", Text, nullable=False),
    Column("zone_id", Text),
    Column("district_code", Text),
    Column("industry_code", Text),
    Column("industry_digits", Text),
    Column("status", Text),
    Column("founded_on", Date, nullable=False),
    Column("registered_capital", BigInteger, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("run", Integer, nullable=False),
    Index("directory_by_name", "name", "uscc"),
    Index("directory_by_zone", "zone_id", "name", "uscc"),
    Index("directory_by_founded", "founded_on", "uscc"),
    Index("directory_by_capital", "registered_capital", "uscc"),
)

qualification = Table(
    "directory_qualification",
    METADATA,
    Column("uscc", ORDERED, primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Index("directory_by_qualification", "kind", "uscc"),
)

sync_run = Table(
    "directory_sync",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("position", Text),
    Column("count", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
)

consent = Table(
    "consent",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("uscc", String(18), nullable=False),
    Column("grantee", Text, nullable=False),
    Column("groups", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("evidence", Text),
    Column("evidence_hash", Text),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("change", BigInteger, nullable=False),
    Index("consent_by_enterprise", "uscc", "granted_at"),
    Index("consent_by_grantee", "grantee", "change"),
)

consent_grantee = Table(
    "consent_grantee",
    METADATA,
    Column("grantee", Text, primary_key=True),
    Column("change", BigInteger, nullable=False),
)

api_key = Table(
    "api_key",
    METADATA,
    Column("prefix", String(10), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("client", Text, nullable=False),
    Column("scopes", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    Column("change", BigInteger, nullable=False),
    Index("api_key_by_change", "change"),
)

api_key_change = Table(
    "api_key_change",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("change", BigInteger, nullable=False),
)

audit_record = Table(
    "audit_record",
    METADATA,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text),
    Column("leaf", LargeBinary, nullable=False),
)
"""The text is null once the record's time is over; its leaf stays."""

audit_node = Table(
    "audit_node",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

audit_tree = Table(
    "audit_tree",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("algorithm", Text),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("signed", Text),
    Column("kept", BigInteger, nullable=False),
)
"""One row: the tree as it stands, by what it does, and when a signed head was last kept (seconds since 1970)."""

audit_head = Table(
    "audit_head",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("signed", Text, nullable=False),
)

audit_index = Table(
    "audit_index",
    METADATA,
    Column("chunk", BigInteger, primary_key=True, autoincrement=False),
    Column("uscc", String(18), primary_key=True),
    Column("places", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The places of a chunk at which records are about an enterprise, packed as `store.places` says.

By chunk first, so that what is put in together lies together, and is not scattered over the pages of all that there is.
"""

audit_indexed = Table(
    "audit_indexed",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
)
"""One row: the place up to which records are in the index, itself not included."""

change_key = Table(
    "change_key",
    METADATA,
    Column("organisation", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("mutation", String(100), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("answer", Text),
)
"""What became of a mutation that was called with a key; nobody ever reads it without its answer."""

change_history = Table(
    "change_history",
    METADATA,
    Column("noun", String(60), primary_key=True),
    Column("id", String(60), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("data_group", String(40), nullable=False),
    Column("uscc", String(18)),
    Column("at", Moment, nullable=False),
    Column("action", String(60), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("purpose", String(60)),
    Column("body", Text, nullable=False),
)
"""One row a version of a thing, which it was then as JSON."""

event = Table(
    "event",
    METADATA,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", String(60), nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
"""Changes in the order in which they were committed, without gaps; long ago delivered ones are taken out."""

event_place = Table(
    "event_place",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False),
)
"""One row: the place of the last event, and the place up to which events were delivered by some process."""

introduction = Table(
    "introduction",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("network_id", Text, nullable=False),
    Column("manager_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text),
    Column("met_on", Date),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("introduction_by_enterprise", "uscc", "created_at"),
    Index("introduction_by_network", "network_id", "created_at"),
)

data_objection = Table(
    "data_objection",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("collection", String(60), nullable=False),
    Column("record", Text, nullable=False),
    Column("field", String(60), nullable=False),
    Column("source", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("value", Text),
    Column("claim", Text),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("outcome", String(20)),
    Column("answer", Text),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("data_objection_by_enterprise", "uscc", "created_at"),
    Index("data_objection_by_source", "source", "created_at"),
    Index(
        "data_objection_open",
        "uscc",
        "collection",
        "record",
        "field",
        unique=True,
        sqlite_where=text("state = 'OPEN'"),
        postgresql_where=text("state = 'OPEN'"),
    ),
)
"""Of one datum there is one open objection."""
