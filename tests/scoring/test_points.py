"""Rules that official schemes do not need: denominators, proportions, percentiles, caps, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from codes.scores import Missing
from scoring.changes import run
from scoring.errors import SchemeMisconfigured
from scoring.evaluation import evaluate
from scoring.explanation import IndicatorScore, explain
from scoring.inputs import Column
from scoring.loading import parse
from scoring.scheme import Scheme
from tests.scoring.scored import Value, explained, inputs, of, told

INPUTS = """
[inputs.above]
collection = "c"
take = "number"
field = "f"
[inputs.below]
collection = "c"
take = "number"
field = "f"
"""


def scheme(indicators: str, groups: str = "points = 10", head: str = "points = 10") -> Scheme:
    """Make a scheme of one group."""
    return parse(
        f'id = "s"\nversion = "1"\ntitle = "s"\ntitle_zh = "s"\nissuer = "s"\n{head}\n{INPUTS}\n'
        f'[[groups]]\nid = "g"\nname = "g"\n{groups}\n{indicators}',
        "s.toml",
    )


def indicator(measure: str, way: str, more: str = "points = 10", name: str = "i") -> str:
    return f'[[indicators]]\nid = "{name}"\ngroup = "g"\nname = "{name}"\n{more}\nmeasure = {{ {measure} }}\n{way}\n'


LINEAR = "linear = { none_at = 0, full_at = 100 }"


def only(made: Scheme, row: Mapping[str, Value]) -> IndicatorScore:
    return explained(made, row).indicators[0]


@pytest.mark.parametrize(
    ("rules", "above", "below", "points", "value", "missing"),
    [
        ('zero = "missing", negative = "missing"', 1, 4, "2.5", 25, None),
        ('zero = "missing", negative = "missing"', 1, 0, "0", None, Missing.ZERO_DENOMINATOR),
        ('zero = "missing", negative = "missing"', 1, -4, "0", None, Missing.NEGATIVE_DENOMINATOR),
        ('zero = "highest", negative = "lowest"', 0, 0, "10", None, None),
        ('zero = "highest", negative = "lowest"', -1, -4, "0", None, None),
        ('zero = 50, negative = 10', 1, 0, "5", 50, None),
        ('zero = 50, negative = 10', 1, -4, "1", 10, None),
        ('zero = "missing", negative = "missing", unknown = "lowest"', 1, Missing.NOT_SHARED, "0", None, None),
        ('zero = "missing", negative = "missing", unknown = 30', 1, Missing.NOT_SHARED, "3", 30, None),
        ('zero = "missing", negative = "missing", unknown = 30', Missing.STALE, 1, "0", None, Missing.STALE),
        ('zero = 1, negative = 1', Missing.STALE, Missing.NOT_SHARED, "0", None, Missing.STALE),
    ],
)  # fmt: skip
def test_denominators(
    rules: str, above: Value, below: Value, points: str, value: float | None, missing: Missing | None
) -> None:
    made = scheme(indicator(f'kind = "ratio", of = "above", over = "below", {rules}', 'unit = "%"\n' + LINEAR))
    score = only(made, {"above": above, "below": below})
    assert told(score.points, score.value, score.missing) == (Decimal(points), value, missing)


@pytest.mark.parametrize(("after", "before", "value"), [(5, -5, 200), (-10, -5, -100), (15, 10, 50), (-5, 10, -150)])
def test_growth_from_a_negative_base_by_its_size(after: float, before: float, value: float) -> None:
    rules = 'kind = "growth", of = "above", over = "below", zero = "missing", negative = "absolute"'
    assert only(scheme(indicator(rules, 'unit = "%"\n' + LINEAR)), {"above": after, "below": before}).value == value


@pytest.mark.parametrize("part", [11, -1])
def test_a_part_that_is_not_within_its_whole_is_contradictory(part: float) -> None:
    rules = 'kind = "share", of = "above", over = "below", zero = "missing", negative = "missing"'
    score = only(scheme(indicator(rules, 'unit = "%"\n' + LINEAR)), {"above": part, "below": 10})
    assert score.missing is Missing.CONTRADICTORY


def test_lower_is_better_in_proportion() -> None:
    made = scheme(
        indicator(
            'kind = "count", of = "above"', "linear = { none_at = 10, full_at = 2 }", 'points = 10\nbetter = "lower"'
        )
    )
    assert [only(made, {"above": n}).points for n in (0, 2, 4, 10, 11)] == [10, 10, Decimal("7.5"), 0, 0]
    step = only(made, {"above": 4}).next
    assert step
    assert told(step.bound, step.distance, step.points) == (2, 2, 10)
    assert step.words == "at most 2"


def test_parts_of_a_hundred_people() -> None:
    rules = 'kind = "ratio", of = "above", over = "below", zero = "missing", negative = "missing", per = 100'
    score = only(scheme(indicator(rules, 'unit = "件/百人"\n' + LINEAR)), {"above": 3, "below": 12})
    assert told(score.value, score.unit, score.points) == (25, "件/百人", Decimal("2.5"))


@pytest.mark.parametrize(
    ("better", "expected"), [("higher", ["2.5", "7.5", "7.5", "10"]), ("lower", ["10", "7.5", "7.5", "2.5"])]
)
def test_percentiles_are_shares_of_peers_that_are_not_better(better: str, expected: list[str]) -> None:
    made = scheme(
        indicator('kind = "count", of = "above"', 'percentile = { among = "all" }', f'points = 10\nbetter = "{better}"')
    )
    edition = run(made, inputs(made, [{"above": n} for n in (1, 5, 5, 9)] + [{}]))
    scores = [explain(made, edition.results, row).indicators[0] for row in range(5)]
    assert [score.points for score in scores] == [*map(Decimal, expected), 0]
    assert scores[4].missing is Missing.NOT_DELIVERED
    assert scores[0].words == "by its place among all"


def test_without_peers_a_percentile_is_missing() -> None:
    made = scheme(indicator('kind = "count", of = "above"', 'percentile = { among = "all" }'))
    nobody = run(made, inputs(made, [{}]))
    alone = evaluate(made, inputs(made, [{"above": 3}]), nobody.peers)
    assert explain(made, alone, 0).indicators[0].missing is Missing.NO_PEERS


TWO = (
    indicator('kind = "count", of = "above"', "linear = { none_at = 0, full_at = 10 }", "points = 6", "one"),
    indicator('kind = "count", of = "below"', "linear = { none_at = 0, full_at = 10 }", "points = 4", "two"),
)


def test_what_is_left_out_gives_its_weight_to_the_others() -> None:
    made = scheme("".join(TWO), head='points = 10\nmissing = "left_out"')
    score = explained(made, {"above": 5, "below": Missing.NOT_SHARED})
    one, two = score.indicators
    assert told(score.total, one.points, one.maximum, two.points, two.maximum) == (5, 5, 10, 0, 0)
    assert told(two.missing, two.words_zh) == (Missing.NOT_SHARED, "未共享，不计入本组")
    assert one.next
    assert told(one.next.points, one.next.distance) == (10, 5)
    assert explained(made, {}).total == 0


def test_not_applicable_may_count_otherwise_than_missing() -> None:
    made = scheme("".join(TWO), head='points = 10\nmissing = 0.25\nnot_applicable = "left_out"')
    missing, not_applicable = (
        explained(made, {"above": 5, "below": w}) for w in (Missing.STALE, Missing.NOT_APPLICABLE)
    )
    assert [i.points for i in missing.indicators] == [3, 1]
    assert of(missing, "two").words == "missing (STALE): counted with 25 % of the maximum"
    assert [i.points for i in not_applicable.indicators] == [5, 0]


def test_a_capped_group_gives_no_more_than_its_cap() -> None:
    made = scheme("".join(TWO), "points = 8\ncapped = true\nbonus = true", "bonus = 8")
    score = explained(made, {"above": 10, "below": 10})
    assert told(score.total, score.maximum, [i.points for i in score.indicators]) == (8, 8, [6, 4])
    assert explained(made, {"above": 10, "below": 1}).total == Decimal("6.4")


def test_what_stands_beside_alternatives_is_refused() -> None:
    way = indicator('kind = "count", of = "above"', LINEAR).replace(
        "measure =", "[[indicators.alternatives]]\nmeasure ="
    )
    assert only(scheme(way), {"above": 50}).points == 5
    with pytest.raises(SchemeMisconfigured, match="has alternatives, and unit beside them"):
        scheme(way.replace("points = 10", 'points = 10\nunit = "件"'))


def test_a_tier_may_carry_the_words_of_its_text() -> None:
    made = scheme(
        indicator(
            'kind = "count", of = "above"',
            'tiers = [{ at_least = 1, points = 10, text = "有（含1项）" }, { below = 1, points = 0 }]',
        )
    )
    assert only(made, {"above": 1}).words_zh == "有（含1项）"
    assert only(made, {"above": 0}).words_zh == "低于1"
    assert Column.of([1.0]).with_value(Missing.STALE).reasons.tolist() == [6]
