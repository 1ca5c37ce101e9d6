"""Guards broken by hand, one way each: what a test of access must notice if it is worth anything. For tests only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from auth import masks
from auth.rules import Verdict
from connectors.mapping import unpublished
from resolvers import guarding
from resolvers.access import Access
from resolvers.consent_book import Allowed, ConsentBook, Covering
from resolvers.execution.prepared import Binding
from store.consents import Consent
from tests.consenting import NORTH
from tests.world import Asker

Breaking = Callable[[pytest.MonkeyPatch, Asker], None]


def _as_it_is(answer: Any, *_: Any, **__: Any) -> Any:
    return answer


def _unmasked(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding, "masked", _as_it_is)


def _not_judged(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding, "judged", _as_it_is)


def _weak_masks(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding, "TEXTS", dict.fromkeys(masks.TEXTS, _as_it_is))


class _Everybody(frozenset[str]):
    """Has whatever is looked for."""

    def __contains__(self, _key: object) -> bool:
        return True

    def isdisjoint(self, _keys: Any) -> bool:
        return False

    def issuperset(self, _keys: Any) -> bool:
        return True


def _all_own(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(Access, "_owned", lambda *_: _Everybody())


def _nothing_own(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(Access, "_owned", lambda *_: frozenset())


def _denied_is_given(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding, "GIVEN", tuple(Verdict))


def _not_split(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding._Guard, "_split", lambda _self, answer: answer)


def _not_checked(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding._Guard, "_checked", lambda _self, answer: answer)


def _entries_open(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding, "entered", _as_it_is)


def _always_decided(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    patch.setattr(guarding._Guard, "_decided", property(lambda _self: True, lambda *_: None), raising=False)


def _anybodys_consent(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    before = ConsentBook.allowed
    patch.setattr(ConsentBook, "allowed", lambda self, _grantee: before(self, NORTH))


def _nothing_remembered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Allowed, "covering", lambda self, *scope: Covering(self.by_code, scope))


def _any_purpose(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    _nothing_remembered(patch)
    patch.setattr(Consent, "covers", lambda self, group, _purpose, _day: group in self.agreement.groups)


def _any_group(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    _nothing_remembered(patch)
    patch.setattr(Consent, "covers", lambda self, _group, purpose, _day: purpose in self.agreement.purposes)


def _plans_of_others(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    before, first = Binding.answers, []

    def answers(self: Binding, rights: Any) -> Any:
        if rights is not None:
            first.append(rights)
        return before(self, first[0] if rights is not None else None)

    patch.setattr(Binding, "answers", answers)


def _all_published(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    def published(part: Any, flagged: frozenset[str], *_: Any) -> Any:
        return replace(part, needs=tuple(unpublished(name) if name in flagged else name for name in part.needs))

    patch.setattr(guarding, "published", published)


def _unconditional(patch: pytest.MonkeyPatch, ask: Asker) -> None:
    patch.setattr(ask.hub.sources, "shared", replace(ask.hub.sources.shared, conditional=frozenset()))


def _every_zone(patch: pytest.MonkeyPatch, _ask: Asker) -> None:
    before = Access.learn

    async def learn(self: Access, directory: Any, book: Any, day: Any, codes: Any) -> None:
        await before(self, directory, book, day, codes)
        self._own |= self._known

    patch.setattr(Access, "learn", learn)


WAYS: Mapping[str, Breaking] = {
    "nothing is masked that is masked for all": _unmasked,
    "records are not judged one by one": _not_judged,
    "masks show everything": _weak_masks,
    "everything is the reader's own": _all_own,
    "nothing is the reader's own": _nothing_own,
    "what is denied is given": _denied_is_given,
    "objects are not judged before their source is asked": _not_split,
    "filters and orders are not checked": _not_checked,
    "what an argument names is not judged": _entries_open,
    "everything counts as decided above": _always_decided,
    "consents of another organisation count": _anybodys_consent,
    "consents count for any purpose": _any_purpose,
    "consents count for any group": _any_group,
    "plans of other readers are used": _plans_of_others,
    "what is not published is shown": _all_published,
    "conditional sources are unconditional": _unconditional,
    "every zone is an officer's own": _every_zone,
}
