"""Kinds of columns that both databases keep alike."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BigInteger, Text, TypeDecorator
from sqlalchemy.engine import Dialect

if TYPE_CHECKING:
    _Yuans = TypeDecorator[Decimal]
    _Packs = TypeDecorator[Any]
else:
    _Yuans = _Packs = TypeDecorator

MOST_YUAN = Decimal("1e13")
"""More than a policy or a loan is ever about, and less than a sum of many could overflow."""

_FEN = 100


class Yuan(_Yuans):
    """An amount in CNY yuan, kept as whole fen 分: exact, and summed by the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | str | None, dialect: Dialect) -> int | None:
        """Give the amount in fen; things are written with their decimals as texts."""
        return None if value is None else int(Decimal(value) * _FEN)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Give the amount in yuan."""
        return None if value is None else Decimal(int(value)).scaleb(-2)


class Packed(_Packs):
    """A part of a thing that is read as a whole only, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Give the JSON."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Give what it holds, in plain lists and dicts."""
        return None if value is None else msgspec.json.decode(value)
