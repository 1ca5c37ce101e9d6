"""Markdown to HTML: tables, headings with anchors, code in colours by classes, links to files become links to pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

Link = Callable[[str], str]
"""Gives where a page finds what its Markdown names."""

_FORMATTER = HtmlFormatter(nowrap=True)
_OUTSIDE = re.compile(r"^[a-z]+:|^#|^/")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's title, its body, and its headings of the second level with their anchors."""

    title: str
    body: str
    headings: tuple[tuple[str, str], ...]


def _coloured(code: str, language: str, _attributes: str) -> str:
    try:
        coloured: str = highlight(code, get_lexer_by_name(language), _FORMATTER)
    except ClassNotFound:
        return escape(code)
    return coloured


def _slug(title: str) -> str:
    return re.sub(r"[^\w\u4e00-\u9fff-]", "", title.lower().replace(" ", "-"))


def render(text: str, link: Link) -> Rendered:
    """Return a page of Markdown; raw HTML in it is shown as text."""
    engine = MarkdownIt("commonmark", {"html": False, "highlight": _coloured}).enable("table")
    engine.use(anchors_plugin, max_level=3, slug_func=_slug)
    tokens = engine.parse(text)
    for token in tokens:
        for child in token.children or ():
            for attribute in ("href", "src"):
                target = child.attrGet(attribute)
                if isinstance(target, str) and not _OUTSIDE.match(target):
                    child.attrSet(attribute, link(target))
        if token.type == "table_open":
            token.attrSet("tabindex", "0")
    titles = [title for level, title, _ in _headings(tokens) if level == "h1"]
    sections = tuple((title, anchor) for level, title, anchor in _headings(tokens) if level == "h2")
    body = engine.renderer.render(tokens, engine.options, {})
    return Rendered(titles[0] if titles else "innograph", body, sections)


def _headings(tokens: list[Token]) -> list[tuple[str, str, str]]:
    pairs = pairwise(tokens)
    return [
        (opened.tag, re.sub(r"[`*]", "", inline.content), str(opened.attrGet("id") or ""))
        for opened, inline in pairs
        if opened.type == "heading_open"
    ]
