"""The workload's sources as one REST service: `python -m benchmarks.workload.upstream PORT`, over the files in DATA.

WORKERS says how many processes serve.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from workers import Workers, listening


def read(folder: Path) -> Mapping[str, Mapping[str, bytes]]:
    """Return each collection's records by code, encoded."""
    found = {}
    for path in folder.glob("*.json"):
        records = orjson.loads(path.read_bytes())
        found[f"/{path.stem}"] = {record["uscc"]: orjson.dumps(record) for record in records}
    return found


def serve(folder: Path, at: socket.socket) -> None:
    """Serve in this process until told to stop."""
    collections = read(folder)
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

    config = uvicorn.Config(answer, log_level="error", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[at])


def main() -> None:
    """Serve until told to stop."""
    folder, sockets = Path(os.environ["DATA"]), listening("127.0.0.1", int(sys.argv[1]), int(os.environ["WORKERS"]))
    if len(sockets) == 1:
        serve(folder, sockets[0])
    else:
        Workers(serve, (folder,), sockets, 1.0).run()


if __name__ == "__main__":
    main()
