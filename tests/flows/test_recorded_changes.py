"""Changes and their records, both or neither, and optional keys; over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.record import Outcome, Record, parsed
from auth.audit.signing import keys
from auth.audit.tree import Hashing
from resolvers.auditing import Auditor
from server import create_app
from settings import Settings
from store.audit import Ledger
from store.edition_tables import edition
from store.engine import open_store
from store.tables import audit_record, change_key, consent, introduction
from tests.auditing import found_by
from tests.flows.conftest import Hub, Said
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World

ENTERPRISE, OFFICER = "enterprise-chujingling", "officer-eastlake"
GRANT = """mutation($i: GrantConsentInput!, $k: String) { grantConsent(input: $i, idempotencyKey: $k) {
    consent { id grantee withdrawnAt } userErrors { field code } } }"""
REVOKE = """mutation($id: ID!, $k: String) { revokeConsent(id: $id, idempotencyKey: $k) {
    consent { id withdrawnAt } userErrors { field code } } }"""
INTRODUCE = """mutation($i: RequestIntroductionInput!, $k: String!) {
    requestIntroduction(input: $i, idempotencyKey: $k) { introduction { id } userErrors { code } } }"""
RUN = """mutation($i: RunEditionInput!, $k: String) { runEdition(input: $i, idempotencyKey: $k) {
    edition { code state } userErrors { code message } } }"""
NOTICE = """mutation($e: ID!, $u: Date!, $k: String) { openNotice(edition: $e, until: $u, idempotencyKey: $k) {
    edition { state noticeUntil } userErrors { code message } } }"""
FILE = """mutation($i: FileObjectionInput!, $k: String) { fileObjection(input: $i, idempotencyKey: $k) {
    objection { id } userErrors { code message } } }"""
AGREED = {"grantee": "icbc", "groups": ["FILINGS"], "purposes": ["PRE_LOAN"]}
CONSENTS = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ consents {{ id withdrawnAt }} }} }}'


def key() -> str:
    return uuid.uuid4().hex


def kept(hub: Hub, do: Callable[[AsyncEngine], Any]) -> Any:
    """Do something with the hub's store."""

    async def whole() -> Any:
        engine = open_store(hub.store_url)
        try:
            return await do(engine)
        finally:
            await engine.dispose()

    return asyncio.run(whole())


def rows(hub: Hub, *tables: Any) -> list[int]:
    """How many rows tables have."""

    async def count(engine: AsyncEngine) -> list[int]:
        async with engine.connect() as connection:
            return [
                int((await connection.execute(select(func.count()).select_from(one))).scalar_one()) for one in tables
            ]

    found: list[int] = kept(hub, count)
    return found


def records(hub: Hub) -> list[Record]:
    """All records."""

    async def read(engine: AsyncEngine) -> list[Record]:
        async with engine.connect() as connection:
            texts = await connection.execute(select(audit_record.c.record).order_by(audit_record.c.place))
            return [parsed(one)[1] for one in texts.scalars()]

    found: list[Record] = kept(hub, read)
    return found


def findings(hub: Hub) -> list[str]:
    """What verifying the audit finds."""

    async def verify(engine: AsyncEngine) -> list[str]:
        key = keys(hub.issuer.parent / "audit" / "private.pem")
        return await found_by(Auditor(Ledger(engine), key, Hashing.SHA256))

    found: list[str] = kept(hub, verify)
    return found


@pytest.fixture
def broken(acting: Hub) -> Iterator[Callable[[], None]]:
    """Take the audit's table away, until it is called."""
    state = {"broken": True}

    def rename(here: str, there: str) -> None:
        async def renamed(engine: AsyncEngine) -> None:
            async with engine.begin() as connection:
                await connection.execute(text(f"ALTER TABLE {here} RENAME TO {there}"))

        kept(acting, renamed)

    def mend() -> None:
        if state.pop("broken", False):
            rename("elsewhere", "audit_record")

    rename("audit_record", "elsewhere")
    yield mend
    mend()


def refused(hub: Hub, name: str, query: str, **variables: Any) -> None:
    """Ask what has to be recorded and cannot be."""
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{hub.url}/graphql", json=body, headers=hub.headers(name), timeout=30)
    assert answer.status_code == 503, answer.text
    assert answer.headers["Retry-After"] == "2"
    assert set(answer.json()) == {"errors"}
    assert answer.json()["errors"][0]["extensions"] == {"code": "AUDIT_UNAVAILABLE"}


