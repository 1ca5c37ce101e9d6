"""What Prometheus is told: every metric of the hub, and the text in which it is read.

Where several processes serve together, each keeps its numbers in a file of one folder, and any of them tells the sum.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_PREFIX = "innograph-metrics-"
_MADE = 60.0
"""Seconds in which who makes a folder surely holds it."""

_own = CollectorRegistry()
_ANSWERED = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def _counter(name: str, what: str, *labels: str) -> Counter:
    return Counter(f"innograph_{name}", what, labels, registry=_own)


def _seconds(name: str, what: str, *labels: str) -> Histogram:
    return Histogram(f"innograph_{name}_seconds", what, labels, registry=_own, buckets=_ANSWERED)


def _summed(name: str, what: str, *labels: str) -> Gauge:
    return Gauge(f"innograph_{name}", what, labels, registry=_own, multiprocess_mode="livesum")


def _most(name: str, what: str, *labels: str) -> Gauge:
    return Gauge(f"innograph_{name}", what, labels, registry=_own, multiprocess_mode="livemax")


OPERATION_SECONDS = _seconds("operation", "Seconds from an operation to its answer.", "operation")
OPERATIONS_WITH_ERRORS = _counter(
    "operations_with_errors", "Operations answered in part (partial) or not at all (refused).", "operation", "outcome"
)
ERRORS = _counter("errors", "Answers that told an error, by its code.", "code")
REFUSED = _counter("requests_refused", "Requests refused before their operation was looked at, by code.", "code")
LEFT = _counter("requests_left", "Requests whose reader left before the answer.")
SLOW = _counter("slow_operations", "Operations that took longer than HUB_SLOW_SECONDS.")
REQUESTS = _summed("requests", "Requests to the graph at work now.")
LISTENERS = _summed("listeners", "Connections that listen now.")

SOURCE_SECONDS = _seconds("source_call", "Seconds of a call to a source, waiting and repetitions included.", "source")
SOURCE_CALLS = _counter("source_calls", "Questions put to a source, by what became of them.", "source", "outcome")
SOURCE_KEYS = _counter("source_keys", "Keys asked for.", "source")
SOURCE_RECORDS = _counter("source_records", "Records that a source gave.", "source")
SOURCE_CACHED = _counter("source_cached_keys", "Keys answered from what the hub had kept.", "source")
SOURCE_STALE = _counter("source_stale_keys", "Keys answered from what was kept beyond its time.", "source")
SOURCE_REPEATED = _counter("source_repeated_calls", "Calls that were repeated.", "source")
SOURCE_BREAKER = _most("source_breaker", "0: the source is asked; 1: one call finds out; 2: left alone.", "source")
SOURCE_BUSY = _summed("source_busy", "Calls to a source under way now.", "source")
SOURCE_WAITING = _summed("source_waiting", "Calls that wait for their turn now.", "source")
SOURCE_LATE = _most("source_late", "1: the newest delivery seen is older than the cadence allows.", "source")
SOURCE_NEWEST = _most("source_newest_timestamp_seconds", "When the newest delivery seen was true.", "source")

CACHE_BYTES = _summed("cache_bytes", "About how many bytes of the sources' answers are kept.")
CACHE_KEYS = _summed("cache_keys", "Keys of which something is kept.")
AUDIT_WAITING = _summed("audit_waiting", "Records that wait to be written now.")
AUDIT_LAG = _most("audit_lag_seconds", "Seconds for which the oldest of them has waited.")
AUDIT_RECORDS = _counter("audit_records", "Records of the audit, by what became of them.", "outcome")
LOOP_DELAY = _most("loop_delay_seconds", "Seconds by which the event loop was late when it was last looked at.")
MEMORY = _summed("memory_bytes", "Memory that the processes hold (resident).")
FILES = _summed("open_files", "Files and connections that are open.")


@contextmanager
def summed() -> Iterator[None]:
    """Have the processes that are started meanwhile keep their numbers together.

    They must import this module anew. A folder that the environment names already is left to whoever has named it.
    What hubs have left behind that were killed is taken away.
    """
    if FOLDER in os.environ:
        yield
        return
    for left in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's, or in use, or gone by now
            _take_away(left)
    with TemporaryDirectory(prefix=_PREFIX) as folder, _held(folder):
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


@contextmanager
def _held(folder: str | Path) -> Iterator[None]:
    """Hold a folder for as long as this process lives at most; raise OSError if another does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _take_away(left: Path) -> None:
    found = left.lstat()
    if found.st_uid == os.getuid() and time.time() - found.st_mtime > _MADE:
        with _held(left):
            shutil.rmtree(left)


def forgotten(pid: int | None) -> None:
    """Forget what a process that has ended was at; what it has counted stays."""
    if FOLDER in os.environ and pid is not None:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # ships without


def collected() -> Iterable[Metric]:
    """Return the metrics of this process."""
    return _own.collect()


def exposition() -> bytes:
    """Return all metrics as Prometheus reads them, of all processes that serve together."""
    if FOLDER not in os.environ:
        return generate_latest(_own)
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]  # ships without
    return generate_latest(everybody)
