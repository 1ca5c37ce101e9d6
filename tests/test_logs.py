"""The log: what failed, never what a reader sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

import logs
from telemetry.traces import Tracing


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


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


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_hidden_wherever_they_stand(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form)
    key, token = "ik_abcdefg234_" + "s" * 43, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2VzYW1l"
    log = structlog.get_logger()
    log.warning("source.failed", address="postgresql://hub:sesame@db/x", authorization="sesame", header=f"Bearer {key}")
    log.warning(f"refused {token}", keys=[key])
    logging.getLogger("opentelemetry").warning("cannot send to http://hub:sesame@collector:4318")
    written = capsys.readouterr().err
    assert written.count("\n") == 3
    assert "postgresql://hub:•••@db/x" in written
    assert "http://hub:•••@collector:4318" in written
    for secret in ("sesame", key, token):
        assert secret not in written


def test_a_line_names_the_trace_that_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    tracing, caller = Tracing(), "4bf92f3577b34da6a3ce929d0e0e4736"
    here = tracing.enter({"traceparent": f"00-{caller}-00f067aa0ba902b7-01"})
    structlog.get_logger().warning("source.failed")
    tracing.leave(here)
    structlog.get_logger().warning("source.failed")
    within, after = map(json.loads, capsys.readouterr().err.splitlines())
    assert within["trace_id"] == caller
    assert "trace_id" not in after
