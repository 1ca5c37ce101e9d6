"""The audit over HTTP: the whole story of a consent, a store that fails and comes back, receipts, the door."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import create_engine, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from auth.audit.record import Kind, Outcome, Record, canonical, parsed
from auth.audit.signing import Keys, Receipt, keys, make_key
from auth.audit.tree import Hashing
from auth.identity import demo
from commands.receipts import BadReceipt, check_receipt
from resolvers.auditing import Auditor
from server import create_app
from settings import Settings
from store.audit import Ledger
from store.engine import once, open_store
from store.tables import audit_record
from store.upgrade import upgrade
from tests.auditing import found_by
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World

LOOK = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name filings {{ year revenue }} workforce {{ headcount }} }} }}'
GRANT = (
    """mutation($input: GrantConsentInput!) { grantConsent(input: $input) { consent { id } userErrors { message } } }"""
)
REVOKE = "mutation($id: ID!) { revokeConsent(id: $id) { consent { withdrawnAt } } }"
LOG = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{ accessLog(first: 10) {{ nodes {{
    place organisation purpose reference groups withheld consents outcome }} }} }} }}"""


@dataclass(frozen=True)
class Speaker:
    """A hub with a store of its own, and its readers."""

    url: str
    folder: Path
    store_url: str

    def post(
        self, name: str | None, query: str, *, headers: dict[str, str] | None = None, **variables: Any
    ) -> httpx.Response:
        """Ask as one of the demo's readers; as nobody without a name."""
        given = dict(headers or {})
        if name:
            given["Authorization"] = f"Bearer {demo.mint(self.folder / 'demo-issuer', name)}"
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.url}/graphql", json=body, headers=given, timeout=20)

    def ask(
        self, name: str, query: str, purpose: str | None = None, reference: str = "", **variables: Any
    ) -> dict[str, Any]:
        """Ask, and return the answer."""
        headers = {"Hub-Reference": reference} | ({"Hub-Purpose": purpose} if purpose else {})
        answer: dict[str, Any] = self.post(name, query, headers=headers, **variables).json()
        return answer

    @property
    def tables(self) -> Engine:
        """The store, to lay hands on."""
        return create_engine(self.store_url.replace("+aiosqlite", ""), poolclass=NullPool)

    def with_auditor(self, use: Callable[[Auditor], Any]) -> Any:
        """Do something with an auditor of the hub's store and key, in a loop of its own."""

        async def whole() -> Any:
            engine = open_store(self.store_url)
            try:
                return await use(Auditor(Ledger(engine), self.keys, Hashing.SHA256))
            finally:
                await engine.dispose()

        return asyncio.run(whole())

    @property
    def keys(self) -> Keys:
        """The hub's key."""
        return keys(self.folder / "audit" / "private.pem")

    def findings(self) -> list[str]:
        """What verifying the audit finds."""
        found: list[str] = self.with_auditor(found_by)
        return found

    def records(self) -> list[Record]:
        """All records."""
        with self.tables.connect() as connection:
            found = connection.execute(text("SELECT record FROM audit_record ORDER BY place")).scalars()
            return [parsed(record)[1] for record in found]


@pytest.fixture
def speaker(world: World, tmp_path: Path) -> Iterator[Speaker]:
    """A hub over the small world."""
    store_url = f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"
    asyncio.run(once(store_url, upgrade))
    settings = Settings(sources=DEMO_SOURCES, store_url=store_url, data_dir=tmp_path)
    with serve(create_app(settings, world.environment)) as url:
        yield Speaker(url, tmp_path, store_url)


def codes(answer: dict[str, Any]) -> dict[str, str]:
    return {".".join(map(str, e["path"])): e["extensions"]["code"] for e in answer.get("errors", [])}


