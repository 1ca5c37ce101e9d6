"""Pinyin initials of Chinese names: 武汉楚精灵 is found by ``whcjl``."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_HAN = re.compile(r"[\u3400-\u9fff]+")
_ENDINGS = ("股份有限公司", "有限责任公司", "科技有限公司", "技术有限公司", "有限公司")
"""Most names end alike: their ends are looked up once."""


def initials(name: str) -> str:
    """Return the initials of the Chinese characters, in lower case; readings follow the phrase (长沙 is ``cs``)."""
    ending = next((end for end in _ENDINGS if name.endswith(end)), "")
    start = name[: len(name) - len(ending)]
    return "".join(_initials(run) for run in _HAN.findall(start)) + (_initials(ending) if ending else "")


@lru_cache(maxsize=65_536)
def _initials(run: str) -> str:
    return "".join(lazy_pinyin(run, style=Style.FIRST_LETTER)).lower()
