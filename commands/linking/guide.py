"""The guide: what was seen of a system becomes an entry of `sources.toml`, question by question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commands.linking import proposing
from commands.linking.answering import Answers
from commands.linking.seen import Column, NotSeen, Place, Seen
from connectors.catalogue import Collection
from connectors.config import SourcesConfig
from connectors.declared import Declaration, collection_of, facet_of

_ID = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_NEW = "new"
_SKIP = "-"


@dataclass(frozen=True)
class Entry:
    """What is written: the source, the collection it feeds, what is declared for it, and who goes first."""

    source: Mapping[str, Any]
    collection: str
    feeds: Mapping[str, Any]
    declaration: Mapping[str, Any] | None
    precedence: Sequence[str] | None
    sample: tuple[str, ...]
    """Keys to try it with."""
    certain: bool
    """These are known to have records."""


def entry(name: str, seen: Seen, answers: Answers, config: SourcesConfig, groups: Sequence[str]) -> Entry:
    """Return what is to be written for a system that was looked at; `groups` are the data groups that there are."""
    place = _place(seen, answers)
    source = _source(name, seen, answers, config)
    key = _key(place, answers)
    collection, declaration, fields = _collection(name, place, key, answers, config, groups)
    held = place.with_key.get(key, {})
    feeds = {**place.options, **held, "key": _key_entry(place, key, collection, answers), "fields": fields}
    values = [value for one in place.columns if one.name == key for value in one.values if value not in (None, "")]
    sample = place.sample or tuple(dict.fromkeys(map(str, values)))
    first = _precedence(name, collection, fields, answers, config)
    return Entry(source, collection.name, feeds, declaration, first, sample[:50], bool(place.sample))


def _place(seen: Seen, answers: Answers) -> Place:
    by_name = {one.name: one for one in seen.places}
    default = max(seen.places, key=lambda one: (max((c.codes for c in one.columns), default=0), len(one.columns)))
    if len(by_name) == 1:
        return default
    chosen = answers.text("place", "Where do the records lie", default.name, choices=tuple(by_name))
    return by_name[chosen]


def _source(name: str, seen: Seen, answers: Answers, config: SourcesConfig) -> Mapping[str, Any]:
    if name in config.sources:
        return {}
    if not _ID.fullmatch(name):
        raise NotSeen(f"{name!r} is no id of a source. Use small letters, digits, hyphens, as in deal-ledger.")
    title = answers.text("title", "Title of the source", name.replace("-", " ").capitalize())
    chinese = answers.text("title_zh", "Its Chinese title", "")
    owner = answers.text("owner", "Who is responsible for its data")
    classes = ("UNCONDITIONAL", "CONDITIONAL", "NEVER")
    sharing = answers.text("sharing", "How it is shared (docs/sources.md, Sharing)", "CONDITIONAL", choices=classes)
    cadence = answers.text("cadence", "How often its data change (ISO 8601 duration, such as P1D; empty: unknown)", "")
    synthetic = answers.yes("synthetic", "Are its records made up?", False)
    return {
        "kind": seen.kind, "title": title, **({"title_zh": chinese} if chinese else {}), "owner": owner,
        "sharing": sharing, **({"cadence": cadence} if cadence else {}), **({"synthetic": True} if synthetic else {}),
        **seen.options,
    }  # fmt: skip


def _key(place: Place, answers: Answers) -> str:
    names = tuple(one.name for one in place.columns)
    proposed = proposing.key_of(place)
    return answers.text("key", "Which column holds the key", proposed.name if proposed else None, choices=names)


def _key_entry(place: Place, key: str, collection: Collection, answers: Answers) -> Any:
    column = next(one for one in place.columns if one.name == key)
    if collection.key != "uscc":
        return key
    guessed = proposing.key_form(column) if column.codes < 0.5 else "same"
    forms = ("same", "organisation_code", "taxpayer_number", "registration_number")
    form = answers.text("key_form", "How does it name an enterprise (same: by its credit code)", guessed, choices=forms)
    if form in ("same", "organisation_code"):
        return key if form == "same" else {"column": key, "form": form}
    return {"column": key, "through": f"identifiers.{form}"}


def _collection(
    name: str, place: Place, key: str, answers: Answers, config: SourcesConfig, groups: Sequence[str]
) -> tuple[Collection, Mapping[str, Any] | None, Mapping[str, Any]]:
    suited = proposing.proposals(place, key, config.catalogue)
    default = suited[0].collection.name if suited else _NEW
    question = "Which collection of the hub is it (new: none of them)"
    chosen = answers.text("collection", question, default, choices=(_NEW, *config.catalogue))
    if chosen == _NEW:
        return _declared(name, place, key, answers, config, groups)
    collection = config.catalogue[chosen]
    by_column = {column: field for field, column in proposing.matched(place, key, collection).items()}
    fields: dict[str, Any] = {}
    for column in (one for one in place.columns if one.name != key):
        choices = (_SKIP, *collection.fields, "as_of", "synthetic")
        proposed = by_column.get(column.name, _SKIP)
        field = answers.text(f"map.{column.name}", f"{_told(column)} is", proposed, choices=choices)
        if field != _SKIP:
            fields[field] = _mapping(column, proposing.takes_unit(collection, field), answers, field)
    if not fields:
        raise NotSeen(f"map: no column of {place.name} gives a field of {chosen}. Map one, or choose `new`.")
    return collection, None, fields


def _declared(
    name: str, place: Place, key: str, answers: Answers, config: SourcesConfig, groups: Sequence[str]
) -> tuple[Collection, Mapping[str, Any], Mapping[str, Any]]:
    proposed = proposing.collection_name(place.name) or proposing.snake(name)
    called = answers.text("name", "Name of the new collection", proposed)
    title = "".join(part.title() for part in called.split("_"))
    type_ = answers.text("type", "Name of its type in the graph", proposing.type_name(called))
    key_column = next(one for one in place.columns if one.name == key)
    of_enterprises = key_column.codes > 0.5 or proposing.key_form(key_column) != "same" or not key_column.values
    camel = title[0].lower() + title[1:]
    field = answers.text("field", "Where it is asked", f"{'Enterprise' if of_enterprises else 'Query'}.{camel}")
    description = answers.text("description", "What it is, in English", called.replace("_", " ").capitalize())
    chinese = answers.text("description_zh", "What it is, in Chinese", "")
    group = answers.text("group", "Its data group, which says who may see it", choices=tuple(groups))
    present = [value for value in key_column.values if value not in (None, "")]
    many = not field.startswith("Query.") and answers.yes(
        "many", "Has a key several records?", len(set(present)) < len(present)
    )
    fields: dict[str, Any] = {}
    mapped: dict[str, Any] = {}
    for column in (one for one in place.columns if one.name != key):
        proposed = proposing.field_name(column, tuple(fields))
        named = answers.text(f"map.{column.name}", f"{_told(column)} is called", proposed)
        if named == _SKIP:
            continue
        kind = answers.text(f"kind.{named}", "  and is", proposing.declared_kind(column), choices=_KINDS)
        told = column.note or ("" if column.name.isascii() else proposing.bare(column.name))
        fields[named] = {**({"kind": kind} if kind != "text" else {}), **({"description": told} if told else {})}
        mapped[named] = _mapping(column, kind == "amount", answers, named)
    declaration: dict[str, Any] = {
        "type": type_, "field": field, "description": description,
        **({"description_zh": chinese} if chinese else {}), "group": group,
    }  # fmt: skip
    if many:
        choices = tuple(fields)
        record_key = answers.text("record_key", "Which field tells a key's records apart", choices[0], choices=choices)
        declaration |= {"many": True, "record_key": record_key}
    declaration["fields"] = fields
    declared = facet_of(lambda place: place, called, Declaration.model_validate(declaration), config.catalogue)
    return collection_of(declared), declaration, mapped


_KINDS = ("text", "texts", "integer", "amount", "number", "date", "moment", "flag")


def _told(column: Column) -> str:
    value = next((one for one in column.values if one not in (None, "")), None)
    return f"{column.name} ({column.guessed}{f', such as {str(value)[:30]!r}' if value is not None else ''})"


def _mapping(column: Column, amount: bool, answers: Answers, field: str) -> Any:
    if not amount:
        return column.name
    guessed = proposing.unit_of(column) or "元"
    unit = answers.text(f"unit.{field}", "  in", guessed, choices=("元", "万元", "亿元"))
    return {"column": column.name, "unit": unit} if unit != "元" else column.name


def _precedence(
    name: str, collection: Collection, fields: Mapping[str, Any], answers: Answers, config: SourcesConfig
) -> Sequence[str] | None:
    """Return which source goes first where others give the same fields; None if nobody does."""
    others = [one for one in config.sources.values() if collection.name in one.collections and one.name != name]
    shared = [one for one in others if set(one.collections[collection.name].fields) & set(fields)]
    if not shared:
        return None
    listed = [*config.precedence.get(collection.name, ())]
    default = [*listed, *(one.name for one in shared if one.name not in listed), name]
    told = answers.text("precedence", "Which source goes first (names by comma)", ",".join(dict.fromkeys(default)))
    return [one.strip() for one in told.split(",") if one.strip()]
