"""`manage.py mcp`: a client's trusted queries as tools of an assistant, by the Model Context Protocol over stdio.

It is a client of a running hub and has no rights of its own: each tool is `GET /rest/NAME` with the token that it was
started with, by the same rules, audit and limits.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import mcp_types as types
import orjson
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from settings import Settings, read

_SECONDS = 30.0


def serve() -> None:
    """Offer the trusted queries of a client of a running hub as tools of an assistant, over stdin and stdout."""
    settings = read()
    try:
        asyncio.run(_serve(settings))
    except httpx.HTTPError as error:
        raise SystemExit(f"HUB_MCP_URL: {settings.mcp_url} is not reached ({type(error).__name__}).") from error


class Tools:
    """The queries of one client, asked of a hub."""

    def __init__(self, hub: httpx.AsyncClient) -> None:
        """Ask nothing yet."""
        self._hub = hub

    async def listed(self) -> list[types.Tool]:
        """Return a tool for each query that the hub describes."""
        return [
            types.Tool(
                name=operation["operationId"],
                description=f"{operation['description']}\n\nReads only; answers say what is withheld and why.",
                input_schema=_inputs(operation["parameters"]),
            )
            for operation in (await self._operations()).values()
        ]

    async def called(self, name: str, given: Mapping[str, Any]) -> types.CallToolResult:
        """Return what a query answers."""
        operation = (await self._operations()).get(name)
        if operation is None:
            text = f"There is no tool {name!r}; list them."
            return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True)
        headed = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        headers = {key: str(value) for key, value in given.items() if key in headed}
        asked = [pair for key, value in given.items() if key not in headed for pair in _written(key, value)]
        answered = await self._hub.get(f"/rest/{name}?{urlencode(asked)}", headers=headers)
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=answered.text)],
            structured_content=answered.json(),
            is_error=answered.status_code >= 400,
        )

    async def _operations(self) -> Mapping[str, Any]:
        answered = await self._hub.get("/rest/openapi.json")
        answered.raise_for_status()
        paths = answered.json()["paths"].values()
        return {path["get"]["operationId"]: path["get"] for path in paths}


async def _serve(settings: Settings) -> None:
    headers = {"Authorization": f"Bearer {settings.mcp_token}"} if settings.mcp_token else {}
    async with httpx.AsyncClient(base_url=settings.mcp_url, headers=headers, timeout=_SECONDS) as hub:
        tools = Tools(hub)
        print(f"{len(await tools.listed())} queries of {settings.mcp_url} are tools.", file=sys.stderr)

        async def listed(_context: Any, _params: Any) -> types.ListToolsResult:
            return types.ListToolsResult(tools=await tools.listed())

        async def called(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
            return await tools.called(params.name, params.arguments or {})

        server: Server[Any] = Server("innograph", on_list_tools=listed, on_call_tool=called)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


def _inputs(parameters: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the JSON Schema of a tool's input."""
    properties = {
        each["name"]: {
            **(each.get("schema") or each["content"]["application/json"]["schema"]),
            **({"description": each["description"]} if "description" in each else {}),
        }
        for each in parameters
    }
    required = [each["name"] for each in parameters if each.get("required")]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _written(name: str, value: Any) -> list[tuple[str, str]]:
    """Return a parameter as the query string has it."""
    if isinstance(value, list):
        return [pair for each in value for pair in _written(name, each)]
    return [(name, value if isinstance(value, str) else orjson.dumps(value).decode())]
