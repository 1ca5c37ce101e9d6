"""Python's cyclic collector, settled for a process that keeps much and makes little rubbish in cycles."""

from __future__ import annotations

import gc

_YOUNG = 50_000
"""Objects made before the youngest generation is looked through; an answer of some thousand values stays below."""


def settle() -> None:
    """Take everything made so far out of the collector's sight, and let it look less often.

    Schema, configuration and data in memory live as long as the process; walking them again and again delays an answer
    by tens of milliseconds now and then, and finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
