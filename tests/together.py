"""Which tests stay in one process, however many test: they share what is dear to make, or what all can see."""

from __future__ import annotations

from collections.abc import Mapping

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Mapping[str, str] = {
    "tests/console/": "one built console and one browser",
    "tests/federation/": "gateways of npm",
    "tests/clients/": "clients of npm",
    "tests/spark/": "one Spark",
    "tests/demo/test_scores.py": "one small world",
    "tests/faults/test_workers_agree.py": "one hub of two workers",
    "tests/connectors/test_common_cache.py": "one Redis, which some of them empty",
    "tests/web/test_notices.py": "one Redis, which some of them empty",
}
"""Beginnings of names of tests → what they have in common."""


class Together(LoadScopeScheduling):  # type: ignore[misc]  # its package ships no types
    """Deals out one test after the other, and those with something in common to one process.

    The marks by which pytest-xdist would tell them have no effect with this version of pytest.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((shared for begin, shared in TOGETHER.items() if nodeid.startswith(begin)), nodeid)
