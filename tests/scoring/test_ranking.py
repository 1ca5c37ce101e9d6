"""Stages, ranks and lists."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from codes.scores import Missing, Verdict
from scoring.changes import run
from scoring.evaluation import evaluate
from scoring.explanation import explain
from scoring.inputs import Inputs
from scoring.ranking import Standing, listed, lists_of, order, ranked, strengths
from scoring.scheme import Scheme
from tests.scoring.scored import SCHEMES, Value, inputs, told, yuan

LONGWAN = SCHEMES["longwan-lists"]


@pytest.mark.parametrize(
    ("revenue", "stage"),
    [
        ("-1", "种子期"), ("0", "种子期"), ("999999.99", "种子期"), ("1000000", "初创期"), ("4999999.99", "初创期"),
        ("5000000", "成长期"), ("19999999.99", "成长期"), ("20000000", "扩张期"), ("99999999.99", "扩张期"),
        ("100000000", "成熟期"), ("90000000000", "成熟期"),
    ],
)  # fmt: skip
def test_stages_of_longwan_by_revenue(revenue: str, stage: str) -> None:
    found = explain(LONGWAN, evaluate(LONGWAN, inputs(LONGWAN, [{"revenue": yuan(revenue)}])), 0).stage
    assert found
    assert found.names
    assert found.names.name_zh == stage


def test_the_stage_says_by_what_it_was_told() -> None:
    found = explain(LONGWAN, evaluate(LONGWAN, inputs(LONGWAN, [{"revenue": yuan(31_200_000)}])), 0).stage
    assert found
    assert found.words == "operating revenue 3,120 万元: at least 2,000 万元, below 10,000 万元"
    unknown = explain(LONGWAN, evaluate(LONGWAN, inputs(LONGWAN, [{"revenue": Missing.SOURCE_DOWN}])), 0).stage
    assert unknown
    assert (unknown.names, unknown.missing, unknown.words) == (None, Missing.SOURCE_DOWN, "not known (SOURCE_DOWN)")


def test_where_cuts_are_not_known_no_stage_is() -> None:
    nanchang = SCHEMES["nanchang-stages"]
    found = explain(nanchang, evaluate(nanchang, inputs(nanchang, [{}])), 0).stage
    assert found
    assert (found.names, found.missing) == (None, Missing.NOT_KNOWN)
    assert nanchang.stages
    assert [stage.names.id for stage in nanchang.stages.stages] == ["seed", "sapling", "growth", "expansion", "mature"]


def test_stages_by_age_and_revenue() -> None:
    lake = SCHEMES["east-lake-28-demo"]
    cases = [(59, 4_999_999, 0), (60, 4_999_999, 1), (59, 5_000_000, 1), (12, 30_000_000, 2), (300, 29_999_999, 1)]
    made = inputs(lake, [{"age": age, "revenue": yuan(revenue)} for age, revenue, _ in cases])
    results = evaluate(lake, made)
    assert results.stage.tolist() == [stage for _, _, stage in cases]
    growth = explain(lake, results, 1).stage
    assert growth
    assert growth.words == "age 5 年; operating revenue 499.9999 万元; in no other stage"
    first = explain(lake, results, 0)
    assert [group.maximum for group in first.groups] == [30, 25, 20, 15, 10]


@pytest.mark.parametrize(
    ("age", "revenue", "stage"),
    [
        (Missing.UNREADABLE, 30_000_000, "成熟期"),
        (Missing.UNREADABLE, 29_999_999, "成长期"),
        (Missing.UNREADABLE, 4_999_999, None),
        (60, Missing.NOT_DELIVERED, None),
    ],
)
def test_what_is_missing_leaves_a_stage_unknown_only_where_it_could_change_it(
    age: Value, revenue: Value, stage: str | None
) -> None:
    lake = SCHEMES["east-lake-28-demo"]
    known = revenue if isinstance(revenue, Missing) else yuan(int(revenue))
    found = explain(lake, evaluate(lake, inputs(lake, [{"age": age, "revenue": known}])), 0).stage
    assert found
    assert (found.names and found.names.name_zh) == stage
    missing = next(given for given in (age, revenue) if isinstance(given, Missing))
    assert f"not known ({missing.value})" in found.words
    assert found.missing is (None if stage else missing)


def _standing(totals: list[int], stages: list[int] | None = None, scheme: Scheme = LONGWAN) -> Standing:
    strength = np.array(totals, np.int64)
    stage = np.array(stages or [0] * len(totals), np.int8)
    return Standing(np.array([f"E{n:04d}" for n in range(len(totals))]), strength, stage, np.ones(len(totals), bool))


def test_equal_scores_share_a_rank_and_the_next_is_counted_on() -> None:
    ranking = ranked(LONGWAN, _standing([70, 90, 70, 50, 90, 10]))
    assert ranking.rank.tolist() == [3, 1, 3, 5, 1, 6]
    assert ranking.percentile(1) == 100
    assert ranking.percentile(5) == pytest.approx(100 / 6)


def test_ranks_within_a_stage_and_none_without() -> None:
    ranking = ranked(LONGWAN, _standing([70, 90, 80, 60], [1, 1, 2, -1]))
    assert ranking.stage_rank.tolist() == [2, 1, 1, 0]
    assert ranking.stage_counts == (0, 2, 1, 0, 0)
    assert ranking.stage_percentile(3) is None
    assert ranking.stage_percentile(0) == 50


def test_lists_of_longwan_are_shares_of_the_stage() -> None:
    totals = [1000 - n for n in range(40)] + [5000 + n for n in range(7)]
    ranking = ranked(LONGWAN, _standing(totals, [1] * 40 + [2] * 7))
    front, chasing, rising = (listed(ranking, cut) for cut in LONGWAN.lists)
    assert [rows.tolist() for rows in front] == [[], [0, 1], [46], [], []]
    assert [rows.tolist() for rows in chasing] == [[], [2, 3], [], [], []]  # 10 % of 7 is less than one, too
    assert [rows.tolist() for rows in rising] == [[], [4, 5, 6, 7], [45], [], []]
    assert [lists_of(LONGWAN, ranking, row) for row in (0, 3, 7, 8, 46)] == [
        ("front",), ("chasing",), ("rising",), (), ("front",)
    ]  # fmt: skip


def test_who_shares_the_last_rank_is_on_the_list() -> None:
    nanchang = SCHEMES["nanchang-stages"]
    ranking = ranked(nanchang, _standing([500 - min(n, 99) for n in range(120)], [-1] * 120))
    (rows,) = listed(ranking, nanchang.lists[0])
    assert rows.tolist() == list(range(120))
    assert lists_of(nanchang, ranking, 119) == ("top_100",)
    assert order(ranking.standing, np.array([119, 0, 100])).tolist() == [0, 100, 119]


def test_groups_decide_between_equal_totals() -> None:
    scheme = SCHEMES["national-2-demo"]
    groups = np.array([[500, 900, 900], [900, 500, 400], [0, 0, 100], [0, 0, 0]], np.int32)
    strength = strengths(scheme, groups.sum(axis=0, dtype=np.int32), groups)
    found = ranked(scheme, Standing(np.array(["A", "B", "C"]), strength, np.full(3, -1, np.int8), np.ones(3, bool)))
    assert found.rank.tolist() == [3, 1, 2]


def test_a_veto_keeps_from_the_ranking() -> None:
    scheme = SCHEMES["national-18-demo"]
    rows = [{"serious_violations": 1.0, "awards": 2.0}, {"serious_violations": 0.0}]
    edition = run(scheme, inputs(scheme, rows))
    assert edition.ranking.rank.tolist() == [0, 1]
    assert edition.ranking.percentile(0) is None
    assert explain(scheme, edition.results, 0).passed is Verdict.NO


def test_the_medical_ai_enterprise_can_lead_its_stage() -> None:
    """Revenue fell, losses were made; research, patents, a first prize and titles carry it, by no exception."""
    lake = SCHEMES["east-lake-28-demo"]
    usual: dict[str, float | Missing] = dict.fromkeys(lake.inputs, 0.0)
    firm: dict[str, float | Missing] = usual | {
        "age": 60, "revenue": yuan(38_000_000), "revenue_before": yuan(45_000_000), "rd": yuan(26_000_000),
        "rd_before": yuan(21_000_000), "high_tech_revenue": yuan(36_000_000), "profit": yuan(-9_000_000),
        "net_assets": yuan(60_000_000), "assets": yuan(90_000_000), "liabilities": yuan(30_000_000), "staff": 160,
        "rd_staff": 90, "graduates": 12, "talents": 2, "inventions": 60, "invention_applications": 18,
        "pct_applications": 4, "software_copyrights": 40, "contract_turnover": yuan(4_000_000), "standards": 1,
        "tax_paid": yuan(900_000), "fund_members": 160, "fund_members_before": 150, "equity": yuan(60_000_000),
        "paid_in": yuan(10_000_000), "subscribed": yuan(10_000_000), "awards": 1, "first_prizes": 1, "platforms": 1,
        "projects": 2, "titles": 2, "tax_credit": 1, "credit_evaluation": 85, "environment": Missing.NOT_DELIVERED,
    }  # fmt: skip
    manufacturer = firm | {
        "revenue": yuan(900_000_000), "revenue_before": yuan(700_000_000), "rd": yuan(40_000_000),
        "rd_before": yuan(30_000_000), "high_tech_revenue": yuan(500_000_000), "profit": yuan(90_000_000),
        "net_assets": yuan(400_000_000), "staff": 900, "rd_staff": 120, "inventions": 25, "awards": 0,
        "first_prizes": 0, "talents": 0, "tax_paid": yuan(60_000_000), "tax_credit": 0, "titles": 1,
    }  # fmt: skip
    integrator = manufacturer | {"rd": yuan(20_000_000), "inventions": 4, "awards": 1, "platforms": 2, "titles": 3}
    newcomer = firm | {"revenue": yuan(4_000_000), "age": 20}
    edition = run(lake, inputs(lake, [manufacturer, firm, integrator, newcomer]))
    assert edition.results.stage.tolist() == [2, 2, 2, 0]
    assert edition.ranking.stage_rank[1] == 1
    score = explain(lake, edition.results, 1)
    growth = next(i for i in score.indicators if i.names.id == "revenue_growth")
    assert told(growth.points, growth.value) == (Decimal(0), pytest.approx(-15.5555555556))


def test_everything_is_of_one_scheme() -> None:
    made = inputs(LONGWAN, [{}])
    with pytest.raises(Exception, match="were made for longwan 2022"):
        evaluate(SCHEMES["national-2-demo"], made)
    assert isinstance(made, Inputs)
