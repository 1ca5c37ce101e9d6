"""Spark itself: the cluster that spark-submit or the options name, or this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # each part costs a tenth of a second whatever it holds, and Spark's own 200 are meant for a cluster
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
}


def absent() -> str | None:
    """Say what Spark lacks on this machine, and what to do about it; None if it is complete."""
    for module in ("pyspark", "pyarrow", "pandas"):
        if find_spec(module) is None:
            return f"{module} is not installed: run `scripts/install requirements-spark.txt`"
    found = _java()
    if found is None:
        return "there is no Java: install version 17 and set JAVA_HOME, or put `java` on the PATH"
    return None if found >= 17 else f"Java {found} is too old for Spark: set JAVA_HOME to version 17 or newer"


def open_session(master: str | None = None, **options: str) -> SparkSession:
    """Start Spark, or join what spark-submit has started; without a master on all processors of this machine.

    On this machine it listens on loopback only, and its workers run the Python that runs this.
    """
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    conf = SparkConf().setAppName("innograph")
    chosen = master or conf.get("spark.master", "local[*]")
    conf.setMaster(chosen)
    if chosen.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for name, value in _LOCAL.items():
            conf.setIfMissing(name, value)
    return SparkSession.builder.config(conf=conf.setAll(options.items())).getOrCreate()


def _java() -> int | None:
    """Return the version of the Java that Spark would run on."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None
