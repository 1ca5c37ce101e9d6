"""The store brought to the version that this program needs, or refused with the command to run."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x1220_6A95
"""Number of PostgreSQL's advisory lock: several workers that start at once migrate one after the other."""


class StoreBehind(RuntimeError):
    """The store has not the version that this program needs."""

    def __init__(self, current: str | None, wanted: str) -> None:
        self.current = current
        self.wanted = wanted
        super().__init__(
            f"The store is at version {current or 'none'}, this program needs {wanted}. "
            "Run: python manage.py store upgrade"
        )


async def upgrade(engine: AsyncEngine) -> None:
    """Bring the store to the newest version; safe when several processes do so at once."""
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(_upgrade)
        await connection.commit()


async def check(engine: AsyncEngine) -> None:
    """Raise StoreBehind unless the store has the newest version."""
    async with engine.connect() as connection:
        current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if current != wanted:
        raise StoreBehind(current, str(wanted))


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
