"""The conformance suite: what every connector promises, tried on a connector and the records that it should give.

A partner's whole test, three lines:

    from connectors.testing import Subject, conformance
    from my_connector import connect, declaration, RECORDS
    test_conformance = conformance(lambda: Subject(connect(declaration), "things", ("code",), RECORDS))

Each check says what was wrong and why the hub cannot live with it. `manage.py sources conform NAME` runs the same on a
source that is configured.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from connectors.conformance import CHECKS, Check, Nonconformity, Subject

__all__ = ["CHECKS", "Nonconformity", "Subject", "conformance", "problems", "run"]


async def problems(subject: Subject) -> list[str]:
    """Run every check on a subject, and return what is wrong with it; it is closed in the end."""
    found: list[str] = []
    for name, check in CHECKS.items():
        try:
            await run(name, check, subject)
        except Nonconformity as problem:
            found.append(str(problem))
    return found


async def run(name: str, check: Check, subject: Subject) -> None:
    """Run one check; raise Nonconformity, also for what a connector raised where nothing should fail."""
    try:
        await check(subject)
    except (Nonconformity, asyncio.CancelledError):
        raise
    except Exception as error:
        told = f"a fetch that should succeed raised {type(error).__name__}: {str(error)[:200]}"
        raise Nonconformity(name, told, inspect.getdoc(check) or "") from error


def conformance(subject: Callable[[], Subject]) -> Any:
    """Return a test for pytest that runs each check on a subject of its own."""
    import pytest  # only those who test need it

    @pytest.mark.parametrize("check", CHECKS)
    def test_conformance(check: str) -> None:
        async def one() -> None:
            made = subject()
            try:
                await run(check, CHECKS[check], made)
            finally:
                await made.connector.aclose()

        asyncio.run(one())

    return test_conformance
