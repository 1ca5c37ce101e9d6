"""The source systems: looked at and linked in, and tried for real."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from codes.access import DataGroup
from commands.linking import guide, reporting, seeing_files, seeing_graphql, seeing_rest, seeing_sql, writing
from commands.linking.answering import Answers
from commands.linking.seen import NotSeen, Seen
from commands.linking.trying import Tried, subject_of, tried
from connectors.assurance import unknown_zones
from connectors.config import SourcesConfig, load, parse, secrets
from connectors.contract import Health
from connectors.errors import SourcesMisconfigured
from connectors.http import HttpOptions, HttpSource
from connectors.options import checked
from connectors.sources import Sources
from connectors.testing import problems
from demonstration import world
from opening import open_sources
from resolvers import hub_source, plugins
from resolvers.declared import graph_of
from resolvers.graph import GRAPH
from settings import Settings, read
from store.directory import Directory, Filter, Order, Window
from store.engine import open_store

_console = Console(stderr=True)
application = typer.Typer()
Kind = Literal["sql", "rest", "partner", "files"]


@application.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to try; all, if none is named.")] = None,
    keys: Annotated[str, typer.Option(help="Keys to try with, by comma, where a source cannot be scanned.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Ask sources for a sample: reachability, keys, types, units, batches, coverage; end with 1 if one fails.

    Of the sources that are named every field is told, otherwise those that fail.
    """
    with world() as (settings, environment):
        ok = asyncio.run(_check(settings, environment, names or [], _split(keys), json=json))
    if not ok:
        raise SystemExit(1)


