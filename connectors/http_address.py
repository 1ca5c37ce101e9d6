"""Addresses of a source behind HTTP: its base, what is asked there, and the next page that it names itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode, urljoin, urlsplit

from yarl import URL

from connectors.errors import SourceError, SourcesMisconfigured
from connectors.recent import Recent

_LEGAL = "%/?:@!$&'()*+,;=~"
"""What an address may hold unescaped behind its host, besides letters, digits, `_`, `.` and `-`."""
_NEXT = re.compile(r"""<([^<>]*)>\s*;[^<]*?\brel\s*=\s*"?(?:[^",;=]*\s)?next(?=[\s",;]|$)""", re.IGNORECASE)

_UNRESERVED = re.compile(r"[A-Za-z0-9_.~,-]*").fullmatch

Params = Mapping[str, object] | Sequence[tuple[str, object]] | None


class Addresses:
    """The addresses of one source."""

    def __init__(self, source: str, url: str, where: str) -> None:
        """Refuse what is no http or https address; take a name and a password out of it."""
        base = _parsed(url)
        if base is None or base.scheme not in ("http", "https") or not base.host:
            raise SourcesMisconfigured(
                f"{where}.url", "is no http or https address", "Give the address of the service."
            )
        self._source = source
        self._known: Recent[str, str] = Recent(512)
        """Paths as they stand in addresses."""
        self._origin = str(base.origin())
        self._host = _host(base)
        self.host = self._origin.partition("://")[2]
        """As the header Host names it."""
        self.reach = (base.raw_host or "", base.port or 80)
        """Host and port to connect to."""
        self._base = base.raw_path_qs
        self._path = self._base.rstrip("/")
        self.encrypted = base.scheme == "https"
        self.login = (base.user, base.password or "") if base.user else None

    def of(self, path: str, params: Params) -> str:
        """Return what is asked for: a path below the base, or of a whole address on its host, with its query."""
        local = self._local(path)
        if params:
            local += ("&" if "?" in local else "?") + _query(params)
        return local or "/"

    def _local(self, path: str) -> str:
        found = self._known.get(path)
        if found is None:
            whole = path.startswith(("http://", "https://"))
            local = self._within(path) if whole else self._path + path if path else self._base
            found = self._known[path] = quote(local, safe=_LEGAL)
        return found

    def following(self, links: Sequence[str], asked: str) -> str | None:
        """Return the whole address of the next page, as it stands in the Link headers of an answer."""
        if not (found := _NEXT.search(", ".join(links))):
            return None
        try:
            target: str = urljoin(self._origin + asked, found[1].strip())
        except ValueError as error:
            raise SourceError(self._source, "gives an address for its next page that is none") from error
        return target

    def _within(self, address: str) -> str:
        """Return what stands behind the host; the scheme is the base's, so that no credentials go out in the clear."""
        there = _parsed(address)
        if there is None or _host(there) != self._host:
            raise SourceError(self._source, "points to another host for its next page")
        parts = urlsplit(address)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _query(params: Params) -> str:
    given = list(params.items() if isinstance(params, Mapping) else params or ())
    if all(isinstance(value, str) and _UNRESERVED(value) and _UNRESERVED(name) for name, value in given):
        return "&".join([f"{name}={value}" for name, value in given])  # a tenth of what `urlencode` takes
    return urlencode(given, safe=",")


def _parsed(address: str) -> URL | None:
    try:
        return URL(address)
    except ValueError:
        return None


def _host(address: URL) -> tuple[str | None, int | None]:
    return address.host, None if address.is_default_port() else address.port
