"""What officers say a policy is, checked: what cannot be used is named with its place, and what can be said instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches

from codes.policies import Benefit, Condition, Importance, PolicyContent, RiskRule
from codes.policy_facts import FACTS, UNITS, Fact, FactForm
from codes.problems import Problem
from resolvers.changing import invalid
from resolvers.fetching import local_id
from resolvers.scores.registry import Schemes
from schema.policy_inputs import (
    PolicyBenefitInput,
    PolicyConditionInput,
    PolicyContentInput,
)
from store.columns import MOST_YUAN

_LONGEST = 2000
_SHORT = 200
_MOST = 50
"""Conditions, and other members of a list."""
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_FEN = Decimal("0.01")
_YEARS = range(1990, 2100)

Place = tuple[str, ...]


def content_of(given: PolicyContentInput) -> PolicyContent:
    """Return what is kept of an input that was checked."""
    return PolicyContent(
        title=given.title.strip(),
        title_en=given.title_en,
        issuer=given.issuer.strip(),
        document_number=given.document_number,
        level=given.level,
        tool=given.tool.strip(),
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        summary=given.summary,
        benefit_text=given.benefit_text.strip(),
        benefit=_benefit_of(given.benefit),
        conditions=tuple(_condition_of(one) for one in given.conditions),
        pool=local_id("BudgetPool", given.pool),
        excludes=tuple(local_id("Policy", one) for one in given.excludes or ()),
        stacks=given.stacks,
        yearly_cap=yuan(given.yearly_cap),
        confirm_days=given.confirm_days,
        review_above=yuan(given.review_above),
        risks=tuple(RiskRule(level=one.level, condition=_condition_of(one.condition)) for one in given.risks or ()),
        synthetic=given.synthetic,
    )


def problems_of(given: PolicyContentInput, schemes: Schemes, place: Place) -> Iterator[Problem]:
    """Give what is wrong with what a policy is to say."""
    for name, longest, needed in (
        ("title", _SHORT, True), ("title_en", _SHORT, False), ("issuer", _SHORT, True), ("tool", _SHORT, True),
        ("document_number", _SHORT, False), ("benefit_text", _LONGEST, True), ("summary", _LONGEST, False),
    ):  # fmt: skip
        yield from _text(getattr(given, name), longest, needed, (*place, name))
    if given.valid_to is not None and given.valid_to < given.valid_from:
        yield invalid("It ends before it begins.", *place, "valid_to")
    yield from _benefit(given.benefit, (*place, "benefit"))
    for name in ("yearly_cap", "review_above"):
        yield from _amount(getattr(given, name), (*place, name))
    if not 1 <= given.confirm_days <= 366:
        yield invalid("Give 1 to 366 days.", *place, "confirm_days")
    yield from _conditions(given.conditions, schemes, (*place, "conditions"))
    for number, rule in enumerate(given.risks or ()):
        within = (*place, "risks", str(number))
        if rule.level not in (1, 2):
            yield invalid("A level is 1 or 2; cases of level 0 are those that no rule is about.", *within, "level")
        yield from _condition(rule.condition, schemes, (*within, "condition"))
    for name in ("excludes", "risks"):
        if len(getattr(given, name) or ()) > _MOST:
            yield invalid(f"Give {_MOST} at most.", *place, name)


def _conditions(given: Sequence[PolicyConditionInput], schemes: Schemes, place: Place) -> Iterator[Problem]:
    if not 1 <= len(given) <= _MOST:
        yield invalid(f"Give 1 to {_MOST} conditions.", *place)
    if given and not any(one.importance is Importance.REQUIRED for one in given):
        yield invalid("At least one condition has to be REQUIRED: the others decide nothing.", *place)
    codes = [one.code for one in given]
    for number, one in enumerate(given):
        yield from _condition(one, schemes, (*place, str(number)))
        if codes.index(one.code) < number:
            yield invalid(f"Another condition has the code {one.code[:60]!r}.", *place, str(number), "code")


def _condition(given: PolicyConditionInput, schemes: Schemes, place: Place) -> Iterator[Problem]:
    if not _CODE.fullmatch(given.code):
        yield invalid("A code has 1 to 60 small letters, digits and hyphens.", *place, "code")
    yield from _text(given.text, _LONGEST, True, (*place, "text"))
    yield from _text(given.text_en, _LONGEST, True, (*place, "text_en"))
    fact = FACTS.get(given.fact)
    if fact is None:
        yield invalid(_unknown("fact", given.fact, list(FACTS)), *place, "fact")
        return
    yield from _fitting(given, fact, place)
    yield from _words(given, fact, place)
    if fact.of_scheme:
        yield from _scheme(given, fact, schemes, place)
    if fact.form is FactForm.NUMBER:
        yield from _bounds(given, fact, place)


def _fitting(given: PolicyConditionInput, fact: Fact, place: Place) -> Iterator[Problem]:
    """Give what a condition says that its fact has not."""
    number, held = fact.form is FactForm.NUMBER, fact.form is FactForm.HELD
    for name, fits in (
        ("unit", number), ("at_least", number), ("at_most", number), ("one_of", not number), ("none_of", held),
        ("scheme", fact.of_scheme), ("year", fact.of_year), ("valid_on", fact.dated),
    ):  # fmt: skip
        if getattr(given, name) is not None and not fits:
            yield invalid(f"It does not go with the fact {fact.name!r}.", *place, name)
    if number and given.at_least is None and given.at_most is None:
        yield invalid("Give a bound, `atLeast` or `atMost`.", *place, "at_least")
    if not number and bool(given.one_of) is bool(held and given.none_of):
        yield invalid("Give either `oneOf` or, of what may be held, `noneOf`.", *place, "one_of")
    if given.year is not None and given.year not in _YEARS:
        yield invalid("Give a year of four digits.", *place, "year")


def _words(given: PolicyConditionInput, fact: Fact, place: Place) -> Iterator[Problem]:
    known = [member.value for member in fact.members] if fact.members else None
    for name in ("one_of", "none_of"):
        words = getattr(given, name) or ()
        if len(words) > _MOST:
            yield invalid(f"Give {_MOST} at most.", *place, name)
        for number, word in enumerate(words):
            if known is not None and word not in known:
                yield invalid(_unknown(fact.name, word, known), *place, name, str(number))
            elif not 0 < len(word) <= 60 or not word.isprintable():
                yield invalid("Give 1 to 60 printable characters.", *place, name, str(number))


def _scheme(given: PolicyConditionInput, fact: Fact, schemes: Schemes, place: Place) -> Iterator[Problem]:
    named = given.scheme or ""
    code, _, version = named.partition("@")
    known = [f"{one.id}@{one.version}" for one in schemes.all()]
    found = schemes.find(code, version) if version else None
    if found is None:
        yield invalid(_unknown("scheme with its version", named, known), *place, "scheme")
    elif fact.name == "stage":
        stages = [stage.names.id for stage in found.stages.stages] if found.stages else []
        for number, word in enumerate(given.one_of or ()):
            if word not in stages:
                yield invalid(_unknown(f"stage of {named}", word, stages), *place, "one_of", str(number))


def _bounds(given: PolicyConditionInput, fact: Fact, place: Place) -> Iterator[Problem]:
    units = UNITS[fact.unit or ""]
    if given.unit is None:
        yield invalid(f"Say in which unit: {', '.join(units)}.", *place, "unit")
    elif given.unit not in units:
        yield invalid(_unknown(f"unit of {fact.name}", given.unit, list(units)), *place, "unit")
    for name in ("at_least", "at_most"):
        bound = getattr(given, name)
        if bound is not None and (not bound.is_finite() or abs(bound) > MOST_YUAN):
            yield invalid("Give a number that can be.", *place, name)
    low, high = given.at_least, given.at_most
    if low is not None and high is not None and low.is_finite() and high.is_finite() and low > high:
        yield invalid("No number lies between these bounds.", *place, "at_most")


def _benefit(given: PolicyBenefitInput, place: Place) -> Iterator[Problem]:
    ratio = (given.percent, given.of, given.cap)
    if (given.amount is None) is (ratio == (None, None, None)):
        yield invalid("Give either `amount`, or `percent`, `of` and `cap`.", *place)
    elif given.amount is None:
        for name in ("percent", "of", "cap"):
            if getattr(given, name) is None:
                yield invalid("A ratio has `percent`, `of` and `cap`.", *place, name)
    if given.percent is not None and not (given.percent.is_finite() and 0 < given.percent <= 100):
        yield invalid("Give more than 0 and at most 100 per cent.", *place, "percent")
    amounts = [name for name, fact in FACTS.items() if fact.unit == "CNY"]
    if given.of is not None and given.of not in amounts:
        yield invalid(_unknown("amount that is filed", given.of, amounts), *place, "of")
    if given.year is not None and (given.of is None or given.year not in _YEARS):
        yield invalid("It goes with `of`, and has four digits.", *place, "year")
    for name in ("amount", "cap"):
        yield from _amount(getattr(given, name), (*place, name))


def _amount(given: Decimal | None, place: Place) -> Iterator[Problem]:
    if given is not None and not is_amount(given):
        yield invalid(f"Give more than 0 and less than {MOST_YUAN:,f} yuan, in whole fen.", *place)


def is_amount(given: Decimal) -> bool:
    """Say whether an amount of money is one that can be paid."""
    return given.is_finite() and 0 < given < MOST_YUAN and given == given.quantize(_FEN)


def yuan(given: Decimal | None) -> Decimal | None:
    """Return an amount with its two decimals."""
    return None if given is None else given.quantize(_FEN)


def _text(given: str | None, longest: int, needed: bool, place: Place) -> Iterator[Problem]:
    if given is None and not needed:
        return
    if given is None or not 0 < len(given.strip()) <= longest or "\0" in given:
        yield invalid(f"Give 1 to {longest:,} characters.", *place)


def _unknown(what: str, given: str, known: Sequence[str]) -> str:
    close = get_close_matches(given, known, n=1)
    meant = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(known) or 'none'}."
    return f"There is no {what} {given[:60]!r}. {meant}"


def _benefit_of(given: PolicyBenefitInput) -> Benefit:
    amount, cap = yuan(given.amount), yuan(given.cap)
    return Benefit(amount=amount, percent=given.percent, of=given.of, year=given.year, cap=cap)


def _condition_of(given: PolicyConditionInput) -> Condition:
    fact = FACTS[given.fact]
    factor = UNITS[fact.unit][given.unit] if fact.unit and given.unit else Decimal(1)
    scaled: Callable[[Decimal | None], Decimal | None] = lambda bound: None if bound is None else bound * factor  # noqa: E731
    return Condition(
        code=given.code,
        importance=given.importance,
        text=given.text.strip(),
        text_en=given.text_en.strip(),
        fact=given.fact,
        scheme=given.scheme,
        one_of=tuple(given.one_of or ()),
        none_of=tuple(given.none_of or ()),
        at_least=scaled(given.at_least),
        at_most=scaled(given.at_most),
        year=given.year,
        valid_on=given.valid_on,
    )
