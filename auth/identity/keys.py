"""The public keys of an issuer, read from a file and read again when the file changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwk
from joserfc.errors import JoseError

from auth.identity.config import Algorithm, IdentityMisconfigured, Issuer

_log = structlog.get_logger()

_LOOK_AGAIN = 1.0
"""Seconds between two looks at the file: a flood of tokens with unknown keys costs no more than that."""
_SMALLEST_RSA = 2048
"""Bits (NIST SP 800-131A)."""

_TYPES: Mapping[Algorithm, Literal["RSA", "EC", "OKP"]] = {
    "RS256": "RSA",
    "PS256": "RSA",
    "ES256": "EC",
    "EdDSA": "OKP",
}
_CURVES: Mapping[str, str] = {"ES256": "P-256", "EdDSA": "Ed25519"}


class Keys:
    """The keys of one issuer."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float]) -> None:
        """Read the file; raise IdentityMisconfigured if no key in it can be used."""
        self._issuer = issuer
        self._path = Path(issuer.keys)
        self._clock = clock
        self._looked = clock()
        self._told = ""
        self._changed, self._keys = self._read()

    def find(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return the key that a token names; without a name, the only one that fits its algorithm."""
        if self._clock() - self._looked >= _LOOK_AGAIN:
            self._look()
        fitting = [key for key in self._keys if _fits(key, algorithm)]
        named = [key for key in fitting if kid is not None and key.kid == kid]
        if named:
            return named[0]
        nameless = [key for key in fitting if kid is None or key.kid is None]
        return nameless[0] if len(fitting) == len(nameless) == 1 else None

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            if self._path.stat().st_mtime_ns != self._changed:
                self._changed, self._keys = self._read()
        except (OSError, IdentityMisconfigured) as error:
            # Half a file, or none for a moment: the keys that were known stay, but not in silence.
            if str(error) != self._told:
                _log.warning("identity.keys_unreadable", problem=str(error), instead="the keys known before are used")
            self._told = str(error)
        else:
            self._told = ""

    def _read(self) -> tuple[int, Sequence[jwk.Key]]:
        try:
            changed = self._path.stat().st_mtime_ns
            content = self._path.read_bytes()
            found = self._of_pem(content) if content.lstrip().startswith(b"-----BEGIN") else _of_jwks(content)
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
            cause = type(error).__name__
            raise IdentityMisconfigured(
                f"{self._path}: no keys can be read ({cause}). Give a PEM or JWKS file."
            ) from error
        usable = [key for key in found if any(_fits(key, algorithm) for algorithm in self._issuer.algorithms)]
        if not usable:
            wanted = ", ".join(self._issuer.algorithms)
            raise IdentityMisconfigured(
                f"{self._path}: holds no public key for {wanted}. Give one, RSA from 2048 bits."
            )
        return changed, usable

    def _of_pem(self, content: bytes) -> Sequence[jwk.Key]:
        for kind in dict.fromkeys(_TYPES[algorithm] for algorithm in self._issuer.algorithms):
            try:
                return [jwk.import_key(content, kind)]
            except (ValueError, JoseError):
                continue
        return []


def _of_jwks(content: bytes) -> Sequence[jwk.Key]:
    entries: Sequence[dict[str, Any]] = json.loads(content)["keys"]
    return [jwk.import_key(entry) for entry in entries if entry.get("use", "sig") == "sig"]


def _fits(key: jwk.Key, algorithm: Algorithm) -> bool:
    """Say whether a public key may check an algorithm's signatures."""
    if key.key_type != _TYPES[algorithm] or key.is_private or key.get("alg", algorithm) != algorithm:
        return False
    if algorithm in _CURVES:
        return bool(key.get("crv") == _CURVES[algorithm])
    raw = key.raw_value
    return isinstance(raw, RSAPublicKey) and raw.key_size >= _SMALLEST_RSA
