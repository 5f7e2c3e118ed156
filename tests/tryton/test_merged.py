"""Two parties of a real Tryton become one by its wizard; the memory CRM has a card of each."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import MemoryCrm, World
from connectors.tryton import Tryton
from syncd.domain import Kind
from syncd.mapping import load_books, load_crm
from syncd.store import links
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.clocks import ManualClock
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.tryton.reader import Reader
from tests.world.books import Books
from tests.world.tryton import TrytonError

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("tryton", "settled")]


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

    def shown(self, card: str) -> tuple[Decimal, ...]:
        """Orders, and what is owed."""
        fields = self.world.crm.objects["account"][card].fields
        words = ("orders_count", "receivable")
        return tuple(Decimal(str(fields[f"custom_fields.{word}"])) for word in words)


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


def test_a_replaced_party_takes_its_documents_along(books: Books, tmp_path: Path) -> None:
    """Tryton 8.2 refuses to replace whoever has posted moves, so the loser has an order."""
    reader = Reader(books)
    loser, heir = books.create_customer("Примерно"), books.create_customer("Пример")
    books.confirm(books.quote(loser, {"P01": 1}))
    books.pay(books.post_invoice(heir, "30.00"), "10.00")
    company = Company(tmp_path, reader)
    company.set_up()
    company.run()
    others, waiting = company.problems(), company.states()  # of whom other tests made
    cards = {party: str(company.card(party)) for party in (loser, heir)}
    assert company.shown(cards[loser]) == (1, 0)
    stamps = {key: one.stamp for key, one in reader.records(Kind.ORDER).items()}
    replace(books, loser, heir)
    assert {key: one.stamp for key, one in reader.records(Kind.ORDER).items()} == stamps, (
        "what the wizard changes gets no new time: only the merge itself tells of it"
    )
    company.later()
    [said] = {*company.problems()} - {*others}
    assert f"{cards[loser]} and {cards[heir]}" in said
    assert (company.shown(cards[loser]), company.shown(cards[heir])) == ((0, 0), (1, 20))
    company.world.crm.merge(cards[loser], cards[heir])
    company.later()
    company.later(90_000)
    assert (company.problems(), company.states()) == (others, waiting)
    assert company.card(heir) == cards[heir] and company.card(loser) is None
    assert company.shown(cards[heir]) == (1, 20)
