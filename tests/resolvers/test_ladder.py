"""The cultivation ladder: where enterprises stand, their next rung, and who came to another in a month."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from codes.kinds import QualificationKind
from codes.ladder import RUNG_OF, RUNGS, LadderRung, Membership, place, rung_on
from resolvers import ladder
from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker

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
    step = ladder._position(residence, (), TODAY).next
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