def payload(said: Said) -> dict[str, Any]:
    """What a mutation gave."""
    assert said.codes() == {}, said.body
    (found,) = said.data.values()
    return dict(found)


def granted(hub: Hub, given: str | None = None) -> str:
    """The id of a consent."""
    return str(payload(hub.ask(ENTERPRISE, GRANT, i=AGREED, k=given))["consent"]["id"])


def test_a_consent_that_cannot_be_recorded_is_neither_given_nor_withdrawn(
    acting: Hub, request: pytest.FixtureRequest
) -> None:
    standing, first, second = granted(acting), key(), key()
    before = rows(acting, consent, change_key, audit_record)
    mend = request.getfixturevalue("broken")
    refused(acting, ENTERPRISE, GRANT, i=AGREED, k=first)
    refused(acting, ENTERPRISE, GRANT, i=AGREED)
    refused(acting, ENTERPRISE, REVOKE, id=standing, k=second)
    mend()
    assert rows(acting, consent, change_key, audit_record) == before
    withdrawn = {
        one["id"]: one["withdrawnAt"] for one in acting.ask(ENTERPRISE, CONSENTS).data["enterprise"]["consents"]
    }
    assert withdrawn[standing] is None
    assert payload(acting.ask(ENTERPRISE, REVOKE, id=standing, k=second))["consent"]["withdrawnAt"]
    assert granted(acting, first) not in withdrawn
    assert findings(acting) == []


def test_nothing_else_is_changed_either_that_cannot_be_recorded(acting: Hub, request: pytest.FixtureRequest) -> None:
    order = {"zone": "east-lake", "scheme": "national-18-demo", "period": "2022", "usccs": [CHUJINGLING]}
    draft = payload(acting.ask(OFFICER, RUN, i=order))["edition"]["code"]
    until = (date.today() + timedelta(3)).isoformat()
    tables = (introduction, edition, change_key, audit_record)
    before = rows(acting, *tables)
    asked = {"enterprise": CHUJINGLING, "manager": "tm-003", "about": "x"}
    mend = request.getfixturevalue("broken")
    refused(acting, ENTERPRISE, INTRODUCE, i=asked, k=key())
    refused(acting, OFFICER, RUN, i=order, k=key())
    refused(acting, OFFICER, NOTICE, e=draft, u=until, k=key())
    mend()
    assert rows(acting, *tables) == before
    opened = payload(acting.ask(OFFICER, NOTICE, e=draft, u=until))
    assert opened["edition"] == {"state": "NOTICE", "noticeUntil": until}
    assert findings(acting) == []


def test_a_change_leaves_one_record_with_what_it_was(acting: Hub) -> None:
    before = len(records(acting))
    made, name = granted(acting), key()
    asked = {"enterprise": CHUJINGLING, "manager": "tm-003", "about": "x"}
    introduced = payload(acting.ask(ENTERPRISE, INTRODUCE, i=asked, k=name))["introduction"]["id"]
    acting.ask(ENTERPRISE, INTRODUCE, i=asked, k=name)
    consented, first, again = records(acting)[before:]
    assert (consented.consents, consented.outcome, consented.client) == ((made,), Outcome.GIVEN, ENTERPRISE)
    assert consented.looks[0].groups == ("CONSENTS",)
    assert first.reason == f"requestIntroduction: Introduction {introduced.partition(':')[2]} version 1"
    assert first.enterprises == {CHUJINGLING} == again.enterprises
    assert again.reason is None, "a repetition shows it and changes nothing"
    assert None not in (consented.operation, consented.organisation)


def test_more_than_the_change_leaves_a_record_of_its_own(acting: Hub) -> None:
    before = len(records(acting))
    query = GRANT.replace("userErrors", "seen: userErrors").replace("grantConsent(", "first: grantConsent(", 1)
    both = query[: query.rindex("}")] + ' other: revokeConsent(id: "none") { userErrors { code } } }'
    found = acting.ask(ENTERPRISE, both, i=AGREED)
    assert found.data["other"]["userErrors"] == [{"code": "NOT_FOUND"}]
    change, refusal = records(acting)[before:]
    assert change.consents == (found.data["first"]["consent"]["id"],)
    assert [(one.field, one.code) for one in refusal.withheld] == [("Mutation.revokeConsent", "NOT_FOUND")]


