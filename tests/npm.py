"""Programs of npm that the hub is tried with: their packages, installed once for each lock in the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.services import missing


def packages(folder: Path) -> Path:
    """Return where the packages of a folder's lock are; skip where there is no npm, unless services are required."""
    if shutil.which("npm") is None:
        missing("no npm on this machine")
    lock = (folder / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    found = cache / "innograph" / f"{folder.name}-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (found / "node_modules").exists():
        building = found.with_name(f"{found.name}-{os.getpid()}")
        building.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, building)
        install = ["npm", "ci", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
        subprocess.run(install, cwd=building, check=True, capture_output=True, timeout=300)
        if found.exists():
            shutil.rmtree(building)
        else:
            building.rename(found)
    return found


def workplace(folder: Path, at: Path) -> Path:
    """Copy a folder's files to a place where they find their packages; return the place."""
    found = packages(folder)
    shutil.copytree(folder, at, ignore=shutil.ignore_patterns("node_modules"))
    (at / "node_modules").symlink_to(found / "node_modules")
    return at


def printed(command: Sequence[str], place: Path, seconds: float, environment: Mapping[str, str] = {}) -> str:
    """Return what a program prints; fail with all that it has said if it ends badly, or not in time."""
    given = {**os.environ, **environment}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=place, env=given, text=True, stdout=pipe, stderr=pipe, start_new_session=True
    ) as running:
        try:
            (told, complained), how = running.communicate(timeout=seconds), "ended badly"
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # what it has started too, or it would hold the pipes
            (told, complained), how = running.communicate(), f"had not ended after {seconds} seconds"
    if running.returncode:
        pytest.fail(f"{' '.join(command)[:200]} {how}.\nIt printed:\n{told[-4000:]}\nand complained:\n{complained}")
    return told
