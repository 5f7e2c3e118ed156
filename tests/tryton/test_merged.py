"""Two parties of a real Tryton become one by its wizard; the memory CRM has a card of each."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import MemoryCrm, World
from connectors.tryton import Tryton
from syncd.domain import Kind
from syncd.mapping import load_books, load_crm
from syncd.port import Keys
from syncd.store import links
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.clocks import ManualClock
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.tryton.reader import Reader
from tests.world.books import Books
from tests.world.tryton import TrytonError

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("tryton")]


class Company(Wired):
    def __init__(self, folder: Path, reader: Reader) -> None:
        self.clock = ManualClock(reader.after_everything())
        self.world = World(self.clock.utc)
        crm = MemoryCrm({})
        self.pair = Pair(
            "main",
            Side("books", reader.connector, reader.transport),
            Side("crm", crm, WorldTransport(self.world, crm)),
            load_books(MAPPINGS / "tryton.yaml", Tryton.facts),
            load_crm(MAPPINGS / "memory_crm.yaml", crm.facts),
            open_store(folder / "state.sqlite"),
            self.clock,
            NUMBERS,
        )

    def card(self, party: int) -> str | None:
        with self.pair.store.reading() as tx:
            return links.linked(tx, "crm", "books", [str(party)]).get(str(party))

    def owed(self, card: str) -> Decimal:
        fields = self.world.crm.objects["account"][card].fields
        return Decimal(str(fields["custom_fields.receivable"]))


def replace(books: Books, party: int, by: int) -> None:
    """The wizard "Replace Party"; it warns of names that differ, as somebody who clicks it away."""
    with books.wizard("party.replace", "party.party", party) as wizard:
        asked = {"source": party, "destination": by}
        while True:
            try:
                wizard.execute({"ask": asked}, "replace")
            except TrytonError as error:
                if error.kind != "UserWarning":
                    raise
                warning = {"user": books.user, "name": error.details[0], "always": False}
                books.create("res.user.warning", warning)
            else:
                return


def test_a_replaced_party_takes_its_documents_and_its_balance_along(
    books: Books, tmp_path: Path
) -> None:
    reader = Reader(books)
    loser, heir = books.create_customer("Примерно"), books.create_customer("Пример")
    books.post_invoice(loser, "100.00")
    books.pay(books.post_invoice(heir, "30.00"), "10.00")
    company = Company(tmp_path, reader)
    company.set_up()
    company.run()
    cards = {party: str(company.card(party)) for party in (loser, heir)}
    stamps = {key: one.stamp for key, one in reader.records(Kind.INVOICE).items()}
    replace(books, loser, heir)
    assert reader.one(Kind.CUSTOMER, loser).keys()
    assert {key: one.stamp for key, one in reader.records(Kind.INVOICE).items()} == stamps, (
        "what the wizard changes gets no new time: only syncd's own look finds it"
    )
    company.later()
    [said] = company.problems()
    assert f"{cards[loser]} and {cards[heir]}" in said
    assert (company.owed(cards[loser]), company.owed(cards[heir])) == (0, 120)
    company.world.crm.merge(cards[loser], cards[heir])
    company.later()
    company.later()
    assert company.problems() == [] and company.states() == {}
    assert company.card(heir) == cards[heir] and company.card(loser) is None
    assert reader.records(Kind.BALANCE, Keys([str(loser)]))
    company.later(90_000)
    assert company.owed(cards[heir]) == 120 and company.problems() == []
