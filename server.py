"""The way in: settings, the hub with its sources and its store, the web application over it.

`python server.py` serves; in demo mode it makes the demo world first and runs its source services beside.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache, partial

import strawberry
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.types import ASGIApp

import collector
import logs
from auth.audit.signing import AuditMisconfigured
from auth.audit.tree import Hashing
from auth.identity.config import IdentityMisconfigured
from auth.identity.replays import Replays
from auth.limits import LimitsMisconfigured
from auth.principal import Principal
from auth.rules import SHIPPED, Rulebook, RulesMisconfigured
from auth.rules_file import RulesFile
from connectors.assurance import Assurance
from connectors.common_cache import CommonCache
from connectors.errors import SourcesMisconfigured
from connectors.forgetting import Forgetting
from connectors.sources import Sources
from demonstration import demonstrate, world
from opening import (
    audit_keys,
    bounds,
    demo_issuer,
    demo_readers,
    open_audit,
    open_door,
    open_graph,
    open_relay,
    open_sealer,
    open_sources,
)
from renewal import Renewal
from resolvers.auditing import agreeing
from resolvers.binding import Graph
from resolvers.consent_book import ConsentBook
from resolvers.declared import graph_of
from resolvers.execution.current import Current
from resolvers.execution.documents import Refused
from resolvers.execution.engine import Engine
from resolvers.execution.mock import Mock
from resolvers.graph import GRAPH
from resolvers.measuring import Measuring
from resolvers.request import Hub
from resolvers.scores.registry import open_schemes
from resolvers.scores.shelf import Shelf
from resolvers.usage import Usage
from schema.subgraph import subgraph
from scoring.errors import SchemeMisconfigured
from serving import Lifecycle, serve
from settings import Settings, read
from store.audit import Ledger
from store.changes import Changes
from store.consents import Consents
from store.deprecated_uses import DeprecatedUses
from store.directory import Directory
from store.documents import TrustedDocument, TrustedDocuments
from store.engine import once, open_store, trouble
from store.keys import Keys
from store.sealing import SealingMisconfigured
from store.upgrade import StoreBehind, check
from telemetry.metrics import summed
from telemetry.traces import Tracing
from web.application import create_web
from web.body import Bodies
from web.document_book import DocumentBook, NoDocuments
from web.documentation.hub import documentation
from web.key_book import KeyBook
from web.listeners import Listeners
from web.notices import Notices, teller
from web.pages import BUILT
from web.persisted import Persisted
from workers import Workers, listening

_log = structlog.get_logger()


def create_app(
    settings: Settings, environment: Mapping[str, str] = os.environ, lifecycle: Lifecycle | None = None
) -> ASGIApp:
    """Return the whole hub as an ASGI application; the environment holds what sources.toml refers to.

    By `lifecycle` whoever serves it has those who listen leave before it ends, and its configuration read anew.
    """
    if settings.mode == "mock":
        return create_mock(settings, lifecycle)
    rules = RulesFile(settings.access or SHIPPED)
    common = CommonCache(settings.redis_url) if settings.redis_url else None

    def another(before: Engine) -> Engine:
        sources = open_sources(settings, environment, before.hub.sources, common)
        schemes = open_schemes(sources.config, settings.schemes).logged()
        hub = replace(before.hub, sources=sources, schemes=schemes)
        return _engine(settings, hub, *graph_of(sources.config, GRAPH), rules)

    sources = open_sources(settings, environment, common=common)
    return assemble(settings, sources, *graph_of(sources.config, GRAPH), rules, lifecycle, another, common)


def create_mock(settings: Settings, lifecycle: Lifecycle | None = None) -> ASGIApp:
    """Return a hub whose values are made up: no source, no store, no audit."""
    door = open_door(settings)
    mock = Mock(*open_graph(settings))

    async def ready() -> Mapping[str, str]:
        return {}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await door.authenticator.open()
        yield
        await door.aclose()

    return create_web(
        mock,
        door,
        mock.text,
        ready,
        may_read_schema=lambda _principal: True,
        body_limit=settings.body_limit,
        body_seconds=settings.body_seconds,
        concurrency=settings.concurrency,
        listeners=Listeners(bounds(settings), (lifecycle or Lifecycle()).closing),
        persisted=Persisted(NoDocuments()),
        console=settings.console or BUILT,
        cors_origins=settings.cors_origins,
        lifespan=lifespan,
    )


async def check_store(hashing: Hashing, engine: AsyncEngine) -> None:
    """Raise StoreBehind for a store of another version, AuditMisconfigured for an audit of another hash function."""
    await check(engine)
    agreeing(await Ledger(engine).tree(), hashing)


def assemble(
    settings: Settings,
    sources: Sources,
    schema: strawberry.Schema,
    graph: Graph,
    rules: Rulebook | None = None,
    lifecycle: Lifecycle | None = None,
    another: Callable[[Engine], Engine] | None = None,
    common: CommonCache | None = None,
) -> ASGIApp:
    """Return a hub over these sources that answers this schema.

    Without rules everybody sees everything, and nothing is recorded. `another` makes the engine of another
    configuration in the place of one; without, there will be none. `common` is closed with the hub.
    """
    told = lifecycle or Lifecycle()
    store = open_store(settings.store)
    auditor, book = open_audit(settings) if rules else None, KeyBook(Keys(store))
    door = open_door(settings, book, auditor)
    changing = open_store(settings.store, durable=True)
    relay = open_relay(settings, changing)
    usage = Usage(DeprecatedUses(store))
    hub = Hub(
        sources,
        Directory(store),
        ConsentBook(Consents(store)),
        auditor=auditor,
        schemes=open_schemes(sources.config, settings.schemes).logged(),
        shelf=Shelf(store),
        changes=Changes(changing),
        sealer=open_sealer(settings),
        relay=relay,
        usage=usage,
        knows_organisation=door.authenticator.knows_organisation,
    )
    current = Current(_engine(settings, hub, schema, graph, rules))

    def compiled(one: TrustedDocument) -> None:
        try:
            current.engine.compile(one.text, door.authenticator.reader_of(one.client))
        except Refused as refused:
            problem = refused.errors[0].message
            _log.warning("documents.unusable", client=one.client, document=one.name, problem=problem)

    documents = DocumentBook(TrustedDocuments(store), compiled)
    persisted = Persisted(documents, settings.redis_url)
    watched = [path for path in (settings.sources, settings.schemes) if path and another]
    renewal = Renewal(current, another or (lambda engine: engine), watched, told.reload, settings.request_seconds)

    forgetting = Forgetting(lambda what: current.engine.hub.sources.forget(what), common, settings.redis_url)
    shown = Replays(settings.redis_url)
    assurance = Assurance(lambda: current.engine.hub.sources)

    async def ready() -> Mapping[str, str]:
        try:
            await check(store)
        except (StoreBehind, SQLAlchemyError, OSError) as error:
            return {
                "store": str(error) if isinstance(error, StoreBehind) else f"not reachable ({type(error).__name__})"
            }
        return {}

    def may_read_schema(principal: Principal) -> bool:
        return rules is None or rules.rights(principal, None).introspection

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await check_store(Hashing(settings.audit_hash), store)
        await door.authenticator.open()
        await documents.of("")
        await relay.open()
        collector.settle()
        if another:
            renewal.open()
        forgetting.open()
        assurance.open()
        yield
        await assurance.aclose()
        await forgetting.aclose()
        await shown.aclose()
        await relay.aclose()
        await changing.dispose()
        if auditor:
            await auditor.aclose()
            await auditor.ledger.engine.dispose()
        await door.aclose()
        await persisted.aclose()
        await usage.aclose()
        await book.aclose()
        await renewal.aclose()
        if common:
            await common.aclose()
        await store.dispose()

    return create_web(
        current,
        door,
        lambda audience: current.engine.text(audience),
        ready,
        notices=Notices(
            lambda name: teller(current.engine.hub.sources, name),
            forgetting.everywhere,
            shown.is_first,
            Bodies(settings.body_limit, settings.body_seconds),
        ),
        may_read_schema=may_read_schema,
        body_limit=settings.body_limit,
        body_seconds=settings.body_seconds,
        concurrency=settings.concurrency,
        listeners=Listeners(bounds(settings), told.closing),
        persisted=persisted,
        described=lambda text: current.engine.signature(text),
        public_url=settings.public_url,
        metrics_readers=settings.metrics_readers,
        measure=Measuring(lambda: current.engine.hub).take,
        tracing=Tracing(settings.traces_url, settings.traces_share),
        console=settings.console or BUILT,
        demo_readers=demo_readers(settings),
        documentation=documentation(Settings).routes(),
        cors_origins=settings.cors_origins,
        lifespan=lifespan,
    )


def _engine(settings: Settings, hub: Hub, schema: strawberry.Schema, graph: Graph, rules: Rulebook | None) -> Engine:
    told = cache(partial(subgraph, schema, security=settings.subgraph_security))
    return Engine(
        schema,
        graph,
        replace(hub, subgraph=told),
        request_seconds=settings.request_seconds,
        explains=settings.explains,
        cost_limit=settings.cost_limit,
        rules=rules,
        slow_seconds=settings.slow_seconds,
    )


def app() -> ASGIApp:
    """Return the application for `uvicorn --factory server:app`, by the settings of the environment.

    Served so, no connection is bounded (web/connection.py): put a proxy before it that does.
    """
    settings = read()
    logs.configure(settings.log_format)
    return create_app(settings)


def work(
    settings: Settings,
    environment: Mapping[str, str],
    at: socket.socket | None = None,
    welcome: Callable[[Settings], None] | None = None,
) -> None:
    """Serve in this process until told to stop; end it with one line if something is configured wrong.

    `welcome` says what to ask, once nothing is known to be in the way.
    """
    logs.configure(settings.log_format)
    lifecycle = Lifecycle()
    try:
        application = create_app(settings, environment, lifecycle)
        if settings.mode != "mock":
            asyncio.run(once(settings.store, partial(check_store, Hashing(settings.audit_hash))))
    except (
        SourcesMisconfigured,
        StoreBehind,
        IdentityMisconfigured,
        RulesMisconfigured,
        LimitsMisconfigured,
        AuditMisconfigured,
        SealingMisconfigured,
        SchemeMisconfigured,
    ) as error:
        raise SystemExit(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        raise SystemExit(trouble(error)) from error
    if welcome:
        welcome(settings)
    serve(application, settings, lifecycle, [at] if at else None)


def work_together(settings: Settings, environment: Mapping[str, str]) -> None:
    """Have several processes serve until told to stop."""
    if settings.redis_url is None:
        _log.warning("workers.apart", instead="each process counts what is spent, and knows proofs, for itself")
    if settings.mode == "demo":
        demo_issuer(settings)
        audit_keys(settings)
        open_sealer(settings)  # their keys are made once, not by each
    sockets = listening(settings.host, settings.port, settings.workers)
    with summed():
        Workers(work, (settings, dict(environment)), sockets, settings.leaving_seconds + settings.drain_seconds).run()


def main() -> None:
    """Serve until told to stop."""
    settings = read()
    logs.configure(settings.log_format)
    with ExitStack() as around:
        environment: Mapping[str, str] = os.environ
        welcome = None
        if settings.mode == "demo":
            settings, environment = around.enter_context(world())
            welcome = demonstrate(settings, environment)
        if settings.workers == 1:
            work(settings, environment, welcome=welcome)
            return
        if welcome:
            welcome(settings)
        work_together(settings, environment)


if __name__ == "__main__":
    main()
