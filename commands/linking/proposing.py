"""What becomes of a system's columns: the collection they suit, the field of each, its unit, and the key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pypinyin import lazy_pinyin

from commands.linking.seen import Column, Place
from connectors.catalogue import Catalogue, Collection, Money
from connectors.declared import TAKEN

_ALIKE = 0.86
KEY_NAMES = (
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
_HAN = re.compile(r"[\u3400-\u9fff]+")
_BRACKETS = re.compile(r"[（(].*?[)）]")
_MARKS = re.compile(r"^(t|tb|tbl|tab|v|vw)_")
"""What databases mark tables and views by."""
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
    """Return a column's name as the hub writes names: what is Chinese in pinyin, 发放日期 as fa_fang_ri_qi."""
    latin = _HAN.sub(lambda run: f"_{'_'.join(lazy_pinyin(run[0]))}_", name)
    last = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", latin.replace(".", "_"))
    return re.sub(r"[^a-z0-9]+", "_", last.lower()).strip("_").lstrip("0123456789_")


def bare(name: str) -> str:
    """Return a column's name without what stands in brackets, which is mostly its unit."""
    return _BRACKETS.sub("", name).strip()


def collection_name(place: str) -> str:
    """Return what a place's records are called: the last part of its path, without what marks a table as one."""
    parts = [part for part in re.split(r"[/.?]", place) if part and "{" not in part]
    return _MARKS.sub("", snake(parts[-1])) if parts else ""


def type_name(collection: str) -> str:
    """Return what one record of a collection is called in the graph."""
    title = "".join(part.title() for part in collection.split("_"))
    return re.sub(r"ies$", "y", title) if title.endswith("ies") else re.sub(r"(?<!s)s$", "", title)


def key_of(place: Place) -> Column | None:
    """Return the column that most likely holds the key."""
    by_codes = max(place.columns, key=lambda one: one.codes, default=None)
    if by_codes is not None and by_codes.codes > 0.5:
        return by_codes
    named = {one.name.lower(): one for one in place.columns} | {snake(one.name): one for one in place.columns}
    if place.keys and len(place.keys) == 1:
        return next((one for one in place.columns if one.name == place.keys[0]), None)
    return next((named[name] for name in KEY_NAMES if name in named), None)


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
    """Return the collections that the columns suit, the best first: at least two fields, and half of the columns.

    One field is its alone, as `revenue` is, or it is called as the place is: a number and a day are no sign of risk.
    """
    common = Counter(name for collection in catalogue.values() for name in collection.fields)
    columns = [one for one in place.columns if one.name != key]
    found = []
    for collection in catalogue.values():
        fields = _matched(columns, collection)
        own = [name for name in fields if name in collection.fields]
        needed = collection.record_key is None or collection.record_key in fields
        alike = SequenceMatcher(None, collection_name(place.name), collection.name).ratio() >= _ALIKE
        telling = alike or any(common[name] == 1 for name in own)
        if needed and telling and len(own) >= 2 and len(own) * 2 >= len(columns):
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
    name = bare(column.name)
    names = {name.lower(), snake(name), snake(name.rpartition(".")[2])}
    if field in names or any(_WORDS.get(name) == field for name in (*names, column.note)):
        return 1.0
    return max(SequenceMatcher(None, name, field).ratio() for name in names)


def declared_kind(column: Column) -> str:
    """Return the kind of a field that is declared for a column."""
    guessed = column.guessed
    return "amount" if guessed in ("number", "integer") and unit_of(column) else guessed


def field_name(column: Column, taken: Sequence[str]) -> str:
    """Return a name for a column's field that no other has; an amount, which becomes yuan, loses its unit."""
    said = bare(column.name)
    name = _WORDS.get(said, "") if not said.isascii() else ""
    name = name if name and name not in TAKEN else snake(said)
    if declared_kind(column) == "amount":
        name = re.sub(r"(?<=.)_(wan|10k)$", "", name)
    name = name or f"column_{len(taken) + 1}"
    name = f"{name}_value" if name in TAKEN else name
    while name in taken:
        name += "_2"
    return name


def takes_unit(collection: Collection, field: str) -> bool:
    """Say whether a field is an amount, whose source may write it in a unit of its own."""
    return collection.kind(field) is Money
