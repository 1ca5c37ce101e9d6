"""`[declared.NAME]` of `sources.toml`: collections, types and fields that the hub does not know by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from codes import kinds
from codes.access import DataGroup, Mask
from codes.facets import KINDS, ROOT, Facet, FacetField
from codes.kinds import Listed
from connectors.catalogue import IMPLICIT, Catalogue, Collection, FieldKind, Money, Texts
from connectors.errors import SourcesMisconfigured
from connectors.readers import to_camel

_KIND_OF: Mapping[str, FieldKind] = {
    "text": str, "texts": Texts, "integer": int, "amount": Money, "number": Decimal, "date": date, "moment": datetime,
    "flag": bool,
}  # fmt: skip
_MASKED = {"text": set(Mask) - {Mask.AMOUNT}, "amount": {Mask.AMOUNT}, "number": {Mask.AMOUNT}}
TAKEN = (*IMPLICIT, "id", "disputed")
"""Fields that every declared type has by itself."""
_LISTS: Mapping[str, type[Listed]] = {
    name: one for name, one in vars(kinds).items() if isinstance(one, type) and issubclass(one, Listed)
}

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
_TypeName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
_Member = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
_Place = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$")]
_Level = Annotated[int, Field(ge=1, le=5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Field(_Strict):
    kind: Literal["text", "texts", "integer", "amount", "number", "date", "moment", "flag"] = "text"
    one_of: str | tuple[_Member, ...] | dict[_Member, str] | None = None
    leads_to: _TypeName | None = None
    description: str = ""
    description_zh: str = ""
    group: DataGroup | None = None
    level: _Level | None = None
    mask: Mask | None = None


class Declaration(_Strict):
    """One entry: what the collection is called in the graph, where it hangs, and what its records have."""

    type: _TypeName
    field: _Place
    single: Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9]*$")] | None = None
    by: _Name = "id"
    key: _Name | None = None
    many: bool = False
    record_key: _Name | None = None
    size: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    description: Annotated[str, StringConstraints(min_length=1)]
    description_zh: str = ""
    group: DataGroup
    level: _Level | None = None
    fields: Annotated[dict[_Name, _Field], Field(min_length=1)]


At = Callable[[str], str]
"""From a place in the file, as `declared.customs.fields.year`, to what messages call it."""


def facet_of(at: At, name: str, entry: Declaration, catalogue: Catalogue) -> Facet:
    """Return a declared facet; raise SourcesMisconfigured for one that contradicts itself or the catalogue."""
    where = at(f"declared.{name}")
    if name in catalogue:
        raise SourcesMisconfigured(
            where, f"{name!r} is a collection of the hub's own", "Feed that, or give this another name."
        )
    parent, _, field = entry.field.partition(".")
    root = parent == ROOT
    key = entry.key or ("uscc" if parent == "Enterprise" else "id" if root else f"{parent.lower()}_{entry.by}")
    if root and (entry.many or key != "id"):
        raise SourcesMisconfigured(
            where, "is an entry of its own, whose records are told apart by `id`", "Leave `many` and `key` out."
        )
    if entry.many != (entry.record_key is not None):
        remedy = "Give it the field as `record_key`." if entry.many else "Leave `record_key` out, or say `many = true`."
        raise SourcesMisconfigured(
            where, "only where a key has many records is there a field that tells them apart", remedy
        )
    if entry.record_key is not None and entry.record_key not in entry.fields:
        raise SourcesMisconfigured(where, f"record_key {entry.record_key!r} is none of its fields", "Declare it.")
    fields = {
        one: _field(at(f"declared.{name}.fields.{one}"), entry, key, one, given) for one, given in entry.fields.items()
    }
    _check_distinct(fields)
    single = entry.single or entry.type[0].lower() + entry.type[1:]
    return Facet(
        collection=name, type_name=entry.type, parent=parent, field=field, single=single,
        by="uscc" if parent == "Enterprise" else entry.by, key=key, many=entry.many, record_key=entry.record_key,
        size=entry.size, description=_both(entry.description, entry.description_zh), group=entry.group,
        level=entry.level, fields=fields, where=where,
    )  # fmt: skip


def collection_of(declared: Facet) -> Collection:
    """Return a facet's collection, as sources may feed it."""
    fields = {name: _KIND_OF[f.kind] if isinstance(f.kind, str) else f.kind for name, f in declared.fields.items()}
    return Collection(declared.collection, fields, declared.key, declared.many, declared.record_key)


def _field(where: str, entry: Declaration, key: str, name: str, given: _Field) -> FacetField:
    if name == key or name in TAKEN:
        raise SourcesMisconfigured(where, "every record has this field by itself", "Leave it out, or rename it.")
    kind = _closed_list(where, entry, name, given.one_of) if given.one_of else given.kind
    if given.one_of and given.kind != "text":
        raise SourcesMisconfigured(where, "has a `kind` and a closed list", "Leave one of them out.")
    if given.leads_to and kind != "text":
        raise SourcesMisconfigured(
            where, "leads to something, but holds no key", 'Leave `kind` out, or make it "text".'
        )
    if given.mask and given.mask not in _MASKED.get(str(kind), ()):
        raise SourcesMisconfigured(
            where, f"a {kind if isinstance(kind, str) else 'closed list'} cannot be masked as {given.mask.value}",
            "AMOUNT masks amounts and numbers, the others texts.",
        )  # fmt: skip
    text = _both(given.description or name.replace("_", " ").capitalize() + ".", given.description_zh)
    return FacetField(name, kind, text, given.group, given.level, given.mask, given.leads_to, where)


def _closed_list(where: str, entry: Declaration, name: str, given: Any) -> type[Listed]:
    """Return a list of the hub's own by its name, or one made of these members."""
    if isinstance(given, str):
        if given not in _LISTS:
            raise SourcesMisconfigured(
                where, f"there is no closed list {given!r}", f"Known are: {', '.join(sorted(_LISTS))}."
            )
        return _LISTS[given]
    terms = given if isinstance(given, dict) else dict.fromkeys(given, "")
    title = entry.type + to_camel(f"_{name}")
    make: Any = Listed  # an enumeration without members makes one
    made: type[Listed] = make(title, {one: (one, term or one) for one, term in terms.items()}, module=__name__)
    made.__doc__ = f"{title}: a closed list of this hub's own."
    return made


def _check_distinct(fields: Mapping[str, FacetField]) -> None:
    names: dict[str, str] = {to_camel(name): name for name in ("as_of", "source", "synthetic")}
    for name, field in fields.items():
        if (other := names.setdefault(to_camel(name), name)) != name:
            raise SourcesMisconfigured(field.where, f"is written as {other!r} is in the graph", "Rename one of them.")


def _both(text: str, chinese: str) -> str:
    return f"{text.rstrip('.')} {chinese.strip()}." if chinese else text


assert set(_KIND_OF) == set(KINDS), "the kinds of codes.facets"
