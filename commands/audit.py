"""The operator's commands of the audit: verify it, export it, take out what is past its time, check a receipt."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, TextIO, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from auth.audit.record import Kind, Malformed, Outcome, Record, now, parsed
from auth.audit.signing import AuditMisconfigured, BadSignature
from commands.receipts import BadReceipt, check_receipt
from commands.verifying import findings
from opening import open_audit
from resolvers.auditing import Auditor
from settings import Settings, read
from store.engine import trouble
from store.growth import NotWritten, Row
from store.upgrade import StoreBehind, check

_MOST_SHOWN = 100
_FIRST = -(2**62)

T = TypeVar("T")

_console = Console(stderr=True)
application = typer.Typer()


@application.command()
def verify(
    head: Annotated[Path | None, typer.Option(help="File with a signed head that was kept elsewhere.")] = None,
) -> None:
    """Hold every record against its hash, and the hashes against signed heads; end with 1 if something is wrong."""
    try:
        elsewhere = head.read_text(encoding="utf-8").strip() if head else None
    except (OSError, UnicodeError) as error:
        raise SystemExit(f"{head}: cannot be read ({type(error).__name__}).") from error
    if not _run(lambda auditor, _settings: _verify(auditor, elsewhere)):
        raise SystemExit(1)


@application.command("head")
def print_head() -> None:
    """Print the newest signed head, to be kept where nobody who can reach the store can change it."""

    async def newest(auditor: Auditor, _settings: Settings) -> str | None:
        tree = await auditor.ledger.tree()
        return auditor.signed_head(tree) if tree.size else None

    found = _run(newest)
    if found is None:
        raise SystemExit("There is no record yet, and so no head.")
    print(found)


@application.command("key")
def print_key() -> None:
    """Print the public key, with which anybody can check heads and receipts, as PEM."""

    async def public(auditor: Auditor, _settings: Settings) -> str:
        return auditor.keys.public().decode()

    print(_run(public), end="")


@application.command()
def export(
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in UTC.")] = None,
    to: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, in UTC, included.")] = None,
) -> None:
    """Print records as JSON Lines, each line as its leaf hashes it."""
    first = from_.date() if from_ else date.min
    last = to.date() if to else date.max

    async def printed(auditor: Auditor, _settings: Settings) -> None:
        async for row, record in _records(auditor):
            if first <= record.at.astimezone(UTC).date() <= last:
                sys.stdout.write(f"{row.record}\n")

    _run(printed)


@application.command()
def expire(
    into: Annotated[Path, typer.Option("--export", help="New file that takes the records, as JSON Lines.")],
) -> None:
    """Take out records older than HUB_AUDIT_RETENTION_DAYS, once they are in a file; their hashes stay.

    A record of its own says so: without it, `verify` calls them deleted.
    """
    try:
        with into.open("x", encoding="utf-8") as file:
            try:
                count = _run(lambda auditor, settings: _expire(auditor, settings, file))
            finally:
                if not os.fstat(file.fileno()).st_size:
                    into.unlink()
    except FileExistsError:
        raise SystemExit(f"{into}: is there already. Name a new file.") from None
    except OSError as error:
        raise SystemExit(f"{into}: cannot be written ({type(error).__name__}).") from error
    _console.print(f"{count:,} records were taken out and are in {into}." if count else "No record is so old.")


@application.command()
def receipt(
    file: Annotated[Path, typer.Argument(help="File with a receipt, or with the whole answer that has it.")],
) -> None:
    """Check a receipt: its signature, that its record is in the audit unchanged, and the answer if the file has it."""

    async def checked(auditor: Auditor, _settings: Settings) -> list[str]:
        return await check_receipt(auditor, file.read_text(encoding="utf-8"))

    try:
        for line in _run(checked):
            _console.print(line, markup=False)
    except (OSError, UnicodeError) as error:
        raise SystemExit(f"{file}: cannot be read ({type(error).__name__}).") from error
    except BadReceipt as bad:
        raise SystemExit(f"The receipt does not hold: {bad}") from bad


async def _verify(auditor: Auditor, elsewhere: str | None) -> bool:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    count = 0
    with Progress(*columns, console=_console) as progress:
        task = progress.add_task("Verifying the audit", total=None)

        def passed(places: int, of: int) -> None:
            progress.update(task, completed=places, total=of)

        async for finding in findings(auditor, elsewhere, passed):
            count += 1
            if count <= _MOST_SHOWN:
                progress.console.print(finding, markup=False, soft_wrap=True)
    if count > _MOST_SHOWN:
        _console.print(f"… and {count - _MOST_SHOWN:,} more.")
    tree = await auditor.ledger.tree()
    found = "1 finding." if count == 1 else f"{count:,} findings."
    _console.print(found if count else f"The audit is whole: {tree.size:,} records.")
    return count == 0


async def _expire(auditor: Auditor, settings: Settings, file: TextIO) -> int:
    end = datetime.now(UTC) - timedelta(days=settings.audit_retention_days)
    before = count = 0
    async for row, record in _records(auditor):
        if record.at > end:
            break
        file.write(f"{row.record}\n")
        before, count = row.place + 1, count + 1
    file.flush()
    os.fsync(file.fileno())
    if count:
        await auditor.expire(before, Record(now(), Kind.EXPIRY, Outcome.GIVEN, count=count, until=before))
    return count


async def _records(auditor: Auditor) -> AsyncIterator[tuple[Row, Record]]:
    """Give the records that have their texts, in order; end the process at one that was spoilt."""
    begin = _FIRST
    while rows := await auditor.ledger.rows(begin):
        for row in rows:
            if row.record is not None:
                try:
                    yield row, parsed(row.record)[1]
                except Malformed as error:
                    raise SystemExit(f"place {row.place}: this is no record. Run: manage.py audit verify") from error
        begin = rows[-1].place + 1


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Auditor]:
    auditor = open_audit(settings)
    try:
        await check(auditor.ledger.engine)
        yield auditor
    finally:
        await auditor.aclose()
        await auditor.ledger.engine.dispose()


def _run(action: Callable[[Auditor, Settings], Awaitable[T]]) -> T:
    """Do something with the audit of the settings; end the process with a line for what is in the way."""
    settings = read()

    async def whole() -> T:
        async with _opened(settings) as auditor:
            return await action(auditor, settings)

    try:
        return asyncio.run(whole())
    except (AuditMisconfigured, StoreBehind) as error:
        raise SystemExit(str(error)) from error
    except BadSignature as bad:
        raise SystemExit(f"The newest head of the audit: {bad}. Run manage.py audit verify.") from bad
    except SQLAlchemyError as error:
        raise SystemExit(trouble(error)) from error
    except NotWritten as error:
        raise SystemExit(f"HUB_STORE_URL: the store cannot be written ({error}).") from error
