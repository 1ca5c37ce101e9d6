"""Random questions by random readers under random rules: they get what the rules say, and nothing else."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from auth import rules
from auth.principal import Principal
from auth.rules import Rules
from codes.access import DataGroup, Decision, Purpose, Role
from tests.consenting import EDITION, NORTH, SOUTH, ZHONGJIALI, Consenting, consenting
from tests.differential.breaking import WAYS
from tests.differential.queries import Generator
from tests.everything import APART, VOLATILE
from tests.questions import Question, question
from tests.world import CHUJINGLING, Asker, World, hub_schema

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine '_(batched|grouped):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SCHEMA = hub_schema()._schema
CHUNKS = 8
QUESTIONS = 130
"""Of each chunk, each by two readers: 2,080 in all."""
BREAKING = 4
"""Chunks that are asked with broken guards, too."""
BROKEN = 100
"""Questions of each chunk that a broken guard is asked, until one notices."""
MOST_MISSED = 2
"""Of the ways to break a guard, those that a chunk may not notice."""
OWN = frozenset(("Query.scoreChanges", "Query._service", "Query._entities"))
"""Made for the reader, or of a union that the oracle cannot tell apart; tests/resolvers/scores/test_seeing.py,
tests/resolvers/test_federation.py and the access matrix ask for them."""
DULL = frozenset(f"Query.{name}" for name in ("me", "source", "sources", "policy", "zone", "loanProduct", "zones"))
ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "USCC": (CHUJINGLING, ZHONGJIALI, "91000000NKNWN0004T"),
    "ID": (
        f"Enterprise:{CHUJINGLING}", f"Enterprise:{ZHONGJIALI}", "Fund:nssf-zhongguancun", "technology-managers",
        "TechnologyManagerNetwork:technology-managers", "TechnologyManager:demo-1", "east-lake", "Zone:nowhere",
        EDITION, f"Edition:{EDITION}", EDITION,
    ),
    "String": ("科技", "ckl", "42", CHUJINGLING),
    "Int": (1, 2, 3),
    "Date": ("2021-06-30", "2030-01-01"),
}  # fmt: skip


class Asking(Generator):
    """Questions that mostly lead to enterprises and people."""

    codes: tuple[str, ...] = ()
    """Enterprises whose reports are asked for."""

    def _field(self, type_: Any, depth: int) -> str:
        if type_.name == "Query" and self._random.random() < 0.75:
            ways = (
                self._enterprise, self._enterprises, self._identities, self._reports, self._filtered, self._ranked,
            )  # fmt: skip
            return self._random.choice(ways)(depth)
        return super()._field(type_, depth)

    def _enterprise(self, depth: int) -> str:
        code = self._random.choice((CHUJINGLING, ZHONGJIALI))
        return f'e{self._random.randrange(9)}: enterprise(uscc: "{code}") {self._of("Enterprise", depth)}'

    def _enterprises(self, depth: int) -> str:
        alias = f"l{self._random.randrange(9)}"
        if self._random.random() < 0.5:
            listed = f'enterprisesByUscc(usccs: ["{ZHONGJIALI}", "{CHUJINGLING}"])'
            return f"{alias}: {listed} {self._of('Enterprise', depth)}"
        return f"{alias}: enterprises(first: 3) {{ nodes {self._of('Enterprise', depth)} }}"

    def _identities(self, depth: int) -> str:
        alias = f"n{self._random.randrange(9)}"
        return f'{alias}: node(id: "Enterprise:{CHUJINGLING}") {{ ... on Enterprise {self._of("Enterprise", depth)} }}'

    def _reports(self, depth: int) -> str:
        code = self._random.choice(self.codes)
        report = f"filings(years: 3) {self._of('Filing', depth)} legalRepresentative"
        return (
            f'r{self._random.randrange(9)}: enterprise(uscc: "{code}") {{ {report} totals: filings {{ totalAssets }} }}'
        )

    def _filtered(self, _depth: int) -> str:
        arguments = self._random.choice(
            (
                "filter: { qualification: [HIGH_TECH] }",
                'search: "科技"',
                "orderBy: { field: NAME }",
                'filter: { zone: "x" }',
            )
        )
        return f"f{self._random.randrange(9)}: enterprises({arguments}) {{ totalCount edges {{ cursor }} }}"

    def _ranked(self, depth: int) -> str:
        alias, entries = f"k{self._random.randrange(9)}", self._of("RankingEntry", depth)
        everyone = self._random.choice(("", ", all: true"))
        if self._random.random() < 0.5:
            return f'{alias}: ranking(edition: "{EDITION}", first: 4{everyone}) {{ totalCount nodes {entries} }}'
        return f'{alias}: edition(id: "{EDITION}") {{ ranking(first: 4{everyone}) {{ edges {{ node {entries} }} }} }}'

    def _of(self, type_name: str, depth: int) -> str:
        selections = (self._selection(self._schema.type_map[type_name], depth) for _ in range(2))
        return "{ " + " ".join(selection[1:-1] for selection in selections) + " }"


@dataclass(frozen=True)
class Asked:
    """A question, and who asks it for what."""

    question: Question
    readers: tuple[tuple[Principal, Purpose | None], ...]

    async def fault(self, guarded: Asker, ruled: Rules, hub: Consenting) -> str | None:
        """Return what somebody gets that is not what the rules say."""
        for reader, purpose in self.readers:
            headers = {"hub-purpose": purpose.value} if purpose else {}
            text, variables = self.question.text, self.question.variables
            reply = await guarded(text, variables, principal=reader, headers=headers)
            assert not reply.request_error, reply.body
            if fault := self.question.fault(reply, reader, ruled, purpose, hub.agreed):
                return f"{reader.subject} for {purpose}\n{text}\n{dict(variables)}\n{fault}"
        return None


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What is refused a thousand times need not be logged as often."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Consenting]:
    """A hub whose enterprises have agreed to something."""
    async with consenting(world, tmp_path) as found:
        yield found


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_readers_get_what_the_rules_say_and_nothing_else(
    hub: Consenting, readers: Mapping[str, Principal], chunk: int, tmp_path: Path
) -> None:
    ruled = random_rules(chunk, tmp_path / "access.toml")
    guarded, by_reference = hub.ask.guarded(ruled), hub.ask.guarded(ruled, compiled=False)
    number = 0
    async for asked in questions(hub, readers, chunk, QUESTIONS):
        number += 1
        way = by_reference if number % 4 == 0 else guarded
        fault = await asked.fault(way, ruled, hub)
        assert fault is None, f"chunk {chunk}, question {number}: {fault}"
    assert number == QUESTIONS


@pytest.mark.parametrize("chunk", range(BREAKING))
async def test_a_broken_guard_is_noticed(
    hub: Consenting, readers: Mapping[str, Principal], chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruled = random_rules(chunk, tmp_path / "access.toml")
    asked = [one async for one in questions(hub, readers, chunk, BROKEN)]
    missed = []
    for name, broken in WAYS.items():
        with monkeypatch.context() as patch:
            broken(patch, hub.ask)
            guarded = hub.ask.guarded(random_rules(chunk, tmp_path / "access.toml"))
            for place, one in enumerate(asked):
                if await one.fault(guarded, ruled, hub):
                    asked.insert(0, asked.pop(place))  # who notices one mostly notices another
                    break
            else:
                missed.append(name)
    assert len(missed) <= MOST_MISSED, missed


async def questions(hub: Consenting, readers: Mapping[str, Principal], chunk: int, count: int) -> AsyncIterator[Asked]:
    """Give random questions, each with two of the readers."""
    generator = Asking(SCHEMA, 9000 + chunk, ARGUMENTS, VOLATILE | APART | OWN | DULL)
    generator.codes = (CHUJINGLING, ZHONGJIALI, hub.reticent, hub.reticent)
    rng = random.Random(chunk)
    known = [*readers.values()]
    banks = [replace(readers["bank-icbc"], subject=name, organisation=name) for name in (NORTH, SOUTH)]
    while count:
        text, variables = generator.draft()
        found = await question(hub.ask, hub.open, text, variables, hub.zones)
        if found is None:
            continue
        chosen = (rng.choice(banks), rng.choice(known))
        yield Asked(found, tuple((reader, _purpose(rng, reader)) for reader in chosen))
        count -= 1


def _purpose(rng: random.Random, reader: Principal) -> Purpose | None:
    """Mostly what the reader's client may ask for; sometimes nothing, or what it may not."""
    own = sorted(reader.purposes, key=lambda purpose: purpose.value)
    return rng.choice([None, rng.choice(list(Purpose)), *own, *own, *own])


