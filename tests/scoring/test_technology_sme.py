"""科技型中小企业评价 as the official text has it: every bound from both sides, alternative, floor, veto and way."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from codes.scores import Missing, Verdict
from tests.scoring.scored import SCHEMES, Value, explained, of, told, yuan

SCHEME = SCHEMES["technology-sme"]
NOTHING: Mapping[str, Value] = dict.fromkeys(SCHEME.inputs, 0.0)
ORDINARY: Mapping[str, Value] = {
    **NOTHING,
    "staff": 100,
    "technology_staff": 30,
    "rd": yuan(600_000),
    "sales": yuan(10_000_000),
    "cost": yuan(9_000_000),
    "assets": yuan(20_000_000),
}


@pytest.mark.parametrize(
    ("technology_staff", "staff", "points"),
    [
        (300, 1000, 20), (1000, 1000, 20), (299, 1000, 16), (250, 1000, 16), (249, 1000, 12), (200, 1000, 12),
        (199, 1000, 8), (150, 1000, 8), (149, 1000, 4), (100, 1000, 4), (99, 1000, 0), (0, 1000, 0),
        (3, 10, 20), (1, 10, 4), (3, 20, 8), (7, 28, 16), (6, 30, 12),
    ],
)  # fmt: skip
def test_staff(technology_staff: int, staff: int, points: int) -> None:
    score = explained(SCHEME, {**ORDINARY, "technology_staff": technology_staff, "staff": staff})
    assert of(score, "technology_staff").points == points


@pytest.mark.parametrize(
    ("rd", "sales", "points"),
    [
        ("6", "100", 50), ("5.9999", "100", 40), ("5", "100", 40), ("4.9999", "100", 30), ("4", "100", 30),
        ("3.9999", "100", 20), ("3", "100", 20), ("2.9999", "100", 10), ("2", "100", 10), ("1.9999", "100", 0),
        ("0", "100", 0), ("0.06", "1", 50), ("0.18", "3", 50), ("6000000.02", "100000000.33", 50),
        ("5999999.99", "100000000", 40),
    ],
)  # fmt: skip
def test_rd_over_sales(rd: str, sales: str, points: int) -> None:
    # in units of 10,000 yuan, so that four decimals are whole fen
    row = {**ORDINARY, "rd": yuan(rd) * 100, "sales": yuan(sales) * 100, "cost": Missing.NOT_SHARED}
    score = of(explained(SCHEME, row), "rd_spending")
    assert score.points == points
    assert score.alternative
    assert score.alternative.name == "R&D expenses over sales"


@pytest.mark.parametrize(
    ("rd", "points"),
    [
        ("30", 50), ("29.99", 40), ("25", 40), ("24.99", 30), ("20", 30), ("19.99", 20), ("15", 20), ("14.99", 10),
        ("10", 10), ("9.99", 0), ("0", 0),
    ],
)  # fmt: skip
def test_rd_over_cost(rd: str, points: int) -> None:
    row = {**ORDINARY, "rd": yuan(rd), "sales": Missing.NOT_DELIVERED, "cost": yuan(100)}
    score = of(explained(SCHEME, row), "rd_spending")
    assert score.points == points
    assert score.alternative
    assert score.alternative.name == "R&D expenses over total cost"


def test_the_better_of_the_two_counts_and_sales_where_they_are_equal() -> None:
    both = {**ORDINARY, "rd": yuan(20), "sales": yuan(1000), "cost": yuan(100)}
    better = of(explained(SCHEME, both), "rd_spending")
    assert told(better.points, better.alternative and better.alternative.id) == (30, "rd_spending_2")
    equal = of(explained(SCHEME, {**both, "sales": yuan(500)}), "rd_spending")
    assert told(equal.points, equal.alternative and equal.alternative.id) == (30, "rd_spending_1")


def test_without_sales_the_cost_still_counts_and_without_both_it_is_missing() -> None:
    no_sales = of(explained(SCHEME, {**ORDINARY, "sales": 0.0, "rd": yuan(30), "cost": yuan(100)}), "rd_spending")
    assert told(no_sales.points, no_sales.missing) == (50, None)
    neither = of(explained(SCHEME, {**ORDINARY, "sales": 0.0, "cost": 0.0}), "rd_spending")
    assert told(neither.points, neither.missing, neither.value) == (0, Missing.ZERO_DENOMINATOR, None)
    refunded = of(explained(SCHEME, {**ORDINARY, "sales": -100.0, "cost": 0.0}), "rd_spending")
    assert refunded.missing is Missing.NEGATIVE_DENOMINATOR


@pytest.mark.parametrize(
    ("one", "two", "software", "points"),
    [
        (1, 0, 0, 30), (7, 9, 9, 30), (0, 4, 0, 24), (0, 9, 0, 24), (0, 3, 0, 18), (0, 2, 0, 12), (0, 1, 0, 6),
        (0, 0, 0, 0), (0, 1, 2, 18), (0, 0, 4, 24),
    ],
)  # fmt: skip
def test_intellectual_property(one: int, two: int, software: int, points: int) -> None:
    row = {**ORDINARY, "class_one": one, "class_two_patents": two, "software_copyrights": software}
    assert of(explained(SCHEME, row), "intellectual_property").points == points


def test_the_mark_is_sixty() -> None:
    at = explained(SCHEME, {**ORDINARY, "technology_staff": 10, "rd": yuan(600_000), "class_two_patents": 1})
    assert told(at.total, at.passed) == (60, Verdict.YES)
    below = explained(SCHEME, {**ORDINARY, "technology_staff": 15, "rd": yuan(500_000), "class_two_patents": 1})
    assert told(below.total, below.passed) == (54, Verdict.NO)


def test_no_points_for_staff_is_no_pass() -> None:
    row = {**ORDINARY, "technology_staff": 9, "class_one": 1}
    score = explained(SCHEME, row)
    assert told(score.total, score.passed, score.floors[0].verdict) == (80, Verdict.NO, Verdict.NO)
    unknown = explained(SCHEME, {**row, "technology_staff": Missing.SOURCE_DOWN})
    assert told(unknown.total, unknown.passed, unknown.floors[0].verdict) == (80, Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert of(unknown, "technology_staff").missing is Missing.SOURCE_DOWN


@pytest.mark.parametrize(
    ("veto", "hit", "not_hit"),
    [
        ("staff_over_500", {"staff": 501, "technology_staff": 200}, {"staff": 500, "technology_staff": 200}),
        ("sales_over_200m", {"sales": yuan("200000000.01")}, {"sales": yuan(200_000_000)}),
        ("assets_over_200m", {"assets": yuan("200000000.01")}, {"assets": yuan(200_000_000)}),
        ("abnormal", {"abnormal": 1}, {"abnormal": 0}),
        ("serious_violation", {"serious_violations": 1}, {"serious_violations": 0}),
    ],
)
def test_vetoes(veto: str, hit: Mapping[str, Value], not_hit: Mapping[str, Value]) -> None:
    strong = {**ORDINARY, "rd": yuan(100_000_000), "class_one": 1, "high_tech": 1}
    for change, verdict, passed in ((hit, Verdict.YES, Verdict.NO), (not_hit, Verdict.NO, Verdict.YES)):
        score = explained(SCHEME, {**strong, **change})
        assert next(v.verdict for v in score.vetoes if v.names.id == veto) is verdict
        assert score.passed is passed
    unknown = explained(SCHEME, {**strong, **dict.fromkeys(set(hit) - {"technology_staff"}, Missing.NOT_SHARED)})
    assert next(v.verdict for v in unknown.vetoes if v.names.id == veto) is Verdict.UNKNOWN
    assert unknown.passed is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("way", "needed"),
    [
        ("high_tech", "high_tech"),
        ("national_award", "national_awards"),
        ("institution", "institutions"),
        ("standard", "standards"),
    ],
)
def test_direct_ways_pass_without_points(way: str, needed: str) -> None:
    score = explained(SCHEME, {**ORDINARY, "technology_staff": 0, "rd": 0.0, needed: 1})
    assert told(score.total, score.passed) == (0, Verdict.YES)
    assert [d.names.id for d in score.direct if d.verdict is Verdict.YES] == [way]
    assert explained(SCHEME, {**ORDINARY, "technology_staff": 0, "rd": 0.0}).passed is Verdict.NO
    unknown = explained(SCHEME, {**ORDINARY, "technology_staff": 0, "rd": 0.0, needed: Missing.SOURCE_DOWN})
    assert unknown.passed is Verdict.UNKNOWN


def test_it_says_how_far_the_next_tier_is() -> None:
    score = of(explained(SCHEME, {**ORDINARY, "technology_staff": 27}), "technology_staff")
    assert told(score.value, score.unit, score.points, score.maximum) == (27, "%", 16, 20)
    assert (score.words, score.words_zh) == ("at least 25 %, below 30 %", "不低于25 %且低于30 %")
    assert score.next
    assert (score.next.bound, score.next.distance, score.next.points) == (30, 3, Decimal(20))
    assert of(explained(SCHEME, ORDINARY), "technology_staff").next is None
