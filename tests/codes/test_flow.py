"""Flows: every state, action and party of an example, and what contradicts itself."""

from __future__ import annotations

import itertools

import pytest

from codes.flow import Flow, FlowMisdrawn, NotAllowed, Party, step
from codes.kinds import Listed


class Light(Listed):
    """A light."""

    RED = "RED"
    GREEN = "GREEN"
    BROKEN = "BROKEN"


class Switch(Listed):
    """What is done to a light."""

    PRESS = "PRESS"
    SMASH = "SMASH"


L, S = Light, Switch
FLOW = Flow(
    "A light",
    L.RED,
    frozenset((Party.OFFICER,)),
    (
        step(S.PRESS, [L.RED], L.GREEN, [Party.OFFICER, Party.AUTHOR]),
        step(S.PRESS, [L.GREEN], L.RED, [Party.OFFICER]),
        step(S.SMASH, [L.RED, L.GREEN], L.BROKEN, [Party.ENTERPRISE]),
    ),
)
ALLOWED = {
    (L.RED, S.PRESS, Party.OFFICER): L.GREEN,
    (L.RED, S.PRESS, Party.AUTHOR): L.GREEN,
    (L.GREEN, S.PRESS, Party.OFFICER): L.RED,
    (L.RED, S.SMASH, Party.ENTERPRISE): L.BROKEN,
    (L.GREEN, S.SMASH, Party.ENTERPRISE): L.BROKEN,
}


@pytest.mark.parametrize(("state", "action", "party"), list(itertools.product(Light, Switch, Party)))
def test_a_step_is_allowed_as_drawn_and_refused_in_words_otherwise(state: Light, action: Switch, party: Party) -> None:
    target = ALLOWED.get((state, action, party))
    if target:
        assert FLOW.next(state, action, {party}) is target
        assert action in FLOW.allowed(state, {party})
        return
    assert action not in FLOW.allowed(state, {party})
    with pytest.raises(NotAllowed) as refused:
        FLOW.next(state, action, {party})
    for word in (state, action, party):
        assert word.value in str(refused.value)


def test_a_refusal_names_who_may_and_what_is_left() -> None:
    with pytest.raises(NotAllowed) as refused:
        FLOW.next(L.GREEN, S.SMASH, {Party.OFFICER, Party.AUTHOR})
    assert str(refused.value) == (
        "A light that is GREEN: SMASH is not for you (AUTHOR, OFFICER) now."
        " It is allowed from GREEN, RED, by ENTERPRISE. You may do now: PRESS."
    )


def test_whoever_is_several_parties_may_what_any_of_them_may() -> None:
    assert FLOW.allowed(L.RED, {Party.ENTERPRISE, Party.AUTHOR}) == [S.PRESS, S.SMASH]
    assert FLOW.allowed(L.RED, set()) == []
    assert FLOW.opened_by({Party.OFFICER, Party.FUND})
    assert not FLOW.opened_by({Party.AUTHOR})


def test_a_flow_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(FlowMisdrawn, match="nothing leads to BROKEN"):
        Flow("A light", L.RED, frozenset(), FLOW.steps[:2])
    with pytest.raises(FlowMisdrawn, match="PRESS from RED is drawn twice"):
        Flow("A light", L.RED, frozenset(), (*FLOW.steps, step(S.PRESS, [L.RED], L.BROKEN, [Party.AUTHOR])))
