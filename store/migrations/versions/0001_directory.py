"""The directory: enterprises, their qualifications, the runs that fill it, and the index for searching."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_log = structlog.get_logger()


def upgrade() -> None:
    """Make the directory's tables and its search index."""
    ordered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "directory_enterprise",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uscc", ordered, nullable=False, unique=True),
        sa.Column("name", ordered, nullable=False),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.Column("former_names", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("former_folded", sa.Text, nullable=False),
        sa.Column("initials", sa.Text, nullable=False),
        sa.Column("zone_id", sa.Text),
        sa.Column("district_code", sa.Text),
        sa.Column("industry_code", sa.Text),
        sa.Column("industry_digits", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("founded_on", sa.Date, nullable=False),
        sa.Column("registered_capital", sa.BigInteger, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
    )
    op.create_index("directory_by_name", "directory_enterprise", ["name", "uscc"])
    op.create_index("directory_by_zone", "directory_enterprise", ["zone_id", "name", "uscc"])
    op.create_index("directory_by_founded", "directory_enterprise", ["founded_on", "uscc"])
    op.create_index("directory_by_capital", "directory_enterprise", ["registered_capital", "uscc"])
    op.create_table(
        "directory_qualification",
        sa.Column("uscc", ordered, primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("valid_from", sa.Date, primary_key=True),
        sa.Column("valid_to", sa.Date),
    )
    op.create_index("directory_by_qualification", "directory_qualification", ["kind", "uscc"])
    op.create_table(
        "directory_sync",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", sa.Text),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE directory_search USING fts5(name, former, initials, tokenize = 'ascii')")
    else:
        _index_by_trigrams()


def _index_by_trigrams() -> None:
    """Search works without the index, only slower; a role that may not create extensions is no reason to stop."""
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for column in ("name_folded", "former_folded", "initials"):
                op.execute(
                    f"CREATE INDEX directory_by_{column} ON directory_enterprise USING gin ({column} gin_trgm_ops)"
                )
    except sa.exc.DBAPIError as error:
        _log.warning("store.no_trigrams", remedy="let a superuser run: CREATE EXTENSION pg_trgm", cause=str(error.orig))
