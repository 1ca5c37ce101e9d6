"""`manage.py token`: the demo world's readers, shown to its hub."""

from __future__ import annotations

from typing import Annotated

import typer

from auth.identity import demo
from settings import read


def token(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(demo.NAMES)}.")],
    minutes: Annotated[int, typer.Option(help="For how long it is valid.")] = 480,
) -> None:
    """Print an access token of one of the demo world's readers, alone on the last line."""
    settings = read()
    if settings.mode == "production":
        raise SystemExit("The demo's issuer is not believed in production; get a token from your own issuer.")
    if name not in demo.NAMES:
        raise SystemExit(f"There is no demo reader {name!r}; take one of {', '.join(demo.NAMES)}.")
    demo.make_issuer(settings.demo_issuer)
    print(demo.mint(settings.demo_issuer, name, seconds=minutes * 60))
