"""Lists of the operator's commands on a narrow terminal."""

from __future__ import annotations

import pytest

from commands.listing import listing, print_whole


def test_nothing_that_is_listed_is_cut_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    row = ("a" * 64, "bank-icbc", "2026-11-30 20:41")
    table = listing("hash", "client", "registered")
    table.add_row(*row)
    print_whole(table)
    assert capsys.readouterr().out.splitlines()[1].split("  ") == list(row)
