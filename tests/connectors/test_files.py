"""files: reloaded when they change, never half-read; a bad line costs itself."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import files
from connectors.errors import SourceError, SourceUnavailable
from tests.connectors.declaring import declared, fetch

LOOK = 0.55
"""Longer than the connector waits between two looks at the disk."""


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    path = tmp_path / "things.csv"
    path.write_text("code,n\nA,1\n", encoding="utf-8")
    return path


def opened(path: Path) -> files.FilesConnector:
    return files.connect(declared({"folder": str(path.parent)}, {"file": path.name}))


async def test_a_new_delivery_is_taken_and_dated(delivery: Path) -> None:
    connector = opened(delivery)
    os.utime(delivery, (1_600_000_000, 1_600_000_000))
    first = await connector.fetch(fetch(["A", "B"], "n"))
    assert first.groups == [[("A", "1")], []]
    assert first.delivered_at == datetime.fromtimestamp(1_600_000_000, UTC)
    delivery.write_text("code,n\nB,2\n", encoding="utf-8")
    await asyncio.sleep(LOOK)
    assert (await connector.fetch(fetch(["A", "B"], "n"))).groups == [[], [("B", "2")]]


async def test_lines_that_cannot_be_read_are_left_out_and_counted(delivery: Path) -> None:
    delivery.write_text('code,n\nA,1\nshort\nB,2,too,long\nC,3\n"D",4\n', encoding="utf-8")
    connector = opened(delivery)
    found = await connector.fetch(fetch(["A", "B", "C", "D"], "n"))
    assert [len(group) for group in found.groups] == [1, 0, 1, 1]
    assert "2 unreadable lines" in (await connector.check()).detail


async def test_json_lines_that_are_no_objects(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'{"code": "A"}\n[1]\n{"code": \n\n{"code": "B"}\n')
    connector = files.connect(declared({"folder": str(tmp_path)}, {"file": "t.jsonl"}))
    found = await connector.fetch(fetch(["A", "B"]))
    assert found.groups == [[("A",)], [("B",)]]
    assert "2 unreadable lines" in (await connector.check()).detail


async def test_a_column_that_the_header_lacks_is_named_with_those_it_has(delivery: Path) -> None:
    with pytest.raises(SourceError, match="no column 'm'; it has code, n"):
        await opened(delivery).fetch(fetch(["A"], "m"))


async def test_what_was_never_delivered(tmp_path: Path) -> None:
    connector = opened(tmp_path / "never.csv")
    with pytest.raises(SourceUnavailable, match=r"never\.csv has not been delivered"):
        await connector.fetch(fetch(["A"], "n"))
    assert not (await connector.check()).ok


async def test_a_folder_in_which_a_file_is_added(tmp_path: Path) -> None:
    folder = tmp_path / "things"
    folder.mkdir()
    (folder / "a.toml").write_text('code = "A"\n', encoding="utf-8")
    connector = files.connect(declared({"folder": str(tmp_path)}, {"folder": "things"}))
    assert (await connector.fetch(fetch(["A", "B"]))).groups == [[("A",)], []]
    (folder / "b.toml").write_text('code = "B"\n', encoding="utf-8")
    (folder / "c.toml").write_text("no toml at all", encoding="utf-8")
    await asyncio.sleep(LOOK)
    assert (await connector.fetch(fetch(["A", "B"]))).groups == [[("A",)], [("B",)]]
