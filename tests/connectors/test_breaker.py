"""The breaker by itself, on a clock of its own."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from codes.kinds import BreakerState
from connectors.breaker import Breaker
from connectors.errors import SourceCircuitOpen
from connectors.policy import BreakerPolicy


class Clock:
    """A clock that goes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> Breaker:
    return Breaker("tax", BreakerPolicy(share=0.5, of=20, least=10, seconds=10), clock)


def notes(one: Breaker, told: str) -> None:
    """A call for each letter: answered `.`, failed `x`."""
    for letter in told:
        one.enter()
        if letter == "x":
            one.failed()
        else:
            one.succeeded()


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("xxxxxxxxx", BreakerState.CLOSED),
        ("xxxxxxxxxx", BreakerState.OPEN),
        (".....xxxxx", BreakerState.OPEN),
        ("......xxxx", BreakerState.CLOSED),
        ("....................xxxxxxxxx", BreakerState.CLOSED),
        ("....................xxxxxxxxxx", BreakerState.OPEN),
    ],
)
def test_it_opens_when_half_of_the_last_twenty_and_at_least_ten_are_known(told: str, state: BreakerState) -> None:
    one = breaker(Clock())
    notes(one, told)
    assert one.state is state


def test_open_it_lets_nobody_pass_and_says_for_how_long() -> None:
    clock = Clock()
    one = breaker(clock)
    notes(one, "x" * 10)
    clock.now += 4
    with pytest.raises(SourceCircuitOpen, match=r"failed too often; it is asked again in 6\.0 s") as refused:
        one.enter()
    assert (refused.value.seconds, refused.value.code) == (6.0, "SOURCE_CIRCUIT_OPEN")


def test_the_log_tells_once_that_a_source_is_left_alone_and_once_that_it_is_asked_again() -> None:
    clock = Clock()
    one = breaker(clock)
    with capture_logs() as logged:
        notes(one, "." * 10 + "x" * 10)
        for answered in "xx.":
            clock.now += 10
            notes(one, answered)
    assert [(told["event"], told["source"]) for told in logged] == [
        ("source.left_alone", "tax"),
        ("source.asked_again", "tax"),
    ]
    assert (logged[0]["failures"], logged[0]["of"]) == (10, 20)


def test_one_call_alone_probes_and_closes_it() -> None:
    clock = Clock()
    one = breaker(clock)
    notes(one, "x" * 10)
    clock.now += 10
    assert one.state is BreakerState.HALF_OPEN
    one.enter()
    for _ in range(50):
        with pytest.raises(SourceCircuitOpen, match="finding out"):
            one.enter()
    one.succeeded()
    assert (one.state, one.failures, one.looked_at) == (BreakerState.CLOSED, 0, 1)
    one.enter()


def test_a_probe_that_fails_opens_it_anew() -> None:
    clock = Clock()
    one = breaker(clock)
    notes(one, "x" * 10)
    clock.now += 10
    one.enter()
    one.failed()
    assert (one.state, one.seconds_left) == (BreakerState.OPEN, 10.0)


def test_a_probe_that_nobody_waits_for_any_more_gives_its_place_to_another() -> None:
    clock = Clock()
    one = breaker(clock)
    notes(one, "x" * 10)
    clock.now += 10
    one.enter()
    one.left()
    one.enter()


def test_what_began_before_it_opened_does_not_keep_it_open() -> None:
    clock = Clock()
    one = breaker(clock)
    for _ in range(12):
        one.enter()
    for _ in range(10):
        one.failed()
    clock.now += 9
    one.failed()
    one.failed()
    assert one.seconds_left == 1.0


def test_a_source_that_asks_to_be_left_alone_is_without_having_failed_often() -> None:
    clock = Clock()
    one = breaker(clock)
    one.leave_alone(3)
    with pytest.raises(SourceCircuitOpen, match=r"asked to be left alone; it is asked again in 3\.0 s"):
        one.enter()
    clock.now += 3
    one.enter()
    one.enter()
    assert one.state is BreakerState.CLOSED


def test_a_policy_that_could_never_open_is_refused() -> None:
    with pytest.raises(ValueError, match="only 5 calls are looked back upon"):
        BreakerPolicy(of=5)
