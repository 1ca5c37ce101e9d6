"""Alembic's way in: the connection is handed over by `store.upgrade`."""

from __future__ import annotations

from alembic import context

from store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