def test_the_whole_story_of_a_consent(speaker: Speaker) -> None:
    refused = {"enterprise.filings": "CONSENT_REQUIRED", "enterprise.workforce": "CONSENT_REQUIRED"}
    before = speaker.ask("bank-icbc", LOOK, "PRE_LOAN", "case-1")
    assert codes(before) == refused
    assert before["data"]["enterprise"]["filings"] is None

    agreed = {"grantee": "icbc", "groups": ["FILINGS"], "purposes": ["PRE_LOAN"]}
    made = speaker.ask("enterprise-chujingling", GRANT, input=agreed)["data"]["grantConsent"]
    assert made["userErrors"] == []
    consent = made["consent"]["id"]

    seen = speaker.ask("bank-icbc", LOOK, "PRE_LOAN", "case-2")
    assert len(seen["data"]["enterprise"]["filings"]) == 3
    assert codes(seen) == {"enterprise.workforce": "CONSENT_REQUIRED"}
    assert codes(speaker.ask("bank-icbc", LOOK, "MONITORING", "case-3")) == refused

    log = speaker.ask("enterprise-chujingling", LOG)["data"]["enterprise"]["accessLog"]["nodes"]
    assert [(look["organisation"], look["reference"], look["groups"], look["outcome"]) for look in log] == [
        ("icbc", "case-3", [], "REFUSED"),
        ("icbc", "case-2", ["FILINGS"], "PARTLY"),
        ("chujingling", None, ["CONSENTS"], "GIVEN"),
        ("icbc", "case-1", [], "REFUSED"),
    ]
    assert log[1]["consents"] == [consent]
    assert log[1]["purpose"] == "PRE_LOAN"

    assert "errors" not in speaker.ask("enterprise-chujingling", REVOKE, id=consent)
    time.sleep(1)
    assert codes(speaker.ask("bank-icbc", LOOK, "PRE_LOAN", "case-4")) == refused

    as_auditor = speaker.ask("auditor", LOG)["data"]["enterprise"]["accessLog"]["nodes"]
    assert [look["groups"] for look in as_auditor[:3]] == [[], ["CONSENTS"], ["ACCESS_LOG"]]
    assert speaker.findings() == []
    place = int(log[1]["place"])
    with speaker.tables.begin() as connection:
        statement = text("UPDATE audit_record SET record = replace(record, 'case-2', 'case-9') WHERE place = :place")
        connection.execute(statement, {"place": place})
    assert f"place {place}: changed: the record is not the one that was hashed" in speaker.findings()


def test_nothing_is_answered_that_cannot_be_recorded_and_all_is_well_afterwards(speaker: Speaker) -> None:
    public = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name }} }}'
    with speaker.tables.begin() as connection:
        connection.execute(text("ALTER TABLE audit_record RENAME TO elsewhere"))
    for query, headers in ((LOOK, {}), (public, {"Hub-Receipt": "true"})):
        refused = speaker.post("enterprise-chujingling", query, headers=headers)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "2"
        assert set(refused.json()) == {"errors"}
        assert refused.json()["errors"][0]["extensions"] == {"code": "AUDIT_UNAVAILABLE"}
        assert "38000000" not in refused.text
    bad = httpx.post(f"{speaker.url}/graphql", json={"query": public}, headers={"Authorization": "Bearer x"})
    assert (bad.status_code, bad.json()["errors"][0]["extensions"]["code"]) == (503, "AUDIT_UNAVAILABLE")
    assert speaker.post("enterprise-chujingling", public).json()["data"]["enterprise"]["name"], "public fields are"
    with speaker.tables.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO audit_record"))
    again = speaker.post("enterprise-chujingling", LOOK)
    assert again.status_code == 200
    assert again.json()["data"]["enterprise"]["filings"]
    assert len(speaker.records()) == 1
    assert speaker.findings() == []


def test_a_store_that_is_locked_costs_answers_only_while_it_is(speaker: Speaker) -> None:
    with speaker.tables.connect() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        refused = speaker.post("enterprise-chujingling", LOOK)
        assert refused.status_code == 503
        connection.rollback()
    deadline = time.monotonic() + 10
    while (answer := speaker.post("enterprise-chujingling", LOOK)).status_code != 200:
        assert time.monotonic() < deadline
    assert answer.json()["data"]["enterprise"]["filings"]
    assert 1 <= len(speaker.records()) <= 3, "a record of an answer that was refused does no harm"
    assert speaker.findings() == []


def test_tokens_that_are_not_believed_are_recorded_and_past_a_bound_counted(
    speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth.audit.refusals._MINUTE", 1e9)  # all within one minute
    for _ in range(25):
        refused = httpx.post(f"{speaker.url}/graphql", json={"query": LOOK}, headers={"Authorization": "Bearer x"})
        assert refused.status_code == 401
    written = speaker.records()
    assert [record.kind for record in written] == [Kind.DOOR] * 20
    assert {(record.address, record.outcome) for record in written} == {("127.0.0.1", Outcome.REFUSED)}
    assert written[0].reason


def receipted(speaker: Speaker, query: str, purpose: str | None = None) -> bytes:
    """An answer with a receipt."""
    headers = {"Hub-Receipt": "true", "Hub-Reference": "case-7"} | ({"Hub-Purpose": purpose} if purpose else {})
    return speaker.post("bank-icbc", query, headers=headers).content


PUBLIC = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name foundedOn registeredCapital }} }}'


def check(speaker: Speaker, content: str) -> list[str]:
    found: list[str] = speaker.with_auditor(lambda auditor: check_receipt(auditor, content))
    return found


