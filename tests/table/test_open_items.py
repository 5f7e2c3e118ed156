"""A list of receivables with a row for each open invoice: what stands open is on the cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import CrmHabits, MemoryCrm, World
from syncd.errors import ConfigError
from syncd.mapping import load_books, load_crm
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.table.exports import Exports, described, xlsx_of
from tests.table.shop import shown

CODES = [f"{n:04}" for n in range(14)]
HEAD = ["Код", "Счёт", "Срок", "Остаток", "Валюта"]


class Desk(Wired):
    """`rows` is the list, as its accountant keeps it."""

    def __init__(self, folder: Path) -> None:
        home = folder / "exports"
        home.mkdir()
        lines = shown("yaml connector debts").replace("RUB", "EUR").replace(": debts", ": exports")
        self.files = Exports(home, lines)
        self.clock = self.files.clock
        self.world = World(self.clock.utc, crm=CrmHabits(bulk=100))
        mapping = folder / "debts.yaml"
        mapping.write_text(shown("yaml mapping debts").replace(": debts", ": exports"), "utf-8")
        crm = MemoryCrm(self.world.crm.habits.honest())
        self.pair = Pair(
            "main",
            Side("books", self.files.connector, self.files.transport),
            Side("crm", crm, WorldTransport(self.world, crm)),
            load_books(mapping, self.files.connector.facts),
            load_crm(MAPPINGS / "memory_crm.yaml", crm.facts),
            open_store(folder / "state.sqlite"),
            self.clock,
            NUMBERS,
        )
        names = [["Код", "Наименование"], *([code, f"ООО «Ёлка {code}»"] for code in CODES)]
        self.files.put("customers.xlsx", xlsx_of({"A": names}))

    def export(self, rows: Sequence[Sequence[Any]]) -> None:
        self.files.put("open-items.xlsx", xlsx_of({"Долги": [HEAD, *rows]}))

    def figures(self, code: str) -> tuple[Any, Any]:
        cards = self.world.crm.objects["account"].values()
        [card] = [one.fields for one in cards if one.fields["books_id"] == code]
        return card.get("custom_fields.receivable"), card.get("custom_fields.prepaid")


def row(code: str, bill: str, left: object, currency: str = "EUR") -> list[Any]:
    return [code, bill, "2026-12-01", left, currency]


ROWS = [row(code, f"Н-{code}-{n}", 0.1 * (n + 1)) for code in CODES for n in range(3)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    found.export([row("0000", "Аванс", -99.99), *ROWS])
    found.set_up()
    found.run()
    yield found
    found.files.transport.close()


def test_open_items_are_on_the_cards_to_the_cent(desk: Desk) -> None:
    assert (desk.states(), desk.problems()) == ({}, [])
    assert desk.figures("0000") == (Decimal("0.60"), Decimal("99.99"))
    assert desk.figures("0013") == (Decimal("0.60"), Decimal("0.00"))


def test_who_has_paid_everything_owes_nothing_and_may_owe_again(desk: Desk) -> None:
    desk.clock.advance(3600)
    desk.export([one for one in ROWS if one[0] not in ("0000", "0001")])
    for _ in range(2):  # also when it is missing once more
        desk.clock.advance(86_400)
        desk.run(full=True)
        assert (desk.states(), desk.problems()) == ({}, [])
        assert desk.figures("0001") == (Decimal("0.00"), Decimal("0.00"))
        assert desk.figures("0000") == (Decimal("0.00"), Decimal("0.00"))
        assert desk.figures("0002") == (Decimal("0.60"), Decimal("0.00"))
    desk.clock.advance(3600)
    desk.export([row("0001", "Н-77", 12.5), *ROWS[6:]])
    desk.later()
    assert desk.figures("0001") == (Decimal("12.50"), Decimal("0.00"))


def test_a_list_of_which_most_is_missing_is_not_believed(desk: Desk) -> None:
    desk.clock.advance(86_400)
    desk.export(ROWS[:3])
    desk.run(full=True)
    [problem] = desk.problems()
    assert "shows only 1 of 14 balances" in problem
    assert desk.figures("0009") == (Decimal("0.60"), Decimal("0.00"))


@pytest.mark.parametrize(
    ("old", "new"),
    [("    lines: [Счёт, Срок, Остаток, Валюта]\n", ""), ("missing: zero", "missing: nothing")],
)
def test_what_is_missing_is_zero_of_open_items_alone(old: str, new: str) -> None:
    with pytest.raises(ConfigError, match="missing"):
        described(shown("yaml connector debts").replace(old, new).replace("debts", "exports"))
