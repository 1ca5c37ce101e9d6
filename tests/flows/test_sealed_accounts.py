"""Bank accounts in the store: sealed in rows and history, sealed anew by another key, and masked when they are read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import once
from store.policy_tables import entitlement
from store.sealing import Sealer, make_key, reseal
from store.tables import change_history
from tests.flows.conftest import Hub
from tests.flows.entitling import ACCOUNT, MASKED, WHOLE, confirm, fresh, matched, newest
from tests.flows.policymaking import ENTERPRISE, OFFICER, done
from tests.world import CHUJINGLING


def kept(hub: Hub, id: str) -> tuple[dict[str, str], str]:
    """The account in a row of the store, and all of its history as it is written there."""
    local = id.partition(":")[2]

    async def read(engine: AsyncEngine) -> tuple[dict[str, str], str]:
        async with engine.connect() as connection:
            row = await connection.execute(select(entitlement.c.account).where(entitlement.c.id == local))
            bodies = await connection.execute(select(change_history.c.body).where(change_history.c.id == local))
            return row.scalar_one(), "\n".join(bodies.scalars())

    return asyncio.run(once(hub.store_url, read))


def test_an_account_is_sealed_in_the_store_and_sealed_anew_by_another_key(acting: Hub) -> None:
    _, policy = fresh(acting)
    found = done(confirm(acting, matched(acting, policy)))
    assert found["account"] == {"holder": ACCOUNT["holder"], "bank": ACCOUNT["bank"], "number": MASKED}
    row, history = kept(acting, found["id"])
    for text in (WHOLE, WHOLE[-8:], ACCOUNT["holder"], ACCOUNT["bank"]):
        assert text not in repr(row)
        assert text not in history

    old, new = (acting.issuer.parent / "sealing" / "key").read_bytes(), Fernet.generate_key()
    assert asyncio.run(once(acting.store_url, lambda engine: reseal(engine, Sealer([new, old])))) >= 2
    after, _ = kept(acting, found["id"])
    assert {name: Sealer([new]).opened(text) for name, text in after.items()} == {**ACCOUNT, "number": WHOLE}
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ entitlements {{ account {{ number }} }} }} }}'
    said = acting.ask(ENTERPRISE, query)
    assert said.data["enterprise"]["entitlements"][0]["account"] is None, "a hub that has only the old key"
    assert said.absences()["enterprise.entitlements.0.account"] == "UNREADABLE"

    plain = {**ACCOUNT, "number": WHOLE}
    local = found["id"].partition(":")[2]

    async def as_before(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            of_before: Any = update(entitlement).where(entitlement.c.id == local).values(account=plain)
            await connection.execute(of_before)

    asyncio.run(once(acting.store_url, as_before))
    assert newest(acting, OFFICER)["account"]["number"] == WHOLE, "of before there was a seal"
    asyncio.run(once(acting.store_url, lambda engine: reseal(engine, Sealer([old, new]))))
    assert WHOLE not in repr(kept(acting, found["id"])[0])
    assert newest(acting, OFFICER)["account"] == plain
    assert newest(acting, ENTERPRISE)["account"]["number"] == MASKED


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    make_key(tmp_path / "keys" / "one")
    first = (tmp_path / "keys" / "one").read_bytes()
    make_key(tmp_path / "keys" / "one")
    assert (tmp_path / "keys" / "one").read_bytes() == first
    assert (tmp_path / "keys" / "one").stat().st_mode & 0o077 == 0
