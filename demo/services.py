"""The demo's source services: each in a process of its own, on a free port, gone when the hub goes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from demo import bank_products, city_data, housing_fund, ip_office, manager_network, registry, social_security, tax

APPLICATIONS: Mapping[str, Callable[[Path], Starlette]] = {
    "ip_office": ip_office.create_app,
    "social_security": social_security.create_app,
    "city_data": city_data.create_app,
    "bank_products": bank_products.create_app,
    "manager_network": manager_network.create_app,
}

DATABASES: Mapping[str, str] = {
    "DEMO_REGISTRY_URL": registry.FILE,
    "DEMO_TAX_URL": tax.FILE,
    "DEMO_HOUSING_FUND_URL": housing_fund.FILE,
}

FOLDERS = (
    "titles", "science", "industry", "planning", "statistics", "courts", "credit", "rights", "environment", "ventures",
    "bureau", "rosters", "platform", "points",
)  # fmt: skip
"""Folders of the world into which others deliver files."""

FACTS = Path(__file__).parent / "facts"


def environment(folder: Path, urls: Mapping[str, str]) -> dict[str, str]:
    """Return what `demo/sources.toml` refers to: addresses of databases, folders and services, and their secrets."""
    world = folder.resolve()
    return {
        **{name: f"sqlite+aiosqlite:///{world / file}" for name, file in DATABASES.items()},
        **{f"DEMO_{folder.upper()}": str(world / folder) for folder in FOLDERS},
        "DEMO_FACTS": str(FACTS),
        "DEMO_IP_OFFICE_URL": urls["ip_office"],
        "DEMO_IP_OFFICE_KEY": ip_office.API_KEY,
        "DEMO_SOCIAL_SECURITY_URL": urls["social_security"],
        "DEMO_SOCIAL_SECURITY_TOKEN": social_security.TOKEN,
        "DEMO_CITY_DATA_URL": urls["city_data"],
        "DEMO_CITY_DATA_USER": city_data.USER,
        "DEMO_CITY_DATA_PASSWORD": city_data.PASSWORD,
        "DEMO_BANK_PRODUCTS_URL": urls["bank_products"],
        "DEMO_BANK_PRODUCTS_TOKEN_URL": f"{urls['bank_products']}/token",
        "DEMO_BANK_PRODUCTS_ID": bank_products.CLIENT_ID,
        "DEMO_BANK_PRODUCTS_SECRET": bank_products.CLIENT_SECRET,
        "DEMO_MANAGER_NETWORK_URL": f"{urls['manager_network']}/graphql",
        "DEMO_MANAGER_NETWORK_TOKEN": manager_network.TOKEN,
    }


class Services:
    """The services, running while this is entered."""

    def __init__(self, folder: Path) -> None:
        """Start nothing yet."""
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start all side by side; return when each has told its port."""
        command = [sys.executable, "-m", "demo.services"]
        for name in APPLICATIONS:
            self._processes[name] = subprocess.Popen(
                [*command, name, str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parent.parent,
                start_new_session=True,
            )
        try:
            self.environment = environment(self._folder, {n: self._url(n, p) for n, p in self._processes.items()})
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop what was started."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        self._processes.clear()

    def stop(self, name: str) -> None:
        """Kill one service, as an operator would who wants to see what happens."""
        self._processes[name].kill()
        self._processes[name].wait()

    def _url(self, name: str, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None, "started with a pipe"
        port = process.stdout.readline().strip()
        if not port.isdigit():
            raise RuntimeError(f"the demo service {name} did not start; run: python -m demo.services {name} FOLDER")
        return f"http://127.0.0.1:{port}"


class _AnnouncedServer(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets, "the port is chosen before the server starts"
        print(sockets[0].getsockname()[1], flush=True)


async def run(name: str, folder: Path) -> None:
    """Serve one of the services; print its port when it can be asked."""
    config = uvicorn.Config(APPLICATIONS[name](folder), log_level="warning", access_log=False)
    await _AnnouncedServer(config).serve(sockets=[socket.create_server(("127.0.0.1", 0))])


def _leave_with_parent() -> None:
    """The parent holds the other end of standard input: when it is gone, however it ended, so are we."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    asyncio.run(run(sys.argv[1], Path(sys.argv[2])))
