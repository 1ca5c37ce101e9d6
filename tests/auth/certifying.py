"""Certificates of clients, as proxies pass them on."""

from __future__ import annotations

import base64
import datetime
from functools import cache
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.auth.forging import NOW, encoded


@cache
def certificate(name: str, first_day: int = -10, last_day: int = 10, now: float = NOW) -> x509.Certificate:
    """A certificate that is valid from one day to another, counted from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.fromtimestamp(now, datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + datetime.timedelta(first_day))
        .not_valid_after(today + datetime.timedelta(last_day))
        .sign(key, SHA256())
    )


def thumbprint(given: x509.Certificate) -> str:
    """Its `x5t#S256`."""
    return encoded(given.fingerprint(SHA256()))


def client_cert(given: x509.Certificate) -> str:
    """It as RFC 9440 passes it on."""
    return f":{base64.b64encode(given.public_bytes(Encoding.DER)).decode()}:"


def escaped(given: x509.Certificate) -> str:
    """It as nginx passes it on."""
    return quote(given.public_bytes(Encoding.PEM).decode(), safe="")
