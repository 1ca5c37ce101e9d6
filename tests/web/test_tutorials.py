"""The tutorials, step by step: every query is asked as the reader and for the purpose that its fence names.

```graphql as=READER purpose=PURPOSE expect=CODE variables={…} plan listen
```
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.editions import EDITIONS
from tests.visiting import LATER, ROOT, Hub, own_hub
from tests.world import CHUJINGLING, World

TUTORIALS = sorted((ROOT / "docs" / "tutorials").rglob("*.md"))
_STEP = re.compile(r"```graphql ?([^\n]*)\n(.*?)```(?:\s*```json\n(.*?)```)?", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A query of a tutorial, how it is asked, and what is shown to come of it."""

    told: dict[str, str]
    query: str
    shown: Any

    @property
    def reader(self) -> str | None:
        """The demo's reader, None for a visitor."""
        return None if self.told["as"] == "visitor" else self.told["as"]


def _steps(path: Path) -> Iterator[Step]:
    for information, query, shown in _STEP.findall(path.read_text(encoding="utf-8")):
        told = {name: value for name, _, value in (word.partition("=") for word in information.split())}
        yield Step(told, query, json.loads(shown) if shown else None)


@pytest.fixture(scope="module")
def hub_of_tutorials(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that has what `scripts/serve` begins with: the demo's editions are public."""
    with own_hub(world, tmp_path_factory.mktemp("tutorials")) as found:
        for period, (day, _, _) in EDITIONS.items():
            found.open_notice(found.run_edition(period, day.isoformat()))
        yield found


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: str(path.relative_to(ROOT / "docs" / "tutorials")))
def test_every_query_of_a_tutorial_does_what_it_says(path: Path, hub_of_tutorials: Hub) -> None:
    hub = hub_of_tutorials
    assert "    scripts/serve" in path.read_text(encoding="utf-8"), "it begins there"
    steps = list(_steps(path))
    assert steps
    for step in steps:
        if "listen" in step.told:
            _listen(hub, step)
            continue
        variables = step.told.get("variables", "{}").replace("$LATER", LATER)
        body = {"query": step.query, "variables": json.loads(variables), "extensions": {"plan": "plan" in step.told}}
        answer = hub.post(step.reader, body, step.told.get("purpose"))
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes == ({step.told["expect"]} if "expect" in step.told else set()), (step.query, answer)
        assert all(not payload["userErrors"] for payload in answer["data"].values() if "userErrors" in (payload or {}))
        assert ("plan" in answer["extensions"]) == ("plan" in step.told)
        if step.shown is not None:
            assert answer["data"] == step.shown
    if any("grantConsent" in step.query for step in steps):
        _withdraw(hub)
    if "zh" in path.parts:
        english = {step.told["as"] for step in _steps(path.parent.parent / path.name)}
        assert {step.told["as"] for step in steps} <= english, "it is the same tutorial"


def _withdraw(hub: Hub) -> None:
    """Put things back for the next tutorial."""
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ consents {{ id }} }} }}'
    for consent in hub.ask("enterprise-chujingling", query)["enterprise"]["consents"]:
        hub.ask("enterprise-chujingling", f'mutation {{ revokeConsent(id: "{consent["id"]}") {{ consent {{ id }} }} }}')


def _listen(hub: Hub, step: Step) -> None:
    headers = {**hub.headers(step.reader), "Accept": "text/event-stream"}
    with httpx.stream("POST", f"{hub.url}/graphql", json={"query": step.query}, headers=headers, timeout=10) as stream:
        assert next(stream.iter_lines()).startswith(":"), "it listens"
