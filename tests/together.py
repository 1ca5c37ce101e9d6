"""Which tests stay in one process, however many test: those of a file, and files that share something dear."""

from __future__ import annotations

from collections.abc import Mapping

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Mapping[str, str] = {
    "tests/console/": "one built console and one browser",
    "tests/federation/": "gateways of npm",
    "tests/clients/": "clients of npm",
    "tests/spark/": "one Spark",
    "tests/connectors/test_common_cache.py": "one Redis, which some of them empty",
    "tests/web/test_notices.py": "one Redis, which some of them empty",
}
"""Beginnings of names of tests → what they have in common."""

APART = ("tests/differential/", "tests/resolvers/test_access_matrix.py", "tests/resolvers/test_sharing.py")
"""Files of few and long tests, each of which makes what it needs: dealt out one by one, last."""

LONG = (
    "tests/faults/",
    "tests/flows/test_live_processes.py",
    "tests/linking/test_plugins.py",
    "tests/store/test_changes_survive.py",
    "tests/test_audit_survives.py",
    "tests/test_serving.py",
)
"""Files that take longer than their number of tests tells: dealt out first, so that nobody waits for one at the end."""


class Together(LoadScopeScheduling):  # type: ignore[misc]  # its package ships no types
    """Deals out files, those of many tests first.

    The marks by which pytest-xdist would tell what belongs together have no effect with this version of pytest.
    """

    def _split_scope(self, nodeid: str) -> str:
        shared = next((shared for begin, shared in TOGETHER.items() if nodeid.startswith(begin)), None)
        return shared or (nodeid if nodeid.startswith(APART) else nodeid.partition("::")[0])

    def schedule(self) -> None:
        """Deal out what takes long first."""
        super().schedule()
        for scope in list(self.workqueue):
            if scope in TOGETHER.values() or scope.startswith(LONG):
                self.workqueue.move_to_end(scope, last=False)
