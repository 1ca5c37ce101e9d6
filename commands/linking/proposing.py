"""What becomes of a system's columns: the collection they suit, the field of each, its unit, and the key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from commands.linking.seen import Column, Place
from connectors.catalogue import Catalogue, Collection, Money
from connectors.declared import TAKEN

_ALIKE = 0.86
_KEY_NAMES = (
    "uscc",
    "credit_code",
    "unified_code",
    "tyshxydm",
    "xydm",
    "统一社会信用代码",
    "社会信用代码",
    "id",
    "code",
)
_ORGANISATION = re.compile(r"^[0-9A-Z]{8}-?[0-9X]$")
_UNITS = (("亿", "亿元"), ("万", "万元"), ("wan", "万元"), ("10k", "万元"))
_WORDS: Mapping[str, str] = {
    "企业名称": "name", "名称": "name", "ent_name": "name", "company_name": "name", "entname": "name",
    "注册资本": "registered_capital", "reg_cap": "registered_capital", "regcap": "registered_capital",
    "成立日期": "founded_on", "founded": "founded_on", "estdate": "founded_on",
    "法定代表人": "legal_representative", "住所": "address", "年度": "year", "年份": "year", "nd": "year",
    "营业收入": "revenue", "研发费用": "rd_expense", "利润总额": "profit", "专利号": "number", "授权日": "granted_on",
    "申请日": "filed_on", "证书编号": "certificate_number", "有效期至": "valid_to", "等级": "grade", "金额": "amount",
    "实缴税额": "paid", "职工人数": "headcount", "研发人员": "rd_staff", "更新时间": "as_of", "updated_at": "as_of",
    "update_time": "as_of",
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A collection of the hub, and which of its fields each column gives."""

    collection: Collection
    fields: Mapping[str, str]
    """Field of the hub → column."""


def snake(name: str) -> str:
    """Return a column's name as the hub writes names; what is not Latin is left out."""
    last = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace(".", "_"))
    return re.sub(r"[^a-z0-9]+", "_", last.lower()).strip("_").lstrip("0123456789_")


def key_of(place: Place) -> Column | None:
    """Return the column that most likely holds the key."""
    by_codes = max(place.columns, key=lambda one: one.codes, default=None)
    if by_codes is not None and by_codes.codes > 0.5:
        return by_codes
    named = {one.name.lower(): one for one in place.columns} | {snake(one.name): one for one in place.columns}
    if place.keys and len(place.keys) == 1:
        return next((one for one in place.columns if one.name == place.keys[0]), None)
    return next((named[name] for name in _KEY_NAMES if name in named), None)


def key_form(column: Column) -> str:
    """Return how a column holds the credit code: as it is, or as the organisation code within it."""
    present = [str(value) for value in column.values if value not in (None, "")]
    organisations = sum(bool(_ORGANISATION.match(value)) for value in present)
    return "organisation_code" if present and organisations > len(present) / 2 else "same"


def unit_of(column: Column) -> str | None:
    """Return the unit that a column's name or note tells of."""
    told = f"{column.name} {column.note}".lower()
    return next((unit for word, unit in _UNITS if word in told), None)


def proposals(place: Place, key: str, catalogue: Catalogue) -> Sequence[Proposal]:
    """Return the collections that the columns suit, the best first: at least two fields, and half of the columns."""
    columns = [one for one in place.columns if one.name != key]
    found = []
    for collection in catalogue.values():
        fields = _matched(columns, collection)
        own = [name for name in fields if name in collection.fields]
        needed = collection.record_key is None or collection.record_key in fields
        if needed and len(own) >= 2 and len(own) * 2 >= len(columns):
            found.append(Proposal(collection, fields))
    return sorted(found, key=lambda one: -len(one.fields))


def matched(place: Place, key: str, collection: Collection) -> Mapping[str, str]:
    """Return for the fields of a collection the columns that seem to give them."""
    return _matched([one for one in place.columns if one.name != key], collection)


def _matched(columns: Sequence[Column], collection: Collection) -> dict[str, str]:
    known = [*collection.fields, "as_of"]
    scored = sorted(
        ((_likeness(one, field), one.name, field) for one in columns for field in known), key=lambda s: -s[0]
    )
    found: dict[str, str] = {}
    for score, column, field in scored:
        if score >= _ALIKE and field not in found and column not in found.values():
            found[field] = column
    return found


def _likeness(column: Column, field: str) -> float:
    bare = re.sub(r"[（(].*?[)）]", "", column.name).strip()
    names = {bare.lower(), snake(bare), snake(bare.rpartition(".")[2])}
    if field in names or any(_WORDS.get(name) == field for name in (*names, column.note)):
        return 1.0
    return max(SequenceMatcher(None, name, field).ratio() for name in names)


def declared_kind(column: Column) -> str:
    """Return the kind of a field that is declared for a column."""
    guessed = column.guessed
    return "amount" if guessed in ("number", "integer") and unit_of(column) else guessed


def field_name(column: Column, taken: Sequence[str]) -> str:
    """Return a name for a column's field that no other has; of a name that is not Latin only its place is left."""
    name = snake(column.name) or f"column_{len(taken) + 1}"
    name = f"{name}_value" if name in TAKEN else name
    while name in taken:
        name += "_2"
    return name


def takes_unit(collection: Collection, field: str) -> bool:
    """Say whether a field is an amount, whose source may write it in a unit of its own."""
    return collection.kind(field) is Money
