"""What changes between two schemas, held to what graphql-inspector says of the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import manage
from schema.comparing import Kind, changes
from tests.npm import workplace

_FOLDER = Path(__file__).parent.parent / "federation" / "gateways"
OLD = """
directive @data(group: String!, level: Int!, mask: String) on OBJECT | FIELD_DEFINITION
directive @cost(weight: Int!) on FIELD_DEFINITION | ARGUMENT_DEFINITION
directive @listSize(assumedSize: Int) on FIELD_DEFINITION
directive @authenticated on FIELD_DEFINITION
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
enum Stage { SEED GROWTH }
input Filter { zone: ID stage: Stage }
interface Node { id: ID! }
type Zone implements Node @data(group: "PUBLIC", level: 1) { id: ID! name: String @cost(weight: 2) }
type Enterprise implements Node @data(group: "REGISTRATION", level: 1) {
  id: ID!
  name: String
  phone: String
  zone: Zone
  filings(years: Int = 3): [String!] @listSize(assumedSize: 3)
  old: String @deprecated(reason: "Use `Enterprise.name` instead; it stays until 2027-06-30.")
}
union Found = Zone | Enterprise
type Query { enterprise(id: ID!, filter: Filter): Enterprise found: Found gone: Int }
"""
CASES: Mapping[str, tuple[str, str, Kind, str]] = {
    "field": ("  phone: String\n", "", Kind.BREAKING, "Enterprise.phone"),
    "type": ("  name: String\n", "  name: Int\n", Kind.BREAKING, "Enterprise.name"),
    "null": ("  zone: Zone\n", "  zone: Zone!\n", Kind.SAFE, "Enterprise.zone"),
    "nullable": ("{ id: ID! name", "{ id: ID name", Kind.BREAKING, "Zone.id"),
    "argument": ("(years: Int = 3)", "", Kind.BREAKING, "Enterprise.filings(years:)"),
    "required": ("(id: ID!,", "(id: ID!, day: String!,", Kind.BREAKING, "Query.enterprise(day:)"),
    "optional": ("(id: ID!,", "(id: ID!, day: String,", Kind.DANGEROUS, "Query.enterprise(day:)"),
    "default": ("years: Int = 3", "years: Int = 5", Kind.DANGEROUS, "Enterprise.filings(years:)"),
    "value": ("{ SEED GROWTH }", "{ SEED }", Kind.BREAKING, "Stage.GROWTH"),
    "more values": ("{ SEED GROWTH }", "{ SEED GROWTH LATE }", Kind.DANGEROUS, "Stage.LATE"),
    "input": ("{ zone: ID stage", "{ zone: ID! stage", Kind.BREAKING, "Filter.zone"),
    "union": ("Zone | Enterprise", "Zone", Kind.BREAKING, "Found"),
    "interface": ("Enterprise implements Node", "Enterprise", Kind.BREAKING, "Enterprise"),
    "new field": ("  phone: String\n", "  phone: String\n  fax: String\n", Kind.SAFE, "Enterprise.fax"),
    "level": (
        "  phone: String",
        '  phone: String @data(group: "REGISTRATION", level: 3)',
        Kind.BREAKING,
        "Enterprise.phone",
    ),
    "group": ('"PUBLIC", level: 1', '"FILINGS", level: 1', Kind.BREAKING, "Zone"),
    "open": ('"REGISTRATION", level: 1', '"REGISTRATION", level: 0', Kind.SAFE, "Enterprise"),
    "mask": (
        "  phone: String",
        '  phone: String @data(group: "REGISTRATION", level: 1, mask: "PHONE")',
        Kind.BREAKING,
        "Enterprise.phone",
    ),
    "token": ("  phone: String", "  phone: String @authenticated", Kind.BREAKING, "Enterprise.phone"),
    "scope": ("  phone: String", '  phone: String @requiresScopes(scopes: [["a"]])', Kind.BREAKING, "Enterprise.phone"),
    "dearer": ("@cost(weight: 2)", "@cost(weight: 20)", Kind.DANGEROUS, "Zone.name"),
    "cheaper": ("@cost(weight: 2)", "@cost(weight: 1)", Kind.SAFE, "Zone.name"),
    "longer": ("assumedSize: 3", "assumedSize: 30", Kind.DANGEROUS, "Enterprise.filings"),
    "deprecated": (
        "  phone: String",
        '  phone: String @deprecated(reason: "Use `Enterprise.name` instead; it stays until 2027-01-31.")',
        Kind.SAFE,
        "Enterprise.phone",
    ),
    "not any more": (
        ' @deprecated(reason: "Use `Enterprise.name` instead; it stays until 2027-06-30.")',
        "",
        Kind.DANGEROUS,
        "Enterprise.old",
    ),
    "sooner": ("2027-06-30", "2027-01-31", Kind.DANGEROUS, "Enterprise.old"),
    "later": ("2027-06-30", "2028-01-31", Kind.SAFE, "Enterprise.old"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_of_its_kind_and_place(case: str) -> None:
    old, new, kind, coordinate = CASES[case]
    assert old in OLD
    (found,) = changes(OLD, OLD.replace(old, new, 1))
    assert (found.kind, found.coordinate) == (kind, coordinate), found


def test_a_schema_does_not_differ_from_itself() -> None:
    text = (Path(manage.__file__).parent / "schema" / "schema.graphql").read_text(encoding="utf-8")
    assert changes(text, text) == []


def test_graphql_inspector_sees_each_change_that_breaks(tmp_path: Path) -> None:
    breaking = {case: given for case, given in CASES.items() if given[2] is Kind.BREAKING}
    assert len(breaking) >= 14
    command = ["node", "inspect.mjs"]
    for number, (old, new, *_) in enumerate(breaking.values()):
        for name, text in (("old", OLD), ("new", OLD.replace(old, new, 1))):
            (tmp_path / f"{name}-{number}.graphql").write_text(text, encoding="utf-8")
            command.append(str(tmp_path / f"{name}-{number}.graphql"))
    place = workplace(_FOLDER, tmp_path / "gateways")
    ran = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60, check=True)
    answers: list[list[dict[str, Any]]] = json.loads(ran.stdout)
    for (case, (*_, coordinate)), seen in zip(breaking.items(), answers, strict=True):
        path = coordinate.replace("(", ".").removesuffix(":)")
        assert [s for s in seen if s["path"] == path or str(s["path"]).startswith(f"{path}.")], (case, seen)


def test_the_command_ends_with_one_if_something_breaks(tmp_path: Path) -> None:
    old, breaks, does_not = (tmp_path / f"{name}.graphql" for name in ("old", "breaks", "does-not"))
    old.write_text(OLD)
    breaks.write_text(OLD.replace(" gone: Int", ""))
    does_not.write_text(OLD.replace(" gone: Int", " gone: Int come: Int"))
    for new, code in ((old, 0), (does_not, 0), (breaks, 1)):
        ran = CliRunner().invoke(manage.application, ["schema", "diff", str(old), str(new)])
        assert ran.exit_code == code
