"""What the audit signs: heads of its tree and receipts, as compact JWS (RFC 7515) by Ed25519 (RFC 9864).

A head that stands only until the next record is authenticated by HMAC (HS256), in a twentieth of the time, with a key
that is drawn from the private one: who can write to the store cannot make such a head either. Nobody outside can check
it, so that what is given out is signed.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey

_HEAD, _RECEIPT = "innograph-audit-head+jws", "innograph-receipt+jws"
_STANDING = "innograph-audit-standing+jws"
"""A head that stands until the next record."""
_ALGORITHMS = {_HEAD: "Ed25519", _RECEIPT: "Ed25519", _STANDING: "HS256"}

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


class AuditMisconfigured(ValueError):
    """The audit cannot be kept so: which setting, cause, and what to do."""


class BadSignature(ValueError):
    """A head or receipt was not signed by a key of this audit, or is none."""


class Head(msgspec.Struct, frozen=True):
    """The tree as it was at a moment: how many records, and the root over them."""

    algorithm: str
    size: int
    root: str
    """Hexadecimal."""
    at: datetime


class Stamp(msgspec.Struct, frozen=True, rename="camel"):
    """What a source gave to an answer."""

    source: str
    oldest_as_of: str | None
    synthetic: bool


class Receipt(msgspec.Struct, frozen=True, rename="camel"):
    """What was answered to whom, and where the audit says so."""

    at: datetime
    organisation: str
    client: str
    purpose: str | None
    reference: str | None
    operation: str
    """The hash of the operation's text."""
    data: str
    """The hash of the answer's `data` in canonical form (`auth.audit.digest`)."""
    sources: tuple[Stamp, ...]
    place: int
    leaf: str
    """The leaf's hash, hexadecimal."""
    tree: Head
    """A tree that holds the record."""


@dataclass(frozen=True)
class Keys:
    """The key that signs, and those that signed before it."""

    own: OKPKey
    former: Mapping[str, OKPKey]

    def sign_head(self, head: Head) -> str:
        """Return a signed head."""
        return self._signed(_HEAD, head)

    def stand_by(self, head: Head) -> str:
        """Return a head that only who has the private key can make or check."""
        begun = self._begun(_STANDING, head)
        return f"{begun}.{_base64url(hmac.digest(self._standing, begun.encode(), 'sha256'))}"

    def sign_receipt(self, receipt: Receipt) -> str:
        """Return a signed receipt."""
        return self._signed(_RECEIPT, receipt)

    def head(self, signed: str) -> Head:
        """Return a head whose signature is good, also if it is one that stands; raise BadSignature."""
        return self._read(signed, Head, _HEAD, _STANDING)

    def for_others(self, signed: str) -> str:
        """Return a head whose signature is good so that others can check it, too; raise BadSignature."""
        head = self.head(signed)
        return signed if signed.startswith(f"{self._headers[_HEAD]}.") else self.sign_head(head)

    def receipt(self, signed: str) -> Receipt:
        """Return a receipt whose signature is good; raise BadSignature."""
        return self._read(signed, Receipt, _RECEIPT)

    def public(self) -> bytes:
        """Return the public key, with which anybody can check what is signed, as PEM."""
        return self.own.as_pem(private=False)

    def _signed(self, kind: str, content: object) -> str:
        begun = self._begun(kind, content)
        return f"{begun}.{_base64url(self._private.sign(begun.encode()))}"

    def _begun(self, kind: str, content: object) -> str:
        """Return what is signed: put together here, as each append does, and to make the header anew takes longer."""
        return f"{self._headers[kind]}.{_base64url(_encoder.encode(content))}"

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        kid = self.own.thumbprint()
        headers = {kind: {"alg": algorithm, "typ": kind, "kid": kid} for kind, algorithm in _ALGORITHMS.items()}
        return {kind: _base64url(_encoder.encode(header)) for kind, header in headers.items()}

    @cached_property
    def _standing(self) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=_STANDING.encode()).derive(self._private.private_bytes_raw())

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        key = self.own.private_key
        assert isinstance(key, Ed25519PrivateKey), "no other key is taken"
        return key

    def _read(self, signed: str, form: type[T], *kinds: str) -> T:
        try:
            header = jws.extract_compact(signed.encode("ascii")).headers()
            kind = header.get("typ")
            if kind not in kinds:
                raise BadSignature(f"it is of the type {str(kind)[:60]!r}, not {kinds[0]!r}")
            key = self._key(kind, str(header.get("kid")))
            algorithms = [_ALGORITHMS[kind]]
            return msgspec.json.decode(jws.deserialize_compact(signed, key, algorithms=algorithms).payload, type=form)
        except (JoseError, msgspec.DecodeError, UnicodeError, ValueError) as error:
            if isinstance(error, BadSignature):
                raise
            raise BadSignature(f"its signature does not hold ({type(error).__name__})") from error

    def _key(self, kind: str, kid: str) -> OKPKey | OctKey:
        """Return the key that checks what another, or the same, has signed; raise BadSignature."""
        if kid == self.own.thumbprint():
            return OctKey.import_key(self._standing) if kind == _STANDING else self.own
        if kid not in self.former:
            raise BadSignature("it was signed by a key that this audit does not know; see HUB_AUDIT_FORMER_KEYS")
        if kind == _STANDING:
            raise BadSignature(
                "it stands by a former key, whose public part cannot check it; it does again from the next record on"
            )
        return self.former[kid]


def keys(own: Path, former: Sequence[Path] = ()) -> Keys:
    """Return the keys of PEM files: a private one, and public ones of earlier times; raise AuditMisconfigured."""
    return Keys(_key("HUB_AUDIT_KEY", own, private=True), {key.thumbprint(): key for key in map(_former, former)})


def make_key(path: Path) -> None:
    """Make a private key in a file that only its owner can read, unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(OKPKey.generate_key("Ed25519").as_pem(private=True))
    try:
        os.link(fresh, path)  # unless another process was faster
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _former(path: Path) -> OKPKey:
    return _key("HUB_AUDIT_FORMER_KEYS", path, private=False)


def _key(setting: str, path: Path, *, private: bool) -> OKPKey:
    try:
        key = OKPKey.import_key(path.read_bytes())
    except (OSError, JoseError, ValueError, TypeError) as error:
        raise AuditMisconfigured(
            f"{setting}: {path} cannot be read as a key ({type(error).__name__}). Give an Ed25519 key as PEM: "
            "openssl genpkey -algorithm ed25519"
        ) from error
    if key.curve_name != "Ed25519" or (private and not key.is_private):
        raise AuditMisconfigured(f"{setting}: {path} holds no {'private ' if private else ''}Ed25519 key. Give one.")
    return key
