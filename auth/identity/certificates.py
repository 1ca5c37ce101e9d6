"""Tokens bound to a client's certificate (RFC 8705 §3), which a trusted proxy passes on."""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from auth.addresses import Proxies
from auth.identity.refusals import BadToken
from auth.identity.shown import Shown

CertificateHeader = Literal["Client-Cert", "X-SSL-Client-Cert"]
"""`Client-Cert` holds the certificate by RFC 9440; `X-SSL-Client-Cert` as nginx's `$ssl_client_escaped_cert` does."""

_BINARY = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
"""A byte sequence of RFC 8941 §3.3.5."""


@dataclass(frozen=True)
class _Certificate:
    thumbprint: str
    first: float
    last: float


@dataclass(frozen=True)
class Certificates:
    """The certificates that trusted proxies pass on.

    The proxy has made sure that the client has the certificate's key, and lets no header of this name through.
    """

    proxies: Proxies = field(default_factory=Proxies)
    header: CertificateHeader = "Client-Cert"
    clock: Callable[[], float] = time.time

    def check(self, thumbprint: Any, shown: Shown) -> None:
        """Raise BadToken unless the client has shown the certificate of a thumbprint (`x5t#S256`)."""
        given = shown.headers.get(self.header.lower())
        if not given or not self.proxies.trusts(shown.peer):
            raise BadToken("no_certificate", "The token is bound to a certificate that was not shown.")
        try:
            found = _certificate(given, self.header)
        except ValueError as error:
            raise BadToken("bad_certificate", "The certificate that was shown cannot be read.") from error
        if not isinstance(thumbprint, str) or not hmac.compare_digest(found.thumbprint.encode(), thumbprint.encode()):
            raise BadToken("other_certificate", "The token is bound to another certificate.")
        # Proxies that take certificates of no known authority often do not look at the dates either.
        if not found.first <= self.clock() <= found.last:
            raise BadToken("old_certificate", "The certificate is not valid today.")


@lru_cache(maxsize=1024)
def _certificate(given: str, header: CertificateHeader) -> _Certificate:
    """Read a certificate; raise ValueError."""
    if header == "Client-Cert":
        binary = _BINARY.fullmatch(given.strip())
        if binary is None:
            raise ValueError("no byte sequence")
        found = x509.load_der_x509_certificate(base64.b64decode(binary[1], validate=True))
    else:
        found = x509.load_pem_x509_certificate(unquote_to_bytes(given))
    digest = base64.urlsafe_b64encode(found.fingerprint(SHA256())).decode().rstrip("=")
    return _Certificate(digest, found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp())
