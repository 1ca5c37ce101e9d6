"""Objections in the store: filed while the notice runs, decided once, in the way of publishing; on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.editions import EditionState, ObjectionState
from store.editions import EditionRefused, Editions, UnknownEdition
from store.objections import Objection, ObjectionRefused, Objections
from tests.store.test_editions import CONTENT, DAY, make


async def test_what_was_filed_is_read_again_and_decided_once(engine: AsyncEngine) -> None:
    noticed = await make(Editions(engine), state="NOTICE")
    objections = Objections(engine)
    made = await objections.file(noticed.id, "A", "patents", "one patent more", DAY, "wang")
    whole = await objections.file(noticed.id, "A", None, "all of it", DAY + timedelta(5), "wang")
    assert await objections.of(noticed.id, ["A", "B"]) == {"A": [whole, made], "B": []}
    assert await objections.against(noticed.id) == [whole, made]
    decided = await objections.decide(made.id, ObjectionState.REJECTED, "it is not granted", "li")
    assert (decided.state, decided.decision, decided.decided_by) == (
        ObjectionState.REJECTED, "it is not granted", "li",
    )  # fmt: skip
    assert await objections.get(made.id) == decided
    with pytest.raises(ObjectionRefused, match="It was decided before: REJECTED on "):
        await objections.decide(made.id, ObjectionState.ACCEPTED, "it is", "li")
    with pytest.raises(ObjectionRefused, match="no objection 'x'"):
        await objections.decide("x", ObjectionState.ACCEPTED, "it is", "li")
    assert await objections.get("x") is None


@pytest.mark.parametrize(
    ("state", "days", "why"),
    [
        ("DRAFT", 0, "is DRAFT: objections are filed while it is under NOTICE"),
        ("NOTICE", -1, "are filed from 2023-04-03 to 2023-04-08; today is 2023-04-02"),
        ("NOTICE", 6, "are filed from 2023-04-03 to 2023-04-08; today is 2023-04-09"),
        ("FINAL", 6, "is FINAL: objections are filed while it is under NOTICE, which was until 2023-04-08"),
    ],
)
async def test_outside_of_the_notice_it_is_refused(engine: AsyncEngine, state: str, days: int, why: str) -> None:
    made = await make(Editions(engine), state=state)
    with pytest.raises(ObjectionRefused, match=why):
        await Objections(engine).file(made.id, "A", None, "wrong", DAY + timedelta(days), "wang")


async def test_only_about_a_score_that_is_there_and_not_twice(engine: AsyncEngine) -> None:
    noticed = await make(Editions(engine), state="NOTICE")
    objections = Objections(engine)
    with pytest.raises(ObjectionRefused, match="X has no score in"):
        await objections.file(noticed.id, "X", None, "wrong", DAY, "wang")
    with pytest.raises(UnknownEdition):
        await objections.file("x", "A", None, "wrong", DAY, "wang")
    filed = await asyncio.gather(
        *(objections.file(noticed.id, "A", "patents", "wrong", DAY, "wang") for _ in range(3)), return_exceptions=True
    )
    (first,) = [one for one in filed if isinstance(one, Objection)]
    await objections.decide(first.id, ObjectionState.REJECTED, "no", "li")
    again = await objections.file(noticed.id, "A", "patents", "but", DAY, "wang")
    assert again.id != first.id


async def test_an_edition_is_not_published_over_an_objection(engine: AsyncEngine) -> None:
    editions, objections = Editions(engine), Objections(engine)
    noticed = await make(editions, state="NOTICE")
    after = DAY + timedelta(6)
    made = await objections.file(noticed.id, "A", None, "wrong", DAY, "wang")
    with pytest.raises(EditionRefused, match=r"has undecided objections \(1\)"):
        await editions.publish(noticed.id, after, "li")
    await objections.decide(made.id, ObjectionState.ACCEPTED, "indeed", "li")
    with pytest.raises(EditionRefused, match=r"were accepted \(1\), so it is not right"):
        await editions.publish(noticed.id, after, "li")
    correction = await make(editions, replace(CONTENT, parent=noticed.id, reason="an objection"), state="FINAL")
    assert correction.state is EditionState.FINAL
    assert (await editions.get(noticed.id)).state is EditionState.CORRECTED
