"""The audits of npm's graphql-http, run against an address."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parent / "audit"


def run_audits(url: str) -> list[dict[str, Any]]:
    """Return the result of each audit; skip where there is no npm, unless the services are required."""
    if shutil.which("npm") is None:
        message = "no npm on this machine"
        pytest.fail(message) if os.environ.get("HUB_REQUIRE_SERVICES") == "1" else pytest.skip(message)
    command = ["node", str(_FOLDER / "audit.mjs"), url, str(_installed())]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    results: list[dict[str, Any]] = json.loads(found.stdout)
    return results


def _installed() -> Path:
    """The audits' packages, installed once for each lock in the user's cache."""
    lock = (_FOLDER / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "innograph" / f"audit-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules").exists():
        building = folder.with_name(f"{folder.name}-{os.getpid()}")
        building.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_FOLDER / name, building)
        install = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(install, cwd=building, check=True, capture_output=True, timeout=300)
        if folder.exists():
            shutil.rmtree(building)
        else:
            building.rename(folder)
    return folder
