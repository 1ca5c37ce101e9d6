"""The site: which pages there are, how one looks, and how it is served at /docs or written into a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from web.documentation.markdown import Rendered, render
from web.pages import HEADERS, PACKED

ROOT = Path(__file__).parent.parent.parent
_ASSETS = Path(__file__).parent / "assets"
_PICTURES = (".svg", ".png", ".webp")
_BESIDE = {
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
    "demo": "demo/README.md",
    "access-rules": "auth/access.toml",
}
"""Pages whose files are not in docs/."""

_PARTS: Mapping[str, tuple[str, ...]] = {
    "Begin": ("index", "first-ten-minutes"),
    "Tutorials": tuple(f"tutorials/{name}" for name in ("portal", "bank", "officer", "partner", "operator",
                                                       "contributor")),
    "教程": tuple(f"tutorials/zh/{name}" for name in ("portal", "bank", "officer")),
    "Asking": ("answers", "access", "live", "flows", "federation", "linking"),
    "Subjects": ("finance", "matching", "policies", "scoring", "editions"),
    "Running": ("sources", "collections", "settings", "access-rules", "steadiness", "seeing", "demo"),
    "Reference": tuple(f"reference/{name}" for name in ("operations", "types", "inputs", "enumerations", "settings",
                                                        "connectors")),
    "Inside": ("engine", "contributing", "changelog"),
}  # fmt: skip


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return text if path.suffix == ".md" else f"# {path.name}\n\n```{path.suffix[1:]}\n{text}\n```\n"


@dataclass(frozen=True)
class Site:
    """All pages: those of files, and those that `reference` writes as Markdown when they are first wanted."""

    reference: Callable[[], Mapping[str, str]]
    _rendered: dict[str, Rendered] = field(default_factory=dict)

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Names of pages and their files."""
        docs = ROOT / "docs"
        found = {str(path.relative_to(docs).with_suffix("")): path for path in sorted(docs.rglob("*.md"))}
        return {**found, **{name: ROOT / path for name, path in _BESIDE.items()}}

    @cached_property
    def written(self) -> Mapping[str, str]:
        """Names of pages without a file and their Markdown."""
        return self.reference()

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """Names of pages by part, in order; what no part names stands in the last ones."""
        known = {name for names in _PARTS.values() for name in names}
        decisions = tuple(name for name in self.files if name.startswith("decisions/"))
        more = tuple(name for name in self.files if name not in known and name not in decisions)
        parts = {part: tuple(name for name in names if self.has(name)) for part, names in _PARTS.items()}
        return {**parts, **({"More": more} if more else {}), "Decisions": decisions}

    def has(self, name: str) -> bool:
        """Say whether there is such a page."""
        return name in self.files or name in self.written

    def rendered(self, name: str) -> Rendered:
        """Return a page's title, body and headings."""
        if name not in self._rendered:
            text = self.written[name] if name in self.written else _text(self.files[name])
            self._rendered[name] = render(text, lambda target: self._link(name, target))
        return self._rendered[name]

    def _link(self, name: str, target: str) -> str:
        """Return where a page finds what its Markdown names by the place of its file."""
        path, _, anchor = target.partition("#")
        here = self.files.get(name, ROOT / "docs" / f"{name}.md").relative_to(ROOT).parent
        file = normpath(str(PurePosixPath(here) / path))
        page = next((page for page, at in self.files.items() if str(at.relative_to(ROOT)) == file), None)
        if page is None and file.startswith("docs/"):
            written = file.removeprefix("docs/").removesuffix(".md")
            page = written if written in self.written else "decisions" if file == "docs/decisions" else None
        to = f"{page}.html" if page else file.removeprefix("docs/")
        return relpath(to, str(PurePosixPath(name).parent)) + (f"#{anchor}" if anchor else "")

    def page(self, name: str) -> str:
        """Return a page as HTML; every link in it is relative, so that the site may lie anywhere."""
        found = self.rendered(name)
        up = "../" * name.count("/")
        links = (f'<li><a href="#{escape(anchor)}">{escape(title)}</a></li>' for title, anchor in found.headings)
        sections = "".join(links)
        aside = f'<nav class="sections" aria-label="On this page"><ul>{sections}</ul></nav>' if sections else ""
        language = "zh-CN" if "/zh/" in name else "en"
        return _PAGE.format(
            language=language,
            title=escape(found.title),
            up=up,
            contents=self._contents(name, up),
            body=found.body,
            aside=aside,
        )

    def _contents(self, here: str, up: str) -> str:
        parts = []
        for part, names in self.parts.items():
            links = "".join(
                f'<li><a href="{up}{name}.html"{" aria-current=page" if name == here else ""}>'
                f"{escape(self.rendered(name).title)}</a></li>"
                for name in names
            )
            opened = " open" if part not in ("Decisions", "More") or here in names else ""
            parts.append(f"<details{opened}><summary>{part}</summary><ul>{links}</ul></details>")
        return "".join(parts)

    @cached_property
    def index(self) -> str:
        """What the search looks through, as JSON: address, title, section, text."""
        entries = []
        for name in (name for names in self.parts.values() for name in names):
            found = self.rendered(name)
            for piece in re.split(r"(?=<h2)", found.body):
                section = re.search(r'<h2 id="([^"]*)"[^>]*>(.*?)</h2>', piece)
                text = " ".join(re.sub(r"<[^>]+>", " ", piece).split())
                address = f"{name}.html" + (f"#{section[1]}" if section else "")
                entries.append(
                    [address, found.title, re.sub(r"<[^>]+>", "", section[2]) if section else "", text[:600]]
                )
        return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))

    def pictures(self) -> Mapping[str, Path]:
        """Return the files that pages show, by address."""
        docs = ROOT / "docs"
        return {str(path.relative_to(docs)): path for path in docs.rglob("*") if path.suffix in _PICTURES}

    def build(self, folder: Path) -> int:
        """Write the whole site into a folder; return how many pages it has."""
        names = [name for names in self.parts.values() for name in names]
        for name in names:
            path = folder / f"{name}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.page(name), encoding="utf-8")
        (folder / "search.json").write_text(self.index, encoding="utf-8")
        for name, path in {**self.pictures(), **{path.name: path for path in _ASSETS.iterdir()}}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(path.read_bytes())
        return len(names)

    def routes(self) -> list[Route]:
        """Return the routes at which it is served, each page made when it is first asked for."""
        return [
            Route("/docs", self._begin),
            Route("/docs/{path:path}", self._serve, methods=["GET"], middleware=[PACKED]),
        ]

    async def _begin(self, _request: Request) -> Response:
        return RedirectResponse("/docs/index.html", 307, headers=HEADERS)

    async def _serve(self, request: Request) -> Response:
        path = request.path_params["path"] or "index.html"
        name = path.removesuffix(".html")
        if path == "search.json":
            return Response(await run_in_threadpool(lambda: self.index), media_type="application/json", headers=HEADERS)
        if path.endswith(".html") and self.has(name):
            return Response(await run_in_threadpool(self.page, name), media_type="text/html", headers=HEADERS)
        asset = _ASSETS / path
        picture = asset if asset.parent == _ASSETS and asset.is_file() else self.pictures().get(path)
        if picture is None:
            return Response("There is no such page.", 404, headers=HEADERS, media_type="text/plain")
        return FileResponse(picture, headers=HEADERS)


_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · innograph</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}style.css">
<script src="{up}search.js" data-root="{up}" defer></script>
<a class="skip" href="#page">Skip to the page</a>
<header><a class="mark" href="{up}index.html">innograph <span>documentation 文档</span></a>
<form role="search" id="search"><label for="sought">Search 搜索</label>
<input id="sought" type="search" autocomplete="off">
<ul id="found" aria-live="polite"></ul></form></header>
<div class="frame"><nav class="contents" aria-label="Contents">{contents}</nav>
<main id="page">{body}</main>{aside}</div>
</html>
"""
