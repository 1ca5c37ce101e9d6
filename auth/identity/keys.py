"""The public keys of an issuer: which of them may check what, and where they come from."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwk, jwt
from joserfc.errors import JoseError, SecurityWarning

from auth.identity.config import Algorithm, IdentityMisconfigured, Issuer
from auth.identity.watched import Watched

_SMALLEST_RSA = 2048
"""Bits (NIST SP 800-131A)."""
_MOST_KEYS = 100

_TYPES: Mapping[Algorithm, Literal["RSA", "EC", "OKP"]] = {
    "RS256": "RSA",
    "PS256": "RSA",
    "ES256": "EC",
    "EdDSA": "OKP",
}
_CURVES: Mapping[str, str] = {"ES256": "P-256", "EdDSA": "Ed25519"}

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, JoseError)
"""What reading a key or a token that somebody else wrote may raise."""


@dataclass(frozen=True)
class Ring:
    """Public keys that an issuer's algorithms may use."""

    keys: Sequence[jwk.Key] = ()
    _found: dict[tuple[Algorithm, str | None], jwk.Key] = field(default_factory=dict, repr=False, compare=False)

    def find(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return the key that a token names; without a name, the only one that fits its algorithm."""
        found = self._found.get((algorithm, kid))
        if found is None and (found := self._look_for(algorithm, kid)) is not None:
            if len(self._found) >= _MOST_KEYS:  # a key without a name answers to every name
                self._found.clear()
            self._found[algorithm, kid] = found
        return found

    def _look_for(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        fitting = [key for key in self.keys if fits(key, algorithm)]
        named = [key for key in fitting if kid is not None and key.kid == kid]
        if named:
            return named[0]
        nameless = [key for key in fitting if kid is None or key.kid is None]
        return nameless[0] if len(fitting) == len(nameless) == 1 else None


class Keys(Protocol):
    """Where the keys of one issuer come from."""

    def find(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return a key that is known, without waiting for anything."""

    async def seek(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return a key that `find` did not know, if there is news; raise Unavailable if that cannot be found out."""

    def begin(self) -> None:
        """Keep the keys up to date from now on."""

    async def ready(self) -> None:
        """Wait until it has been tried to have keys."""

    def stop(self) -> None:
        """Keep them up to date no longer."""

    async def aclose(self) -> None:
        """Break off what is under way."""


class FileKeys:
    """The keys in a PEM or JWKS file, read again when it changes."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float]) -> None:
        """Read the file; raise IdentityMisconfigured if no key in it can be used."""
        path = Path(issuer.keys)
        self._file = Watched(path, lambda: _of_file(path, issuer.algorithms), clock)

    def find(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return a key of the file."""
        return self._file.content().find(algorithm, kid)

    async def seek(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return None: `find` has looked at the file."""
        return None

    def begin(self) -> None:
        """Do nothing: the file is looked at when a key is wanted."""

    async def ready(self) -> None:
        """Return at once."""

    def stop(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Return at once."""


def fits(key: jwk.Key, algorithm: Algorithm) -> bool:
    """Say whether a public key may check an algorithm's signatures."""
    if key.key_type != _TYPES[algorithm] or key.is_private or key.get("alg", algorithm) != algorithm:
        return False
    if algorithm in _CURVES:
        return bool(key.get("crv") == _CURVES[algorithm])
    raw = key.raw_value
    return isinstance(raw, RSAPublicKey) and raw.key_size >= _SMALLEST_RSA


def signed_claims(token: str, key: jwk.Key, algorithm: Algorithm) -> Mapping[str, Any] | None:
    """Return what a JSON Web Token says if it is signed by a key; None if it is not."""
    with _without_advice():
        try:
            return jwt.decode(token, key, algorithms=[algorithm]).claims
        except _UNREADABLE:
            return None


def imported(entry: Any) -> jwk.Key | None:
    """Return a JSON Web Key that somebody else wrote; None if it cannot be read or is no asymmetric one."""
    if not isinstance(entry, Mapping) or entry.get("kty") not in _TYPES.values():
        return None
    with _without_advice():
        try:
            return jwk.import_key(dict(entry))
        except _UNREADABLE:
            return None


def _without_advice() -> warnings.catch_warnings[Any]:
    """Silence the library where it warns of small keys, which `fits` refuses, and of the name EdDSA (RFC 9864)."""
    return warnings.catch_warnings(action="ignore", category=SecurityWarning)


def of_jwks(content: bytes, algorithms: Sequence[Algorithm], place: str) -> Ring:
    """Return the keys of a JWK Set; raise IdentityMisconfigured if none can be used."""
    try:
        entries: Sequence[Mapping[str, Any]] = json.loads(content)["keys"]
        # Keys for something else, or of kinds that are not known here, are passed over (RFC 7517 §5).
        signing = [entry for entry in entries[:_MOST_KEYS] if entry.get("use", "sig") == "sig"]
        found = [key for entry in signing if (key := imported(entry)) is not None]
    except _UNREADABLE as error:
        raise IdentityMisconfigured(f"{place}: this is no JWK Set ({type(error).__name__}).") from error
    return _usable(found, algorithms, place)


def _of_file(path: Path, algorithms: Sequence[Algorithm]) -> Ring:
    try:
        content = path.read_bytes()
    except OSError as error:
        cause = type(error).__name__
        raise IdentityMisconfigured(f"{path}: no keys can be read ({cause}). Give a PEM or JWKS file.") from error
    if content.lstrip().startswith(b"-----BEGIN"):
        return _usable(_of_pem(content, algorithms), algorithms, str(path))
    return of_jwks(content, algorithms, str(path))


def _of_pem(content: bytes, algorithms: Sequence[Algorithm]) -> Sequence[jwk.Key]:
    for kind in dict.fromkeys(_TYPES[algorithm] for algorithm in algorithms):
        try:
            with _without_advice():
                return [jwk.import_key(content, kind)]
        except _UNREADABLE:
            continue
    return []


def _usable(found: Sequence[jwk.Key], algorithms: Sequence[Algorithm], place: str) -> Ring:
    usable = tuple(key for key in found if any(fits(key, algorithm) for algorithm in algorithms))
    if not usable:
        wanted = ", ".join(algorithms)
        raise IdentityMisconfigured(f"{place}: holds no public key for {wanted}. Give one, RSA from 2048 bits.")
    return Ring(usable)
