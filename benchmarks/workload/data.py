"""The workload's records and the variables of its queries, made by a fixed seed as its description says."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

QUERIES: Mapping[str, str] = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "queries").glob("Q*.graphql"))
}
_INDICATORS = 18


def records(enterprises: int = 5000, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Return synthetic records of the four collections."""
    chance = random.Random(seed)
    found: dict[str, list[dict[str, Any]]] = {"legal": [], "scores": [], "policies": [], "managers": []}
    for number in range(enterprises):
        code = f"91{number:016d}"
        indicators = [
            {
                "key": f"IND_{n:02d}",
                "value": round(chance.uniform(0, 1000), 3),
                "score": round(chance.uniform(0, 100), 2),
            }
            for n in range(_INDICATORS)
        ]
        found["legal"].append(
            {
                "uscc": code,
                "name": f"合成{chance.choice('甲乙丙丁')}第{number:05d}号有限公司",
                "nameEn": f"Synthetic {number:05d} Technology Co., Ltd." if chance.random() > 0.1 else None,
                "district": chance.choice(("东区", "西区", "南区", "北区")),
                "industryCode": f"C{chance.randint(1000, 9999)}",
                "registeredCapital": round(chance.uniform(50, 90_000), 2),
                "foundedOn": f"{chance.randint(1985, 2024)}-{chance.randint(1, 12):02d}-01",
                "status": chance.choice(("ACTIVE", "SUSPENDED", "CANCELLED")),
                "stage": chance.choice(("SEED", "GROWTH", "MATURE", "LISTED")),
            }
        )
        found["scores"].append(
            {
                "uscc": code,
                "total": round(chance.uniform(0, 100), 2),
                "rank": number + 1,
                "categories": [{"key": "INNOVATION", "score": round(chance.uniform(0, 100), 2)}],
                "indicators": indicators,
            }
        )
        policies = [
            {
                "id": f"P{number}-{n}",
                "title": f"合成办法（第{n + 1}批）",
                "issuer": "合成局",
                "validTo": "2027-12-28",
            }
            for n in range(3)
        ]
        managers = [{"id": f"M{number}{n}", "name": f"经理{n}", "institution": "合成技术转移中心"} for n in range(2)]
        funds = [{"id": f"F{number}", "name": "合成产业基金", "amount": round(chance.uniform(100, 5000), 1)}]
        found["policies"].append({"uscc": code, "policies": policies})
        found["managers"].append({"uscc": code, "managers": managers, "funds": funds})
    return found


def written(folder: Path, data: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write each collection as a JSON file."""
    for name, found in data.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(found))


def variables(query: str, data: Mapping[str, list[dict[str, Any]]], size: int | None = None) -> list[dict[str, Any]]:
    """Return the variables of a dozen requests of a query; `size` changes how many enterprises it asks for."""
    chance = random.Random(7)
    codes = [record["uscc"] for record in data["legal"]]
    count = size or {"Q1": 1, "Q2": 50, "Q3": 100, "Q4": 1000}[query]
    if query == "Q1":
        return [{"uscc": chance.choice(codes)} for _ in range(12)]
    if query == "Q4":
        return [{"usccs": chance.sample(codes, count)} for _ in range(12)]
    return [{"first": count, "offset": chance.randrange(0, len(codes) - count + 1)} for _ in range(12)]
