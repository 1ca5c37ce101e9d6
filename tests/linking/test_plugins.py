"""What a partner brings by itself: a distribution, built as a wheel and installed beside the hub."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

import manage

ROOT = Path(__file__).parent.parent.parent
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
SOURCES = """
[sources.network]
kind = "memory"
title = "Network"
owner = "Network"
sharing = "UNCONDITIONAL"
[sources.network.collections.technology_managers]
fields = ["name", "institution"]
records = [{ id = "m1", name = "甲", institution = "A" }, { id = "m2", name = "乙", institution = "B" }]
[sources.ledger]
kind = "deal-ledger"
title = "Ledger"
owner = "Network"
sharing = "UNCONDITIONAL"
ledger = "deals.txt"
[sources.ledger.collections.manager_deals]
key = "manager"
fields = { number = "number", title = "title", amount = { column = "amount", unit = "万元" }, signed_on = "signed_on" }
"""
LEDGER = "m1|D1|12.5|2022-03-04|𠮷\nm1|D2|3|2023-01-02|乙\nm3|D3||2020-01-01|\n"
ASKED = """
import asyncio, json, sys
from collections.abc import Mapping
from pathlib import Path
from connectors.sources import Sources
from connectors.config import load
from resolvers import plugins
from resolvers.declared import graph_of
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from auth import rules

async def ask():
    config = load(Path(sys.argv[1]), plugins.catalogue())
    sources = Sources(config, environment={})
    found = []
    for rule in (None, rules.load()):
        for compiled in (True, False):
            engine = Engine(*graph_of(config, GRAPH), Hub(sources, None), compiled=compiled, rules=rule)
            answer = await engine.answer(Operation(sys.argv[2], {}, None, {}, {}, read_only=False))
            found.append(json.loads(answer.body))
    await sources.aclose()
    print(json.dumps(found))

asyncio.run(ask())
"""


def run(*words: str, path: Path, cwd: Path = ROOT, given: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}", **given}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the sample's wheel and a begun connector's are installed."""
    folder = tmp_path_factory.mktemp("plugins")
    begun = CliRunner().invoke(manage.application, ["connectors", "new", "tide-table", "--into", str(folder)])
    assert begun.exit_code == 0, begun.output
    assert f"{sys.executable} -m pip install -e '{folder}/innograph-tide-table[test]'" in begun.output
    build = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder / "wheels")]
    subprocess.run(
        [*build, str(ROOT / "tests" / "plugin"), str(folder / "innograph-tide-table")], check=True, timeout=120
    )
    wheels = sorted(map(str, (folder / "wheels").glob("*.whl")))
    assert [Path(wheel).name.partition("-")[0] for wheel in wheels] == ["innograph_deals", "innograph_tide_table"]
    subprocess.run([*PIP, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), *wheels], check=True,
                   timeout=120)  # fmt: skip
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (folder / "deals.txt").write_text(LEDGER, encoding="utf-8")
    return folder


def test_a_begun_connector_passes_the_suite(installed: Path) -> None:
    folder = installed / "innograph-tide-table"
    told = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path=installed / "site", cwd=folder)
    assert told.returncode == 0, told.stdout
    assert "15 passed" in told.stdout
    (metadata,) = (installed / "site").glob("innograph_tide_table-*.dist-info/METADATA")
    assert "Provides-Extra: test" in metadata.read_text()
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (folder / "tests" / "sources.toml").write_text(readme.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    given = {
        "HUB_MODE": "production", "HUB_SOURCES": str(folder / "tests" / "sources.toml"),
        "HUB_STORE_URL": "sqlite+aiosqlite://",
    }  # fmt: skip
    told = run(sys.executable, "manage.py", "sources", "conform", "mine", path=installed / "site", given=given)
    assert "mine.things: keeps every promise" in told.stderr
    again = CliRunner().invoke(manage.application, ["connectors", "new", "tide-table", "--into", str(installed)])
    assert "is there already" in str(again.exception)


def test_commands_know_what_a_plug_in_brings(installed: Path, empty_store: Path, redis_url: str) -> None:
    shutil.copy(empty_store, installed / "store.sqlite")
    given = {
        "HUB_MODE": "production", "HUB_SOURCES": str(installed / "sources.toml"), "HUB_REDIS_URL": redis_url,
        "HUB_STORE_URL": f"sqlite+aiosqlite:///{installed}/store.sqlite",
    }  # fmt: skip
    text = "query Deals { technologyManagers { nodes { deals { number } } } }"
    (installed / "manifest.json").write_text(json.dumps({hashlib.sha256(text.encode()).hexdigest(): text}))
    for words in (
        ("documents", "register", "anonymous", str(installed / "manifest.json")),
        ("cache", "forget", "ledger", "--collection", "manager_deals"),
    ):
        told = run(sys.executable, "manage.py", *words, path=installed / "site", given=given)
        assert told.returncode == 0, told.stderr


def test_the_sample_passes_the_suite_and_shows_its_noun(installed: Path) -> None:
    settings = {
        "HUB_MODE": "production", "HUB_SOURCES": str(installed / "sources.toml"), "HUB_STORE_URL": "sqlite+aiosqlite://",
    }  # fmt: skip
    told = run(sys.executable, "manage.py", "sources", "conform", "ledger", path=installed / "site", given=settings)
    assert told.returncode == 0, told.stderr
    assert "keeps every promise" in told.stderr
    listed = run(sys.executable, "manage.py", "connectors", "list", path=installed / "site")
    assert "innograph-deals" in listed.stdout
    query = "{ technologyManagers { nodes { id deals(first: 2) { number amount year source { kind } } } } }"
    asked = run(sys.executable, "-c", ASKED, settings["HUB_SOURCES"], query, path=installed / "site")
    assert asked.returncode == 0, asked.stderr
    compiled, reference, guarded, by_reference = json.loads(asked.stdout.splitlines()[-1])
    kind = {"kind": "deal-ledger"}
    assert compiled["data"]["technologyManagers"]["nodes"] == [
        {"id": "TechnologyManager:m1", "deals": [
            {"number": "D2", "amount": "30000.00", "year": 2023, "source": kind},
            {"number": "D1", "amount": "125000.00", "year": 2022, "source": kind},
        ]},
        {"id": "TechnologyManager:m2", "deals": []},
    ]  # fmt: skip
    assert compiled["extensions"]["engine"] == "compiled"
    assert reference["data"] == compiled["data"]
    assert guarded["data"] == by_reference["data"] != compiled["data"]
