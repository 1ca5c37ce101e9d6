"""The audit: records, their hash tree and its signed heads, and the index of enterprises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the audit, its tree empty."""
    op.create_table(
        "audit_record",
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record", sa.Text),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    tree = op.create_table(
        "audit_tree",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("algorithm", sa.Text),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("peaks", sa.LargeBinary, nullable=False),
        sa.Column("signed", sa.Text),
        sa.Column("kept", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(tree, [{"id": 1, "algorithm": None, "size": 0, "peaks": b"", "signed": None, "kept": 0}])
    op.create_table(
        "audit_head",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("signed", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_index",
        sa.Column("uscc", sa.String(18), primary_key=True),
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_index("audit_index_by_place", "audit_index", ["place"])
    indexed = op.create_table(
        "audit_indexed",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(indexed, [{"id": 1, "place": 0}])
