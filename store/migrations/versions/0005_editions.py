"""Editions of scores with their snapshots, and the triggers that keep what has been published as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FIXED = (
    "id", "zone", "scheme", "version", "digest", "period", "year", "day", "number", "parent", "reason",
    "chosen_by", "residents", "evaluated", "synthetic", "sources_down", "origins", "statistics", "inputs_digest",
    "results_digest", "created_at", "created_by",
)  # fmt: skip
_SETTLED = ("notice_from", "notice_until", "noticed_at", "noticed_by", "final_at", "final_by")
_STEPS = (
    ("DRAFT", "NOTICE"), ("NOTICE", "NOTICE"), ("NOTICE", "FINAL"), ("NOTICE", "CORRECTED"), ("FINAL", "CORRECTED"),
)  # fmt: skip
_CONTENT = ("edition_score", "edition_listed", "edition_snapshot")


def upgrade() -> None:
    """Make the tables of editions and their triggers."""
    ordered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "edition",
        sa.Column("id", ordered, primary_key=True),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("parent", ordered),
        sa.Column("reason", sa.Text),
        sa.Column("chosen_by", sa.String(16), nullable=False),
        sa.Column("residents", sa.Integer, nullable=False),
        sa.Column("evaluated", sa.Integer, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("sources_down", sa.Text, nullable=False),
        sa.Column("origins", sa.Text, nullable=False),
        sa.Column("statistics", sa.Text, nullable=False),
        sa.Column("inputs_digest", sa.String(64), nullable=False),
        sa.Column("results_digest", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("notice_from", sa.Date),
        sa.Column("notice_until", sa.Date),
        sa.Column("noticed_at", moment),
        sa.Column("noticed_by", sa.Text),
        sa.Column("final_at", moment),
        sa.Column("final_by", sa.Text),
        sa.Column("corrected_by", ordered),
    )
    op.create_index("edition_by_zone", "edition", ["zone", "scheme", "day"])
    op.create_table(
        "edition_score",
        sa.Column("edition", ordered, primary_key=True),
        sa.Column("uscc", ordered, primary_key=True),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(64)),
        sa.Column("rank", sa.Integer),
        sa.Column("stage_rank", sa.Integer),
        sa.Column("percentile", sa.Float),
        sa.Column("stage_percentile", sa.Float),
        sa.Column("passed", sa.String(8), nullable=False),
        sa.Column("lists", sa.Text, nullable=False),
    )
    op.create_index("edition_score_by_rank", "edition_score", ["edition", "rank", "uscc"])
    op.create_index("edition_score_by_stage", "edition_score", ["edition", "stage", "stage_rank", "uscc"])
    op.create_index("edition_score_by_enterprise", "edition_score", ["uscc", "edition"])
    op.create_table(
        "edition_listed",
        sa.Column("edition", ordered, primary_key=True),
        sa.Column("list", sa.String(64), primary_key=True),
        sa.Column("uscc", ordered, primary_key=True),
    )
    op.create_table(
        "edition_snapshot",
        sa.Column("edition", ordered, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for deed, row in (("INSERT", "NEW"), ("DELETE", "OLD")):
        for table in _CONTENT:
            op.execute(
                f"CREATE TRIGGER {table}_{deed.lower()} BEFORE {deed} ON {table} "
                f"WHEN (SELECT state FROM edition WHERE id = {row}.edition) <> 'DRAFT' "
                f"BEGIN SELECT RAISE(ABORT, 'an edition that is no draft is not changed'); END"
            )
    for table in _CONTENT:
        op.execute(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'what an edition holds is not changed'); END"
        )
    op.execute(
        "CREATE TRIGGER edition_delete BEFORE DELETE ON edition WHEN OLD.state <> 'DRAFT' "
        "BEGIN SELECT RAISE(ABORT, 'an edition that is no draft is not deleted'); END"
    )
    op.execute(
        f"CREATE TRIGGER edition_update BEFORE UPDATE ON edition WHEN {_wrong('IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, 'an edition may not be changed so'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION edition_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'an edition may not be changed so (% on %)', TG_OP, TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION edition_content() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE changed text := CASE WHEN TG_OP = 'INSERT' THEN NEW.edition ELSE OLD.edition END; "
        "BEGIN IF (SELECT state FROM edition WHERE id = changed) <> 'DRAFT' THEN "
        "RAISE EXCEPTION 'an edition that is no draft is not changed (% on %)', TG_OP, TG_TABLE_NAME; END IF; "
        "RETURN CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END; END $$"
    )
    for table in _CONTENT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE INSERT OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION edition_content()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION edition_refuse()"
        )
    for table in ("edition", *_CONTENT):
        op.execute(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION edition_refuse()"
        )
    op.execute(
        "CREATE TRIGGER edition_delete BEFORE DELETE ON edition FOR EACH ROW WHEN (OLD.state <> 'DRAFT') "
        "EXECUTE FUNCTION edition_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER edition_update BEFORE UPDATE ON edition FOR EACH ROW "
        f"WHEN ({_wrong('IS DISTINCT FROM')}) EXECUTE FUNCTION edition_refuse()"
    )


def _wrong(differs: str) -> str:
    """Return when an update of an edition is refused: another content, or a step that there is not."""
    fixed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in _FIXED)
    settled = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in _SETTLED)
    steps = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in _STEPS)
    corrected = "NEW.state = 'CORRECTED' AND NEW.corrected_by IS NULL"
    return f"{fixed} OR NOT ({steps}) OR (NEW.state = 'CORRECTED' AND ({settled})) OR ({corrected})"
