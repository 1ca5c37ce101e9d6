"""docs/scoring.md says what there is, and its example is a scheme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from codes.scores import Missing, Verdict
from scoring import form
from scoring.checking import check_inputs
from scoring.loading import SHIPPED, parse
from tests.scoring.scored import explained, of, yuan
from tests.scoring.test_schemes import kinds

TEXT = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")


def test_the_example_is_a_scheme_that_scores() -> None:
    found = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert found
    scheme = parse(found[1], "docs/scoring.md")
    check_inputs(scheme, "docs/scoring.md", kinds())
    firm = {"revenue": yuan(4_000_000), "rd": yuan(300_000), "inventions": 4, "utility_models": 6, "awards": 1}
    score = explained(scheme, {**firm, "serious_violations": 0, "high_tech": 0})
    assert [group.points for group in score.groups] == [36, 20, 10]
    assert score.passed is Verdict.YES
    patents = of(score, "patents").alternative
    assert patents
    assert patents.name == "Utility models"


def _models() -> list[type[BaseModel]]:
    return [model for model in vars(form).values() if isinstance(model, type) and issubclass(model, form.Strict)]


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_each_key_is_documented(model: type[BaseModel]) -> None:
    tables = {"inputs", "groups", "indicators", "stages", "stage", "lists", "data_sources", "vetoes", "direct"}
    tables |= {"floors", "passing", "ranking", "evaluated"}
    for key in model.model_fields:
        assert f"`{key}`" in TEXT or (key in tables and f"[{key}" in TEXT) or f".{key}]" in TEXT, key


def test_each_scheme_and_each_reason_is_documented() -> None:
    for path in SHIPPED.glob("*.toml"):
        assert f"`{path.stem}`" in TEXT
    for reason in Missing:
        assert reason.value in TEXT
