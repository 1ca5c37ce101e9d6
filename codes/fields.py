"""Fields of technology 技术领域: which industries and words point to each.

The list, its divisions of GB/T 4754-2017 and its words are the hub's own choice, no norm's: they only suggest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Field(NamedTuple):
    """What points to a field of technology."""

    divisions: frozenset[str]
    """Two-digit divisions of GB/T 4754-2017."""
    words: tuple[str, ...]


def _field(divisions: str, words: str) -> Field:
    return Field(frozenset(divisions.split()), tuple(words.split()))


_FIELDS: Mapping[str, Field] = {
    "生物医药": _field("27", "生物 医药 制药 基因"),
    "医疗器械": _field("35 40", "医疗 器械 诊断"),
    "集成电路": _field("39", "集成电路 芯片 半导体"),
    "光电子": _field("39 40", "光电 激光 光通信 光纤"),
    "人工智能": _field("65", "智能 算法"),
    "新材料": _field("26 28 29 30 32", "材料"),
    "新能源": _field("38 44", "能源 电池 光伏"),
    "先进制造": _field("34 35 36 37", "制造 装备 机器人 数控"),
}


def is_listed(name: str) -> bool:
    """Say whether a field is in the list."""
    return name.strip() in _FIELDS


def field_of(speciality: str) -> Field:
    """Return what points to a speciality; one that is not in the list is pointed to by its own name only."""
    return _FIELDS.get(speciality.strip()) or Field(frozenset(), (speciality.strip(),))
