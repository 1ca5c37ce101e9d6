"""What the audit signs: heads of its tree and receipts, as compact JWS (RFC 7515) by Ed25519 (RFC 9864).

What stands only until the next record does so by an HMAC (RFC 2104), which is cheaper, with a key that is drawn from
the private one: who can write to the store cannot make it either. Nobody outside can check it, so that what is given
out is signed.
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
from joserfc.jwk import OKPKey

_HEAD, _RECEIPT = "innograph-audit-head+jws", "innograph-receipt+jws"
_ALGORITHM = "Ed25519"
_STANDING = b"innograph-audit-standing"

T = TypeVar("T")


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

    def stand_by(self, content: bytes) -> str:
        """Return by what some content stands: only who has the private key can make or check it."""
        mac = self._standing.copy()
        mac.update(content)
        return f"{self._kid}:{mac.hexdigest()}"

    def sign_receipt(self, receipt: Receipt) -> str:
        """Return a signed receipt."""
        return self._signed(_RECEIPT, receipt)

    def head(self, signed: str) -> Head:
        """Return a head whose signature is good; raise BadSignature."""
        return self._read(_HEAD, signed, Head)

    def check(self, content: bytes, by: str) -> None:
        """Raise BadSignature unless some content stands by this."""
        if hmac.compare_digest(by.encode(errors="replace"), self.stand_by(content).encode()):
            return
        if by.partition(":")[0] in self.former:
            raise BadSignature(
                "it stands by a former key, whose public part cannot check it; it does again from the next record on"
            )
        raise BadSignature("it does not stand by a key of this audit, or was changed")

    def receipt(self, signed: str) -> Receipt:
        """Return a receipt whose signature is good; raise BadSignature."""
        return self._read(_RECEIPT, signed, Receipt)

    def public(self) -> bytes:
        """Return the public key, with which anybody can check what is signed, as PEM."""
        return self.own.as_pem(private=False)

    def _signed(self, kind: str, content: object) -> str:
        # Put together here: to make the header anew takes as long as to sign.
        begun = f"{self._headers[kind]}.{_base64url(msgspec.json.encode(content))}"
        return f"{begun}.{_base64url(self._private.sign(begun.encode()))}"

    @cached_property
    def _kid(self) -> str:
        return self.own.thumbprint()

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        headers = {kind: {"alg": _ALGORITHM, "typ": kind, "kid": self._kid} for kind in (_HEAD, _RECEIPT)}
        return {kind: _base64url(msgspec.json.encode(header)) for kind, header in headers.items()}

    @cached_property
    def _standing(self) -> hmac.HMAC:
        drawn = HKDF(SHA256(), 32, salt=None, info=_STANDING).derive(self._private.private_bytes_raw())
        return hmac.new(drawn, digestmod="sha256")

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        key = self.own.private_key
        assert isinstance(key, Ed25519PrivateKey), "no other key is taken"
        return key

    def _read(self, kind: str, signed: str, form: type[T]) -> T:
        try:
            header = jws.extract_compact(signed.encode("ascii")).headers()
            key = {self._kid: self.own, **self.former}.get(str(header.get("kid")))
            if header.get("typ") != kind:
                raise BadSignature(f"it is of the type {str(header.get('typ'))[:60]!r}, not {kind!r}")
            if key is None:
                raise BadSignature("it was signed by a key that this audit does not know; see HUB_AUDIT_FORMER_KEYS")
            return msgspec.json.decode(jws.deserialize_compact(signed, key, algorithms=[_ALGORITHM]).payload, type=form)
        except (JoseError, msgspec.DecodeError, UnicodeError, ValueError) as error:
            if isinstance(error, BadSignature):
                raise
            raise BadSignature(f"its signature does not hold ({type(error).__name__})") from error


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
