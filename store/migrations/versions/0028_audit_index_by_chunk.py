"""The audit's index by chunk first and then by enterprise, and of 1,024 places in a chunk in the place of 4,096."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_BEFORE, _AFTER, _AT_ONCE = 4096, 1024, 10_000


def upgrade() -> None:
    """Make the table anew, with what it had."""
    op.drop_index("audit_index_by_chunk", "audit_index")
    op.rename_table("audit_index", "audit_index_before")
    made = op.create_table(
        "audit_index",
        sa.Column("chunk", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("uscc", sa.String(18), primary_key=True),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    found = op.get_bind().execute(sa.text("SELECT chunk, uscc, places FROM audit_index_before ORDER BY chunk, uscc"))
    for rows in found.partitions(_AT_ONCE):
        op.bulk_insert(made, [entry for row in rows for entry in _split(row.chunk, row.uscc, bytes(row.places))])
    op.drop_table("audit_index_before")


def _split(chunk: int, uscc: str, places: bytes) -> Iterator[dict[str, object]]:
    by_chunk: dict[int, bytearray] = {}
    for (offset,) in struct.iter_unpack(">H", places):
        own = chunk * _BEFORE + offset
        by_chunk.setdefault(own // _AFTER, bytearray()).extend(struct.pack(">H", own % _AFTER))
    for number, packed in by_chunk.items():
        yield {"chunk": number, "uscc": uscc, "places": bytes(packed)}
