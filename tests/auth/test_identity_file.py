"""identity.toml: what is refused, and what becomes of a change while the hub runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog.testing

from auth.identity import config, demo
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.config import IdentityFile, IdentityMisconfigured
from tests.auth.forging import NOW, bearer, signed

ISSUER = '[issuers.x]\nissuer = "x"\nkeys = "k.pem"\nalgorithms = ["ES256"]\nroles = ["BANK"]\n'
CLIENT = '[clients.x]\ntitle = "x"\norganisation = "x"\nroles = ["BANK"]\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "cannot be read"),
        (ISSUER.replace("ES256", "HS256"), "algorithms"),
        (ISSUER.replace("ES256", "none"), "algorithms"),
        (ISSUER.replace("k.pem", "http://keys.example/jwks"), "by https"),
        (ISSUER.replace("k.pem", "ftp://keys.example/jwks"), "by https"),
        (ISSUER.replace("k.pem", "http://127.0.0.1.evil.example/jwks"), "by https"),
        (ISSUER.replace("k.pem", "https://name:word@keys.example/jwks"), "without a name or password"),
        (ISSUER.replace("k.pem", "https:///jwks"), "https://host/path"),
        (ISSUER.replace("k.pem", "https://keys.example:port/jwks"), "Invalid port"),
        (ISSUER + 'bound = "mtls"', "bound"),
        (ISSUER + ISSUER.replace("issuers.x", "issuers.y"), "same issuer"),
        (CLIENT.replace('organisation = "x"', 'organisation = ""'), "organisation"),
        (CLIENT.replace("BANK", "KING"), "roles"),
        (CLIENT.replace('"BANK"', '"OPERATOR", "AUDITOR"'), "nobody may be AUDITOR and OPERATOR at once"),
        (CLIENT.replace('"BANK"', '"AUDITOR", "SECURITY"'), "nobody may be AUDITOR and SECURITY at once"),
        (CLIENT + 'enterprise = "1234"', "enterprise"),
        (CLIENT + 'zones = "east-lake"', "zones"),
        ("surprise = 1", "surprise"),
    ],
)
def test_a_file_of_issuers_that_cannot_be_used_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "identity.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IdentityMisconfigured, match=problem) as refused:
        config.load(path)
    assert str(path) in str(refused.value)
    assert "word" not in str(refused.value).replace("password", "")


@pytest.mark.parametrize("address", ["https://id.example/jwks", "http://127.0.0.1:1/jwks", "http://[::1]:1/jwks"])
def test_keys_may_come_from_an_address(tmp_path: Path, address: str) -> None:
    path = tmp_path / "identity.toml"
    path.write_text(ISSUER.replace("k.pem", address), encoding="utf-8")
    assert config.load(path).issuers["x"].keys == address


def test_a_file_of_private_or_small_keys_is_refused(tmp_path: Path, issuer: Path) -> None:
    (tmp_path / "k.pem").write_bytes((issuer / "private.pem").read_bytes())
    path = tmp_path / "identity.toml"
    path.write_text(ISSUER)
    with pytest.raises(IdentityMisconfigured, match="no public key"):
        Authenticator(config.load(path))


async def test_issuers_and_clients_change_without_a_restart(issuer: Path, tmp_path: Path) -> None:
    path = tmp_path / "identity.toml"
    trusting = ISSUER.replace('issuer = "x"', f'issuer = "{demo.ISSUER}"').replace("k.pem", str(issuer / "public.pem"))
    client = CLIENT.replace("clients.x", "clients.bank-icbc")
    now = [NOW]
    path.write_text(trusting + client)
    subject = Authenticator(IdentityFile(path, lambda: config.load(path)), lambda: now[0])
    shown = bearer(signed(issuer))

    async def organisation(text: str | None) -> str | None:
        """Write the file, and say for whom the token asks then."""
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        now[0] += 2
        try:
            return (await subject.principal(shown)).organisation
        except Unauthenticated:
            return None

    assert (await subject.principal(shown)).organisation == "x"
    assert await organisation(trusting + client.replace('organisation = "x"', 'organisation = "icbc"')) == "icbc"
    assert await organisation(trusting) is None, "the client is gone"
    assert await organisation(client) is None, "the issuer is gone"
    assert await organisation(trusting + client) == "x"
    with structlog.testing.capture_logs() as logged:
        for broken in ("[", "[", None, trusting.replace("public.pem", "absent.pem") + client):
            assert await organisation(broken) == "x", "what was known is used"
    assert [entry["event"] for entry in logged] == ["identity.file_unreadable"] * 3, "each is said once"
    with structlog.testing.capture_logs() as logged:
        assert await organisation(trusting + client.replace('organisation = "x"', 'organisation = "boc"')) == "boc"
    assert logged == []
