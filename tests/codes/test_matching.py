"""Conditions in three values, rounds as stages, and rungs of the ladder, by all cases or many."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codes.financing import is_in_stage
from codes.kinds import QualificationKind
from codes.ladder import RUNG_OF, RUNGS, LadderRung, Membership, crossings, next_rung, place, rung_on
from codes.matching import Fit, Truth, any_of, fit

YES, NO, OPEN = Truth.SATISFIED, Truth.UNMET, Truth.UNKNOWN
DAY = date(2023, 6, 1)


@pytest.mark.parametrize("truths", list(itertools.product(Truth, repeat=3)))
def test_what_is_unknown_is_neither_met_nor_unmet(truths: tuple[Truth, ...]) -> None:
    assert any_of(truths) is (YES if YES in truths else OPEN if OPEN in truths else NO)
    expected = {
        (3, 0): Fit.ELIGIBLE, (2, 1): Fit.NEARLY, (1, 2): Fit.NOT_ELIGIBLE, (0, 3): Fit.NOT_ELIGIBLE,
    }  # fmt: skip
    met, unmet = truths.count(YES), truths.count(NO)
    assert fit(truths) is expected.get((met, unmet), Fit.NOT_ELIGIBLE if unmet else Fit.UNKNOWN)


def test_where_nothing_is_asked_nothing_is_known() -> None:
    assert fit([]) is Fit.UNKNOWN
    assert fit([NO]) is Fit.NOT_ELIGIBLE, "a single condition is not nearly met"
    assert any_of([]) is NO


@pytest.mark.parametrize(
    ("round", "stage", "inside"),
    [
        ("天使轮", "早期", True),
        ("Pre-A轮", "早期", True),
        ("pre-A", "早期", True),
        ("A 轮", "成长期", True),
        ("A＋轮", "成长期", True),
        ("A轮", "早期", False),
        ("D轮", "成长期", False),
        ("B轮", "关键时期", None),
        ("股权转让", "早期", None),
    ],
)
def test_a_round_stands_for_a_stage_or_cannot_be_told(round: str, stage: str, inside: bool | None) -> None:
    assert is_in_stage(round, stage) is inside


def test_the_ladder_has_the_published_rungs_in_their_order() -> None:
    assert [rung.term for rung in RUNGS] == [
        "科技型中小企业", "高新技术企业", "高成长性科技型企业", "专精特新企业", "映山红企业",
    ]  # fmt: skip
    assert set(RUNG_OF.values()) == set(RUNGS)
    assert QualificationKind.GAZELLE not in RUNG_OF
    assert [next_rung(rung) for rung in (None, *RUNGS)] == [*RUNGS, None]


def test_a_rung_is_held_to_its_last_day_and_left_on_the_day_after() -> None:
    held = [
        Membership(LadderRung.TECHNOLOGY_SME, DAY, None),
        Membership(LadderRung.HIGH_TECH, DAY + timedelta(9), DAY + timedelta(19)),
    ]
    found = list(crossings(held, DAY, DAY + timedelta(29)))
    assert [(one.on.day, one.before, one.after, one.upwards) for one in found] == [
        (1, None, LadderRung.TECHNOLOGY_SME, True),
        (10, LadderRung.TECHNOLOGY_SME, LadderRung.HIGH_TECH, True),
        (21, LadderRung.HIGH_TECH, LadderRung.TECHNOLOGY_SME, False),
    ]
    assert list(crossings(held, DAY + timedelta(1), DAY + timedelta(8))) == []


_DAYS = st.dates(DAY - timedelta(60), DAY + timedelta(60))
_HELD = st.builds(
    lambda rung, first, days: Membership(rung, first, None if days is None else first + timedelta(days)),
    st.sampled_from(RUNGS),
    _DAYS,
    st.none() | st.integers(0, 40),
)


@given(st.lists(_HELD, max_size=6))
def test_crossings_are_the_days_on_which_the_highest_rung_differs_from_the_day_before(held: list[Membership]) -> None:
    days = [DAY + timedelta(number) for number in range(30)]
    expected = [day for day in days if rung_on(held, day) is not rung_on(held, day - timedelta(1))]
    found = list(crossings(held, days[0], days[-1]))
    assert [one.on for one in found] == expected
    for one in found:
        assert (one.before, one.after) == (rung_on(held, one.on - timedelta(1)), rung_on(held, one.on))
        assert one.upwards is (place(one.after) > place(one.before))
