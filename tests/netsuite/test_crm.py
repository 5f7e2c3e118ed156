"""NetSuite as the CRM of books elsewhere: figures on its customers, and who is won by stage."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.memory import MemoryBooks, World
from connectors.netsuite import CRM, NetSuiteCrm
from syncd.domain import Kind
from syncd.mapping import load_books, load_crm
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.conformance import kit
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.netsuite.driver import NetSuiteTargetDriver
from tests.netsuite.office import Office
from tests.netsuite.test_conformance import wire


class Sales(Wired):
    """The memory books, and an account of the sandbox with the cards."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.office = Office(crm=True, new_subsidiary="1", **options)
        self.clock, self.folder = self.office.clock, folder
        self.world = World(self.clock.utc)
        self.numbers = msgspec.structs.replace(NUMBERS, wait_for_doubt=0)
        books = MemoryBooks({})
        crm = NetSuiteCrm(self.office.options)
        self.pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, self.office.inside(crm)),
            load_books(MAPPINGS / "memory_books.yaml", books.facts),
            load_crm(MAPPINGS / "netsuite_crm.yaml", crm.facts),
            open_store(folder / "state.sqlite"),
            self.clock,
            self.numbers,
        )

    def customers(self, name: str) -> list[Mapping[str, Any]]:
        """By their name in NetSuite."""
        where = "SELECT * FROM customer_ WHERE companyname = ?"
        return list(self.office.sandbox.store.rows(where, name))


def live(folder: Path, **options: Any) -> Sales:
    sales = Sales(folder, **options)
    sales.set_up()
    sales.run()
    return sales


def test_a_customer_of_the_books_has_its_figures_on_one_customer_of_netsuite(
    tmp_path: Path,
) -> None:
    sales = live(tmp_path)
    books = sales.world.books
    key = books.add_customer("株式会社ノースウィンド", email="a@example.jp")
    invoice = books.post_invoice(key, "120.00")
    books.pay(key, "70.00", allocations=[(invoice, "50.00")])
    for _ in range(3):
        sales.later()
    [card] = sales.customers("株式会社ノースウィンド")
    assert card["externalid"] == key
    assert Decimal(str(card["custentity_syncd_receivable"])) == 70
    assert Decimal(str(card["custentity_syncd_prepaid"])) == 20
    assert card["custentity_syncd_line"].startswith("Owes EUR 70.00, paid ahead EUR 20.00")
    assert sales.problems() == []
    assert sales.later().writes == 0


def test_a_prospect_that_becomes_a_customer_is_made_in_the_books_once(tmp_path: Path) -> None:
    sales = live(tmp_path)
    people = sales.office.people
    values = {"companyname": "Зимний сад", "subsidiary_": 1, "entitystatus": 10}
    id = people.customer({**values, "email": "z@example.org"})
    sales.later()
    assert _named(sales, "Зимний сад") == []
    people.change(id, {"entitystatus": 13})
    for _ in range(3):
        sales.later()
    [made] = _named(sales, "Зимний сад")
    assert made["email"] == "z@example.org"
    assert len(sales.customers("Зимний сад")) == 1, "the card is the one that was won"
    assert sales.problems() == []


def _named(sales: Sales, name: str) -> list[Mapping[str, Any]]:
    rows = (row.data for row in sales.world.books.tables["customers"].values())
    return [row for row in rows if row["name"] == name]


def test_fields_that_are_missing_are_listed_for_an_administrator(tmp_path: Path) -> None:
    sales = Sales(tmp_path, switches={"prepared": False})
    crm = sales.pair.crm
    missing = crm.ask(crm.connector.setup(sales.pair.writing.custom_fields, False))
    assert "custom_fields.custentity_syncd_receivable" in [one.path for one in missing]


@pytest.mark.parametrize(
    "case",
    [c for c in kit.crm_cases(CRM) if c.name in ("survey", "setup", "guided", "find_marker")],
    ids=str,
)
def test_conformance(case: kit.Case[Any]) -> None:
    """What the books do not promise already, with the same code: test_conformance.py."""
    office = Office(crm=True, new_subsidiary="1", page="5")
    driver = NetSuiteTargetDriver(office)
    case(kit.Subject(office.connector, office.run, driver, office.stranger, wire(office)))


def test_what_a_crm_reads_has_no_documents() -> None:
    assert set(CRM.sources) == {Kind.LABEL, Kind.WON}
