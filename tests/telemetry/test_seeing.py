"""What is seen of a hub at work: by Prometheus, by a collector of spans, by operators; and by nobody else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.running import serve
from tests.telemetry.watched import Collector, Watched, watched

ROOT = Path(__file__).parent.parent.parent
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def hub(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A hub whose metrics this machine may read, that traces nothing and tells its readers nothing."""
    folder = tmp_path_factory.mktemp("watched")
    with watched(empty_store, folder, metrics_readers="127.0.0.0/8", explain=False, slow_seconds="0.000001") as found:
        yield found


def samples(text: str) -> dict[str, float]:
    """The metrics by name and labels."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_count_operations_sources_and_errors(hub: Watched) -> None:
    before = samples(hub.metrics().text)
    assert hub.ask().json()["data"]["enterprise"]["name"] == "武汉楚精灵"
    assert hub.ask(token="officer-eastlake").status_code == 200
    after = samples(hub.metrics().text)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert more('innograph_operation_seconds_count{operation="others"}') == 1, "a stranger's names are not told apart"
    assert more('innograph_operation_seconds_count{operation="Look"}') == 1
    assert more('innograph_operations_with_errors_total{operation="Look",outcome="partial"}') == 1
    assert more('innograph_errors_total{code="SOURCE_ERROR"}') == 2
    assert more('innograph_source_calls_total{outcome="answered",source="registry"}') == 2
    assert more('innograph_source_calls_total{outcome="SOURCE_ERROR",source="tax"}') == 2
    assert more('innograph_source_call_seconds_count{source="registry"}') == 2
    assert more('innograph_source_records_total{source="registry"}') == 2
    assert after['innograph_source_breaker{source="tax"}'] == 0
    assert after["innograph_requests"] == 0
    assert after["innograph_memory_bytes"] > 1e6


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "Via", "X_Real_IP"])
def test_metrics_are_not_given_to_whom_a_proxy_speaks_for(hub: Watched, header: str) -> None:
    assert hub.metrics(**{header: "127.0.0.1"}).status_code == 404


def test_metrics_are_given_to_nobody_unless_that_is_set(empty_store: Path, tmp_path: Path) -> None:
    with watched(empty_store, tmp_path) as closed:
        assert closed.metrics().status_code == 404
    with watched(empty_store, tmp_path, metrics_readers="127.0.0.0/8", trusted_proxies="127.0.0.1") as behind:
        assert behind.metrics().status_code == 404, "a proxy is no reader, whatever it says"


def test_several_processes_tell_their_sum(tmp_path: Path) -> None:
    counts = "from telemetry import metrics; metrics.LEFT.inc(3); metrics.REQUESTS.set(2); "
    for code in (counts, counts + "print(metrics.exposition().decode())"):
        run = [sys.executable, "-c", code]
        done = subprocess.run(
            run, cwd=ROOT, env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}, check=True, capture_output=True, text=True
        )
    assert samples(done.stdout)["innograph_requests_left_total"] == 6


def test_what_takes_long_is_logged_with_its_plan_and_without_what_was_asked(hub: Watched) -> None:
    time.sleep(1.1)  # after the last one that was told
    began = time.monotonic()
    with capture_logs() as logged:
        hub.ask(token="officer-eastlake")
        hub.ask()
    slow = [entry for entry in logged if entry["event"] == "operation.slow"]
    most = 1 + int(time.monotonic() - began)
    assert 1 <= len(slow) <= most, "one a second: where all are slow, writing must not make them slower"
    assert slow[0]["operation"] == "Look"
    assert slow[0]["sources"]["tax"]["error"] == "SOURCE_ERROR"
    assert any(line.startswith("enterprise  Query.enterprise") for line in slow[0]["plan"])
    assert "91000000" not in str(slow)


def test_readers_do_not_fill_the_log_by_long_names(hub: Watched) -> None:
    query = (
        f"query {'N' * 5000}($uscc: USCC!) {{ {'a' * 5000}: enterprise(uscc: $uscc) {{ name filings {{ year }} }} }}"
    )
    time.sleep(1.1)  # after the last one that was told
    with capture_logs() as logged:
        hub.ask(query=query)
    (slow,) = (entry for entry in logged if entry["event"] == "operation.slow")
    assert slow["operation"] == "N" * 60
    assert len(str(slow)) < 3000


def test_operators_alone_are_told_what_the_parts_of_an_answer_took(hub: Watched) -> None:
    assert "server-timing" not in hub.ask().headers
    assert "server-timing" not in hub.ask(token="officer-eastlake").headers
    told = hub.ask(token="operator").headers["server-timing"]
    parts = [part.partition(";dur=") for part in told.split(", ")]
    assert [name for name, _, _ in parts] == ["document", "plan", "run", "assemble", "encode", "total"]
    assert all(float(milliseconds) >= 0 for _, _, milliseconds in parts)


def test_a_trace_leads_from_the_caller_to_the_source(empty_store: Path, tmp_path: Path) -> None:
    collector = Collector()
    with serve(collector.app()) as url:
        sends = {"traces_url": f"{url}/v1/traces", "traces_share": "1"}
        with watched(empty_store, tmp_path, **sends) as traced:
            traced.ask(traceparent=CALLER)
            (asked,) = traced.source.headers
        spans = {span.name: span for span in collector.spans}
    request, batch, call = (spans[n] for n in ("request", "batch Query.enterprise", "source registry"))
    assert {span.trace_id.hex() for span in collector.spans} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    assert request.parent_span_id.hex() == "00f067aa0ba902b7"
    assert spans["plan"].parent_span_id == batch.parent_span_id == request.span_id
    assert call.parent_span_id == batch.span_id
    assert asked["traceparent"] == f"00-{call.trace_id.hex()}-{call.span_id.hex()}-01"
    attributes = {entry.key: entry.value.string_value for entry in spans["source tax"].attributes}
    assert attributes["error.type"] == "SOURCE_ERROR"
    assert "91000000" not in str(collector.spans)


def test_a_trace_that_is_not_recorded_is_passed_on_as_it_came(hub: Watched) -> None:
    hub.source.headers.clear()
    hub.ask(traceparent=CALLER)
    hub.ask(traceparent=f"{CALLER}\tX-Evil: 1")
    hub.ask()
    assert [asked.get("traceparent") for asked in hub.source.headers] == [CALLER, None, None]
