"""How values look to readers who may not see all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal

from codes.access import Mask


def name(text: str) -> str:
    """Return a person's name with its first character only: 张*."""
    return text[:1] + "*" if text else text


def phone(text: str) -> str:
    """Return a telephone number with its first three and last four digits."""
    return f"{text[:3]}****{text[-4:]}" if len(text) > 7 else "*" * len(text)


def email(text: str) -> str:
    """Return an address of electronic mail with its first character and what stands behind the @."""
    local, at, host = text.rpartition("@")
    return f"{local[:1]}***{at}{host}" if local else "*" * len(text)


def identity_number(text: str) -> str:
    """Return a number of an identity card or certificate with its first three and last four characters."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) > 7 else "*" * len(text)


def account(text: str) -> str:
    """Return the number of a bank account with its last four digits."""
    return f"{'*' * (len(text) - 4)}{text[-4:]}" if len(text) > 7 else "*" * len(text)


TEXTS: Mapping[Mask, Callable[[str], str]] = {
    Mask.NAME: name,
    Mask.PHONE: phone,
    Mask.EMAIL: email,
    Mask.IDENTITY_NUMBER: identity_number,
    Mask.ACCOUNT: account,
}
"""Masks that leave a text; an amount cannot be masked without becoming another amount, so it is withheld."""

BOUNDS = tuple(Decimal(10_000 * number) for number in (0, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000))
"""Where bands of amounts begin, in CNY yuan: 100万, 500万 and so on. They are the hub's own choice, not a norm's."""


def band(amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Return the bounds that an amount lies between, the lower one included; None: there is no bound on that side."""
    place = bisect_right(BOUNDS, amount)
    return BOUNDS[place - 1] if place else None, BOUNDS[place] if place < len(BOUNDS) else None
