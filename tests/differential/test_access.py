"""Random questions by random readers: both ways give the same, and neither gives what the rules withhold."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from auth import rules
from auth.principal import Principal
from auth.rules import Rights, Rules, Verdict
from codes.access import DataGroup
from resolvers.access import access
from resolvers.execution.plan import Below, Scope
from schema.access import held
from schema.graph import build_schema
from tests.differential.comparing import difference
from tests.differential.queries import Generator
from tests.differential.test_differential import ARGUMENTS, CHANGING
from tests.world import Asker

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine '_(batched|grouped):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHUNKS = 8
QUESTIONS = 65
STRANGERS = ("anonymous", "portal", "bank-icbc", "bank-boc")
"""Readers to whom nothing belongs and nobody has agreed: 2,080 questions in all."""
OWNERS = ("enterprise-chujingling", "enterprise-zhongjiali", "officer-eastlake", "officer-nanchang")
HELD = held(build_schema())
WITHHELD = {Verdict.FORBIDDEN, Verdict.PURPOSE_REQUIRED, Verdict.CONSENT_REQUIRED}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What is refused a thousand times need not be logged as often."""
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_nobody_gets_more_than_the_rules_give(
    ask: Asker, readers: Mapping[str, Principal], chunk: int, tmp_path: Path
) -> None:
    strict = strict_rules(chunk, tmp_path / "access.toml")
    generator = Generator(build_schema()._schema, 9000 + chunk, ARGUMENTS, CHANGING)
    guarded, by_reference = ask.guarded(strict), ask.guarded(strict, compiled=False)
    given = kept = 0
    for number in range(QUESTIONS):
        text, variables = generator.operation()
        for name in STRANGERS:
            rights = access(strict, readers[name], {}).rights
            assert rights is not None
            reply = await guarded(text, variables, principal=readers[name])
            kept += any(code in {v.value for v in WITHHELD} for code in reply.codes().values())
            if reply.request_error or reply.data is None:
                continue
            document, _ = ask.engine.documents.get(text)
            prepared = document.prepared(None)
            root = prepared.plan(prepared.variables.coerced(variables)).root
            leaked = list(leaks(root, reply.data, rights, []))
            assert leaked == [], f"{name}, chunk {chunk}, question {number}\n{text}\n{variables}"
            given += 1
        owner = OWNERS[number % len(OWNERS)]
        expected = await by_reference(text, variables, principal=readers[owner])
        found = difference(expected.body, (await guarded(text, variables, principal=readers[owner])).body)
        assert found is None, f"{owner}, chunk {chunk}, question {number}\n{text}\n{variables}\n{found}"
    assert given > QUESTIONS
    assert kept > 5, f"{kept} of {given}: something has to be withheld, or nothing is shown"


def strict_rules(chunk: int, path: Path) -> Rules:
    """Return rules that let everybody see something and nobody everything."""
    rng = random.Random(chunk)
    lines: list[str] = []
    for role in ("ANONYMOUS", "PORTAL", "BANK", "ENTERPRISE", "OFFICER"):
        chosen = {group: rng.choice(("ALLOW", "MASK", "PURPOSE", "CONSENT", "DENY")) for group in DataGroup}
        chosen |= {DataGroup.PUBLIC: "ALLOW", DataGroup.REGISTRATION: "ALLOW" if chunk % 2 else "MASK"}
        own = {group: rng.choice(("ALLOW", "MASK", "DENY")) for group in DataGroup if group is not DataGroup.PUBLIC}
        for name, decisions in (("all", chosen), ("own", own)):
            inner = ", ".join(f'{group.value} = "{decision}"' for group, decision in decisions.items())
            lines += [f"[roles.{role}]"] if name == "all" else []
            lines.append(f"{name} = {{ {inner} }}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return rules.load(path)


def leaks(scope: Scope, data: Any, rights: Rights, path: list[str]) -> Iterator[list[str]]:
    """Give the paths of values that the rules withhold, by the plan that everybody's questions have without rules."""
    for field in scope.fields:
        value = data.get(field.key)
        if value is None or field.answer is None:
            continue
        if rights.others[HELD[scope.type_name][field.name].group] in WITHHELD:
            yield [*path, field.key]
        elif field.below:
            for one in flattened(value):
                yield from below(field.below, one, rights, [*path, field.key])


def below(asked: Below, value: Any, rights: Rights, path: list[str]) -> Iterator[list[str]]:
    """Give the leaks of an object; behind an interface, those that it has whatever it is."""
    if not asked.abstract:
        yield from leaks(asked.scope(asked.named), value, rights, path)
        return
    scopes = [asked.scope(name) for name in asked.plan.possible(asked.named)]
    fitting = [scope for scope in scopes if {field.key for field in scope.fields} == set(value)]
    found = [list(leaks(scope, value, rights, path)) for scope in fitting]
    yield from min(found, key=len, default=[])


def flattened(value: Any) -> list[Any]:
    """The objects in a value, whatever lists it is made of."""
    if isinstance(value, list):
        return [one for item in value for one in flattened(item)]
    return [] if value is None else [value]
