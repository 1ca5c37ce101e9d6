"""The guide's questions: answered from a file or options, by their defaults, or by whoever sits before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.prompt import Confirm, Prompt

from commands.linking.seen import NotSeen


class Answers:
    """What is asked goes by a name, so that a script can answer it."""

    def __init__(self, given: Mapping[str, Any], console: Console, *, asks: bool) -> None:
        """Take what is given; without `asks` nobody is asked, and defaults stand."""
        self._given = given
        self._console = console
        self._asks = asks

    def text(
        self,
        name: str,
        question: str,
        default: str | None = None,
        *,
        choices: Sequence[str] = (),
        problem: Callable[[str], str | None] = lambda _answer: None,
    ) -> str:
        """Return the answer to a question; asked again as long as there is a problem with it."""
        while True:
            found = self._answer(name, question, default, choices)
            wrong = problem(found)
            if wrong is None and choices and found not in choices:
                wrong = f"{found!r} is none of {', '.join(choices)}"
            if wrong is None:
                return found
            if not self._asks or self._has(name):
                raise NotSeen(f"{name}: {wrong}. Give another answer (`{name}` in --answers).")
            self._console.print(wrong, style="red", markup=False)

    def yes(self, name: str, question: str, default: bool) -> bool:
        """Return whether the answer is yes."""
        if self._has(name):
            return self._value(name) in (True, "true", "yes", "y", "1")
        return Confirm.ask(question, default=default, console=self._console) if self._asks else default

    def _answer(self, name: str, question: str, default: str | None, choices: Sequence[str]) -> str:
        if self._has(name):
            return str(self._value(name))
        if not self._asks:
            if default is None:
                one_of = f": {', '.join(choices)}" if choices else ""
                raise NotSeen(f"{name}: is not answered ({question}{one_of}). Give `{name}` in --answers, or by --set.")
            return default
        shown = list(choices) if 0 < len(choices) <= 12 else None
        if default is None:
            return Prompt.ask(question, choices=shown, console=self._console)
        return Prompt.ask(question, choices=shown, default=default, console=self._console)

    def _has(self, name: str) -> bool:
        return self._found(name) is not None

    def _value(self, name: str) -> Any:
        return self._found(name)

    def _found(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        table, dot, key = name.partition(".")
        inner = self._given.get(table) if dot else None
        return inner.get(key) if isinstance(inner, Mapping) else None