def test_a_receipt_holds_years_later_for_the_answer_or_alone(speaker: Speaker) -> None:
    answer = receipted(speaker, PUBLIC)
    for number in range(3):
        speaker.ask("enterprise-chujingling", LOOK, reference=str(number))
    receipt = orjson.loads(answer)["extensions"]["receipt"]
    signed = speaker.keys.receipt(receipt)
    assert (signed.organisation, signed.client, signed.reference, signed.place) == ("icbc", "bank-icbc", "case-7", 0)
    assert [stamp.source for stamp in signed.sources] == ["scjg-entities"]
    canonical_form = json.dumps(orjson.loads(answer)["data"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert signed.data == Hashing.SHA256.named(canonical_form.encode()), "what a bank can compute without the hub"
    (record, *_) = speaker.records()
    assert (record.answer, record.outcome, record.looks) == (signed.data, Outcome.GIVEN, ())
    whole = check(speaker, answer.decode())
    assert whole[0].startswith("Signed: given to icbc at ")
    assert whole[1] == "The answer's data is what was given."
    assert whole[2].startswith("Recorded: place 0 of 4, unchanged")
    alone = check(speaker, receipt + "\n")
    assert (alone[0], len(alone)) == (whole[0], 2)
    spaced = json.dumps(orjson.loads(answer), indent=2, ensure_ascii=True)
    assert check(speaker, spaced) == whole, "however the answer is kept"


def _answer_changed(answer: dict[str, Any], _speaker: Speaker) -> None:
    answer["data"]["enterprise"]["registeredCapital"] = "1.00"


def _answer_emptied(answer: dict[str, Any], _speaker: Speaker) -> None:
    answer["data"] = None


def _receipt_of_another(answer: dict[str, Any], speaker: Speaker) -> None:
    answer["extensions"]["receipt"] = orjson.loads(receipted(speaker, "{ __typename }"))["extensions"]["receipt"]


def _receipt_missing(answer: dict[str, Any], _speaker: Speaker) -> None:
    del answer["extensions"]["receipt"]


def _receipt_no_text(answer: dict[str, Any], _speaker: Speaker) -> None:
    answer["extensions"]["receipt"] = 7


def _signature_cut(answer: dict[str, Any], _speaker: Speaker) -> None:
    answer["extensions"]["receipt"] = answer["extensions"]["receipt"][:-8]


def _signed_by_a_stranger(answer: dict[str, Any], speaker: Speaker) -> None:
    make_key(speaker.folder / "stranger.pem")
    receipt = speaker.keys.receipt(answer["extensions"]["receipt"])
    answer["extensions"]["receipt"] = keys(speaker.folder / "stranger.pem").sign_receipt(receipt)


def _a_head_in_its_place(answer: dict[str, Any], speaker: Speaker) -> None:
    receipt: Receipt = speaker.keys.receipt(answer["extensions"]["receipt"])
    answer["extensions"]["receipt"] = speaker.keys.sign_head(receipt.tree)


def _record_deleted(_answer: dict[str, Any], speaker: Speaker) -> None:
    with speaker.tables.begin() as connection:
        connection.execute(text("DELETE FROM audit_record WHERE place = 0"))


def _record_changed(_answer: dict[str, Any], speaker: Speaker) -> None:
    with speaker.tables.begin() as connection:
        connection.execute(text("UPDATE audit_record SET record = replace(record, 'icbc', 'boc') WHERE place = 0"))


def _record_forged(_answer: dict[str, Any], speaker: Speaker) -> None:
    record = canonical(speaker.records()[1], 0)
    with speaker.tables.begin() as connection:
        leaf = Hashing.SHA256.leaf(record.encode())
        connection.execute(update(audit_record).where(audit_record.c.place == 0).values(record=record, leaf=leaf))


def _another_forged(_answer: dict[str, Any], speaker: Speaker) -> None:
    with speaker.tables.begin() as connection:
        connection.execute(update(audit_record).where(audit_record.c.place == 1).values(leaf=b"f" * 32))


SPOILT = {
    "the answer's data was changed": (_answer_changed, _answer_emptied, _receipt_of_another),
    "the file is neither a receipt nor an answer": (_receipt_missing,),
    "extensions.receipt is no text": (_receipt_no_text,),
    "its signature does not hold": (_signature_cut,),
    "it was signed by a key that this audit does not know": (_signed_by_a_stranger,),
    "it is of the type 'innograph-audit-head+jws'": (_a_head_in_its_place,),
    "its record is not in the audit: place 0 is empty": (_record_deleted,),
    "the record at place 0 was changed": (_record_changed,),
    "the record at place 0 has another hash than was signed": (_record_forged,),
    "the record is not in the newest signed tree": (_another_forged,),
}


@pytest.mark.parametrize(("words", "spoil"), [(words, spoil) for words, several in SPOILT.items() for spoil in several])
def test_a_spoilt_receipt_is_refused_and_the_cause_named(
    speaker: Speaker, words: str, spoil: Callable[[dict[str, Any], Speaker], None]
) -> None:
    answer = orjson.loads(receipted(speaker, PUBLIC))
    speaker.ask("enterprise-chujingling", LOOK)
    assert len(check(speaker, json.dumps(answer))) == 3
    spoil(answer, speaker)
    with pytest.raises(BadReceipt) as bad:
        check(speaker, json.dumps(answer))
    assert words in str(bad.value)