def random_rules(chunk: int, path: Path) -> Rules:
    """Return rules that let everybody see something and nobody everything."""
    rng = random.Random(chunk)
    lines: list[str] = []
    for role in Role:
        usual: list[Decision] = [decision for decision in Decision if decision is not Decision.CONSENT]
        everybody: dict[DataGroup, Decision] = {group: rng.choice(usual) for group in DataGroup}
        everybody |= {DataGroup.PUBLIC: Decision.ALLOW, DataGroup.REGISTRATION: _mostly_open(rng)}
        everybody |= {DataGroup.PEOPLE: rng.choice((Decision.MASK, Decision.MASK, Decision.DENY))}
        if role is Role.BANK:
            agreed = (DataGroup.FILINGS, DataGroup.WORKFORCE, DataGroup.CONTRACTS, DataGroup.RISK)
            everybody |= {DataGroup.REGISTRATION: Decision.ALLOW, **dict.fromkeys(agreed, Decision.CONSENT)}
        if role in (Role.OFFICER, Role.SECURITY):
            everybody[DataGroup.FILINGS] = Decision.ALLOW
            everybody[DataGroup.UNPUBLISHED] = everybody[DataGroup.QUALIFICATIONS] = Decision.DENY
        own = {g: rng.choice((Decision.ALLOW, Decision.ALLOW, Decision.MASK, Decision.DENY)) for g in DataGroup}
        own |= {DataGroup.PUBLIC: Decision.ALLOW, DataGroup.REGISTRATION: Decision.ALLOW}
        lines.append(f"[roles.{role.value}]")
        for name, decisions in (("all", everybody), ("own", own)):
            lines.append(f"{name} = {{ {', '.join(f'{g.value} = {d.value!r}' for g, d in decisions.items())} }}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return rules.load(path)


def _mostly_open(rng: random.Random) -> Decision:
    return rng.choice((*[Decision.ALLOW] * 5, Decision.MASK, Decision.DENY))
