"""What came of trying sources, as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.linking.guide import Entry
from commands.linking.seen import is_code
from commands.linking.trying import Tried
from connectors.contract import Health
from connectors.readers import to_camel

_COLOURS = {"ok": "green", "empty": "yellow", "unreadable in part": "yellow"}


def reachable(console: Console, found: Mapping[str, tuple[str, Health]]) -> None:
    """Print whether each source can be used; by name its kind and health."""
    table = Table("source", "kind", "state", "milliseconds", "detail")
    for name, (kind, health) in found.items():
        state = "[green]ok[/]" if health.ok else "[red]not usable[/]"
        table.add_row(name, kind, state, f"{health.milliseconds:.0f}", escape(health.detail))
    console.print(table)


def collections(console: Console, found: Sequence[Tried], *, fields: bool) -> None:
    """Print what came of each collection; with `fields` also of each of its fields, otherwise of those that fail."""
    for one in found:
        state = "[green]ok[/]" if one.ok else "[red]fails[/]"
        figures = f"{one.records} records of {one.keys} keys in {one.milliseconds:.0f} ms" if one.keys else ""
        console.print(f"{escape(one.source)}.{escape(one.collection)}: {state} {figures}", soft_wrap=True)
        for problem in one.problems:
            console.print(f"  problem: {problem}", style="red", markup=False, soft_wrap=True)
        for note in one.notes:
            console.print(f"  note: {note}", style="yellow", markup=False, soft_wrap=True)
        shown = [told for told in one.fields if fields or told.fails]
        if not shown:
            continue
        table = Table("field", "column", "expected", "verdict", "coverage", "raw answer", "read as")
        for told in shown:
            verdict = f"[{_COLOURS.get(told.verdict, 'red')}]{told.verdict}[/]"
            table.add_row(told.field, escape(told.column), told.expected, verdict, f"{told.coverage:.0%}",
                          escape(told.raw), escape(told.read))  # fmt: skip
        console.print(table)


def questions(entry: Entry) -> Iterator[str]:
    """Give how a collection that was declared is asked for, and who may; nothing of one that the hub knew before."""
    if entry.declaration is None:
        return
    parent, _, field = entry.declaration["field"].partition(".")
    fields = " ".join(map(to_camel, entry.declaration["fields"]))
    code = next(filter(is_code, entry.sample), "91…")
    if parent == "Enterprise":
        yield f'Ask it: {{ enterprise(uscc: "{code}") {{ name {field} {{ {fields} }} }} }}'
    elif parent == "Query":
        yield f"Ask it: {{ {field}(first: 3) {{ nodes {{ {fields} }} }} }}"
    yield (
        f"Who may see it: docs/access.md, group {entry.declaration['group']}"
        f"{', and only for a purpose' if entry.source.get('sharing') == 'CONDITIONAL' else ''}. "
        "A hub that runs with this file knows it within a second or two."
    )


def as_json(health: Mapping[str, tuple[str, Health]], found: Sequence[Tried]) -> str:
    """Return all of it for programs."""
    told = {
        "sources": [{"source": n, "kind": k, "ok": h.ok, "detail": h.detail} for n, (k, h) in health.items()],
        "collections": [{**msgspec.to_builtins(one), "ok": one.ok} for one in found],
    }
    return msgspec.json.encode(told).decode()
