"""The banks' product directory: REST in pages, products by repeated id, OAuth 2 client credentials."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.population import ZONES
from demo.serving import Records, refusal, write_records

FILE = "bank_products.sqlite"
CLIENT_ID = "innograph"
CLIENT_SECRET = "demo-bank-products"

PUBLISHED: tuple[dict[str, Any], ...] = (
    {"id": "boc-points-loan", "name": "积分贷", "bank": "中国银行", "organisation": "boc",
     "branch": "武汉东湖支行", "areas": ["east-lake"],
     "guarantee": ["CREDIT"], "gate": "东湖积分评价，按生命周期阶段排名",
     "note": "已公开案例：授信600万元，首笔放款300万元。"},
    {"id": "icbc-digital-points-loan", "name": "数字积分贷", "bank": "中国工商银行", "organisation": "icbc",
     "areas": ["east-lake"], "gate": "东湖已评价企业", "note": "预授信合计20亿元。"},
    {"id": "icbc-nanchang-sci-tech-loan", "name": "科创贷", "bank": "中国工商银行", "organisation": "icbc",
     "branch": "南昌高新支行", "areas": ["nanchang-high-tech"], "gate": "按园区积分模型遴选",
     "note": "11家企业，授信3.595亿元，已用1530万元。"},
    {"id": "points-e-guarantee", "name": "创新积分E担", "bank": "微众银行", "max": "1000万元", "rate": "2.88",
     "guarantee": ["GUARANTEE_COMPANY", "CREDIT"], "gate": "积分高于65分的白名单企业",
     "note": "东科创担保，随借随还。"},
    {"id": "icbc-tech-loan", "name": "工银科创贷", "bank": "中国工商银行", "organisation": "icbc",
     "max": "500万元", "rate": "3.85", "guarantee": ["GUARANTEE_COMPANY"], "gate": "高新技术企业"},
    {"id": "hefei-young-founder-loan", "name": "青创贷", "bank": "合肥科技农村商业银行", "max": "300万元",
     "guarantee": ["CREDIT"], "gate": "成立不满1年，看“技术流”", "note": "3个工作日。"},
    {"id": "qingdao-easy-loan", "name": "科创易贷", "bank": "青岛银行", "max": "1000万元", "gate": "数据筛选",
     "note": "国家融资担保基金分担80%风险。"},
    {"id": "bocom-hebei-data-loan", "name": "科创数智贷", "bank": "交通银行", "branch": "河北省分行", "max": "500万元",
     "guarantee": ["CREDIT"], "gate": "税务、征信、工商与积分，“1+N”模型", "note": "最快1分钟自动审批。"},
)  # fmt: skip
"""Products that public material names, with what it says of them; `organisation` is that of the demo's tokens."""

_BANKS = ("演示银行甲", "演示银行乙", "演示银行丙", "演示担保丁", "演示银行戊")
_NAMES = ("演示研发贷", "演示知识产权贷", "演示订单贷", "演示人才贷", "演示设备贷", "演示成长贷", "演示小微贷")


def make(folder: Path, seed: int) -> None:
    """Write the directory."""
    rng = Random(f"{seed}:products")
    made_up = [_made_up(number, rng) for number in range(36)]
    published = [{**product, "demo": False} for product in PUBLISHED]
    write_records(folder / FILE, {"products": [(p["id"], p) for p in (*published, *made_up)]})


def create_app(folder: Path) -> Starlette:
    """Return the service, with a token endpoint of its own."""
    records = Records(folder / FILE)
    tokens: set[str] = set()

    async def token(request: Request) -> JSONResponse:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return refusal(401, "client unknown")
        if b"grant_type=client_credentials" not in await request.body():
            return refusal(400, "only client_credentials")
        tokens.add(issued := secrets.token_urlsafe(24))
        return JSONResponse({"access_token": issued, "token_type": "Bearer", "expires_in": 600})

    def allowed(request: Request) -> bool:
        return request.headers.get("authorization", "").removeprefix("Bearer ") in tokens

    def products(request: Request) -> JSONResponse:
        if not allowed(request):
            return refusal(401, "token missing or unknown")
        page, size = (int(request.query_params.get(name, default)) for name, default in (("page", "1"), ("size", "20")))
        items, total = records.page("products", (page - 1) * size, size)
        return JSONResponse({"items": items, "total": total})

    def by_id(request: Request) -> JSONResponse:
        if not allowed(request):
            return refusal(401, "token missing or unknown")
        return JSONResponse({"items": records.get("products", request.query_params.getlist("id"))})

    return Starlette(
        routes=[
            Route("/token", token, methods=["POST"]),
            Route("/products", products),
            Route("/products/by-id", by_id),
        ]
    )


def _made_up(number: int, rng: Random) -> dict[str, Any]:
    most = rng.choice((100, 200, 300, 500, 1000, 2000))
    listed = f"2023-0{rng.randrange(1, 7)}-{rng.randrange(1, 28):02d}"
    return {
        "id": f"demo-{number:02d}",
        "name": f"{rng.choice(_NAMES)}{number:02d}号",
        "bank": rng.choice(_BANKS),
        "areas": rng.sample([zone.id for zone in ZONES], k=rng.randrange(0, 3)),
        "min": "10万元",
        "max": f"{most}万元",
        "rate": f"{rng.uniform(2.8, 5.5):.2f}",
        "months": rng.choice((12, 24, 36)),
        "guarantee": rng.sample(
            ["CREDIT", "IP_PLEDGE", "MORTGAGE", "SURETY", "GUARANTEE_COMPANY"], k=rng.randrange(1, 3)
        ),
        "revolving": number % 4 == 0,
        "gate": "演示准入条件",
        "from": listed,
        "to": "2023-06-01" if rng.random() < 0.1 else "9999-12-31",
        "demo": True,
    }
