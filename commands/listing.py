"""What the operator's commands list, whole on every terminal: names and days are copied from it into other commands."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

_WIDE = 200
"""Columns: where the terminal has fewer, it breaks the lines, and nothing is cut off."""


def listing(*columns: str) -> Table:
    """Return a list that has no rows yet."""
    return Table(*columns, box=None, pad_edge=False)


def print_whole(table: Table) -> None:
    """Print a list."""
    Console(width=max(_WIDE, Console().width)).print(table)
