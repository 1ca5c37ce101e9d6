"""The whole way of a newcomer: serve, ask, serve again, stop; as processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
QUERY = """{ enterprises(search: "楚精灵") { totalCount nodes { name filings { year source { id } }
  intellectualProperty { source { id } } qualifications { kind source { id } } } } sources { id lastSuccessAt } }"""
EDITIONS = "{ editions { code state synthetic previous { code } ranking(first: 1) { totalCount } } }"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _environment(folder: Path, port: int) -> dict[str, str]:
    return {**os.environ, "HUB_PORT": str(port), "HUB_DATA_DIR": str(folder), "HUB_DEMO_ENTERPRISES": "400"}


@contextmanager
def serving(folder: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Serve a small world as `scripts/serve` does."""
    process = subprocess.Popen(
        [sys.executable, "server.py"],
        cwd=ROOT,
        env={**_environment(folder, port), **settings},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
            assert process.poll() is None, process.stderr and process.stderr.read()
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _children(process: subprocess.Popen[str]) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _gone(pids: list[int]) -> bool:
    for _ in range(50):
        if not any(map(_is_alive, pids)):
            return True
        time.sleep(0.1)
    return False


def _ask(port: int, query: str) -> Any:
    return httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}, timeout=20).json()["data"]


def _ended(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What became of a hub that cannot serve."""
    command = [sys.executable, "server.py"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_serve_ask_stop_and_serve_again(tmp_path: Path) -> None:
    port = _free_port()
    with serving(tmp_path, port) as process:
        command = [sys.executable, "manage.py", "token", "officer-eastlake"]
        printed = subprocess.run(
            command, cwd=ROOT, env=_environment(tmp_path, port), capture_output=True, text=True, check=True
        )
        token = printed.stdout.splitlines()[-1]
        answer = httpx.post(
            f"http://127.0.0.1:{port}/graphql",
            json={"query": QUERY},
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        ).json()
        assert "errors" not in answer, answer
        (found,) = answer["data"]["enterprises"]["nodes"]
        assert found["name"] == "武汉楚精灵医疗科技有限公司"
        assert len(found["filings"]) == 3
        assert found["qualifications"][0]["source"] == {"id": "Source:kj-high-tech"}
        april, september = _ask(port, EDITIONS)["editions"]
        assert (april["state"], april["synthetic"], september["state"]) == ("FINAL", True, "FINAL")
        assert april["previous"]["code"] == september["code"]
        assert april["ranking"]["totalCount"] > 0
        services = _children(process)
        assert len(services) == 5
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0 or process.returncode == -signal.SIGINT
        assert process.stderr is not None
        said = process.stderr.read()
        assert f"http://127.0.0.1:{port}" in said
        assert f"HUB_DATA_DIR={tmp_path} .venv/bin/python manage.py token" in said, "its issuer is in that folder"
        assert "Traceback" not in said
        assert _gone(services)
    made = (tmp_path / "demo-world" / "world.json").stat().st_mtime_ns
    with serving(tmp_path, port) as again:
        assert (tmp_path / "demo-world" / "world.json").stat().st_mtime_ns == made, "the world is not made twice"
        assert _ask(port, EDITIONS)["editions"] == [april, september], "nor are its editions"
        services = _children(again)
        again.kill()
        again.wait()
        assert _gone(services), "the services go with the hub, however it ends"
    (tmp_path / "identity.toml").write_text("surprise = 1", encoding="utf-8")
    ended = _ended({**_environment(tmp_path, port), "HUB_IDENTITY": f"{tmp_path}/identity.toml"})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"{tmp_path}/identity.toml: surprise:")
    assert "serves the demo world" not in ended.stderr


_REGISTRY = """[sources.registry]
kind = "KIND"
title = "Company registry"
owner = "Market regulation bureau"
sharing = "UNCONDITIONAL"
url = "http://127.0.0.1:1"
[sources.registry.collections.registration]
path = "/enterprises"
batch = { style = "comma", parameter = "codes" }
fields = { name = "name" }
"""


def test_a_demo_over_a_wrong_file_of_sources_ends_with_one_line(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text(_REGISTRY.replace("KIND", "rset"))
    ended = _ended({**_environment(tmp_path, _free_port()), "HUB_SOURCES": str(sources)})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"{sources}: sources.registry.kind: no connector of kind 'rset'")
    assert "Traceback" not in ended.stderr


def test_a_demo_serves_though_its_registry_cannot_be_read_whole(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text(_REGISTRY.replace("KIND", "rest"))
    with serving(tmp_path, _free_port(), HUB_SOURCES=str(sources)) as process:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        assert process.stderr is not None
        said = process.stderr.read()
    assert "registry: offers no way to read registration whole" in said
    assert "Traceback" not in said
