"""How a text is found: folded, cut into pairs of characters for SQLite's full-text index, ranked alike everywhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, literal, or_, select, table, text, true
from sqlalchemy.sql import column

from store.tables import enterprise

SEARCH_TABLE = table("directory_search", column("rowid"))

_CODE_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_LEAST_CODE = 4
_LONGEST = 100


def folded(written: str) -> str:
    """Return letters, digits and characters alone, in one width and case: brackets and spaces are not searched."""
    plain = unicodedata.normalize("NFKC", written).casefold()
    return "".join(character for character in plain if character.isalnum())


def pairs(plain: str) -> str:
    """Return a folded text as words for the full-text index, one for each pair of neighbours, the last one alone.

    Each word is written in hexadecimal: no tokenizer can take it apart, whatever the script.
    """
    codes = [f"{ord(character):x}x" for character in plain]
    return " ".join(first + second for first, second in zip_longest(codes, codes[1:], fillvalue=""))


@dataclass(frozen=True)
class Search:
    """A text to find, folded."""

    plain: str
    code: str | None

    @classmethod
    def of(cls, written: str | None) -> Search | None:
        """Return the search of a reader's text; None if it is blank."""
        if written is None or not written.strip():
            return None
        plain = folded(written[:_LONGEST])
        code = plain.upper()
        is_code = _LEAST_CODE <= len(code) <= 18 and set(code) <= _CODE_CHARACTERS
        return cls(plain, code if is_code else None)

    @property
    def latin(self) -> bool:
        """It may be initials."""
        return self.plain.isascii() and self.plain.isalpha()

    def condition(self, dialect: str) -> ColumnElement[bool]:
        """Return the condition that an enterprise is found."""
        if not self.plain:
            return ~true()
        found = [self._indexed() if dialect == "sqlite" else self._contained()]
        if self.code:
            found.append(and_(enterprise.c.uscc >= self.code, enterprise.c.uscc < self.code + "~"))
        return or_(*found)

    def rank(self) -> ColumnElement[int]:
        """Return the rank of an enterprise that is found: the whole name first, the code last."""
        name, former = enterprise.c.name_folded, enterprise.c.former_folded
        return case(
            (name == self.plain, 0),
            (name.like(f"{self.plain}%"), 1),
            (name.like(f"%{self.plain}%"), 2),
            (former.like(f"%{self.plain}%"), 3),
            (enterprise.c.initials.like(f"%{self.plain}%"), 4) if self.latin else (literal(False), 4),
            else_=5,
        ).cast(Integer)

    def _indexed(self) -> ColumnElement[bool]:
        words = f'"{pairs(self.plain[0])}" *' if len(self.plain) == 1 else f'"{pairs(self.plain).rpartition(" ")[0]}"'
        match = f"{{name former}} : {words}"
        if self.latin:
            match += f" OR initials : {words}"
        rows: Any = select(column("rowid")).select_from(SEARCH_TABLE)
        return enterprise.c.id.in_(rows.where(text("directory_search MATCH :match").bindparams(match=match)))

    def _contained(self) -> ColumnElement[bool]:
        pattern = f"%{self.plain}%"
        columns = [enterprise.c.name_folded, enterprise.c.former_folded]
        if self.latin:
            columns.append(enterprise.c.initials)
        return or_(*(column.like(pattern) for column in columns))
