"""What the store keeps sealed: the accounts to which enterprises want to be paid, in rows and in their history."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.entitlements import Account
from store.engine import writing
from store.policy_tables import entitlement
from store.tables import change_history

_SEALED = "sealed:"
_AT_ONCE = 500
_NOUN = "Entitlement"


class SealingMisconfigured(Exception):
    """The keys cannot be used; the message says which and why."""


class SealBroken(Exception):
    """What was sealed cannot be opened by any of the keys."""


class Sealer:
    """Seals and opens texts: Fernet (AES-128-CBC with HMAC-SHA-256), by the first key; any of the keys opens."""

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        """Take the keys, the newest first; raise ValueError for what is none."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def sealed(self, text: str) -> str:
        """Return a text sealed."""
        return _SEALED + self._fernet.encrypt(text.encode()).decode()

    def opened(self, text: str) -> str:
        """Return what was sealed; a text from before there was a seal as it is. Raise SealBroken."""
        if not text.startswith(_SEALED):
            return text
        try:
            return self._fernet.decrypt(text.removeprefix(_SEALED)).decode()
        except InvalidToken as error:
            raise SealBroken("It was sealed by a key that is not among HUB_SEALING_KEYS any more.") from error

    def seal(self, account: Account) -> Account:
        """Return an account with all that it says sealed."""
        return Account(*(self.sealed(text) for text in msgspec.structs.astuple(account)))

    def open(self, account: Account) -> Account:
        """Return an account as it was named; raise SealBroken."""
        return Account(*(self.opened(text) for text in msgspec.structs.astuple(account)))

    def renewed(self, account: Account) -> Account:
        """Return an account sealed by the first key; raise SealBroken."""
        return self.seal(self.open(account))


def make_key(path: Path) -> None:
    """Write a new key into a file that only its owner reads, unless it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
    except FileExistsError:
        return


def sealer_of(paths: Sequence[Path]) -> Sealer:
    """Return what seals by the keys in these files; raise SealingMisconfigured."""
    keys = []
    for path in paths:
        try:
            key = path.read_bytes().strip()
            Fernet(key)
        except (OSError, ValueError) as error:
            raise SealingMisconfigured(
                f"HUB_SEALING_KEYS: {path} has no key ({type(error).__name__}). "
                "Make one by: python manage.py store sealing-key PATH"
            ) from error
        keys.append(key)
    return Sealer(keys)


async def reseal(engine: AsyncEngine, sealer: Sealer) -> int:
    """Seal every account anew by the first key, in rows and history; return how many. May be run while the hub runs."""
    return await _rows(engine, sealer) + await _history(engine, sealer)


async def _rows(engine: AsyncEngine, sealer: Sealer) -> int:
    c, last, count = entitlement.c, "", 0
    while True:
        wanted = select(c.id, c.account).where(c.account.is_not(None), c.id > last).order_by(c.id).limit(_AT_ONCE)
        async with writing(engine) as connection:
            rows = (await connection.execute(wanted.with_for_update())).all()
            for row in rows:
                account = sealer.renewed(msgspec.convert(row.account, Account))
                await connection.execute(update(entitlement).where(c.id == row.id).values(account=account))
        if not rows:
            return count
        last, count = rows[-1].id, count + len(rows)


async def _history(engine: AsyncEngine, sealer: Sealer) -> int:
    c, last, count = change_history.c, ("", 0), 0
    while True:
        async with writing(engine) as connection:
            rows = await _versions(connection, last)
            for id, version, body in rows:
                said = msgspec.json.decode(body)
                if said.get("account") is None:
                    continue
                said["account"] = sealer.renewed(msgspec.convert(said["account"], Account))
                same = (c.noun == _NOUN) & (c.id == id) & (c.version == version)
                await connection.execute(
                    update(change_history).where(same).values(body=msgspec.json.encode(said).decode())
                )
                count += 1
        if not rows:
            return count
        last = rows[-1][0], rows[-1][1]


async def _versions(connection: AsyncConnection, after: tuple[str, int]) -> list[tuple[str, int, str]]:
    c = change_history.c
    later = (c.id > after[0]) | ((c.id == after[0]) & (c.version > after[1]))
    wanted = select(c.id, c.version, c.body).where(c.noun == _NOUN, later).order_by(c.id, c.version).limit(_AT_ONCE)
    return [(row.id, row.version, row.body) for row in await connection.execute(wanted)]
