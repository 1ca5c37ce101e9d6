"""创新型中小企业评价 as the official text has it: every bound from both sides, every alternative, floor and way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codes.scores import Missing, Verdict
from tests.scoring.scored import SCHEMES, Value, explained, of, told, yuan

SCHEME = SCHEMES["innovative-sme"]
NOTHING: Mapping[str, Value] = dict.fromkeys(SCHEME.inputs, 0.0)
OTHER_FIELD = 1.0
ORDINARY: Mapping[str, Value] = {
    **NOTHING,
    "own_class_one": 1,
    "class_one": 1,
    "rd": yuan(300),
    "revenue": yuan(10_000),
    "main_revenue": yuan(7_000),
    "main_revenue_before": yuan(6_500),
    "assets": yuan(10_000),
    "liabilities": yuan(5_000),
    "main_field": OTHER_FIELD,
}


@pytest.mark.parametrize(
    ("high", "own", "one", "two", "software", "points"),
    [
        (1, 0, 0, 0, 0, 20), (2, 5, 5, 5, 5, 20), (0, 1, 1, 0, 0, 15), (0, 0, 1, 3, 0, 10), (0, 0, 0, 1, 0, 5),
        (0, 0, 0, 0, 1, 5), (0, 0, 0, 0, 0, 0),
    ],
)  # fmt: skip
def test_intellectual_property(high: int, own: int, one: int, two: int, software: int, points: int) -> None:
    given = {
        "high_value_class_one": high,
        "own_class_one": own,
        "class_one": one,
        "class_two_patents": two,
        "software_copyrights": software,
    }
    assert of(explained(SCHEME, {**ORDINARY, **given}), "intellectual_property").points == points


@pytest.mark.parametrize(
    ("indicator", "change", "points"),
    [
        ("rd_intensity", {"rd": "500"}, 20), ("rd_intensity", {"rd": "499.99"}, 15),
        ("rd_intensity", {"rd": "300"}, 15), ("rd_intensity", {"rd": "299.99"}, 10),
        ("rd_intensity", {"rd": "200"}, 10), ("rd_intensity", {"rd": "199.99"}, 5),
        ("rd_intensity", {"rd": "100"}, 5), ("rd_intensity", {"rd": "99.99"}, 0), ("rd_intensity", {"rd": "0"}, 0),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "115"}, 20),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "114.99"}, 15),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "110"}, 15),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "109.99"}, 10),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "105"}, 10),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "104.99"}, 5),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "100"}, 5),
        ("main_growth", {"main_revenue_before": "100", "main_revenue": "99.99"}, 0),
        ("main_growth", {"main_revenue_before": "0.2", "main_revenue": "0.23"}, 20),
        ("debt_ratio", {"liabilities": "0"}, 10), ("debt_ratio", {"liabilities": "5500"}, 10),
        ("debt_ratio", {"liabilities": "5500.01"}, 5), ("debt_ratio", {"liabilities": "7499.99"}, 5),
        ("debt_ratio", {"liabilities": "7500"}, 0), ("debt_ratio", {"liabilities": "20000"}, 0),
        ("debt_ratio", {"liabilities": "0.11", "assets": "0.20"}, 10),
        ("main_share", {"main_revenue": "7000"}, 20), ("main_share", {"main_revenue": "6999.99"}, 15),
        ("main_share", {"main_revenue": "6000"}, 15), ("main_share", {"main_revenue": "5999.99"}, 10),
        ("main_share", {"main_revenue": "5500"}, 10), ("main_share", {"main_revenue": "5499.99"}, 5),
        ("main_share", {"main_revenue": "5000"}, 5), ("main_share", {"main_revenue": "4999.99"}, 0),
    ],
)  # fmt: skip
def test_bounds(indicator: str, change: Mapping[str, str], points: int) -> None:
    row = {**ORDINARY, **{name: yuan(amount) for name, amount in change.items()}}
    assert of(explained(SCHEME, row), indicator).points == points


def test_the_field_of_the_main_product() -> None:
    strategic = of(explained(SCHEME, {**ORDINARY, "main_field": 0}), "main_field")
    assert told(strategic.points, strategic.category, strategic.words) == (10, "strategic", "strategic")
    assert of(explained(SCHEME, ORDINARY), "main_field").points == 5
    unknown = of(explained(SCHEME, {**ORDINARY, "main_field": Missing.NOT_DELIVERED}), "main_field")
    assert told(unknown.points, unknown.missing) == (0, Missing.NOT_DELIVERED)


def test_less_debt_is_the_next_tier() -> None:
    score = of(explained(SCHEME, {**ORDINARY, "liabilities": yuan(7_700)}), "debt_ratio")
    assert score.next
    assert told(score.next.bound, score.next.distance, score.next.points) == (75, 2, 5)
    assert score.next.words == "above 55 %, below 75 %"


def test_the_mark_is_sixty_and_each_group_has_its_floor() -> None:
    good = explained(SCHEME, ORDINARY)
    assert told([g.points for g in good.groups], good.total, good.passed) == ([30, 20, 25], 75, Verdict.YES)
    at_floors = {**ORDINARY, "main_revenue_before": yuan(7_000), "own_class_one": 1, "rd": yuan(100)}
    score = explained(SCHEME, at_floors)
    assert told([g.points for g in score.groups], score.total, score.passed) == ([20, 15, 25], 60, Verdict.YES)
    below = explained(SCHEME, {**at_floors, "main_field": OTHER_FIELD, "liabilities": yuan(6_000), "rd": yuan(500)})
    assert told([g.points for g in below.groups], below.total, below.passed) == ([35, 10, 25], 70, Verdict.NO)
    assert [floor.verdict for floor in below.floors] == [Verdict.YES, Verdict.NO, Verdict.YES]
    weak = explained(SCHEME, {**ORDINARY, "main_revenue_before": yuan(4_000), "own_class_one": 0, "rd": yuan(100)})
    assert told([g.points for g in weak.groups], weak.passed) == ([15, 30, 25], Verdict.NO)
    narrow = {**ORDINARY, "main_revenue": yuan(5_000), "main_revenue_before": yuan(4_000), "rd": yuan(500)}
    assert ([g.points for g in explained(SCHEME, narrow).groups]) == [35, 30, 10]
    assert explained(SCHEME, narrow).passed is Verdict.NO
    fifty_nine = explained(SCHEME, {**at_floors, "main_revenue": yuan(6_999), "main_revenue_before": yuan(6_999)})
    assert told(fifty_nine.total, fifty_nine.passed) == (55, Verdict.NO)


@pytest.mark.parametrize(
    ("way", "at", "below"),
    [
        ("award", {"awards": 1.0}, {"awards": 0.0}),
        ("title", {"titles": 1.0}, {"titles": 0.0}),
        ("institution", {"institutions": 1.0}, {"institutions": 0.0}),
        ("equity", {"equity": yuan(5_000_000)}, {"equity": yuan("4999999.99")}),
    ],
)
def test_direct_ways_pass_without_points(way: str, at: Mapping[str, Value], below: Mapping[str, Value]) -> None:
    poor = {**NOTHING, "revenue": yuan(1), "assets": yuan(1), "main_revenue_before": yuan(1)}
    score = explained(SCHEME, {**poor, **at})
    assert score.passed is Verdict.YES
    assert [d.names.id for d in score.direct if d.verdict is Verdict.YES] == [way]
    assert explained(SCHEME, {**poor, **below}).passed is Verdict.NO


def test_growth_from_nothing_is_missing_not_zero() -> None:
    score = explained(SCHEME, {**ORDINARY, "main_revenue_before": 0.0})
    assert of(score, "main_growth").missing is Missing.ZERO_DENOMINATOR
    assert score.passed is Verdict.UNKNOWN  # the growth group's floor could still be reached
    assert of(explained(SCHEME, {**ORDINARY, "main_revenue_before": -1.0}), "main_growth").missing is (
        Missing.NEGATIVE_DENOMINATOR
    )
