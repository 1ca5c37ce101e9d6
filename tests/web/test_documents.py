"""Documents by their hash: automatic persisted queries, and trusted documents by client."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from auth.principal import ANONYMOUS, Principal
from codes.access import Role
from store.documents import TrustedDocument, TrustedDocuments
from store.engine import open_store
from tests.everything import QUESTIONS
from tests.web.documents import Documented, digest, documented
from tests.world import CHUJINGLING, World
from web.document_book import DocumentBook
from web.persisted import NotPersisted, Persisted

PURPOSES = "query Purposes { me { purposes } }"
NAMED = "query Named($uscc: USCC!) { enterprise(uscc: $uscc) { name filings(years: 1) { revenue } } }"


@pytest.fixture(scope="module")
def hub(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    """A hub with documents of its own."""
    with documented(world, tmp_path_factory.mktemp("documents")) as found:
        yield found


def apq(text: str) -> dict[str, Any]:
    """What Apollo's clients send with a hash."""
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}


def test_a_query_is_sent_once_and_asked_by_its_hash_from_then_on(hub: Documented) -> None:
    text = "query Once { __typename }"
    missing = hub.post(extensions=apq(text), operationName="Once")
    assert missing.status_code == 200
    (error,) = missing.json()["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    typed = hub.post(accept="application/graphql-response+json", extensions=apq(text))
    assert typed.status_code == 400
    assert hub.ask(query=text, extensions=apq(text))["data"] == {"__typename": "Query"}
    assert hub.ask(extensions=apq(text))["data"] == {"__typename": "Query"}
    by_get = hub.get("/graphql", extensions=json.dumps(apq(text)))
    assert by_get.json()["data"] == {"__typename": "Query"}
    assert hub.ask(documentId=f"sha256:{digest(text)}")["data"] == {"__typename": "Query"}
    assert hub.get("/graphql", documentId=digest(text)).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ __typename }", "extensions": apq("{ me { subject } }")},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "../../etc"}}},
        {"extensions": {"persistedQuery": 1}},
        {"documentId": "md5:7"},
        {"documentId": 7},
    ],
)
def test_what_is_no_hash_of_the_query_is_refused(hub: Documented, body: dict[str, Any]) -> None:
    refused = hub.post(**body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_client_with_trusted_documents_asks_nothing_else(hub: Documented) -> None:
    (known,) = hub.register("bank-icbc", NAMED)
    given = {"variables": {"uscc": CHUJINGLING}}
    answered = hub.ask("bank-icbc", documentId=f"sha256:{known}", **given)
    assert answered["data"]["enterprise"]["name"] == "武汉楚精灵医疗科技有限公司"
    assert [e["extensions"]["code"] for e in answered["errors"]] == ["CONSENT_REQUIRED"]
    assert hub.ask("bank-icbc", extensions=apq(NAMED), **given)["data"] == answered["data"]
    hub.ask("bank-boc", query=PURPOSES, extensions=apq(PURPOSES))
    refused = (
        {"query": NAMED, **given},
        {"query": NAMED, "extensions": apq(NAMED), **given},
        {"query": "{ __schema { queryType { name } } }"},
        {"extensions": apq(PURPOSES)},
        {"documentId": digest(PURPOSES)},
    )
    for body in refused:
        for accept in ("application/json", "text/event-stream"):
            told = hub.post("bank-icbc", accept, **body).text
            assert "DOCUMENT_NOT_TRUSTED" in told
            assert 'data":{' not in told
    assert hub.ask("bank-boc", query=NAMED, **given)["data"] == answered["data"]
    not_anothers = hub.ask("bank-boc", documentId=digest("query Other { __typename }"))
    assert not_anothers["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


def test_a_document_is_trusted_and_no_longer_within_a_second(hub: Documented) -> None:
    text = "query Short { me { subject } }"
    hub.register("bank-icbc", text)
    assert hub.ask("bank-icbc", documentId=digest(text))["data"] == {"me": {"subject": "bank-icbc"}}
    assert "Short" in hub.run("list", "bank-icbc").stdout
    assert hub.run("remove", "bank-icbc", "Short").exit_code == 0
    time.sleep(0.6)
    assert hub.ask("bank-icbc", documentId=digest(text))["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    assert "has no such document" in str(hub.run("remove", "bank-icbc", "Short").exception)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ('{"0000": "query A { __typename }"}', "is not the SHA-256"),
        ('{"operations": [{"id": null, "body": "query A { nothing }"}]}', "Cannot query field 'nothing'"),
        ('{"operations": [{"id": null, "body": "{ __typename }"}]}', "has no name"),
        (
            '{"operations": [{"id": null, "body": "query A { __typename } query B { __typename }"}]}',
            "several operations",
        ),
        ('{"operations": [{"id": "1"}]}', "is no text"),
        ("[]", "holds no documents"),
        ("{", "cannot be read"),
    ],
)
def test_a_manifest_is_taken_whole_or_not_at_all(hub: Documented, manifest: str, words: str) -> None:
    (hub.folder / "wrong.json").write_text(manifest)
    assert words in str(hub.run("register", "bank-icbc", str(hub.folder / "wrong.json")).exception)
    assert "There is no client 'bank-nowhere'" in str(hub.run("register", "bank-nowhere", "wrong.json").exception)


@pytest.mark.parametrize("reader", ["", "bank-boc", "officer-eastlake"])
def test_by_their_hash_readers_get_what_they_get_by_the_text(hub: Documented, reader: str) -> None:
    for way in ("_entities", "node"):
        text = QUESTIONS[way]
        by_text = hub.ask(reader, query=text, extensions=apq(text))
        by_hash = hub.ask(reader, extensions=apq(text))
        assert by_hash["data"] == by_text["data"]
        assert by_hash.get("errors") == by_text.get("errors")
        assert by_hash["extensions"]["cost"] == by_text["extensions"]["cost"]


BANK = Principal("bank:clerk", "icbc", frozenset((Role.BANK,)), client="bank-icbc")


class NothingTrusted(DocumentBook):
    """The book of a hub in which nothing is registered."""

    def __init__(self) -> None:
        super().__init__(TrustedDocuments(open_store("sqlite+aiosqlite://")))

    async def of(self, client: str) -> Mapping[str, TrustedDocument]:
        return {}


async def test_hubs_share_what_known_clients_have_sent(redis_url: str) -> None:
    text = f"query N{secrets.token_hex(8)} {{ __typename }}"
    one, other = Persisted(NothingTrusted(), redis_url), Persisted(NothingTrusted(), redis_url)
    await one.asked({"query": text, "extensions": apq(text)}, BANK)
    assert (await other.asked({"extensions": apq(text)}, BANK)).given["query"] == text
    strange = f"query S{secrets.token_hex(8)} {{ __typename }}"
    await one.asked({"query": strange, "extensions": apq(strange)}, ANONYMOUS)
    assert (await one.asked({"extensions": apq(strange)}, ANONYMOUS)).given["query"] == strange
    with pytest.raises(NotPersisted):
        await other.asked({"extensions": apq(strange)}, BANK)
    for hub in (one, other):
        await hub.aclose()


async def test_a_hub_whose_redis_is_gone_keeps_its_own() -> None:
    hub = Persisted(NothingTrusted(), "redis://127.0.0.1:1/0")
    with pytest.raises(NotPersisted):
        await hub.asked({"extensions": apq(NAMED)}, BANK)
    await hub.asked({"query": NAMED, "extensions": apq(NAMED)}, BANK)
    assert (await hub.asked({"extensions": apq(NAMED)}, BANK)).given["query"] == NAMED
    await hub.aclose()


async def test_what_one_process_keeps_has_bounds() -> None:
    hub = Persisted(NothingTrusted())
    texts = [f"query N{number} {{ __typename }} #{'x' * 90_000}" for number in range(60)]
    for text in texts:
        await hub.asked({"query": text, "extensions": apq(text)}, ANONYMOUS)
    kept = 0
    for text in texts:
        with suppress(NotPersisted):
            kept += bool(await hub.asked({"extensions": apq(text)}, ANONYMOUS))
    assert 0 < kept < 50
