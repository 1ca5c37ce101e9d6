"""Tokens bound to a certificate: of use to whoever has it, by a trusted proxy's word, and to nobody else."""

from __future__ import annotations

import base64
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from auth.addresses import Proxies
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.bindings import Bindings
from auth.identity.certificates import CertificateHeader, Certificates
from auth.identity.config import Identity
from auth.identity.proofs import Proofs
from auth.principal import Principal
from tests.auth.certifying import certificate, client_cert, escaped, thumbprint
from tests.auth.forging import NOW, bearer, changed, signed

PROXY = "10.0.0.7"
OURS, OTHER = certificate("bank-icbc"), certificate("somebody")
DER = OURS.public_bytes(Encoding.DER)


async def asked(
    identity: Identity,
    token: str,
    peer: str = PROXY,
    header: CertificateHeader = "Client-Cert",
    **headers: str,
) -> Principal:
    proxies = Proxies((ip_network("10.0.0.0/24"),))
    certificates = Certificates(proxies, header, lambda: NOW)
    subject = Authenticator(identity, lambda: NOW, bindings=Bindings(certificates, Proofs(clock=lambda: NOW)))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await subject.principal(replace(bearer(token, **named), peer=peer))


def bound(issuer: Path, thumb: object = None) -> str:
    return signed(issuer, cnf={"x5t#S256": thumbprint(OURS) if thumb is None else thumb})


async def test_its_owner_is_believed_by_either_header(issuer: Path) -> None:
    identity = changed(issuer)
    assert (await asked(identity, bound(issuer), client_cert=client_cert(OURS))).client == "bank-icbc"
    nginx = await asked(identity, bound(issuer), header="X-SSL-Client-Cert", x_ssl_client_cert=escaped(OURS))
    assert nginx.client == "bank-icbc"
    assert (await asked(identity, bound(issuer), "::ffff:10.0.0.7", client_cert=client_cert(OURS))).client
    assert (await asked(identity, signed(issuer), client_cert=":rubbish")).client, "nobody asks for it"


SHOWN = {
    "none": "",
    "another": client_cert(OTHER),
    "no byte sequence": base64.b64encode(DER).decode(),
    "no base64": ":***:",
    "empty": "::",
    "cut off": f":{base64.b64encode(DER[:-20]).decode()}:",
    "with more behind": f":{base64.b64encode(DER + b'more').decode()}:",
    "two": f"{client_cert(OURS)}, {client_cert(OTHER)}",
    "with a parameter": f"{client_cert(OURS)};a=1",
    "a text": f'"{base64.b64encode(DER).decode()}"',
    "nginx's form": escaped(OURS),
    "only the thumbprint": thumbprint(OURS),
    "huge": f":{'A' * 60_000}:",
}


@pytest.mark.parametrize("shown", SHOWN)
async def test_a_stolen_token_is_of_no_use(issuer: Path, shown: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await asked(changed(issuer), bound(issuer), client_cert=SHOWN[shown])
    assert refused.value.challenge.startswith('Bearer realm="innograph", error="invalid_token"')


ESCAPED = {
    "none": "",
    "another": escaped(OTHER),
    "cut off": escaped(OURS)[:400],
    "end cut off": escaped(OURS)[:-30],
    "the other form": client_cert(OURS),
    "no text": "%00%ff",
    "no escape": "%",
}


@pytest.mark.parametrize("shown", ESCAPED)
async def test_nor_by_the_other_header(issuer: Path, shown: str) -> None:
    with pytest.raises(Unauthenticated):
        await asked(changed(issuer), bound(issuer), header="X-SSL-Client-Cert", x_ssl_client_cert=ESCAPED[shown])


@pytest.mark.parametrize("peer", ["10.0.1.7", "127.0.0.1", "", "unix", "::1", "10.0.0.7, 10.0.0.7"])
async def test_a_header_from_anybody_but_a_trusted_proxy_is_not_looked_at(issuer: Path, peer: str) -> None:
    with pytest.raises(Unauthenticated, match="not shown"):
        await asked(changed(issuer), bound(issuer), peer, client_cert=client_cert(OURS), x_forwarded_for=PROXY)


async def test_only_the_header_of_the_setting_counts(issuer: Path) -> None:
    with pytest.raises(Unauthenticated, match="not shown"):
        await asked(changed(issuer), bound(issuer), x_ssl_client_cert=escaped(OURS))


@pytest.mark.parametrize("days", [(-10, -1), (1, 10)])
async def test_a_certificate_out_of_its_days_is_refused(issuer: Path, days: tuple[int, int]) -> None:
    old = certificate("bank-icbc", *days)
    with pytest.raises(Unauthenticated, match="not valid today"):
        await asked(changed(issuer), bound(issuer, thumbprint(old)), client_cert=client_cert(old))


@pytest.mark.parametrize(
    "thumb",
    ["", 1, ["x"], {}, thumbprint(OURS).lower(), thumbprint(OURS) + "=", thumbprint(OURS)[:-1], "é"],
    ids=range(8),
)
async def test_thumbprints_are_compared_to_the_letter(issuer: Path, thumb: object) -> None:
    with pytest.raises(Unauthenticated, match="another certificate"):
        await asked(changed(issuer), bound(issuer, thumb), client_cert=client_cert(OURS))


@pytest.mark.parametrize("demanded", ["certificate", "dpop", "any"])
async def test_an_issuer_may_demand_that_its_tokens_are_bound(issuer: Path, demanded: str) -> None:
    identity = changed(issuer, bound=demanded)
    with pytest.raises(Unauthenticated, match="must be bound") as refused:
        await asked(identity, signed(issuer), client_cert=client_cert(OURS))
    assert ("DPoP" in refused.value.challenge.partition("invalid_token")[2]) is (demanded != "certificate")
    if demanded == "dpop":
        with pytest.raises(Unauthenticated, match="must be bound"):
            await asked(identity, bound(issuer), client_cert=client_cert(OURS))
    else:
        assert (await asked(identity, bound(issuer), client_cert=client_cert(OURS))).client == "bank-icbc"
