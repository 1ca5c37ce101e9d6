"""Financing rounds 融资轮次, and the stages that funds say they invest in.

Which round stands for which stage is the hub's own choice, no norm's: it only suggests.
"""

from __future__ import annotations

from collections.abc import Mapping

_EARLY = ("种子轮", "天使轮", "pre-a轮")
_GROWTH = ("a轮", "a+轮", "b轮", "b+轮", "c轮")
_LATE = ("d轮", "e轮", "f轮", "pre-ipo", "战略融资")
_STAGES: Mapping[str, tuple[str, ...]] = {
    "早期": _EARLY,
    "种子期": ("种子轮", "天使轮"),
    "初创期": _EARLY,
    "成长期": _GROWTH,
    "扩张期": ("b轮", "b+轮", "c轮", *_LATE),
    "成熟期": _LATE,
}
_KNOWN = frozenset(round for rounds in _STAGES.values() for round in rounds)


def is_in_stage(round: str, stage: str) -> bool | None:
    """Say whether an enterprise whose last round this was is in a stage; None where that cannot be told."""
    rounds, name = _STAGES.get(stage.strip()), _folded(round)
    if rounds is None or name not in _KNOWN:
        return None
    return name in rounds


def _folded(round: str) -> str:
    name = round.strip().lower().replace(" ", "").replace("＋", "+")
    return name if name.endswith("轮") or name in _KNOWN else f"{name}轮"
