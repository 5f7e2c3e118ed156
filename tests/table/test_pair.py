"""Books that are a folder of files, and a CRM: the cards hold what the files say, to the cent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.memory import CrmHabits, MemoryCrm, World
from syncd.mapping import load_books, load_crm
from syncd.store.engine import open_store
from syncd.store.tables import record
from syncd.sync.pair import Pair, Side
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.table.exports import Exports, csv_of, xlsx_of
from tests.table.shop import shown

NAMES = ("ООО «Ёлка {}»", "株式会社さくら{}", "Müller & Söhne {} GmbH")
INVOICES = ["Номер", "Дата", "Срок", "Покупатель", "Сумма, руб."]
PAYMENTS = ["Номер", "Дата", "Покупатель", "Сумма", "Накладная", "Зачтено"]


def written(cents: int) -> str:
    """As Excel shows it with Russian settings: 1 234,50."""
    return f"{Decimal(cents).scaleb(-2):,.2f}".replace(",", "\u00a0").replace(".", ",")


class Office(Wired):
    """`files` is what the accountant exports; `owed` and `paid` what she knows by heart."""

    def __init__(self, folder: Path, many: int) -> None:
        home = folder / "exports"
        home.mkdir()
        lines = shown("yaml connector exports").replace("RUB", "EUR")
        self.files = Exports(home, lines)
        self.clock = self.files.clock
        habits = CrmHabits(bulk=100)
        self.world = World(self.clock.utc, crm=habits)
        mapping = folder / "exports.yaml"
        mapping.write_text(shown("yaml mapping exports"), encoding="utf-8")
        crm = MemoryCrm(habits.honest())
        books = self.files.connector
        self.pair = Pair(
            "main",
            Side("books", books, self.files.transport),
            Side("crm", crm, WorldTransport(self.world, crm)),
            load_books(mapping, books.facts),
            load_crm(MAPPINGS / "memory_crm.yaml", crm.facts),
            open_store(folder / "state.sqlite"),
            self.clock,
            NUMBERS,
        )
        self.customers = [[f"{n:06}", NAMES[n % 3].format(n), f"77{n:08}"] for n in range(many)]
        self.invoices = [
            [f"Н-{n}", "05.10.2026", "05.11.2026", f"{n:06}", written(100_000 + 7 * n)]
            for n in range(many)
        ]
        self.payments = [
            [f"{n:05}", "10.11.2026", f"{n:06}", written(50_000 + n), f"Н-{n}", written(50_000)]
            for n in range(0, many, 2)
        ]

    def export(self, *, ago: float = 60) -> None:
        owed = [
            (f"{n:06}", (100_000 + 7 * n - 50_000 * (n % 2 == 0)) / 100, n / 100 * (n % 2 == 0))
            for n in range(len(self.customers))
        ]
        rows = [["Покупатели"], ["Код", "Наименование", "ИНН"], *self.customers]
        self.files.put("customers.xlsx", xlsx_of({"Лист1": rows}), ago=ago)
        sheets: dict[str, list[Any]] = {
            "Свод": [["Всего"]],
            "Расчёты": [["Код", "Долг", "Аванс"], *owed],
        }
        self.files.put("balances.xlsx", xlsx_of(sheets), ago=ago)
        self.files.put("invoices-2026-11.csv", csv_of([INVOICES, *self.invoices]), ago=ago)
        self.files.put("payments.csv", csv_of([PAYMENTS, *self.payments], "\t", "utf-8"), ago=ago)

    def card(self, code: str) -> dict[str, Any]:
        cards = self.world.crm.objects["account"].values()
        return next(dict(one.fields) for one in cards if one.fields["books_id"] == code)

    def total(self, target: str, field: str) -> Decimal:
        return sum(
            (Decimal(str(one.fields[field])) for one in self.world.crm.objects[target].values()),
            Decimal(0),
        )


Open = Callable[[int], Office]


@pytest.fixture
def open_office(tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def made(many: int) -> Office:
            office = Office(tmp_path, many)
            stack.callback(office.files.transport.close)
            office.export()
            return office

        yield made


@pytest.fixture
def office(open_office: Open) -> Office:
    """Small, and past its first run."""
    found = open_office(6)
    found.set_up()
    found.run()
    return found


def test_five_hundred_customers_are_on_their_cards_to_the_cent(open_office: Open) -> None:
    office = open_office(500)
    office.set_up()
    report = office.run()
    assert (office.states(), office.problems(), report.failed) == ({}, [], False)
    accounts = office.world.crm.objects["account"]
    assert sorted(one.fields["name"] for one in accounts.values()) == sorted(
        name for _, name, _ in office.customers
    )
    assert (
        office.total("invoice", "amount") == Decimal(sum(100_000 + 7 * n for n in range(500))) / 100
    )
    assert office.total("payment", "amount") == Decimal(250 * 50_000) / 100
    card = office.card("000498")
    assert (card["custom_fields.receivable"], card["custom_fields.prepaid"]) == (
        Decimal("534.86"),
        Decimal("4.98"),
    )
    assert card["custom_fields.overdue_since"] == "2026-11-06"
    before, writes = office.files.transport.calls, office.world.writes()
    office.later()
    assert office.world.writes() == writes
    assert office.files.transport.calls - before == 1 + 4  # who answers, and a look at each kind


def test_an_export_that_is_replaced_changes_what_it_changes(office: Office) -> None:
    office.customers[1][1] = "株式会社もみじ"
    office.invoices[1][4] = written(123_456)
    office.clock.advance(3600)
    office.export()
    writes = office.world.writes()
    office.run()
    assert office.card("000001")["name"] == "株式会社もみじ"
    assert office.world.writes() - writes <= 4
    invoices = {
        one.fields["title"]: one.fields for one in office.world.crm.objects["invoice"].values()
    }
    assert invoices["Н-1"]["amount"] == Decimal("1234.56")


def test_a_file_that_is_being_written_is_a_normal_state(office: Office) -> None:
    """Its half is not taken for the whole; the next cycle reads it."""
    office.clock.advance(3600)
    office.invoices[1][4] = written(200_000)
    office.export()
    half = csv_of([INVOICES, *office.invoices[:3]])[:-9]
    office.files.put("invoices-2026-11.csv", half, ago=2)
    report = office.run(full=True)
    assert (report.failed, office.problems()) == (False, [])
    assert "books: invoices-2026-11.csv is being written: it was changed 2 s ago" in report.notes[0]
    office.clock.advance(20)
    office.export(ago=15)
    office.run(full=True)
    assert office.problems() == []
    assert (
        office.total("invoice", "amount")
        == Decimal(600_000 + 7 * (0 + 2 + 3 + 4 + 5) + 100_000) / 100
    )


def test_a_row_that_cannot_be_read_waits_alone_and_goes_by_itself(office: Office) -> None:
    good = office.invoices[2][4]
    office.invoices[2][4] = good.replace("0", "O")
    office.invoices[3][4] = written(300_000)
    office.clock.advance(3600)
    office.export()
    office.run()
    [problem] = office.problems()
    assert problem.startswith(
        "invoices cannot be read: invoices-2026-11.csv, column Сумма, руб.: row 4: «…» is no number"
    )
    assert office.total("invoice", "amount") == Decimal(500_000 + 7 * 12 + 300_000) / 100
    office.clock.advance(3600)
    with office.pair.store.reading() as tx:
        [row] = tx.execute(sa.select(record.c.error).where(record.c.error.is_not(None)))
    assert "«1\u00a0OOO,14» is no number as 1 234,56; mend it in the file" in row.error
    office.invoices[2][4] = written(400_000)
    office.export()
    office.run()
    assert office.problems() == []
    assert office.total("invoice", "amount") == Decimal(400_000 + 7 * 10 + 300_000 + 400_000) / 100


def test_what_is_missing_from_a_whole_export_waits_for_a_person(office: Office) -> None:
    before = office.total("invoice", "amount")
    del office.invoices[4]
    office.clock.advance(3600)
    office.export()
    office.run(full=True)
    assert office.problems() == [
        "A complete read of books no longer has invoice Н-4. Cards stay as they are; if they come "
        "back this closes itself. Gone for good: syncd problems resolve ID --deleted --reason R, "
        "and they count no more; or --archived, where the books only trimmed their history, and "
        "all stays."
    ]
    assert office.total("invoice", "amount") == before


def test_a_file_that_is_not_there_concludes_nothing(office: Office) -> None:
    before = office.total("invoice", "amount")
    (office.files.folder / "invoices-2026-11.csv").unlink()
    report = office.later(full=True)
    assert report.failed
    [problem] = office.problems()
    assert "books cannot be used now: no file is called like invoices-*.csv" in problem
    office.files.put("invoices-2026-11.csv", csv_of([INVOICES, *office.invoices]))
    office.later()
    assert (office.problems(), office.total("invoice", "amount")) == ([], before)
