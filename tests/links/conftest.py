"""A desk whose two systems are full: three customers in the books, and cards that people made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.conftest import in_utc
from tests.cli.desk import Desk, Said
from tests.engine.rig import MAPPINGS

__all__ = ["in_utc"]

MATCH = "\nmatch:\n  upper: 500\n  lower: 10\n"
"""Nothing is linked by itself: what fits at all is a question."""


@dataclass
class Full:
    """`customers` and `cards` are keys, by name."""

    desk: Desk
    customers: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)

    def customer(self, name: str, tax_id: str | None = None) -> str:
        key = self.desk.world.books.add_customer(name, tax_id=tax_id)
        self.desk.world.books.post_invoice(key, "120.00")
        self.customers[name] = key
        return key

    def card(self, name: str, **fields: object) -> str:
        self.cards[name] = self.desk.world.crm.add_account(name, **fields)
        return self.cards[name]

    def syncd(self, *words: str) -> Said:
        return self.desk.syncd(*words)

    def done(self, *words: str) -> str:
        said = self.desk.syncd(*words)
        assert said.code == 0, said.text
        return said.out

    def accounts(self) -> dict[str, object]:
        """Card -> the books' key on it."""
        objects = self.desk.world.crm.objects["account"]
        return {key: one.fields.get("books_id") for key, one in objects.items()}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Full]:
    """Read once, in mode plan."""
    with Desk(tmp_path) as desk:
        text = (MAPPINGS / "memory_crm.yaml").read_text(encoding="utf-8")
        desk.mapping("memory_crm", text + MATCH)
        full = Full(desk)
        full.customer("ООО «Пример»", "7700000009")
        full.customer('=HYPERLINK("https://x.example")', "ATU12345678")
        full.customer("株式会社サンプル")
        full.card("Primer", tax_id="7700000009")
        full.card("Wien", tax_id="ATU 12345678")
        full.card("Primer Zwei", tax_id="7700000009")
        full.card("Wien Zwei", tax_id="ATU12345678")
        full.card("Niemand")
        full.done("connections", "setup", "crm")
        desk.syncd("run")  # questions are problems
        yield full
