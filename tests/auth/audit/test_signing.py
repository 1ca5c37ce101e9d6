"""Heads and receipts: signed, read again, and refused where anything about the signature is not right."""

from __future__ import annotations

import hmac
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OKPKey

from auth.audit.signing import AuditMisconfigured, BadSignature, Head, Keys, Receipt, keys, make_key

HEAD = Head("SHA-256", 7, "00" * 32, datetime(2026, 11, 25, tzinfo=UTC))
RECEIPT = Receipt(HEAD.at, "icbc", "bank-icbc", "PRE_LOAN", "案-1", "SHA-256:1", "SHA-256:2", (), 6, "11" * 32, HEAD)


@pytest.fixture
def own(tmp_path: Path) -> Keys:
    """A key just made."""
    make_key(tmp_path / "audit" / "private.pem")
    return keys(tmp_path / "audit" / "private.pem")


def test_what_was_signed_is_read_again(own: Keys) -> None:
    assert own.head(own.sign_head(HEAD)) == HEAD
    assert own.receipt(own.sign_receipt(RECEIPT)) == RECEIPT


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "private.pem"
    make_key(path)
    made = path.read_bytes()
    make_key(path)
    assert path.read_bytes() == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["private.pem"]


def test_what_a_former_key_signed_still_holds(own: Keys, tmp_path: Path) -> None:
    (tmp_path / "former.pem").write_bytes(own.public())
    make_key(tmp_path / "new.pem")
    signed = own.sign_head(HEAD)
    with pytest.raises(BadSignature, match="HUB_AUDIT_FORMER_KEYS"):
        keys(tmp_path / "new.pem").head(signed)
    assert keys(tmp_path / "new.pem", [tmp_path / "former.pem"]).head(signed) == HEAD


def test_a_spoilt_signature_is_refused(own: Keys) -> None:
    head, content, signature = own.sign_head(HEAD).split(".")
    other_head, other, _ = own.sign_head(Head("SHA-256", 8, "00" * 32, HEAD.at)).split(".")
    assert other_head == head
    for spoilt in (
        f"{head}.{other}.{signature}",
        f"{head}.{content}.{signature[:-6]}AAAAAA",
        f"{head}.{content}.",
        f"{head}.{content}",
        "",
        "é.é.é",
        own.sign_receipt(RECEIPT),
    ):
        with pytest.raises(BadSignature):
            own.head(spoilt)
    with pytest.raises(BadSignature, match="of the type"):
        own.receipt(own.sign_head(HEAD))


def test_what_stands_is_checked_by_who_has_the_private_key_alone(own: Keys, tmp_path: Path) -> None:
    by = own.stand_by(b"7 leaves")
    own.check(b"7 leaves", by)
    make_key(tmp_path / "new.pem")
    (tmp_path / "former.pem").write_bytes(own.public())
    with pytest.raises(BadSignature, match="former key, whose public part cannot check it"):
        keys(tmp_path / "new.pem", [tmp_path / "former.pem"]).check(b"7 leaves", by)
    with pytest.raises(BadSignature, match="not stand by a key of this audit"):
        keys(tmp_path / "new.pem").check(b"7 leaves", by)
    kid, _, mac = by.partition(":")
    public = own.own.public_key.public_bytes_raw()
    forged = [hmac.digest(key, b"8 leaves", "sha256").hex() for key in (own.public(), public, b"", bytes(32))]
    for spoilt in (by, "", kid, f"{kid}:", f"{kid}:{mac[:-1]}", f"{kid}:é\ud800", *(f"{kid}:{one}" for one in forged)):
        with pytest.raises(BadSignature, match="not stand by a key of this audit"):
            own.check(b"8 leaves", spoilt)


@pytest.mark.parametrize("content", [b"", b"no key", ECKey.generate_key("P-256").as_pem(private=True)])
def test_a_file_without_such_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(AuditMisconfigured, match="HUB_AUDIT_KEY: "):
        keys(tmp_path / "key.pem")


def test_a_public_key_cannot_sign(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(OKPKey.generate_key("Ed25519").as_pem(private=False))
    with pytest.raises(AuditMisconfigured, match="no private Ed25519 key"):
        keys(tmp_path / "key.pem")
