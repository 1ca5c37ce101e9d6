"""The questions of docs/finance.md, asked by those whom they are for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.flows.conftest import Hub
from tests.flows.parties import BOC, ENTERPRISE, ICBC
from tests.flows.test_monitoring import NEXT_WEEK, Scored, scored

__all__ = ["scored"]

TEXT = (Path(__file__).parents[2] / "docs" / "finance.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^```graphql\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
READERS = {
    "publishDemand": (ENTERPRISE, None),
    "financingDemands": (ICBC, "PRE_LOAN"),
    "loanApplications": (BOC, None),
    "delivered": (ENTERPRISE, None),
    "zone(": ("officer-nanchang", None),
    "offerPreCredit": (ICBC, "PRE_LOAN"),
    "loanProductMatches": (ENTERPRISE, None),
    "portfolio(": (ICBC, "MONITORING"),
    "expiries(": (ENTERPRISE, None),
}
WITHHELD = {"CONSENT_REQUIRED"}


@pytest.mark.parametrize("about", READERS)
def test_a_question_of_the_documentation_is_answered(acting: Hub, scored: Scored, about: str) -> None:
    (question,) = [one for one in QUESTIONS if about in one]
    name, purpose = READERS[about]
    said = acting.ask(name, question.replace("2027-06-30", NEXT_WEEK), purpose)
    assert set(said.codes().values()) <= (WITHHELD if about == "portfolio(" else set()), said.body
    for value in said.data.values():
        assert value is not None
        assert value.get("userErrors", []) == []


def test_each_question_is_asked() -> None:
    assert len(QUESTIONS) == len(READERS)
