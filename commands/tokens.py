"""`manage.py token`: the demo world's readers, shown to its hub."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from auth.identity import config, demo
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
    if settings.identity is not None and not _names_the_demo(settings.identity):
        raise SystemExit(f"{settings.identity}: does not name the demo's issuer; get a token from one that it names.")
    if not settings.demo_issuer.exists():
        print(f"{settings.demo_issuer} is new: only hubs with the same HUB_DATA_DIR believe this.", file=sys.stderr)
    demo.make_issuer(settings.demo_issuer)
    print(demo.mint(settings.demo_issuer, name, seconds=minutes * 60))


def _names_the_demo(identity: Path) -> bool:
    try:
        return any(issuer.issuer == demo.ISSUER for issuer in config.load(identity).issuers.values())
    except config.IdentityMisconfigured as error:
        raise SystemExit(str(error)) from error
