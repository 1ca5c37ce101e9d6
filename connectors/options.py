"""A connector's own options: checked when the hub starts, refused with place, cause and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.errors import SourcesMisconfigured


class Options(BaseModel):
    """Options of a source or of a collection; a key that a kind does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


OptionsModel = TypeVar("OptionsModel", bound=Options)


def checked(model: type[OptionsModel], given: Mapping[str, Any], where: str) -> OptionsModel:
    """Return the options as their model; raise SourcesMisconfigured for the first that is wrong."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        name = str(first["loc"][0]) if first["loc"] else ""
        known = list(model.model_fields)
        if first["type"] == "extra_forbidden":
            close = get_close_matches(name, known, n=1)
            remedy = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(sorted(known))}."
            raise SourcesMisconfigured(f"{where}.{place}", "unknown option", remedy) from error
        problem = "is missing" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ").lower()
        raise SourcesMisconfigured(f"{where}.{place}", problem, "See docs/sources.md, Kinds.") from error
