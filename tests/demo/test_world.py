"""The demo world: the published facts exactly, the rest marked, dirty on purpose, the same for the same seed."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
import tomllib
from pathlib import Path

import pytest

from codes.uscc import MalformedUscc, normalise
from demo import manager_network
from demo.population import FULL_SIZE, ZONES, chujingling, populate, residents, zhongjiali
from demo.services import FACTS
from demo.world import exists, make
from tests.world import World


def test_a_full_world_has_the_published_numbers() -> None:
    assert FULL_SIZE == 120_000
    assert {zone.id: zone.roster for zone in ZONES}["east-lake"] == 15_184
    members = manager_network.PUBLISHED_MEMBERS
    assert (sum(members.values()), sum(members.values()) - members["海外"]) == (138, 123)


@pytest.mark.parametrize(
    ("zone", "name", "value", "unit"),
    [
        ("east-lake", "enterprises in the zone", "120000", "家"),
        ("east-lake", "enterprises on the platform", "15184", "家"),
        ("east-lake", "enterprises evaluated", "5230", "家"),
        ("east-lake", "evaluation indicators", "28", "项"),
        ("east-lake", "data sources", "43", "个"),
        ("east-lake", "credit granted online", "545000000", "元"),
        ("east-lake", "pre-credit", "2000000000", "元"),
        ("east-lake", "paid without application", "260000000", "元"),
        ("nanchang-high-tech", "core indicators", "43", "项"),
        ("nanchang-high-tech", "technology SMEs", "728", "家"),
        ("nanchang-high-tech", "high-tech enterprises", "622", "家"),
        ("nanchang-high-tech", "ICBC sci-tech loans granted", "359500000", "元"),
        ("nanchang-high-tech", "ICBC sci-tech loans drawn", "15300000", "元"),
        ("zhongguancun-bonded", "planned area", "0.401", "平方公里"),
        ("zhongguancun-bonded", "floor space", "663500", "平方米"),
    ],
)
def test_published_figures(zone: str, name: str, value: str, unit: str) -> None:
    with (FACTS / "zone_figures.csv").open(encoding="utf-8") as file:
        found = [row for row in csv.DictReader(file) if (row["zone_id"], row["name_en"]) == (zone, name)]
    assert [(row["value"], row["unit"]) for row in found] == [(value, unit)]


def test_the_fund_and_made_up_policies() -> None:
    fund = tomllib.loads((FACTS / "funds" / "nssf-zhongguancun.toml").read_text(encoding="utf-8"))
    assert (fund["first_tranche"], fund["announced_on"], fund["term_years_min"]) == ("50亿元", "2023-05-30", 10)
    for path in (FACTS / "policies").glob("*.toml"):
        policy = tomllib.loads(path.read_text(encoding="utf-8"))
        made_up = path.stem.startswith("demo-")
        assert policy.get("synthetic", False) is made_up
        assert policy.get("title", "").startswith("演示") is made_up


def test_codes_of_made_up_enterprises_cannot_belong_to_real_ones() -> None:
    population = populate(600, 1)
    assert len({enterprise.uscc for enterprise in population}) == 600
    for enterprise in population:
        assert normalise(enterprise.uscc) == enterprise.uscc
        assert enterprise.uscc[2:4] == ("99" if enterprise.synthetic else "00")
    assert [e for e in population if not e.synthetic] == [chujingling(), zhongjiali()]
    assert len(residents(population)) < len(population)


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".sqlite":
            with sqlite3.connect(path) as database:
                total.update("\n".join(database.iterdump()).encode())
            database.close()
        elif path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()


def test_the_same_seed_makes_the_same_world_and_a_second_call_nothing(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make(tmp_path / name, 200, seed)
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b") != _digest(tmp_path / "c")
    assert exists(tmp_path / "a", 200, 7)
    assert not exists(tmp_path / "a", 201, 7)
    before = (tmp_path / "a" / "world.json").stat().st_mtime_ns
    make(tmp_path / "a", 200, 7)
    assert (tmp_path / "a" / "world.json").stat().st_mtime_ns == before


def test_a_world_whose_making_breaks_off_is_not_there(tmp_path: Path) -> None:
    def interrupt(_part: str, place: int, _parts: int) -> None:
        if place == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "world", 200, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_dirt_is_there_and_rare(tmp_path: Path) -> None:
    make(tmp_path / "world", 3000)
    with sqlite3.connect(tmp_path / "world" / "registry.sqlite") as database:
        rows = database.execute("SELECT uscc, reg_cap, est_date, reg_status FROM entity").fetchall()
    database.close()

    def share(found: list[bool]) -> float:
        return sum(found) / len(rows)

    assert 0.01 < share([row[0] != row[0].upper() for row in rows]) < 0.03
    assert 0 < share(["*" in row[0] for row in rows]) < 0.01
    assert 0 < share([row[1] == "约三千万" for row in rows]) < 0.01
    assert 0 < share([row[2] == "不详" for row in rows]) < 0.01
    assert 0 < share([row[3] == "待核实" for row in rows]) < 0.01
    with pytest.raises(MalformedUscc):
        normalise(next(row[0] for row in rows if "*" in row[0]))


def test_services_refuse_without_credentials(world: World) -> None:
    import httpx

    environment = world.environment
    assert httpx.get(f"{environment['DEMO_IP_OFFICE_URL']}/v2/summary?ids=x").status_code == 401
    assert httpx.get(f"{environment['DEMO_SOCIAL_SECURITY_URL']}/units/x").status_code == 401
    assert httpx.post(f"{environment['DEMO_SOCIAL_SECURITY_URL']}/talents", json={"units": []}).status_code == 401
    assert httpx.get(f"{environment['DEMO_CITY_DATA_URL']}/evaluations").status_code == 401
    assert httpx.post(f"{environment['DEMO_CITY_DATA_URL']}/utilities", json={"codes": []}).status_code == 401
    assert httpx.get(f"{environment['DEMO_BANK_PRODUCTS_URL']}/products").status_code == 401
    assert httpx.post(f"{environment['DEMO_BANK_PRODUCTS_URL']}/token").status_code == 401
    assert httpx.post(environment["DEMO_MANAGER_NETWORK_URL"], json={"query": "{ __typename }"}).status_code == 401
    key = {"X-Api-Key": environment["DEMO_IP_OFFICE_KEY"]}
    many = ",".join(map(str, range(101)))
    assert httpx.get(f"{environment['DEMO_IP_OFFICE_URL']}/v2/summary?ids={many}", headers=key).status_code == 400
