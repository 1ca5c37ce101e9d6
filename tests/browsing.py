"""A page of the console that is open in a browser."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect


@dataclass
class Visit:
    """A page, what it complained of, and what it asked of anybody but the hub."""

    page: Page
    complaints: list[str]
    strangers: list[str]

    def become(self, reader: str) -> None:
        """Choose an identity, as a person does."""
        chosen = self.page.get_by_label("You are")
        chosen.select_option(reader)
        expect(chosen).to_have_value(reader)
