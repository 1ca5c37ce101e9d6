"""From what a request shows to its principal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from auth.identity import api_keys, principals
from auth.identity.api_keys import KeyBook, NoKeys
from auth.identity.bindings import Bindings
from auth.identity.config import Identity, IdentityFile
from auth.identity.proofs import ALGORITHMS
from auth.identity.refusals import BadToken
from auth.identity.shown import Shown
from auth.identity.tokens import Tokens
from auth.identity.watched import Watched
from auth.principal import ANONYMOUS, Principal

_REALM = 'realm="innograph"'
_BEARER, _DPOP = "bearer", "dpop"


class Unauthenticated(Exception):
    """Who asks could not be made sure: the answer is 401 with this challenge (RFC 6750 §3, RFC 9449 §7.1)."""

    def __init__(self, bad: BadToken, scheme: str = _BEARER) -> None:
        self.reason = bad.reason
        why = f'{_REALM}, error="{bad.error}", error_description="{bad}"'
        algorithms = f'algs="{" ".join(ALGORITHMS)}"'
        if scheme == _DPOP:
            self.challenge = f"DPoP {why}, {algorithms}"
        else:
            self.challenge = f"Bearer {why}" + (f", DPoP {_REALM}, {algorithms}" if bad.offers_proof else "")
        super().__init__(str(bad))


@dataclass(frozen=True)
class _Known:
    """Issuers and clients, and the tokens that were checked by them."""

    identity: Identity
    tokens: Tokens


class Authenticator:
    """Knows readers by their tokens and keys."""

    def __init__(
        self,
        identity: Identity | IdentityFile,
        clock: Callable[[], float] = time.time,
        *,
        bindings: Bindings | None = None,
        book: KeyBook | None = None,
    ) -> None:
        """Read issuers, clients and the keys that lie in files; raise IdentityMisconfigured."""
        self._clock = clock
        self._bindings = bindings or Bindings()
        self._book = book or NoKeys()
        self._opened = False
        self._latest = _Known(Identity(), Tokens(Identity(), clock))
        self._file: Watched[_Known] | None = None
        if isinstance(identity, Identity):
            self._latest = self._made(identity)
        else:
            read = identity.read
            self._file = Watched(identity.path, lambda: self._made(read()), clock)
            self._latest = self._file.content()

    async def open(self) -> None:
        """Begin to keep the issuers' keys up to date, and wait until each has been asked once."""
        self._opened = True
        keys = self._known().tokens.keys
        for each in keys:
            each.begin()
        await asyncio.gather(*(each.ready() for each in keys))

    async def aclose(self) -> None:
        """Keep nothing up to date any longer."""
        for keys in self._known().tokens.keys:
            await keys.aclose()
        await self._bindings.proofs.replays.aclose()

    async def principal(self, shown: Shown) -> Principal:
        """Return who asks by the header Authorization, anonymous without; raise Unauthenticated, Unavailable."""
        given = shown.headers.get("authorization")
        if not given:
            return ANONYMOUS
        scheme, _, credential = given.partition(" ")
        scheme = scheme.lower()
        if scheme not in (_BEARER, _DPOP) or not credential or " " in credential or "," in credential:
            raise Unauthenticated(BadToken("scheme", "Send one token, as Authorization: Bearer and the token."))
        try:
            if scheme == _BEARER and credential.startswith(api_keys.MARK):
                return await self._of_key(credential)
            return await self._of_token(credential, scheme == _DPOP, shown)
        except BadToken as bad:
            raise Unauthenticated(bad, scheme) from bad

    def knows(self, shown: Shown) -> bool:
        """Say whether a request shows nothing that it is dear to check, but what was believed before, or nothing."""
        _, _, credential = shown.headers.get("authorization", "").partition(" ")
        return not credential or credential.startswith(api_keys.MARK) or self._known().tokens.know(credential)

    def reader_of(self, client: str) -> Principal:
        """Return whom a client's tokens may mean at most; the anonymous reader for none that is registered."""
        found = self._known().identity.clients.get(client)
        if found is None:
            return ANONYMOUS
        return Principal(client, found.organisation, found.roles, client, purposes=found.purposes)

    def knows_organisation(self, name: str) -> bool:
        """Say whether a registered client asks for an organisation."""
        return any(client.organisation == name for client in self._known().identity.clients.values())

    async def _of_token(self, token: str, proving: bool, shown: Shown) -> Principal:
        known = self._known()
        checked = await known.tokens.checked(token)
        if checked.reader is None:
            checked.reader = principals.of_claims(checked.claims, checked.issuer, known.identity, token)
        await self._bindings.check(checked.claims, checked.issuer, token, proving, shown)
        return checked.reader

    async def _of_key(self, text: str) -> Principal:
        key = await api_keys.checked(text, self._book, self._clock)
        found = principals.of_key(key, self._known().identity)
        self._book.used(key.prefix)
        return found

    def _known(self) -> _Known:
        if self._file is None:
            return self._latest
        found = self._file.content()
        if found is not self._latest:
            before, self._latest = self._latest.tokens.keys, found
            for keys in before:
                if keys not in found.tokens.keys:
                    keys.stop()
            if self._opened:
                for keys in found.tokens.keys:
                    keys.begin()
        return found

    def _made(self, identity: Identity) -> _Known:
        return _Known(identity, Tokens(identity, self._clock, self._latest.tokens))
