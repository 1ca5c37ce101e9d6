"""API keys: those that must be believed, and those that must not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.identity import api_keys, demo
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.shown import Shown
from codes.access import Purpose, Role
from tests.auth.forging import NOW, bearer

TODAY = datetime.fromtimestamp(NOW, UTC)


@dataclass(frozen=True)
class Kept:
    """A key as a store keeps it."""

    prefix: str
    digest: str
    client: str
    scopes: frozenset[str] | None = None
    expires_at: datetime = TODAY + timedelta(365)
    revoked_at: datetime | None = None


@dataclass
class Book:
    """A few keys."""

    keys: dict[str, Kept] = field(default_factory=dict)
    noted: list[str] = field(default_factory=list)

    async def find(self, prefix: str) -> Kept | None:
        return self.keys.get(prefix)

    def used(self, prefix: str) -> None:
        self.noted.append(prefix)

    def add(self, client: str, **given: Any) -> str:
        made = api_keys.make()
        self.keys[made.prefix] = Kept(made.prefix, api_keys.digest(made.text), client, **given)
        return made.text


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def hub(issuer: Path, book: Book) -> Authenticator:
    return Authenticator(demo.identity(issuer), lambda: NOW, book=book)


async def test_a_key_stands_for_all_that_its_client_is(hub: Authenticator, book: Book) -> None:
    key = book.add("bank-icbc", scopes=frozenset(("FILINGS",)))
    reader = await hub.principal(bearer(key))
    assert (reader.subject, reader.client, reader.organisation) == ("bank-icbc", "bank-icbc", "icbc")
    assert (reader.roles, reader.scopes) == (frozenset((Role.BANK,)), frozenset(("FILINGS",)))
    assert reader.purposes == {Purpose.PRE_LOAN, Purpose.MONITORING}
    prefix = key.split("_")[1]
    assert reader.credential == f"ik_{prefix}", "its name, never the secret"
    assert book.noted == [prefix]
    officer = await hub.principal(bearer(book.add("officer-eastlake")))
    assert (officer.zones, officer.scopes) == (frozenset(("east-lake",)), None)
    assert (await hub.principal(bearer(book.add("fund-nssf")))).funds == {"nssf-zhongguancun"}
    assert (await hub.principal(bearer(book.add("enterprise-chujingling")))).enterprise == "91000000MAX000015T"


def test_keys_are_of_one_form_and_all_different() -> None:
    made = {api_keys.make().text for _ in range(1000)}
    assert len({text.split("_")[1] for text in made}) == 1000
    assert {len(text) for text in made} == {57}
    assert len({api_keys.digest(text) for text in made}) == 1000


CHANGED: dict[str, Callable[[str], str]] = {
    "wrong secret": lambda key: key[:-43] + api_keys.make().text[-43:],
    "last letter": lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
    "cut off": lambda key: key[:-1],
    "with more behind": lambda key: key + "A",
    "with a line behind": lambda key: key + "\n",
    "only the prefix": lambda key: key[:13],
    "no secret": lambda key: key[:14],
    "secret in another case": lambda key: key[:14] + key[14:].swapcase(),
    "all in capitals": str.upper,
    "prefix in another case": lambda key: key[:3] + key[3:13].upper() + key[13:],
    "another prefix": lambda key: api_keys.make().text[:14] + key[14:],
    "its digest": api_keys.digest,
    "its digest as secret": lambda key: key[:14] + api_keys.digest(key)[:43],
    "mark in another case": lambda key: "IK" + key[2:],
    "no letters": lambda key: key[:-1] + "é",
    "only the mark": lambda key: "ik_",
    "huge": lambda key: key + "A" * 50_000,
}


@pytest.mark.parametrize("change", CHANGED)
async def test_a_changed_key_is_not_believed_and_not_repeated(hub: Authenticator, book: Book, change: str) -> None:
    key = CHANGED[change](book.add("bank-icbc"))
    with pytest.raises(Unauthenticated) as refused:
        await hub.principal(bearer(key))
    assert refused.value.challenge.startswith('Bearer realm="innograph", error="invalid_token"')
    assert len(key) < 4 or key[:20] not in refused.value.challenge
    assert book.noted == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"expires_at": TODAY}, "expired"),
        ({"expires_at": TODAY - timedelta(1)}, "expired"),
        ({"revoked_at": TODAY - timedelta(1)}, "revoked"),
    ],
)
async def test_a_key_is_of_no_use_once_expired_or_revoked(
    hub: Authenticator, book: Book, given: dict[str, Any], words: str
) -> None:
    key = book.add("bank-icbc", **given)
    with pytest.raises(Unauthenticated, match=words):
        await hub.principal(bearer(key))
    with pytest.raises(Unauthenticated, match="not known"):
        await hub.principal(bearer(key[:-43] + api_keys.make().text[-43:]))
    assert book.noted == []


@pytest.mark.parametrize("client", ["operator", "auditor", "security", "nobody"])
async def test_keys_of_people_and_of_clients_that_are_gone_are_refused(
    hub: Authenticator, book: Book, client: str
) -> None:
    with pytest.raises(Unauthenticated, match="client"):
        await hub.principal(bearer(book.add(client)))


async def test_of_several_roles_a_key_has_those_of_machines(issuer: Path, book: Book) -> None:
    declared = demo.identity(issuer)
    both = declared.clients["bank-icbc"].model_copy(update={"roles": frozenset((Role.BANK, Role.OPERATOR))})
    hub = Authenticator(declared.model_copy(update={"clients": {"bank-icbc": both}}), lambda: NOW, book=book)
    assert (await hub.principal(bearer(book.add("bank-icbc")))).roles == {Role.BANK}


@pytest.mark.parametrize("scheme", ["DPoP", "Basic", "Token"])
async def test_a_key_comes_as_bearer_only(hub: Authenticator, book: Book, scheme: str) -> None:
    shown = Shown({"authorization": f"{scheme} {book.add('bank-icbc')}", "dpop": "x"})
    with pytest.raises(Unauthenticated):
        await hub.principal(shown)


async def test_a_hub_without_a_book_knows_no_key(issuer: Path) -> None:
    with pytest.raises(Unauthenticated, match="not known"):
        await Authenticator(demo.identity(issuer)).principal(bearer(api_keys.make().text))


async def test_a_key_kept_under_another_prefix_is_another_key(hub: Authenticator, book: Book) -> None:
    key = book.add("bank-icbc")
    kept = book.keys.pop(key.split("_")[1])
    book.keys["aaaaaaaaaa"] = replace(kept, prefix="aaaaaaaaaa")
    with pytest.raises(Unauthenticated, match="not known"):
        await hub.principal(bearer(f"ik_aaaaaaaaaa_{key[-43:]}"))
