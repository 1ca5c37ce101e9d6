"""Pinyin initials of Chinese names: 武汉楚精灵 is found by ``whcjl``."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.seg import mmseg

_HAN = re.compile(r"[\u3400-\u9fff]+")


def initials(name: str) -> str:
    """Return the initials of the Chinese characters, in lower case; readings follow the phrase (长沙 is ``cs``)."""
    return "".join(_initials(phrase) for run in _HAN.findall(name) for phrase in mmseg.seg.cut(run))


@lru_cache(maxsize=65_536)
def _initials(phrase: str) -> str:
    """Names are made of a few thousand phrases: each is looked up once."""
    return "".join(lazy_pinyin(phrase, style=Style.FIRST_LETTER)).lower()
