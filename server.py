"""The way in: settings, the hub with its sources and its store, the web application over it.

`python server.py` serves; in demo mode it makes the demo world first and runs its source services beside.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

import strawberry
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.types import ASGIApp

import collector
import logs
from auth.addresses import Proxies
from auth.audit.signing import AuditMisconfigured, keys, make_key
from auth.audit.signing import Keys as AuditKeys
from auth.audit.tree import Hashing
from auth.identity import config as identity_config
from auth.identity import demo
from auth.identity.authenticator import Authenticator
from auth.identity.bindings import Bindings
from auth.identity.certificates import Certificates
from auth.identity.config import Identity, IdentityFile, IdentityMisconfigured
from auth.identity.proofs import Proofs
from auth.identity.replays import Replays
from auth.limits import LimitsMisconfigured, RateLimits
from auth.principal import Principal
from auth.rules import SHIPPED, Rulebook, RulesMisconfigured
from auth.rules_file import RulesFile
from connectors import config
from connectors.assurance import Assurance
from connectors.common_cache import CommonCache
from connectors.errors import SourcesMisconfigured
from connectors.forgetting import Forgetting
from connectors.sources import Sources, installed_kinds
from renewal import Renewal
from resolvers import plugins
from resolvers.auditing import Auditor, agreeing
from resolvers.bell import Bell
from resolvers.binding import Graph
from resolvers.consent_book import ConsentBook
from resolvers.declared import graph_of
from resolvers.events import InProcess, Relay
from resolvers.execution.current import Current
from resolvers.execution.documents import Refused
from resolvers.execution.engine import Engine
from resolvers.execution.mock import Mock
from resolvers.graph import GRAPH
from resolvers.hub_source import hub_kind, with_hub
from resolvers.measuring import Measuring
from resolvers.request import Hub
from resolvers.scores.registry import open_schemes
from resolvers.scores.shelf import Shelf
from resolvers.usage import Usage
from schema.graph import build_schema
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
from store.engine import once, open_store
from store.events import Outbox
from store.keys import Keys
from store.sealing import Sealer, SealingMisconfigured, sealer_of
from store.sealing import make_key as make_sealing_key
from store.upgrade import StoreBehind, check
from telemetry.metrics import summed
from telemetry.traces import Tracing
from web.application import create_web
from web.body import Bodies
from web.demo_readers import DemoReaders
from web.document_book import DocumentBook, NoDocuments
from web.documentation.hub import documentation
from web.door import Door
from web.key_book import KeyBook
from web.listeners import Bounds, Listeners
from web.notices import Notices, teller
from web.pages import BUILT
from web.persisted import Persisted
from workers import Workers, listening

_log = structlog.get_logger()


def open_sources(
    settings: Settings,
    environment: Mapping[str, str],
    before: Sources | None = None,
    common: CommonCache | None = None,
) -> Sources:
    """Return the sources that the settings name, and the hub itself; raise SourcesMisconfigured for a wrong file.

    They may take the place of others that were open before, and keep answers for other processes too.
    """
    assert settings.sources is not None, "demo mode fills it in, production mode refuses to start without"
    found = with_hub(config.load(settings.sources, plugins.catalogue()))
    kinds = {**installed_kinds(), **hub_kind(settings.store)}
    return Sources(
        found, environment=environment, kinds=kinds, cache_bytes=settings.cache_bytes, before=before, common=common
    )


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
    door, mock = open_door(settings), Mock(build_schema(), GRAPH)

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


def demo_issuer(settings: Settings) -> Path:
    """Return the folder of the demo's issuer, made if it is absent."""
    folder = settings.data_dir / "demo-issuer"
    demo.make_issuer(folder)
    return folder


@contextmanager
def world() -> Iterator[tuple[Settings, Mapping[str, str]]]:
    """Give the settings and the environment; in demo mode with the demo's services running."""
    settings = read()
    try:
        if settings.mode == "production":
            yield settings, os.environ
            return
        from demo import embedding  # the hub itself does not need the demo world

        with embedding.world(settings) as found:
            yield found
    except (SourcesMisconfigured, SchemeMisconfigured) as error:
        raise SystemExit(str(error)) from error


async def check_store(hashing: Hashing, engine: AsyncEngine) -> None:
    """Raise StoreBehind for a store of another version, AuditMisconfigured for an audit of another hash function."""
    await check(engine)
    agreeing(await Ledger(engine).tree(), hashing)


def audit_keys(settings: Settings) -> AuditKeys:
    """Return the keys of the audit, made for a demo; raise AuditMisconfigured for wrong ones, or none in production."""
    path = settings.audit_key
    if path is None:
        if settings.mode == "production":
            raise AuditMisconfigured("HUB_AUDIT_KEY is not set: production mode makes no key of its own. Set it.")
        path = settings.data_dir / "audit" / "private.pem"
        make_key(path)
    return keys(path, settings.audit_former_keys)


