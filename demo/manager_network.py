"""The technology managers' network: another party's GraphQL service, with words of its own and a bearer token."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.serving import refusal

FILE = "manager_network.json"
TOKEN = "demo-manager-network"
NETWORK = "technology-managers"

PUBLISHED_MEMBERS = {
    "高校": 26,
    "科研院所": 19,
    "企业": 34,
    "医疗机构": 11,
    "投资孵化机构": 14,
    "技术转移机构": 19,
    "海外": 15,
}
"""Members by kind of institution, as published at its founding on 2023-05-30: 138 in all, 123 of them in China."""

_FIELDS = ("生物医药", "集成电路", "人工智能", "新材料", "新能源", "医疗器械", "光电子", "先进制造")
_SERVICES = ("挖掘", "培育", "评价", "推广", "交易")
_REGIONS = ("北京市海淀区", "湖北省武汉市", "江西省南昌市", "上海市浦东新区", "广东省深圳市")
_ABROAD = (("德国", "慕尼黑"), ("英国", "伦敦"), ("新加坡", "新加坡"), ("以色列", "特拉维夫"), ("美国", "波士顿"))
_GRADES = ("初级", "中级", "高级")


def make(folder: Path, seed: int) -> None:
    """Write the members: their number by kind is published, the persons are made up; one more has withdrawn."""
    rng = Random(f"{seed}:managers")
    kinds = [kind for kind, count in PUBLISHED_MEMBERS.items() for _ in range(count)]
    members = [_member(number, kind, rng) for number, kind in enumerate(kinds, 1)]
    members.append({**_member(len(kinds) + 1, "高校", rng), "left": "2023-06-15"})
    (folder / FILE).write_text(json.dumps(members, ensure_ascii=False), encoding="utf-8")


@strawberry.type
class Organisation:
    """Where an agent works."""

    name: str
    kind: str


@strawberry.type
class Agent:
    """A member of the network."""

    id: strawberry.ID
    full_name: str
    network_id: str
    organisation: Organisation
    place: str
    country: str
    level: str
    certificate: str | None
    fields: list[str]
    offers: list[str]
    speaks: list[str]
    joined: str
    phone: str
    mail: str
    left: str | None


@strawberry.type
class PageInfo:
    """Where a page ends."""

    end_cursor: str | None
    has_next_page: bool


@strawberry.type
class AgentPage:
    """A page of agents."""

    nodes: list[Agent]
    page_info: PageInfo


@strawberry.type
class NetworkInfo:
    """The network itself."""

    id: strawberry.ID
    title: str
    title_en: str
    since: str
    character: str
    guidance: list[str]
    offers: list[str]
    members: int
    members_in_china: int
    members_abroad: int


@strawberry.type
class KindCount:
    """Members of one kind of organisation."""

    network_id: str
    kind: str
    count: int


def create_app(folder: Path) -> Starlette:
    """Return the network's service."""
    agents = {entry["id"]: _agent(entry) for entry in json.loads((folder / FILE).read_text(encoding="utf-8"))}
    schema = strawberry.Schema(_query(list(agents.values()), agents))

    async def graphql(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "the bearer token is missing or wrong")
        asked = await request.json()
        result = await schema.execute(asked["query"], variable_values=asked.get("variables"))
        errors = [error.formatted for error in result.errors or ()]
        return JSONResponse({"data": result.data, **({"errors": errors} if errors else {})})

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])


def _query(ordered: list[Agent], by_id: dict[str, Agent]) -> type:
    @strawberry.type
    class Query:
        @strawberry.field
        def agents(self, first: int = 50, after: str | None = None) -> AgentPage:
            start = int(after or 0)
            end = start + min(first, 100)
            page = ordered[start:end]
            return AgentPage(nodes=page, page_info=PageInfo(end_cursor=str(end), has_next_page=end < len(ordered)))

        @strawberry.field
        def agents_by_ids(self, ids: list[strawberry.ID]) -> list[Agent | None]:
            return [by_id.get(identity) for identity in ids]

        @strawberry.field
        def networks(self) -> list[NetworkInfo]:
            return [_network()]

        @strawberry.field
        def network(self, id: strawberry.ID) -> NetworkInfo | None:
            return _network() if id == NETWORK else None

        @strawberry.field
        def counts(self, networks: list[str]) -> list[KindCount]:
            return [
                KindCount(network_id=NETWORK, kind=kind, count=count)
                for kind, count in PUBLISHED_MEMBERS.items()
                if NETWORK in networks
            ]

    return Query


def _network() -> NetworkInfo:
    total = sum(PUBLISHED_MEMBERS.values())
    return NetworkInfo(
        id=strawberry.ID(NETWORK),
        title="技术经理人协作网络",
        title_en="Technology Managers' Collaboration Network",
        since="2023-05-30",
        character="常设公益性机制",
        guidance=["科技部火炬中心", "北京市科学技术委员会、中关村科技园区管理委员会"],
        offers=["技术转移", "与资本、孵化和科研对接"],
        members=total,
        members_in_china=total - PUBLISHED_MEMBERS["海外"],
        members_abroad=PUBLISHED_MEMBERS["海外"],
    )


def _agent(entry: dict[str, Any]) -> Agent:
    return Agent(**{**entry, "id": strawberry.ID(entry["id"]), "organisation": Organisation(**entry["organisation"])})


def _member(number: int, kind: str, rng: Random) -> dict[str, Any]:
    country, place = rng.choice(_ABROAD) if kind == "海外" else ("中国", rng.choice(_REGIONS))
    return {
        "id": f"tm-{number:03d}",
        "full_name": f"演示经理人{number:03d}",
        "network_id": NETWORK,
        "organisation": {"name": f"演示{kind}{number:03d}", "kind": kind},
        "place": place,
        "country": country,
        "level": rng.choice(_GRADES),
        "certificate": f"DEMO-TM-{number:03d}" if rng.random() < 0.8 else None,
        "fields": rng.sample(_FIELDS, k=rng.randrange(1, 4)),
        "offers": rng.sample(_SERVICES, k=rng.randrange(1, 4)),
        "speaks": ["中文", "English"] if rng.random() < 0.5 else ["中文"],
        "joined": "2023-05-30",
        "phone": f"DEMO-{number:07d}",
        "mail": f"agent{number:03d}@managers.invalid",
        "left": None,
    }
