"""What the tests of entitlements have in common: acting as any reader, or as another person of its organisation."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.identity import demo
from store.engine import once
from store.policy_tables import entitlement
from tests.flows.conftest import Hub, Said
from tests.flows.policymaking import ENTERPRISE, OFFICER, done, key, opened, published
from tests.world import CHUJINGLING

SECOND = "officer-eastlake#second"
"""Another officer of the same zone."""
SHOWN = """entitlement { id version state allowedActions uscc number amount risk dueOn reason paymentReference paidOn
    policy { id } rules { number benefit { amount } conditions { code } } account { holder bank number }
    findings { code truth actual } approvals { organisation } history { version action state organisation } }"""
RUN = "entitlementRun { id number made already amount counts { fit count } }"
ACCOUNT = {"holder": "楚精灵", "bank": "演示银行", "number": "6222 0000 1111 2222"}
WHOLE, MASKED = "6222000011112222", "************2222"


def token(hub: Hub, name: str) -> dict[str, str]:
    """A reader's headers; `#` names another person of its organisation."""
    reader, _, person = name.partition("#")
    minted = demo.mint(hub.issuer, reader, sub=person) if person else demo.mint(hub.issuer, reader)
    return {"Authorization": f"Bearer {minted}"}


def act(hub: Hub, name: str, mutation: str, shown: str, given: str = "", /, **input: Any) -> Said:
    """Call a mutation as a reader; without a key, with a new one."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"""mutation($input: {kind}!, $key: String!) {{
        {mutation}(input: $input, idempotencyKey: $key) {{ {shown} userErrors {{ field message code }} }} }}"""
    asked = {"query": query, "variables": {"input": input, "key": given or key()}}
    headers = token(hub, name) if name != "anonymous" else {}
    return Said(httpx.post(f"{hub.url}/graphql", json=asked, headers=headers, timeout=60).json())


def matched(hub: Hub, policy: dict[str, Any], push: bool = True, uscc: str = CHUJINGLING) -> dict[str, Any]:
    """Return the entitlement that a policy brings an enterprise, as the officer sees it."""
    run = done(act(hub, OFFICER, "matchEntitlements", RUN, policy=policy["id"], usccs=[uscc], push=push))
    assert run["made"] == 1, run
    return newest(hub, OFFICER, uscc)


def newest(hub: Hub, name: str, uscc: str = CHUJINGLING) -> dict[str, Any]:
    fields = SHOWN.removeprefix("entitlement ")
    said = hub.ask(name, f'{{ enterprise(uscc: "{uscc}") {{ entitlements {fields} }} }}')
    assert said.codes() == {}, said.body
    found: dict[str, Any] = said.data["enterprise"]["entitlements"][0]
    return found


def confirm(hub: Hub, found: dict[str, Any], given: str = "", name: str = ENTERPRISE, **account: str) -> Said:
    said = {**ACCOUNT, **account}
    return act(hub, name, "confirmEntitlement", SHOWN, given, id=found["id"], version=found["version"], account=said)


def advance(hub: Hub, name: str, found: dict[str, Any], action: str, given: str = "", **more: Any) -> Said:
    if action == "FULFIL":
        more = {"paymentReference": "DEMO-1", "paidOn": date.today().isoformat(), **more}
    if action == "REJECT":
        more.setdefault("reason", "Not so")
    asked = {"id": found["id"], "version": found["version"], "action": action, **more}
    return act(hub, name, "advanceEntitlement", SHOWN, given, **asked)


def pool_of(hub: Hub, id: str, name: str = OFFICER) -> dict[str, Any]:
    fields = "id total reserved paid free usedPercent warning version history { action }"
    said = hub.ask(name, f'{{ zone(id: "east-lake") {{ budgetPools(first: 1000) {{ {fields} }} }} }}')
    return next(dict(one) for one in said.data["zone"]["budgetPools"] if one["id"] == id)


def fresh(hub: Hub, total: str = "1000000", **said: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a new pool and a published policy that is paid from it."""
    pool = opened(hub, total)
    return pool, published(hub, pool["id"], **said)


def passed(hub: Hub, id: str) -> None:
    """Let the time of an entitlement pass."""

    async def run(engine: AsyncEngine) -> None:
        local = id.partition(":")[2]
        async with engine.begin() as connection:
            late = update(entitlement).where(entitlement.c.id == local)
            await connection.execute(late.values(due_on=date.today() - timedelta(1)))

    asyncio.run(once(hub.store_url, run))