def open_sealer(settings: Settings) -> Sealer | None:
    """Return what seals bank accounts in the store; None in production without keys. Raise SealingMisconfigured."""
    if settings.sealing_keys:
        return sealer_of(settings.sealing_keys)
    if settings.mode == "production":
        return None
    path = settings.data_dir / "sealing" / "key"
    make_sealing_key(path)
    return sealer_of([path])


def open_audit(settings: Settings) -> Auditor:
    """Return what writes the audit, through connections of its own to the store; raise AuditMisconfigured."""
    ledger = Ledger(open_store(settings.store, durable=True))
    hashing = Hashing(settings.audit_hash)
    return Auditor(ledger, audit_keys(settings), hashing, head_seconds=settings.audit_head_seconds)


def open_identity(settings: Settings) -> Identity:
    """Return the issuers and clients; raise IdentityMisconfigured for a wrong file."""
    if settings.identity is None:
        return demo.identity(demo_issuer(settings)) if settings.mode in ("demo", "mock") else Identity()
    found = identity_config.load(settings.identity)
    if settings.mode == "production" and any(entry.issuer == demo.ISSUER for entry in found.issuers.values()):
        raise IdentityMisconfigured(f"{settings.identity}: names the demo's issuer, whose key is public. Take it out.")
    proving = [name for name, entry in found.issuers.items() if entry.bound == "dpop"]
    if settings.mode == "production" and proving and settings.public_url is None:
        raise IdentityMisconfigured(
            f"{settings.identity}: issuers.{proving[0]}: demands proofs, which are made for the hub's address, and "
            "HUB_PUBLIC_URL is not set. Set it."
        )
    return found


def demo_readers(settings: Settings) -> DemoReaders | None:
    """Return the readers that the console offers to be; None but in demo mode with the demo's own issuer."""
    if settings.mode != "demo" or settings.identity is not None:
        return None
    return DemoReaders(demo.readers(), partial(demo.mint, demo_issuer(settings)))


def open_door(settings: Settings, book: KeyBook | None = None, auditor: Auditor | None = None) -> Door:
    """Return what knows readers and counts what they ask; raise IdentityMisconfigured for a wrong file."""
    limits = RateLimits(settings.redis_url, settings.rate_organisation, settings.rate_address)
    proxies = Proxies(settings.trusted_proxies, settings.proxy_header)
    bindings = Bindings(
        Certificates(proxies, settings.certificate_header),
        Proofs(settings.public_url, Replays(settings.redis_url), by_host=settings.mode == "demo"),
    )
    identity = IdentityFile(settings.identity, lambda: open_identity(settings)) if settings.identity else None
    known = Authenticator(identity or open_identity(settings), bindings=bindings, book=book)
    return Door(known, limits, proxies, auditor)


def open_relay(settings: Settings, store: AsyncEngine) -> Relay:
    """Return what tells those who listen of changes in a store."""
    bell = Bell(settings.redis_url) if settings.redis_url else None
    channel, kept = InProcess(settings.listener_events), timedelta(days=settings.event_days)
    return Relay(Outbox(store), channel, bell=bell, kept=kept)


def bounds(settings: Settings) -> Bounds:
    """Return what those who listen may do."""
    return Bounds(
        settings.listeners,
        settings.listener_operations,
        settings.heartbeat_seconds,
        settings.header_seconds,
        settings.body_limit,
    )


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


def work(settings: Settings, environment: Mapping[str, str], at: socket.socket | None = None) -> None:
    """Serve in this process until told to stop; end it with one line if something is configured wrong."""
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
        raise SystemExit(f"HUB_STORE_URL: the store cannot be reached ({type(error).__name__}).") from error
    serve(application, settings, lifecycle, [at] if at else None)


def work_together(settings: Settings, environment: Mapping[str, str]) -> None:
    """Have several processes serve until told to stop."""
    if settings.redis_url is None:
        _log.warning("workers.apart", instead="each process counts what is spent, and knows proofs, for itself")
    if settings.mode == "demo":
        demo_issuer(settings)
        audit_keys(settings)  # made once, not by each
    sockets = listening(settings.host, settings.port, settings.workers)
    with summed():
        Workers(work, (settings, dict(environment)), sockets, settings.leaving_seconds + settings.drain_seconds).run()


def main() -> None:
    """Serve until told to stop."""
    settings = read()
    logs.configure(settings.log_format)
    with ExitStack() as around:
        environment: Mapping[str, str] = os.environ
        if settings.mode == "demo":
            from demo import embedding  # the hub itself does not need the demo world

            settings, environment = around.enter_context(embedding.world(settings))
            embedding.synchronise(settings, environment)
            embedding.welcome(settings)
        if settings.workers > 1:
            work_together(settings, environment)
        else:
            work(settings, environment)


if __name__ == "__main__":
    main()
