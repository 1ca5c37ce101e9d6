"""The unified social credit code 统一社会信用代码, GB 32100-2015: eighteen characters, two of them checks."""

from __future__ import annotations

from operator import getitem

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_KNOWN = frozenset(_ALPHABET)
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHED = tuple(
    {character: value * pow(3, position, 31) for character, value in _VALUES.items()} for position in range(17)
)
"""What each character adds at each place, so that checking thousands of codes multiplies nothing."""

_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHED = tuple(
    {character: value * weight for value, character in enumerate(_ORGANISATION_ALPHABET)}
    for weight in (3, 7, 9, 10, 5, 8, 4, 2)
)

# Authorities with a published list of categories; the others (A, N, 2-4, 6-8) are in use without one.
_CATEGORIES = {"1": "1239", "5": "1239", "9": "1239", "Y": "1"}
_AUTHORITIES = "123456789ANY"


class MalformedUscc(ValueError):
    """A text that is no unified social credit code, with the reason in words."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text[:40]
        self.reason = reason
        super().__init__(f"{self.text!r} is not a unified social credit code (GB 32100-2015): {reason}")


def organisation_check(code: str) -> str:
    """Return the check character of an organisation code's first eight characters (GB 11714)."""
    return "0123456789X0"[11 - sum(map(getitem, _ORGANISATION_WEIGHED, code)) % 11]


def check_character(code: str) -> str:
    """Return the eighteenth character of a code's first seventeen (mod 31)."""
    return _ALPHABET[-sum(map(getitem, _WEIGHED, code)) % 31]


def normalise(text: str) -> str:
    """Return the canonical form: upper case, no spaces or hyphens; raise MalformedUscc for anything else."""
    code = text.strip().upper().replace(" ", "").replace("-", "")
    if reason := _fault(code):
        raise MalformedUscc(text, reason)
    return code


def organisation_code(uscc: str) -> str:
    """Return the organisation code inside a canonical code, written with its hyphen: ``74218321-3``."""
    return f"{uscc[8:16]}-{uscc[16]}"


def compose(authority_and_category: str, division: str, body: str) -> str:
    """Return the full code of eight organisation characters under a division, both checks computed."""
    seventeen = authority_and_category + division + body + organisation_check(body)
    return seventeen + check_character(seventeen)


def _fault(code: str) -> str | None:
    if len(code) != 18:
        return f"it has {len(code)} characters, not 18"
    if not _KNOWN.issuperset(code):
        strange = next(c for c in code if c not in _KNOWN)
        return f"the character {strange!r} never occurs in one"
    if code[0] not in _AUTHORITIES or code[1] not in _CATEGORIES.get(code[0], _ALPHABET):
        return f"no registering authority uses the prefix {code[:2]!r}"
    if not code[2:8].isdigit():
        return "characters 3 to 8, the division, must be digits"
    if organisation_check(code[8:16]) != code[16]:
        return "the check character of the organisation code (position 17) does not match"
    if check_character(code[:17]) != code[17]:
        return "the check character (position 18) does not match"
    return None
