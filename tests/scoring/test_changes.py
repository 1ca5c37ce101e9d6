"""What if, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from codes.scores import Missing
from scoring.changes import differences, simulate
from scoring.errors import InputsUnfit, ScoresNotComparable
from tests.scoring.scored import SCHEMES, Value, edition, told, yuan

SCHEME = SCHEMES["national-2-demo"]
FIRM: Mapping[str, Value] = {
    **dict.fromkeys(SCHEME.inputs, 0.0),
    "revenue": yuan(10_000_000),
    "revenue_before": yuan(10_000_000),
    "rd": yuan(500_000),
    "staff": 100,
    "rd_staff": 20,
    "assets": yuan(10_000_000),
    "liabilities": yuan(5_000_000),
}


def firms(*changes: Mapping[str, Value]) -> list[Mapping[str, Value]]:
    return [{**FIRM, **change} for change in changes]


def test_more_research_moves_one_indicator_and_the_rank() -> None:
    made = edition(SCHEME, firms({}, {"rd": yuan(700_000)}, {"rd": yuan(900_000)}))
    found = simulate(made, "E0000", {"rd": yuan(800_000)})
    assert (found.before.total, found.after.total) == (Decimal("19.50"), Decimal("24.00"))
    assert [(m.names.id, m.before, m.after) for m in found.moved] == [("rd_intensity", Decimal("7.5"), Decimal(12))]
    assert (found.placed_before.rank, found.placed_after.rank) == (3, 2)
    assert (found.placed_before.stage_rank, found.placed_after.stage_rank) == (None, None)
    assert found.moved[0].now.words == "in proportion from 0 to 10 %"


def test_what_would_go_missing_says_so() -> None:
    made = edition(SCHEME, firms({}))
    found = simulate(made, "E0000", {"rd": Missing.NOT_SHARED})
    assert [(m.names.id, m.now.missing) for m in found.moved] == [("rd_intensity", Missing.NOT_SHARED)]


def test_another_stage_is_another_peer_group_and_other_weights() -> None:
    lake = SCHEMES["east-lake-28-demo"]
    poor = {"age": 100.0, "revenue": yuan(29_000_000), "awards": 1.0, "first_prizes": 1.0}
    rich = {"age": 100.0, "revenue": yuan(50_000_000), "awards": 0.0, "first_prizes": 0.0}
    made = edition(lake, [poor, rich, {**poor, "awards": 0.0}])
    found = simulate(made, "E0000", {"revenue": yuan(31_000_000)})
    assert found.before.stage
    assert found.after.stage
    assert found.before.stage.names
    assert found.after.stage.names
    assert (found.before.stage.names.id, found.after.stage.names.id) == ("growth", "mature")
    assert (found.placed_before.stage_rank, found.placed_after.stage_rank) == (1, 1)
    awards = next(m for m in found.moved if m.names.id == "awards")
    assert told(awards.was.maximum, awards.now.maximum) == (4, 7)


def test_unknown_changes_and_enterprises_are_refused() -> None:
    made = edition(SCHEME, firms({}))
    with pytest.raises(InputsUnfit, match="no input 'research'"):
        simulate(made, "E0000", {"research": 1.0})
    with pytest.raises(KeyError):
        simulate(made, "E0001", {})


def test_falls_are_found_with_what_caused_them() -> None:
    before = edition(SCHEME, firms({}, {"contract_turnover": yuan(3_000_000)}, {"awards": 2}, {"rd": yuan(490_000)}))
    after = edition(SCHEME, firms({}, {}, {"awards": 1, "rd": yuan(600_000)}, {"rd": yuan(480_000)}))
    everyone = differences(before, after)
    assert [(one.enterprise, one.change) for one in everyone] == [
        ("E0001", Decimal(-6)), ("E0002", Decimal("-2.5")), ("E0003", Decimal("-0.15")), ("E0000", Decimal(0))
    ]  # fmt: skip
    caused = [[(m.names.id, m.after - m.before) for m in one.moved] for one in everyone]
    assert caused == [
        [("contract_turnover", Decimal(-6))],
        [("awards", Decimal(-4)), ("rd_intensity", Decimal("1.5"))],
        [("rd_intensity", Decimal("-0.15"))],
        [],
    ]
    assert [one.enterprise for one in differences(before, after, drop_at_least=Decimal("2.5"))] == ["E0001", "E0002"]
    assert [one.enterprise for one in differences(before, after, drop_at_least=Decimal("2.51"))] == ["E0001"]
    assert [one.enterprise for one in differences(before, after, drop_percent_at_least=Decimal(10))] == ["E0001"]
    assert [(one.enterprise, one.placed_before.rank, one.placed_after.rank) for one in everyone] == [
        ("E0001", 2, 2), ("E0002", 1, 1), ("E0003", 4, 4), ("E0000", 3, 2)
    ]  # fmt: skip
    assert differences(before, after, rank_drop_at_least=1) == ()


def test_scores_of_other_schemes_are_not_compared() -> None:
    with pytest.raises(ScoresNotComparable, match="score both periods by one of them"):
        differences(edition(SCHEME, firms({})), edition(SCHEMES["technology-sme"], [{}]))
