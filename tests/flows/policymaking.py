"""What the tests of policies have in common: a policy's content, and its way to publication."""

from __future__ import annotations

import uuid
from typing import Any

from tests.flows.conftest import Hub, Said

ENTERPRISE, OTHER = "enterprise-chujingling", "enterprise-zhongjiali"
OFFICER, NANCHANG = "officer-eastlake", "officer-nanchang"
CONTENT = """{ title benefit { amount percent of cap } conditions { code fact unit scheme oneOf noneOf atLeast atMost }
    pool excludes reviewAbove risks { level condition { code } } }"""
POLICY = f"""zonePolicy {{ id version state number allowedActions zoneId author publishedAt withdrawnOn
    draft {CONTENT} published {CONTENT}
    policy {{ id title number withdrawnOn rules {{ number conditions {{ code }} }} }}
    history {{ version action state organisation subject }} }}"""
POOL = """budgetPool { id version zoneId name total reserved paid free usedPercent warning
    history { version action } }"""


def key() -> str:
    return uuid.uuid4().hex


def condition(code: str, fact: str, **said: Any) -> dict[str, Any]:
    return {"code": code, "text": f"条件 {code}", "textEn": f"Condition {code}", "fact": fact, **said}


def lawful(**said: Any) -> dict[str, Any]:
    """A condition that nearly every enterprise meets."""
    return condition("lawful", "riskFlag", **{"noneOf": ["SERIOUS_VIOLATION"], **said})


def content(pool: str, **said: Any) -> dict[str, Any]:
    return {
        "title": "演示政策：免申即享研发奖励",
        "titleEn": "Demonstration: reward for research without application",
        "issuer": "演示园区管委会",
        "level": "DISTRICT",
        "tool": "奖励",
        "validFrom": "2023-01-01",
        "benefitText": "演示：一次性奖励",
        "benefit": {"amount": "100000"},
        "conditions": [lawful()],
        "pool": pool,
        "synthetic": True,
        **said,
    }


def done(said: Said) -> dict[str, Any]:
    """Return the thing that came of a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert payload["userErrors"] == [], payload["userErrors"]
    (found,) = (value for name, value in payload.items() if name != "userErrors")
    assert found is not None
    return dict(found)


def wrongs(said: Said) -> list[dict[str, Any]]:
    """Return what was wrong with a mutation, of which nothing came."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    (found,) = (value for name, value in payload.items() if name != "userErrors")
    assert found is None
    errors: list[dict[str, Any]] = payload["userErrors"]
    return errors


def wrong(said: Said) -> dict[str, Any]:
    """Return the one thing that was wrong with a mutation."""
    (error,) = wrongs(said)
    return error


def opened(hub: Hub, total: str = "1000000", name: str = OFFICER, zone: str = "Zone:east-lake") -> dict[str, Any]:
    return done(hub.act(name, "openBudgetPool", POOL, key(), zone=zone, name="演示资金池", total=total))


def drafted(hub: Hub, pool: str, **said: Any) -> dict[str, Any]:
    return done(hub.act(OFFICER, "draftPolicy", POLICY, key(), zone="Zone:east-lake", content=content(pool, **said)))


def advanced(hub: Hub, name: str, mutation: str, policy: dict[str, Any]) -> Said:
    query = f"""mutation($input: AdvancePolicyInput!, $key: String!) {{
        {mutation}(input: $input, idempotencyKey: $key) {{ {POLICY} userErrors {{ field message code }} }} }}"""
    return hub.ask(name, query, input={"id": policy["id"], "version": policy["version"]}, key=key())


def published(hub: Hub, pool: str, **said: Any) -> dict[str, Any]:
    return done(advanced(hub, OFFICER, "publishPolicy", drafted(hub, pool, **said)))
