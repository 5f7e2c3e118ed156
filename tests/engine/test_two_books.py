"""Two companies with books of their own and one CRM: a pair each, one card for who is of both."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import MemoryBooks, MemoryCrm, World
from syncd.domain import Kind
from syncd.store import links, streams
from syncd.store.engine import open_store
from syncd.sync import linking
from syncd.sync.pair import Pair, Scene, Side
from syncd.sync.suggesting import seals
from syncd.why import why
from tests.engine.rig import MAPPINGS, NUMBERS, Rig, Wired, WorldTransport
from tests.shipped import load_books, load_crm

SECOND = """\
system: memory_crm
version: 1
match: {make: never}
customer:
  write: account
  marker: custom_fields.second_id
  fields: {code: custom_fields.second_code}
card:
  update: account
  of: customer
  fields: {receivable: custom_fields.second_owes, total_sales: custom_fields.second_sales}
won:
  read: account
  fields: {name: name | trim, email: email | trim | lower, phone: phone, tax_id: tax_id | trim}
"""
OWN = ("custom_fields.receivable", "custom_fields.total_sales")
THEIRS = ("custom_fields.second_owes", "custom_fields.second_sales")
D80, D120 = Decimal("80.00"), Decimal("120.00")


class OwnMarker(MemoryCrm):
    """The second connection to the CRM: it finds cards by a field of its own, as the connectors of
    real systems do by their setting `id_field`."""

    def __init__(self) -> None:
        super().__init__({})
        account = dataclasses.replace(self._forms["account"], marker="custom_fields.second_id")
        self._forms = {**self._forms, "account": account}


class Second(Wired):
    """The pair of the second company: books of its own, the first one's CRM and state."""

    def __init__(
        self, first: Rig, world: World | None = None, crm: MemoryCrm | None = None
    ) -> None:
        self.first, self.clock = first, first.clock
        self.world = world or World(self.clock.utc)
        file = first.folder / "second.yaml"
        file.write_text(SECOND, "utf-8")
        books, crm = MemoryBooks({}), crm or OwnMarker()
        self.pair = Pair(
            "second",
            Side("books2", books, WorldTransport(self.world, books)),
            Side("crm2", crm, WorldTransport(first.world, crm)),
            load_books(MAPPINGS / "memory_books.yaml", books.facts),
            load_crm(file, crm.facts),
            open_store(first.folder / "state.sqlite"),
            self.clock,
            NUMBERS,
        )
        self.set_up()


@pytest.fixture
def both(tmp_path: Path) -> tuple[Rig, Second]:
    first = Rig(tmp_path)
    first.set_up()
    return first, Second(first)


def shown(rig: Rig) -> list[tuple[object, ...]]:
    """Of each card what it says of both companies."""
    cards = rig.world.crm.objects["account"].values()
    return [tuple(card.fields.get(path) for path in (*OWN, *THEIRS)) for card in cards]


def known_to_both(both: tuple[Rig, Second]) -> tuple[str, str]:
    """Its keys in both books. The first one's is that of a stranger in the second ones."""
    first, second = both
    named = {"email": "buh@example.ru", "tax_id": "7700000009"}
    mine = first.world.books.add_customer("ООО «Пример»", **named)
    first.world.books.post_invoice(mine, "120.00")
    stranger = second.world.books.add_customer("株式会社みどり", email="info@midori.example")
    second.world.books.post_invoice(stranger, "5.00")
    theirs = second.world.books.add_customer("Пример", **named)
    second.world.books.post_invoice(theirs, "80.00")
    first.later()
    second.later()
    assert stranger == mine
    return mine, theirs


def quiet(both: tuple[Rig, Second]) -> bool:
    return not any(one.later().writes for one in (*both, *both))


def test_one_card_says_what_each_company_is_owed(both: tuple[Rig, Second]) -> None:
    first, second = both
    known_to_both(both)
    assert shown(first) == [(D120, D120, D80, D80)]
    assert quiet(both)
    assert (first.states(), first.problems(), second.problems()) == ({}, [], [])
    [card] = first.world.crm.objects["account"]
    with first.pair.store.reading() as tx:
        found = [*links.to_books(tx, "crm", card), *links.to_books(tx, "crm2", card)]
    assert [(one.books, one.is_primary) for one in found] == [("books", True), ("books2", True)]


def test_what_happens_in_one_company_leaves_what_the_other_wrote(both: tuple[Rig, Second]) -> None:
    """The two have customers and documents of the same keys in one state."""
    first, second = both
    _, theirs = known_to_both(both)
    second.world.books.post_invoice(theirs, "20.00")
    written = dict(first.world.crm.objects["invoice"])
    assert first.later().writes == 0
    assert second.later().writes == 1
    assert shown(first) == [(D120, D120, Decimal("100.00"), Decimal("100.00"))]
    assert first.world.crm.objects["invoice"] == written and quiet(both)


def test_a_key_of_the_first_books_on_a_card_is_none_of_the_second_ones(tmp_path: Path) -> None:
    """The second pair comes later, and surveys cards that are there, by a connector that knows
    the first one's marker alone."""
    first = Rig(tmp_path)
    first.set_up()
    mine = first.world.books.add_customer("ООО «Пример»", email="buh@example.ru")
    first.world.books.post_invoice(mine, "120.00")
    first.later()
    world = World(first.clock.utc)
    assert world.books.add_customer("株式会社みどり", email="info@midori.example") == mine
    world.books.post_invoice(mine, "5.00")
    second = Second(first, world, MemoryCrm({}))
    assert quiet((first, second))
    assert shown(first) == [(D120, D120, None, None)]
    card = first.world.crm.objects["account"]["account-1"]
    card.fields["custom_fields.second_id"] = mine
    second.later(90_000)
    assert shown(first) == [(D120, D120, Decimal("5.00"), Decimal("5.00"))], "a person typed it"


def test_who_has_no_card_waits_until_there_is_one(both: tuple[Rig, Second]) -> None:
    first, second = both
    stranger, _ = known_to_both(both)
    assert len(first.world.crm.objects["account"]) == 1
    said = why(second.pair, Kind.CUSTOMER, stranger)
    assert said.reason.code == "owed" and "makes none" in str(said.reason.detail)
    assert second.problems() == []
    first.world.books.add_customer("株式会社みどり", email="info@midori.example")
    first.later()
    second.later(90_000)  # this CRM's cards are read once a day
    assert sorted(map(str, (row[2] for row in shown(first)))) == ["5.00", "80.00"]
    assert quiet(both)


def test_who_leaves_a_card_takes_what_was_written_of_them_alone(both: tuple[Rig, Second]) -> None:
    first, second = both
    _, theirs = known_to_both(both)
    [card] = first.world.crm.objects["account"]
    with second.pair.store.transaction() as tx:
        scene = Scene(tx, second.pair, streams.stream_ids(tx, "second"), 0)
        seal = seals(scene, [(theirs, card)])[theirs, card]
        linking.split(scene, theirs, seal, linking.By("anna", "another company"))
    second.later()
    assert shown(first) == [(D120, D120, None, None)]
    assert quiet(both)
    assert first.problems() == []
