"""How values look to readers who may not see all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codes.access import Mask


def name(text: str) -> str:
    """Return a person's name with its first character only: 张*."""
    return text[:1] + "*" if text else text


def phone(text: str) -> str:
    """Return a telephone number with its first three and last four digits."""
    return f"{text[:3]}****{text[-4:]}" if len(text) > 7 else "*" * len(text)


def identity_number(text: str) -> str:
    """Return a number of an identity card or certificate with its first three and last four characters."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) > 7 else "*" * len(text)


TEXTS: Mapping[Mask, Callable[[str], str]] = {
    Mask.NAME: name,
    Mask.PHONE: phone,
    Mask.IDENTITY_NUMBER: identity_number,
}
"""Masks that leave a text; an amount cannot be masked without becoming another amount, so it is withheld."""
