"""Technology managers: narrowed in the directory, suggested for an enterprise with the reasons, or withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codes.fields import field_of
from tests.world import CHUJINGLING, Asker

SUGGESTED = """{ enterprise(uscc: "CODE") { name technologyManagers(first: FIRST) {
    manager { id grade region specialities } reasons { kind ofManager ofEnterprise } } } }"""


async def suggested(ask: Asker, code: str, first: int = 5) -> Any:
    reply = await ask(SUGGESTED.replace("CODE", code).replace("FIRST", str(first)))
    assert reply.errors == []
    return reply.data["enterprise"]


async def all_managers(ask: Asker, filter: str = "") -> list[Any]:
    shown = "nodes { id services specialities languages grade region institutionKind }"
    reply = await ask(f"{{ technologyManagers(first: 200{filter}) {{ {shown} }} }}")
    found: list[Any] = reply.data["technologyManagers"]["nodes"]
    return found


async def test_the_directory_is_narrowed_by_each_filter(ask: Asker) -> None:
    everybody = await all_managers(ask)
    assert len(everybody) == 138
    narrowed: dict[str, Callable[[Any], bool]] = {
        'service: "评价"': lambda m: "评价" in m["services"],
        'speciality: "集成"': lambda m: "集成电路" in m["specialities"],
        'language: "english"': lambda m: "English" in m["languages"],
        'region: "武汉"': lambda m: "武汉" in m["region"],
        "grade: [SENIOR]": lambda m: m["grade"] == "SENIOR",
        "institutionKind: [OVERSEAS]": lambda m: m["institutionKind"] == "OVERSEAS",
    }
    for filter, holds in narrowed.items():
        found = await all_managers(ask, f", filter: {{ {filter} }}")
        assert found == [m for m in everybody if holds(m)], filter
        assert 0 < len(found) < 138


async def test_whoever_has_withdrawn_is_in_no_list_and_found_by_no_identity(ask: Asker) -> None:
    assert "TechnologyManager:tm-139" not in {manager["id"] for manager in await all_managers(ask)}
    reply = await ask('{ nodes(ids: ["TechnologyManager:tm-138", "TechnologyManager:tm-139"]) { id } }')
    assert reply.data == {"nodes": [{"id": "TechnologyManager:tm-138"}, None]}
    assert reply.absences() == {"nodes.1": "NOT_SHARED"}


async def test_managers_are_suggested_for_words_of_the_name(ask: Asker) -> None:
    found = await suggested(ask, CHUJINGLING, 50)
    assert "医疗" in found["name"]
    assert found["technologyManagers"]
    for one in found["technologyManagers"]:
        assert one["reasons"] == [{"kind": "FIELD", "ofManager": "医疗器械", "ofEnterprise": "医疗"}]
        assert "医疗器械" in one["manager"]["specialities"]
    grades = [one["manager"]["grade"] for one in found["technologyManagers"]]
    assert grades == sorted(grades, key=["SENIOR", "MIDDLE", "JUNIOR"].index)


async def test_managers_are_suggested_by_industry_and_those_with_most_reasons_come_first(ask: Asker) -> None:
    page = await ask("{ enterprises(first: 200) { nodes { uscc industry { code division } } } }")
    coded = [node for node in page.data["enterprises"]["nodes"] if node["industry"] and node["industry"]["code"]]
    kinds: set[str] = set()
    for node in coded[:12]:
        found = await suggested(ask, node["uscc"], 200)
        reasons = [one["reasons"] for one in found["technologyManagers"]]
        assert [len(one) for one in reasons] == sorted((len(one) for one in reasons), reverse=True)
        for one in found["technologyManagers"]:
            kinds |= {reason["kind"] for reason in one["reasons"]}
            for reason in one["reasons"]:
                if reason["kind"] == "REGION":
                    assert reason["ofEnterprise"] in one["manager"]["region"]
                    continue
                assert reason["ofManager"] in one["manager"]["specialities"]
                if reason["kind"] == "INDUSTRY":
                    assert node["industry"]["code"] in reason["ofEnterprise"]
                    assert node["industry"]["code"].strip("CIM")[:2] in field_of(reason["ofManager"]).divisions
            assert {reason["kind"] for reason in one["reasons"]} != {"REGION"}
    assert kinds == {"INDUSTRY", "FIELD", "REGION"}


async def test_what_is_not_known_as_of_a_day_is_said(ask: Asker) -> None:
    reply = await ask(f"""{{ enterprise(uscc: "{CHUJINGLING}", asOf: "2022-12-31") {{
        technologyManagers {{ manager {{ id }} }} }} }}""")
    assert reply.data["enterprise"]["technologyManagers"] is None
    assert reply.absences()["enterprise.technologyManagers"] == "NO_HISTORY"


def test_a_speciality_outside_the_list_is_pointed_to_by_its_own_name() -> None:
    assert field_of(" 海洋工程 ") == (frozenset(), ("海洋工程",))
