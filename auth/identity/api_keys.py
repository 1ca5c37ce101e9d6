"""API keys, with which partners' machines ask: `ik_<prefix>_<secret>`, of which the hub keeps a digest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from auth.identity.config import Client
from auth.identity.refusals import BadToken
from codes.access import APART, Role

MARK = "ik_"

_KEY = re.compile(r"ik_([a-z2-7]{10})_[A-Za-z0-9_-]{43}")
_NOBODYS = hashlib.sha256(secrets.token_bytes()).hexdigest()


class KnownKey(Protocol):
    """What is kept of a key."""

    @property
    def prefix(self) -> str:
        """The part by which it is found and named."""

    @property
    def digest(self) -> str:
        """What `digest` makes of the whole key."""

    @property
    def client(self) -> str:
        """The registered client that asks with it."""

    @property
    def scopes(self) -> frozenset[str] | None:
        """Groups that it is limited to; None: all that its client may."""

    @property
    def expires_at(self) -> datetime:
        """When it is of no use any more."""

    @property
    def revoked_at(self) -> datetime | None:
        """When it was revoked."""


class KeyBook(Protocol):
    """Where keys are found."""

    async def find(self, prefix: str) -> KnownKey | None:
        """Return the key of a prefix, as it was at most a second ago; raise Unavailable."""

    def used(self, prefix: str) -> None:
        """Note that a key was used now."""


class NoKeys:
    """The book of a hub that has none."""

    async def find(self, prefix: str) -> KnownKey | None:
        """Return None."""
        return None

    def used(self, prefix: str) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class NewKey:
    """A key that was just made: the only time that it is whole."""

    prefix: str
    text: str


def make() -> NewKey:
    """Return a new key, with 256 bits of secret."""
    prefix = base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]
    return NewKey(prefix, f"{MARK}{prefix}_{secrets.token_urlsafe(32)}")


def digest(key: str) -> str:
    """Return what is kept of a key."""
    # One round of SHA-256 is enough: nobody guesses 256 random bits, so there is no guessing to be slowed down.
    return hashlib.sha256(key.encode()).hexdigest()


def roles(client: Client) -> frozenset[Role]:
    """Return what a client's keys may make of it."""
    return client.roles - APART


async def checked(key: str, book: KeyBook, clock: Callable[[], float]) -> KnownKey:
    """Return what is known of a key; raise BadToken, Unavailable."""
    form = _KEY.fullmatch(key)
    if form is None:
        raise BadToken("malformed", "This is no API key: it is cut off, or was changed.")
    found = await book.find(form[1])
    # Compared in any case, and in constant time: how long it takes tells neither prefixes nor secrets.
    if not hmac.compare_digest(digest(key), found.digest if found else _NOBODYS) or found is None:
        raise BadToken("unknown_key", "The API key is not known here.")
    if found.revoked_at is not None:
        raise BadToken("revoked", "The API key was revoked.")
    if clock() >= found.expires_at.timestamp():
        raise BadToken("expired", "The API key has expired; ask the hub's operators for a new one.")
    return found
