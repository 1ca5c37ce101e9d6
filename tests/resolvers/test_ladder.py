"""The cultivation ladder: where enterprises stand, their next rung, and who came to another in a month."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from auth.principal import Principal
from codes.kinds import QualificationKind
from codes.ladder import RUNG_OF, RUNGS, LadderRung, Membership, place, rung_on
from connectors.config import SourcesConfig
from resolvers import ladder
from resolvers.enterprise_key import EnterpriseKey
from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker, World, asking

TODAY = date(2023, 6, 30)
POSITIONS = """{ enterprises(first: 400, filter: { zone: ["nanchang-high-tech"] }) { nodes { uscc
    qualifications { kind validFrom validTo withdrawnOn }
    ladder { rung memberships { rung first last } next { rung missing scheme } } } } }"""
MONTH = """query($month: String) { zone(id: "nanchang-high-tech") { ladder(month: $month) { month members crossingsTotal
    counts { rung holders highest } crossings { uscc on before after upwards } } } }"""


def held(node: Any) -> list[Membership]:
    """Return what an enterprise holds, by its qualifications as the graph tells them."""
    found: list[Membership] = []
    for one in node["qualifications"] or ():
        if one["kind"] is None or QualificationKind(one["kind"]) not in RUNG_OF or one["validFrom"] is None:
            continue
        first = date.fromisoformat(one["validFrom"])
        last = date.fromisoformat(one["validTo"]) if one["validTo"] else None
        if one["withdrawnOn"]:
            last = min(last or date.max, date.fromisoformat(one["withdrawnOn"]) - timedelta(1))
        if last is None or first <= last:
            found.append(Membership(RUNG_OF[QualificationKind(one["kind"])], first, last))
    return found


def value(rung: LadderRung | None) -> str | None:
    return rung.value if rung else None


async def test_an_enterprise_stands_where_its_qualifications_put_it(ask: Asker) -> None:
    nodes = (await ask(POSITIONS)).data["enterprises"]["nodes"]
    seen: set[str | None] = set()
    for node in nodes:
        position = node["ladder"]
        if node["qualifications"] is None:
            assert position is None
            continue
        rung = rung_on(held(node), TODAY)
        seen.add(value(rung))
        assert position["rung"] == value(rung)
        assert [one["first"] for one in position["memberships"]] == sorted(m.first.isoformat() for m in held(node))
        above = place(rung) + 1
        assert value(RUNGS[above] if above < len(RUNGS) else None) == (position["next"] or {"rung": None})["rung"]
    assert len(seen) > 2


async def test_the_plan_names_what_is_missing_and_no_conditions_that_nobody_has_published(ask: Asker) -> None:
    nodes = (await ask(POSITIONS)).data["enterprises"]["nodes"]
    steps = [node["ladder"]["next"] for node in nodes if node["ladder"] and node["ladder"]["next"]]
    plans = {step["rung"]: step for step in steps}
    assert len(plans) > 1
    for plan in plans.values():
        terms = [kind.term for kind, rung in RUNG_OF.items() if rung.value == plan["rung"]]
        assert (plan["missing"], plan["scheme"]) == (terms, None)


def test_who_stands_below_the_ladder_is_told_the_scheme_that_leads_to_its_first_rung() -> None:
    residence = SimpleNamespace(zone_id="nanchang-high-tech")
    step = ladder._position(EnterpriseKey.of(CHUJINGLING), residence, (), TODAY).next
    assert (step.rung, step.missing, step.scheme) == (LadderRung.TECHNOLOGY_SME, ["科技型中小企业"], "technology-sme")


async def test_a_zone_that_publishes_no_ladder_has_none(ask: Asker) -> None:
    text = '{ enterprise(uscc: "CODE") { ladder { rung } } zone(id: "ZONE") { ladder { month } } }'
    reply = await ask(text.replace("CODE", CHUJINGLING).replace("ZONE", "east-lake"))
    assert reply.data == {"enterprise": {"ladder": None}, "zone": {"ladder": None}}
    assert reply.absences() == {"enterprise.ladder": "NOT_DELIVERED", "zone.ladder": "NOT_DELIVERED"}
    own = await ask(text.replace("CODE", ZHONGJIALI).replace("ZONE", "nanchang-high-tech"))
    assert own.data["zone"]["ladder"] == {"month": "2023-06"}


async def test_a_month_tells_who_came_to_another_rung(ask: Asker) -> None:
    nodes = (await ask(POSITIONS)).data["enterprises"]["nodes"]
    by_code = {node["uscc"]: held(node) for node in nodes}
    days = {m.first for memberships in by_code.values() for m in memberships} | {TODAY}
    total = 0
    for month in sorted({f"{day:%Y-%m}" for day in days if day <= TODAY}):
        ladder = (await ask(MONTH, {"month": month})).data["zone"]["ladder"]
        first = date.fromisoformat(f"{month}-01")
        last = min((first + timedelta(31)).replace(day=1) - timedelta(1), TODAY)
        expected = [
            {"uscc": code, "on": day.isoformat(), "before": value(before), "after": value(after),
             "upwards": place(after) > place(before)}
            for day in (first + timedelta(number) for number in range((last - first).days + 1))
            for code, memberships in sorted(by_code.items())
            if (before := rung_on(memberships, day - timedelta(1))) is not (after := rung_on(memberships, day))
        ]  # fmt: skip
        assert ladder["crossings"] == expected
        assert ladder["crossingsTotal"] == len(expected)
        assert ladder["members"] == sum(rung_on(memberships, last) is not None for memberships in by_code.values())
        assert sum(one["highest"] for one in ladder["counts"]) == ladder["members"]
        assert all(one["holders"] >= one["highest"] for one in ladder["counts"])
        total += len(expected)
    assert total > 0


async def test_a_month_that_cannot_be_is_refused_in_words(ask: Asker) -> None:
    for month, words in (("2023-13", "is no month"), ("June", "is no month"), ("2023-07", "has not begun")):
        reply = await ask(MONTH, {"month": month})
        assert reply.data == {"zone": {"ladder": None}}
        assert words in reply.errors[0]["message"]


PLAN = """{ enterprise(uscc: "CODE") { ladder { next { rung scheme requirements {
    what truth reason document synthetic } } } } }"""


async def test_what_the_next_rung_asks_for_is_held_to_what_is_known(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    nodes = (await ask(POSITIONS)).data["enterprises"]["nodes"]
    below = [node["uscc"] for node in nodes if node["ladder"] and node["ladder"]["rung"] is None][:5]
    on_it = next(node["uscc"] for node in nodes if node["ladder"] and node["ladder"]["rung"] == "TECHNOLOGY_SME")
    truths = {"YES": "SATISFIED", "NO": "UNMET", "UNKNOWN": "UNKNOWN"}
    for code in below:
        step = (await ask(PLAN.replace("CODE", code))).data["enterprise"]["ladder"]["next"]
        assert (step["rung"], step["scheme"]) == ("TECHNOLOGY_SME", "technology-sme")
        granted, evaluated = step["requirements"]
        assert (granted["what"], granted["truth"], granted["document"]) == ("科技型中小企业", "UNMET", None)
        text = f'{{ enterprise(uscc: "{code}") {{ score(scheme: "technology-sme", live: true) {{ passed }} }} }}'
        passed = (await ask(text)).data["enterprise"]["score"]["passed"]
        assert (evaluated["truth"], evaluated["document"]) == (truths[passed], "《科技型中小企业评价办法》")
        assert (evaluated["reason"] is None) is (passed != "UNKNOWN")
        assert evaluated["synthetic"] is False
        guarded = ask.guarded()
        for name, reason in (("anonymous", "FORBIDDEN"), ("bank-icbc", "PURPOSE_REQUIRED")):
            shown = await guarded(PLAN.replace("CODE", code), principal=readers[name])
            (first, second) = shown.data["enterprise"]["ladder"]["next"]["requirements"]
            assert first == granted, "it is public what an enterprise holds"
            assert (second["truth"], second["reason"]) == ("UNKNOWN", reason)
        officer = await guarded(PLAN.replace("CODE", code), principal=readers["officer-nanchang"])
        assert officer.data["enterprise"]["ladder"]["next"] == step
    above = (await ask(PLAN.replace("CODE", on_it))).data["enterprise"]["ladder"]["next"]["requirements"]
    assert [(one["what"], one["truth"]) for one in above] == [("高新技术企业", "UNMET")]


MOVED = """query($since: Date!) { zone(id: "nanchang-high-tech") { movedOut(since: $since) { since looked unknown
    departures { uscc districtBefore districtAfter addressBefore addressAfter status } } } }"""


async def test_who_has_moved_out_is_told_by_the_registrys_history(ask: Asker, world: World, tmp_path: Path) -> None:
    nodes = (await ask(POSITIONS)).data["enterprises"]["nodes"]
    moved, gone, new = sorted(node["uscc"] for node in nodes)[:3]
    registry = tmp_path / "registry.sqlite"
    shutil.copy(world.environment["DEMO_REGISTRY_URL"].partition("///")[2], registry)
    with closing(sqlite3.connect(registry)) as tables, tables:
        for code, changes in (
            (moved, {"dist_code": "'330303'", "dom": "'演示新址'"}),
            (gone, {"dist_code": "'360106'", "reg_status": "'迁出'"}),
            (new, {"dist_code": "'330303'"}),
        ):
            tables.execute("DELETE FROM entity_history WHERE upper(uscc) = ? AND valid_to < '2023-01-01'", (code,))
            begun = "2023-03-01" if code == new else "1900-01-01"
            known = "UPDATE entity_history SET valid_from = ?, dist_code = '360106' WHERE upper(uscc) = ?"
            tables.execute(known, (begun, code))
            written = ", ".join(f"{name} = {value}" for name, value in changes.items())
            tables.execute(f"UPDATE entity SET {written} WHERE upper(uscc) = ?", (code,))
    url = world.environment["DEMO_REGISTRY_URL"].partition("///")[0] + f"///{registry}"
    changed = replace(world, environment={**world.environment, "DEMO_REGISTRY_URL": url})
    async with asking(changed) as other:
        found = (await other(MOVED, {"since": "2023-01-31"})).data["zone"]["movedOut"]
        assert found["looked"] == len(nodes)
        assert found["unknown"] >= 1, "who was founded since"
        by_code = {one["uscc"]: one for one in found["departures"]}
        assert set(by_code) == {moved, gone}
        assert (by_code[moved]["districtAfter"], by_code[moved]["addressAfter"]) == ("330303", "演示新址")
        assert by_code[moved]["districtBefore"] == "360106"
        assert by_code[gone]["status"] == "MOVED_OUT"
        future = await other(MOVED, {"since": "2023-06-30"})
        assert future.codes() == {"zone.movedOut": "BAD_USER_INPUT"}


async def test_without_a_history_nobody_is_told_to_have_stayed(world: World) -> None:
    def forgetful(found: SourcesConfig) -> SourcesConfig:
        entities = found.sources["scjg-entities"]
        registration = entities.collections["registration"]
        options = {name: value for name, value in registration.options.items() if name != "history"}
        without = {**entities.collections, "registration": replace(registration, options=options)}
        return replace(found, sources={**found.sources, "scjg-entities": replace(entities, collections=without)})

    async with asking(world, forgetful) as ask:
        reply = await ask(MOVED, {"since": "2023-01-31"})
        assert reply.data == {"zone": {"movedOut": None}}
        assert reply.absences() == {"zone.movedOut": "NO_HISTORY"}
