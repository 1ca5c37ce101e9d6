"""What the tests of linking speak by: the commands, and a hub over the file that they write."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

import manage
from connectors.config import load
from connectors.sources import Sources
from resolvers.declared import graph_of
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from store.directory import Directory
from store.engine import open_store
from tests.consenting import ZHONGJIALI as B
from tests.world import CHUJINGLING as A

START = f"""# What this hub knows already; this line stays.
[sources.registry]
kind = "memory"
title = "Registry"
owner = "Registry"
sharing = "UNCONDITIONAL"
[sources.registry.collections.registration]
fields = ["name"]
records = [{{ uscc = "{A}", name = "甲" }}, {{ uscc = "{B}", name = "乙" }}]
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(manage.application, list(words))


def linked(sources: Path, *words: str) -> Result:
    """What `sources new` says; nobody is asked."""
    found = run("sources", "new", *words, "--set", "owner=Somebody", "--set", "sharing=UNCONDITIONAL", "--yes")
    assert found.exit_code == 0, (found.output, found.exception)
    assert sources.read_text(encoding="utf-8").startswith("# What this hub knows already; this line stays.\n")
    return found


def checked(name: str, *words: str) -> dict[str, Any]:
    """What `sources check` tells of each field, by name."""
    found = run("sources", "check", name, "--json", *words)
    assert found.exit_code == 0, (found.output, found.exception)
    (told,) = json.loads(found.stdout)["collections"]
    assert told["ok"]
    return {one["field"]: one for one in told["fields"]}


def asked(sources: Path, query: str) -> Any:
    """What a hub over the file answers."""

    async def ask() -> Any:
        config = load(sources)
        opened, store = Sources(config, environment={}), open_store("sqlite+aiosqlite:///:memory:")
        try:
            engine = Engine(*graph_of(config, GRAPH), Hub(opened, Directory(store)))
            answer = await engine.answer(Operation(query, {}, None, {}, {}, read_only=False))
        finally:
            await opened.aclose()
            await store.dispose()
        return json.loads(answer.body)

    found = asyncio.run(ask())
    assert found.get("extensions", {}).get("engine") == "compiled", found
    return found["data"]


BOTH = f'enterprisesByUscc(usccs: ["{A}", "{B}"])'