def test_a_key_makes_a_consent_once(acting: Hub) -> None:
    name = key()
    made = granted(acting, name)
    assert granted(acting, name) == made
    assert payload(acting.ask(ENTERPRISE, REVOKE, id=made))["consent"]["withdrawnAt"]
    again = payload(acting.ask(ENTERPRISE, GRANT, i=AGREED, k=name))["consent"]
    assert (again["id"], again["withdrawnAt"]) == (made, None), "as it was then"
    other = acting.ask(ENTERPRISE, GRANT, i={**AGREED, "grantee": "boc"}, k=name)
    assert other.codes() == {"grantConsent": "CONFLICT"}
    assert acting.ask(ENTERPRISE, REVOKE, id=made, k=name).codes() == {"revokeConsent": "CONFLICT"}
    unfit = payload(acting.ask(ENTERPRISE, GRANT, i=AGREED, k="a\nb"))
    assert unfit == {"consent": None, "userErrors": [{"field": ["idempotencyKey"], "code": "INVALID"}]}
    assert granted(acting) != granted(acting), "without a key each call is one of its own"


async def test_calls_of_one_key_at_once_give_one_consent(acting: Hub) -> None:
    name = key()
    body = {"query": GRANT, "variables": {"i": AGREED, "k": name}}
    async with httpx.AsyncClient(timeout=60, headers=acting.headers(ENTERPRISE)) as client:
        answers = await asyncio.gather(*(client.post(f"{acting.url}/graphql", json=body) for _ in range(20)))
    assert len({answer.json()["data"]["grantConsent"]["consent"]["id"] for answer in answers}) == 1


def test_a_key_makes_an_edition_once_and_remembers_what_was_refused(acting: Hub) -> None:
    order = {"zone": "east-lake", "scheme": "national-18-demo", "period": "2021", "usccs": [CHUJINGLING]}
    name = key()
    made = payload(acting.ask(OFFICER, RUN, i=order, k=name))["edition"]
    assert payload(acting.ask(OFFICER, RUN, i=order, k=name))["edition"] == made
    assert payload(acting.ask(OFFICER, RUN, i=order))["edition"]["code"] != made["code"]
    objection = {"edition": made["code"], "text": "no"}
    assert payload(acting.ask(ENTERPRISE, FILE, i=objection))["userErrors"][0]["message"].startswith("There is no")
    until, opening, filing, again = (date.today() + timedelta(3)).isoformat(), key(), key(), key()
    opened = payload(acting.ask(OFFICER, NOTICE, e=made["code"], u=until, k=opening))
    assert payload(acting.ask(OFFICER, NOTICE, e=made["code"], u=until, k=opening)) == opened
    filed = payload(acting.ask(ENTERPRISE, FILE, i=objection, k=filing))
    assert payload(acting.ask(ENTERPRISE, FILE, i=objection, k=filing)) == filed
    twice = payload(acting.ask(ENTERPRISE, FILE, i=objection, k=again))
    assert twice["userErrors"][0]["code"] == "NOT_ALLOWED"
    assert payload(acting.ask(ENTERPRISE, FILE, i=objection, k=again)) == twice


def test_a_change_waits_for_its_record_no_longer_than_an_answer_does(
    world: World, filled_postgresql: str, tmp_path: Path
) -> None:
    settings = Settings(sources=DEMO_SOURCES, store_url=filled_postgresql, data_dir=tmp_path)
    url = make_url(filled_postgresql).set(drivername="postgresql")

    async def asked(hub: Hub) -> None:
        holder = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            async with holder.transaction():
                await holder.execute("SELECT size FROM audit_tree FOR UPDATE")
                await asyncio.to_thread(refused, hub, ENTERPRISE, GRANT, i=AGREED, k=key())
        finally:
            await holder.close()

    with serve(create_app(settings, world.environment)) as address:
        hub = Hub(address, tmp_path / "demo-issuer", filled_postgresql)
        before = rows(hub, consent, change_key)
        asyncio.run(asked(hub))
        assert rows(hub, consent, change_key) == before
        granted(hub)
