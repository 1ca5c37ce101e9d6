"""A connector of one's own, begun: a distribution with a kind, its options, records to test with, and the suite."""

from __future__ import annotations

import re
from pathlib import Path

_FILES: dict[str, str] = {
    "pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "innograph-$NAME"
version = "0.1.0"
description = "The kind `$NAME` of sources for innograph"
requires-python = ">=3.11"

[project.optional-dependencies]
test = ["pytest>=8"]

[project.entry-points."innograph.connectors"]
$NAME = "innograph_$MODULE:connect"

[tool.hatch.build.targets.wheel]
packages = ["innograph_$MODULE"]
""",
    "README.md": """# innograph-$NAME
The kind `$NAME` of sources for innograph. It runs in the hub's Python, `.venv/bin/python` of the hub's folder:

```
PYTHON -m pip install -e '.[test]'
PYTHON -m pytest
```

The second runs the hub's conformance suite. Replace what reads the file by what speaks your protocol; names, units,
cache, deadlines and rights are the hub's. Then name it in `sources.toml`, and try it there by `python manage.py
sources conform mine`:

```toml
[sources.mine]
kind = "$NAME"
title = "Mine"
owner = "We"
sharing = "UNCONDITIONAL"
path = "records.json"

[sources.mine.collections.things]
list = "things"
key = "code"
fields = { n = "n", label = "label" }

[declared.things]
type = "Thing"
field = "Enterprise.things"
description = "Things of an enterprise"
group = "PUBLIC"
many = true
record_key = "n"
fields = { n = { kind = "integer" }, label = {} }
```
""",
    "innograph_$MODULE/__init__.py": '''"""The kind `$NAME`: records of one JSON file, for a beginning."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from connectors.contract import Capabilities, Fetch, Health, Row, Rows, Scan, SourceDeclaration, align
from connectors.errors import SourceError, SourceUnavailable
from connectors.nested import row_reader
from connectors.options import Options, checked


class _Source(Options):
    path: str


class _Collection(Options):
    list: str


class Connector:
    """One file: an object with a list of records for each collection."""

    capabilities = Capabilities(max_keys=1000, scan=True)

    def __init__(self, declaration: SourceDeclaration) -> None:
        """Read nothing yet."""
        options = checked(_Source, declaration.options, declaration.where)
        self._name = declaration.name
        self._path = Path(declaration.folder) / declaration.secret(options.path)
        self._lists = {
            name: checked(_Collection, one.options, one.where).list for name, one in declaration.collections.items()
        }
        self._widths = {name: len(one.key) for name, one in declaration.collections.items()}

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys, aligned with them by the key that each carries."""
        wanted = set(ask.keys)
        found = await self._rows(ask.collection, ask.columns)
        rows = [row for row in found if self._key(ask.collection, row) in wanted]
        return Rows(align(self._name, ask.keys, range(self._widths[ask.collection]), rows))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield every record, page by page; the position is the number of records before."""
        rows = await self._rows(ask.collection, ask.columns)
        for start in range(int(ask.after or 0), len(rows), ask.page_size):
            page = rows[start : start + ask.page_size]
            yield Rows([page], position=str(start + len(page)))

    async def check(self) -> Health:
        """Say whether the file can be read."""
        started = time.monotonic()
        try:
            await self._read()
        except (SourceUnavailable, SourceError) as failure:
            return Health(False, failure.message, (time.monotonic() - started) * 1000)
        return Health(True, "read", (time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        """Have nothing to give back."""

    def _key(self, collection: str, row: Row) -> Any:
        width = self._widths[collection]
        return str(row[0]) if width == 1 else tuple(map(str, row[:width]))

    async def _rows(self, collection: str, columns: tuple[str, ...]) -> list[Row]:
        found = (await self._read()).get(self._lists[collection])
        if not isinstance(found, list):
            raise SourceError(self._name, f"has no list {self._lists[collection]!r}; name another as `list`")
        return list(map(row_reader(columns), found))

    async def _read(self) -> Mapping[str, Any]:
        try:
            found: Any = json.loads(await asyncio.to_thread(self._path.read_text, encoding="utf-8"))
        except OSError as error:
            raise SourceUnavailable(self._name, f"{self._path.name} cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise SourceError(self._name, f"{self._path.name} is no JSON") from error
        return found if isinstance(found, dict) else {}


def connect(declaration: SourceDeclaration) -> Connector:
    """Open the source of a declaration."""
    return Connector(declaration)
''',
    "tests/test_conformance.py": '''"""The hub's conformance suite, over records of our own."""

import json
from pathlib import Path

from connectors.contract import CollectionDeclaration, SourceDeclaration
from connectors.testing import Subject, conformance
from innograph_$MODULE import connect

HERE = Path(__file__).parent
RECORDS = json.loads((HERE / "records.json").read_text(encoding="utf-8"))["things"]


def subject() -> Subject:
    things = CollectionDeclaration("things", ("code",), True, {"list": "things"}, "test: things")
    source = SourceDeclaration("mine", {"path": "records.json"}, {"things": things}, 2.0, "test", str(HERE), str)
    return Subject(connect(source), "things", ("code",), RECORDS, {"n": int})


test_conformance = conformance(subject)
''',
    "tests/records.json": """{
  "things": [
    { "code": "A1", "n": 1, "label": "甲" },
    { "code": "B2", "n": 2, "label": "𠮷" },
    { "code": "B2", "n": 3, "label": null }
  ]
}
""",
}


class NotBegun(Exception):
    """A distribution cannot be written here: why, and what to do."""


def begin(name: str, into: Path) -> Path:
    """Write the distribution of a new kind, and return its folder; raise NotBegun if there is one already."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise NotBegun(f"{name!r} is no name of a kind. Use small letters, digits and hyphens, as in deal-ledger.")
    folder = into / f"innograph-{name}"
    if folder.exists():
        raise NotBegun(f"{folder} is there already. Take another name, or another folder by --into.")
    for path, text in _FILES.items():
        file = folder / _filled(path, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_filled(text, name), encoding="utf-8")
    return folder


def _filled(text: str, name: str) -> str:
    return text.replace("$NAME", name).replace("$MODULE", name.replace("-", "_"))
