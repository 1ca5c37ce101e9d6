"""The log: what failed, never what a reader sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_local_variables(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form)
    headers = {"authorization": "".join(("Bearer ", "se", "same"))}
    try:
        assert headers
        raise RuntimeError("the reason")
    except RuntimeError as error:
        structlog.get_logger().error("request.unexpected", trace_id="t1", exc_info=error)
    written = capsys.readouterr().err
    assert "the reason" in written
    assert "t1" in written
    assert "sesame" not in written
