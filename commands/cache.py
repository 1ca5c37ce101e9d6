"""The operator's commands for what is kept of sources' answers, in all processes that share a Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from connectors import config
from connectors.common_cache import CommonCache
from connectors.forgetting import EVERYTHING, Forget, Forgetting, NotTold
from resolvers import plugins
from settings import Settings, read

_console = Console(stderr=True)
application = typer.Typer()

T = TypeVar("T")

_SECONDS = 10.0


@application.command()
def forget(
    source: Annotated[str, typer.Argument(help="The source's name in sources.toml.")],
    collection: Annotated[str | None, typer.Option(help="Only of this collection.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="Only of this key of the collection, as a credit code.")] = None,
) -> None:
    """Have everything that is kept of a source fetched anew, by all processes within a second."""
    if key and not collection:
        raise SystemExit("--key needs --collection: name the collection that it is a key of.")
    settings = read()
    if settings.sources is not None:
        _check(settings, source, collection)
    asyncio.run(_told(settings, Forget(source, collection, tuple(key or ()))))
    _console.print("It is forgotten.")


@application.command()
def clear() -> None:
    """Have everything that is kept of all sources fetched anew, by all processes within a second."""
    asyncio.run(_told(read(), EVERYTHING))
    _console.print("Everything is forgotten.")


@application.command()
def show() -> None:
    """Show of how many keys something is kept for all processes, by source and collection."""
    settings = read()
    counts = asyncio.run(_with(settings, lambda cache: cache.counts()))
    table = Table("source", "collection", "keys")
    for (source, collection), count in sorted(counts.items()):
        table.add_row(source, collection, f"{count:,}")
    Console().print(table)


def _check(settings: Settings, source: str, collection: str | None) -> None:
    assert settings.sources is not None, "asked before"
    found = config.load(settings.sources, plugins.catalogue()).sources
    if source not in found:
        raise SystemExit(f"{settings.sources} has no source {source!r}; it has {', '.join(sorted(found))}.")
    if collection is not None and collection not in found[source].collections:
        fed = ", ".join(sorted(found[source].collections))
        raise SystemExit(f"{source} feeds no collection {collection!r}; it feeds {fed}.")


async def _told(settings: Settings, what: Forget) -> None:
    async def tell(cache: CommonCache) -> None:
        telling = Forgetting(lambda _what: None, cache, settings.redis_url)
        try:
            await telling.everywhere(what)
        except NotTold as error:
            raise SystemExit(f"HUB_REDIS_URL: {error}; nobody was told. Try again when it does.") from error
        finally:
            await telling.aclose()

    await _with(settings, tell)


async def _with(settings: Settings, action: Callable[[CommonCache], Awaitable[T]]) -> T:
    if settings.redis_url is None:
        raise SystemExit(
            "HUB_REDIS_URL is not set: each process keeps answers for itself, where this command does not reach. "
            "Have the source tell the hub (docs/sources.md), or start the hub anew."
        )
    cache = CommonCache(settings.redis_url)
    try:
        async with asyncio.timeout(_SECONDS):
            return await action(cache)
    except (RedisError, OSError, TimeoutError) as error:
        raise SystemExit(f"HUB_REDIS_URL: Redis does not answer ({type(error).__name__}).") from error
    finally:
        await cache.aclose()
