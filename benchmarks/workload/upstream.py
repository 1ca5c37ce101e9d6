"""The workload's sources as one REST service: `python -m benchmarks.workload.upstream PORT`, over the files in DATA."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send


def read(folder: Path) -> Mapping[str, Mapping[str, bytes]]:
    """Return each collection's records by code, encoded."""
    found = {}
    for path in folder.glob("*.json"):
        records = orjson.loads(path.read_bytes())
        found[f"/{path.stem}"] = {record["uscc"]: orjson.dumps(record) for record in records}
    return found


def main() -> None:
    """Serve until told to stop."""
    collections = read(Path(os.environ["DATA"]))
    pages = {path: list(records.values()) for path, records in collections.items()}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, asked = scope["path"], dict(parse_qsl(scope["query_string"].decode()))
        if "ids" in asked:
            records = collections[path]
            rows = [records[code] for code in asked["ids"].split(",") if code in records]
        else:
            offset = int(asked["offset"])
            rows = pages[path][offset : offset + int(asked["first"])]
        body = b"[" + b",".join(rows) + b"]"
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(answer, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")


if __name__ == "__main__":
    main()
