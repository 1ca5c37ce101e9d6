"""The tables of what clients ask: trusted documents, and what is deprecated."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, String, Table, Text

from store.tables import METADATA

trusted_document = Table(
    "trusted_document",
    METADATA,
    Column("client", String(200), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    Column("change", BigInteger, nullable=False),
    Index("trusted_document_by_change", "change"),
)

trusted_document_change = Table(
    "trusted_document_change",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("change", BigInteger, nullable=False),
)

deprecated_use = Table(
    "deprecated_use",
    METADATA,
    Column("coordinate", String(400), primary_key=True),
    Column("client", String(200), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("times", BigInteger, nullable=False),
)
