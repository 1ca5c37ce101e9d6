"""The demo's sources: the tables of departments on which the demonstration scheme of East Lake draws, and no others."""

from __future__ import annotations

from connectors.config import load
from scoring.checking import check_sources
from tests.scoring.scored import SCHEMES
from tests.world import DEMO_SOURCES

SOURCES = load(DEMO_SOURCES).sources
LAKE = SCHEMES["east-lake-28-demo"]
DEPARTMENTS = {
    "scjg": "市场监管", "sw": "税务", "rs": "人社", "zj": "住建", "kj": "科技", "tj": "统计", "gx": "经信",
    "fg": "发改", "fy": "法院", "zs": "知识产权", "bq": "版权", "hb": "生态环境", "dsj": "大数据", "sl": "水务燃气",
    "tz": "第三方机构",
}  # fmt: skip


def test_the_forty_three_sources_of_the_scheme_are_there_and_feed_what_it_draws_from_them() -> None:
    assert len(LAKE.data_sources) == 43
    check_sources(LAKE, "east-lake-28-demo", {name: source.collections for name, source in SOURCES.items()})
    for wanted in LAKE.data_sources:
        assert SOURCES[wanted.name].title_zh == f"{wanted.title_zh}（演示）"
        assert DEPARTMENTS[wanted.name.partition("-")[0]] == wanted.department
        assert SOURCES[wanted.name].synthetic


def test_other_sources_of_departments_feed_no_indicator() -> None:
    beside = {name for name in SOURCES if name.partition("-")[0] in DEPARTMENTS} - {s.name for s in LAKE.data_sources}
    assert {collection for name in beside for collection in SOURCES[name].collections} == {"main_products"}


def test_they_come_by_different_ways_as_in_life() -> None:
    kinds = [SOURCES[source.name].kind for source in LAKE.data_sources]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"sql": 18, "rest": 8, "files": 17}
