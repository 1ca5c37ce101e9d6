"""What the hub is put together from, opened by its settings: sources, audit, identity, door, relay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import strawberry
from sqlalchemy.ext.asyncio import AsyncEngine

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
from auth.limits import RateLimits
from connectors import config
from connectors.common_cache import CommonCache
from connectors.sources import Sources, installed_kinds
from resolvers import plugins
from resolvers.auditing import Auditor
from resolvers.bell import Bell
from resolvers.binding import Graph
from resolvers.declared import graph_of
from resolvers.events import InProcess, Relay
from resolvers.graph import GRAPH
from resolvers.hub_source import hub_kind, with_hub
from settings import Settings
from store.audit import Ledger
from store.engine import open_store
from store.events import Outbox
from store.sealing import Sealer, sealer_of
from store.sealing import make_key as make_sealing_key
from web.demo_readers import DemoReaders
from web.door import Door
from web.key_book import KeyBook
from web.listeners import Bounds


def open_graph(settings: Settings) -> tuple[strawberry.Schema, Graph]:
    """Return the schema and what answers it, with what sources.toml declares and plug-ins bring; ask no source.

    Raise SourcesMisconfigured for a wrong file.
    """
    path, known = settings.sources_file, plugins.catalogue()
    return graph_of(config.load(path, known) if path else config.SourcesConfig(Path(), {}, {}, known), GRAPH)


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


def demo_issuer(settings: Settings) -> Path:
    """Return the folder of the demo's issuer, made if it is absent."""
    demo.make_issuer(settings.demo_issuer)
    return settings.demo_issuer


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
