"""The audits of npm's graphql-http, run against an address."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.npm import packages

_FOLDER = Path(__file__).parent / "audit"


def run_audits(url: str) -> list[dict[str, Any]]:
    """Return the result of each audit; skip where there is no npm, unless the services are required."""
    command = ["node", str(_FOLDER / "audit.mjs"), url, str(packages(_FOLDER))]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    results: list[dict[str, Any]] = json.loads(found.stdout)
    return results
