"""What commands do with the store: one thing, over a store that is of this version."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from settings import Settings
from store.engine import open_store, trouble
from store.upgrade import StoreBehind, check

Answer = TypeVar("Answer")


def in_store(settings: Settings, action: Callable[[AsyncEngine], Awaitable[Answer]]) -> Answer:
    """Return what comes of doing one thing with the store; end with one line if it is behind or out of reach."""

    async def run() -> Answer:
        engine = open_store(settings.store)
        try:
            await check(engine)
            return await action(engine)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except StoreBehind as behind:
        raise SystemExit(str(behind)) from behind
    except (SQLAlchemyError, OSError) as error:
        raise SystemExit(trouble(error)) from error