@application.command()
def new(
    name: Annotated[str, typer.Argument(help="The source's id; of one that is there already, another collection.")],
    kind: Annotated[Kind, typer.Option(help="What it is: sql, rest, partner (GraphQL) or files.")],
    at: Annotated[str, typer.Option(help="Its address, or path of its file; env:NAME for one that holds a secret.")],
    table: Annotated[str | None, typer.Option(help="sql: the only table or view to look at.")] = None,
    sample: Annotated[str | None, typer.Option(help="rest: path of an answer with known keys, /loans?ids=A,B.")] = None,
    openapi: Annotated[Path | None, typer.Option(help="rest: its OpenAPI document, JSON.")] = None,
    auth: Annotated[str, typer.Option(help='rest, partner: { kind = "bearer", token = "env:T" }, as TOML.')] = "",
    answers: Annotated[Path | None, typer.Option(help="TOML file that answers the guide's questions.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="One answer: question=answer.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nobody: what is not answered is as proposed.")] = False,
    file: Annotated[Path | None, typer.Option(help="The sources.toml to write into; that of the hub.")] = None,
    keys: Annotated[str, typer.Option(help="Keys that have records, by comma, to try it with.")] = "",
    try_: Annotated[bool, typer.Option("--try/--no-try", help="Try it when it is written.")] = True,
) -> None:
    """Look at a system, propose how it becomes a source, and write that into sources.toml."""
    try:
        path = file or read().sources_file
        if path is None:
            raise NotSeen("There is no sources.toml to write into. Set HUB_SOURCES, or give --file.")
        given = _toml(answers.read_text(encoding="utf-8"), str(answers)) if answers else {}
        given |= dict(one.partition("=")[::2] for one in set_ or ())
        guided = Answers(given, _console, asks=not yes and answers is None)
        config = load(path, plugins.catalogue()) if path.exists() else SourcesConfig(path, {}, {}, plugins.catalogue())
        seen = asyncio.run(_seen(path, kind, at, table, sample, openapi, auth))
        found = guide.entry(name, seen, guided, config, [group.value for group in DataGroup])
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        after = writing.added(
            text, name, found.source, found.collection, found.feeds, found.declaration, found.precedence
        )
        written = parse(after, path, plugins.catalogue())
        graph_of(written, GRAPH)
        writing.replace(path, after)
        _console.print(f"{path}: {name} feeds {found.collection}.", markup=False, soft_wrap=True)
        given_keys = _split(keys) or found.sample
        certain = bool(keys) or found.certain
        if try_ and not asyncio.run(_try_one(written, name, found.collection, given_keys, certain)):
            mend = f"Mend its entry in {path}, then: python manage.py sources check {name}"
            _console.print(mend, markup=False, soft_wrap=True)
            raise SystemExit(1)
        for line in reporting.questions(found):
            _console.print(line, markup=False, highlight=False, soft_wrap=True)
    except (NotSeen, SourcesMisconfigured) as error:
        raise SystemExit(str(error)) from error
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}. Check the path.") from error


@application.command()
def conform(
    name: Annotated[str, typer.Argument(help="A source of sources.toml.")],
    keys: Annotated[str, typer.Option(help="Keys to try with, by comma, where it cannot be scanned.")] = "",
) -> None:
    """Run the conformance suite on a source, over what it gives by itself; end with 1 if it breaks a promise."""
    with world() as (settings, environment):
        found = asyncio.run(_conform(settings, environment, name, _split(keys)))
    for collection, told in found.items():
        _console.print(f"{name}.{collection}: {'keeps every promise' if not told else f'{len(told)} problems'}")
        for problem in told:
            _console.print(f"  {problem}", style="red", markup=False, soft_wrap=True)
    if any(found.values()):
        raise SystemExit(1)


def _split(keys: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.split(",") if key.strip())


async def _conform(
    settings: Settings, environment: Mapping[str, str], name: str, keys: Sequence[str]
) -> dict[str, list[str]]:
    assert settings.sources is not None, "demo mode fills it in, production mode refuses to start without"
    config = load(settings.sources, plugins.catalogue())
    if name not in config.sources:
        raise SystemExit(f"There is no source {name!r}; there are {', '.join(sorted(config.sources))}.")
    only = replace(config, sources={name: config.sources[name]}, precedence={})
    found: dict[str, list[str]] = {}
    for collection in config.sources[name].collections:
        opened = Sources(only, environment=environment)  # a subject is closed in the end
        subject = await subject_of(opened.sources[name], collection, keys)
        found[collection] = await problems(subject) if subject else ["not tried: no records; give some --keys"]
        await opened.aclose()
    return found


async def _seen(
    path: Path, kind: Kind, at: str, table: str | None, sample: str | None, openapi: Path | None, auth: str
) -> Seen:
    address = secrets(path)(at)
    if kind == "sql":
        if at == address and seeing_sql.holds_password(address):
            raise NotSeen("The address holds a password. Put it into an environment variable, and give --at env:NAME.")
        return await seeing_sql.see(address, at, table)
    if kind == "files":
        return seeing_files.see(Path(address), path.parent)
    credentials = _toml(f"auth = {auth}", "--auth") if auth else {}
    if kind == "rest" and openapi is not None:
        try:
            found = seeing_rest.by_document(orjson.loads(openapi.read_bytes()), at)  # noqa: ASYNC240  # one small file
        except (OSError, orjson.JSONDecodeError) as error:
            raise NotSeen(f"{openapi}: is no JSON that can be read. Convert it, if it is YAML.") from error
        return replace(found, options={**found.options, **credentials})
    http = HttpSource("new", checked(HttpOptions, {"url": at, **credentials}, "--auth"), secrets(path), "--at")
    try:
        if kind == "partner":
            found = await seeing_graphql.see(http, at)
        elif sample is not None:
            found = await seeing_rest.by_sample(http, at, address, sample)
        else:
            raise NotSeen("A REST service is looked at by an answer or its description. Give --sample or --openapi.")
    finally:
        await http.aclose()
    return replace(found, options={**found.options, **credentials})


def _toml(text: str, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotSeen(f"{what}: cannot be read as TOML ({error}).") from error


async def _try_one(config: SourcesConfig, name: str, collection: str, keys: Sequence[str], certain: bool) -> bool:
    opened = Sources(replace(config, sources={name: config.sources[name]}, precedence={}))
    try:
        known = keys or await _known_codes(read())
        told = await tried(opened.sources[name], collection, known, certain=certain)
    finally:
        await opened.aclose()
    reporting.collections(_console, [told], fields=True)
    return told.ok


async def _check(
    settings: Settings, environment: Mapping[str, str], names: Sequence[str], keys: Sequence[str], *, json: bool
) -> bool:
    opened = open_sources(settings, environment)
    try:
        if unknown := [name for name in names if name not in opened.sources]:
            raise SystemExit(f"There is no source {unknown[0]!r}; there are {', '.join(sorted(opened.sources))}.")
        # `store check` is for the hub's own store
        chosen = list(names) or [name for name in opened.sources if name != hub_source.NAME]
        states = await asyncio.gather(*(opened.sources[name].connector.check() for name in chosen))
        health: dict[str, tuple[str, Health]] = {
            name: (opened.sources[name].config.kind, state) for name, state in zip(chosen, states, strict=True)
        }
        strange = [] if names else await unknown_zones(opened)
        known = keys or await _known_codes(settings)
        found: list[Tried] = []
        for name, (_, state) in health.items():
            feeds = opened.sources[name].feeds
            if state.ok:  # what a source gives to known readers only, it does not give to a command
                found += [
                    await tried(opened.sources[name], one, known) for one in feeds if not feeds[one].intake.personal
                ]
    finally:
        await opened.aclose()
    if json:
        print(reporting.as_json(health, found))
    else:
        reporting.reachable(Console(), health)
        shown = found if names else [one for one in found if not one.ok or one.notes]
        reporting.collections(Console(), shown, fields=bool(names))
    if strange:
        zones = ", ".join(strange)
        _console.print(f"Precedence is told by zones that nobody knows: {zones}. Mend `zones` in {settings.sources}.")
    return not strange and all(state.ok for _, state in health.values()) and all(one.ok for one in found)


async def _known_codes(settings: Settings) -> tuple[str, ...]:
    """Return some credit codes of the directory; none if it has not been filled."""
    engine = open_store(settings.store)
    try:
        page = await Directory(engine).page(None, Filter(), Order(), Window(first=50))
    except (SQLAlchemyError, OSError):
        return ()
    finally:
        await engine.dispose()
    return page.codes
