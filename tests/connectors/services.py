"""Small real services that speak each batching and paging style, over the same records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Records = Sequence[dict[str, Any]]


def rest_service(records: Records) -> Starlette:
    """Return a service that offers the records in every style."""

    def chosen(keys: Sequence[str], columns: str | None = None) -> list[dict[str, Any]]:
        found = [record for record in records if record["code"] in keys]
        return [{name: r.get(name) for name in columns.split(",")} for r in found] if columns else found

    async def comma(request: Request) -> Response:
        found = chosen(request.query_params.get("ids", "").split(","), request.query_params.get("fields"))
        return JSONResponse({"meta": {"count": len(found)}, "data": found})

    async def repeat(request: Request) -> Response:
        return JSONResponse(chosen(request.query_params.getlist("id")))

    async def body(request: Request) -> Response:
        return JSONResponse(chosen((await request.json())["codes"]))

    async def aligned(request: Request) -> Response:
        entries = [chosen([key]) or None for key in request.query_params.get("ids", "").split(",")]
        return JSONResponse({"entries": entries})

    async def each(request: Request) -> Response:
        found = chosen([request.path_params["code"]])
        return JSONResponse({"of": [{k: v for k, v in r.items() if k != "code"} for r in found]}, 200 if found else 404)

    async def pages(request: Request) -> Response:
        style, size = request.path_params["style"], int(request.query_params.get("size", "3"))
        start = int(request.query_params.get("cursor") or 0)
        if style == "page":
            start = (int(request.query_params["page"]) - 1) * size
        if style == "stuck":
            start = 0
        found, end = list(records[start : start + size]), start + size
        more = end < len(records)
        headers = {"Link": f'</pages/link?cursor={end}&size={size}>; rel="next"'} if style == "link" and more else {}
        following = str(end) if more or style == "stuck" else None
        return JSONResponse({"rows": found, "next": following}, headers=headers)

    return Starlette(
        routes=[
            Route("/comma", comma),
            Route("/repeat", repeat),
            Route("/body", body, methods=["POST"]),
            Route("/aligned", aligned),
            Route("/each/{code}", each),
            Route("/pages/{style}", pages),
        ]
    )


@strawberry.type
class Place:
    """Where a thing is."""

    city: str | None


@strawberry.type
class Thing:
    """A record."""

    code: str
    n: int
    label: str | None
    place: Place


@strawberry.type
class Page:
    """A page of records."""

    nodes: list[Thing]
    cursor: str | None
    more: bool


def partner_service(records: Records) -> Starlette:
    """Return a GraphQL service over the records, with lists, single look-ups and a paged connection."""

    def thing(record: dict[str, Any]) -> Thing:
        return Thing(
            code=record["code"], n=record["n"], label=record["label"], place=Place(city=record["place"]["city"])
        )

    @strawberry.type
    class Query:
        @strawberry.field
        def things(self, codes: list[str]) -> list[Thing | None]:
            if "broken" in codes:
                raise ValueError("the list is broken")
            return [thing(record) for record in records if record["code"] in codes]

        @strawberry.field
        def thing(self, code: strawberry.ID) -> Thing | None:
            if code == "broken":
                raise ValueError("this one is broken")
            return next((thing(record) for record in records if record["code"] == code), None)

        @strawberry.field
        def page(self, first: int, after: str | None = None) -> Page:
            start = int(after or 0)
            end = start + min(first, 3)
            return Page(nodes=[thing(r) for r in records[start:end]], cursor=str(end), more=end < len(records))

        @strawberry.field
        def all(self) -> list[Thing]:
            return [thing(record) for record in records]

    schema = strawberry.Schema(Query)

    async def graphql(request: Request) -> Response:
        asked = await request.json()
        result = await schema.execute(asked["query"], variable_values=asked["variables"])
        return JSONResponse({"data": result.data, "errors": [error.formatted for error in result.errors or ()]})

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])
