"""What a worker needs to know beside its partition: the scheme file's text, and the moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from scoring.errors import SchemeMisconfigured
from scoring.inputs import Moment
from scoring.loading import SHIPPED, load, parse
from scoring.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Task:
    """A scheme applied at a moment; small, and the same wherever it is sent.

    The text travels, not what was made of it: each worker parses it once, and its digest is that of the file.
    """

    text: str
    path: str
    moment: Moment

    @classmethod
    def of(cls, path: Path, moment: Moment) -> Task:
        """Read a scheme file; raise SchemeMisconfigured if it is wrong."""
        load(path)
        return cls(path.read_text(encoding="utf-8"), str(path), moment)

    @property
    def scheme(self) -> Scheme:
        """The scheme that the text says."""
        return _parsed(self.text, self.path)


def scheme_file(named: str, *folders: Path) -> Path:
    """Return the file of a scheme, given as a path, as `id`, or as `id:version`; look in the folders and the shipped.

    Raises SchemeMisconfigured if there is none, or if several versions share the identifier that was given alone.
    """
    if named.endswith(".toml"):
        return Path(named)
    id_, _, version = named.partition(":")
    found = {
        scheme.version: path
        for path in sorted(path for folder in (SHIPPED, *folders) for path in folder.glob("*.toml"))
        if (scheme := load(path)).id == id_ and version in ("", scheme.version)
    }
    if len(found) == 1:
        return found.popitem()[1]
    problem = f"has several versions: {', '.join(sorted(found))}" if found else "is not known"
    raise SchemeMisconfigured(named, problem, "Give its file, or `id:version` as the file says them.")


@lru_cache(maxsize=4)
def _parsed(text: str, path: str) -> Scheme:
    return parse(text, path)
