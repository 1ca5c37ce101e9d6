"""The documentation of this hub: docs/, and a reference of the schema, settings and kinds of sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from connectors import config, http, http_auth, partner, rest, rest_paging, sql
from web.documentation import reference
from web.documentation.site import Site

_SDL = Path(__file__).parent.parent.parent / "schema" / "schema.graphql"


def documentation(settings: type[BaseModel]) -> Site:
    """Return the site; its reference is of the committed schema, without what a hub declares by itself."""
    return Site(
        lambda: {
            **reference.of_schema(_SDL.read_text(encoding="utf-8")),
            **reference.of_settings(settings),
            **reference.of_kinds(dict(_options())),
        }
    )


def _options() -> Iterator[tuple[str, type[BaseModel]]]:
    """Give the models that check entries of sources.toml, by kind and name."""
    for module in (config, sql, rest, rest_paging, partner, http, http_auth):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__:
                yield f"{module.__name__.rpartition('.')[2]}: {model.__name__}", model
