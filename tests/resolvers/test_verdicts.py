"""Verdicts on many objects at once: what each alone would get; and consents at hand, as they are changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.principal import Principal
from auth.rules import Verdict
from codes.access import DataGroup, Purpose, Role
from resolvers.access import Access, Judgement, Owner
from resolvers.consent_book import Allowed, ConsentBook
from store.consents import Agreement, Consent, Consents
from store.engine import open_store
from store.upgrade import upgrade

DAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEYS = [*"ABCDEF"]
FILINGS, WORKFORCE = DataGroup.FILINGS, DataGroup.WORKFORCE


def agreement(code: str, group: DataGroup = FILINGS, last: date = DAY) -> Agreement:
    purposes = frozenset((Purpose.MONITORING,))
    return Agreement(code, "icbc", frozenset((group,)), purposes, DAY, last, None, None, "li")


def access(own: set[str], agreed: set[str], purpose: Purpose | None) -> Access:
    """The access of an officer of some enterprises, whose organisation others have allowed something."""
    reader = Principal("li", "icbc", frozenset((Role.BANK,)), zones=frozenset(("east-lake",)))
    made = Access(reader, purpose=purpose)
    made._own |= own
    made._known.update(KEYS)
    made._allowed, made._day = Allowed(), DAY
    made._allowed.take([Consent(f"c{code}", agreement(code), NOW, None) for code in agreed])
    return made


@given(
    st.sets(st.sampled_from(KEYS)),
    st.sets(st.sampled_from(KEYS)),
    st.lists(st.sampled_from([*KEYS, None]), max_size=8),
    st.sampled_from(Verdict),
    st.sampled_from(Verdict),
    st.sampled_from([None, *(owner for owner in Owner if owner is not Owner.PARTIES)]),
    st.sampled_from([None, Purpose.MONITORING, Purpose.PRE_LOAN]),
)
def test_together_they_get_what_each_would_alone(
    own: set[str],
    agreed: set[str],
    keys: list[str | None],
    of_own: Verdict,
    of_others: Verdict,
    owner: Owner | None,
    purpose: Purpose | None,
) -> None:
    judgement = Judgement(FILINGS, of_own, of_others, owner)
    together, alone = access(own, agreed, purpose), access(own, agreed, purpose)
    found = together.verdicts(judgement, keys)
    expected = [alone.verdict(judgement, key) for key in keys]
    assert ([found] * len(keys) if isinstance(found, Verdict) else found) == expected
    assert consents_of(together) == consents_of(alone)


def consents_of(one: Access) -> set[str] | None:
    return set(one.noted.consents) if one.noted else None


@pytest.fixture
async def consents(tmp_path: Path) -> AsyncIterator[Consents]:
    engine = open_store(f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")
    await upgrade(engine)
    yield Consents(engine)
    await engine.dispose()


async def test_consents_at_hand_are_those_of_the_store(consents: Consents) -> None:
    book = ConsentBook(consents, clock=lambda: 0.0)

    async def seen(day: date = DAY) -> list[str | None]:
        book.forget("icbc")
        covering = (await book.allowed("icbc")).covering(FILINGS, Purpose.MONITORING, day)
        return [covering[code] for code in "AB"]

    assert await seen() == [None, None]
    first = await consents.grant(agreement("A"))
    assert await seen() == [first.id, None]
    await consents.grant(agreement("B", WORKFORCE))
    assert await seen() == [first.id, None], "another group"
    second = await consents.grant(replace(agreement("A"), last_day=DAY.replace(day=26)))
    other = await consents.grant(agreement("B"))
    assert await seen() == [first.id, other.id]
    assert await seen(DAY.replace(day=26)) == [second.id, None], "the others have ended"
    await consents.withdraw(first.id, "A")
    await consents.withdraw(other.id, "B")
    assert await seen() == [second.id, None]


async def test_strangers_are_not_kept(consents: Consents) -> None:
    await consents.grant(agreement("A"))
    covering = (await ConsentBook(consents).allowed("icbc")).covering(FILINGS, Purpose.MONITORING, DAY)
    assert [covering[f"S{number}"] for number in range(1000)] == [None] * 1000
    assert covering["A"]
    assert list(covering) == ["A"]
