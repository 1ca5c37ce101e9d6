"""The table of identifiers by which other systems know enterprises."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, Index, Numeric, String, Table, Text

from store.tables import METADATA

identifier_link = Table(
    "identifier_link",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("uscc", String(18), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("value", String(200), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("confidence", Numeric(3, 2), nullable=False),
    Column("origin", Text, nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("reason", Text),
    Index("identifier_link_by_enterprise", "uscc", "kind"),
    Index("identifier_link_by_value", "value", "kind"),
)
"""Nothing is changed but that a link is withdrawn, with the reason: a correction is another link."""
