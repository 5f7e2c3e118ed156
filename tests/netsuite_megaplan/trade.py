"""NetSuite and Megaplan as one pair: both sandboxes, the real transport, and what the cards have to
show, worked out of the sandbox's documents without any of syncd's code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from connectors.megaplan import Megaplan
from syncd.http import KeptGrant
from syncd.sandbox.megaplan.account import Entity
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.megaplan.office import Office as Crm
from tests.netsuite.office import Office as Books
from tests.netsuite.pair import Company
from tests.netsuite.truth import Figures, Who, truth
from tests.shipped import load_books, load_crm

LABELS = ("Долг", "Просрочено", "Аванс", "К зачёту")
SIGNS = {"RUB": "₽"}
USD = "USD"


@dataclass(frozen=True)
class Names:
    """What the pair's things are called: its connections, and the extra fields of its own."""

    pair: str = "main"
    books: str = "books"
    crm: str = "crm"
    key: str = "Код в учёте"
    line: str = "Расчёты"
    suffix: str = ""
    """Behind the label of each figure."""


class Trade(Company):
    """What `Company` is, with Megaplan's sandbox in place of the memory CRM. Amounts there are in
    dollars."""

    def __init__(
        self,
        folder: Path,
        books: Books,
        reading: Path,
        writing: Path,
        names: Names = Names(),
        crm: Crm | None = None,
    ) -> None:
        self.crm, self.names = crm or Crm(books.clock), names
        self.reading, self.writing = reading, writing
        super().__init__(folder, books)

    def build(self) -> Pair:
        self.office.restart()
        crm = Megaplan({"currency": USD})
        kept = KeptGrant(self.folder / f"{self.names.crm}.grant")
        self.pair = Pair(
            self.names.pair,
            Side(self.names.books, self.office.connector, self.office.transport),
            Side(self.names.crm, crm, self.crm.inside(crm, kept=kept)),
            load_books(self.reading, self.office.connector.facts),
            load_crm(self.writing, crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.office.clock,
            self.numbers,
        )
        return self.pair

    def card(self, customer: int) -> Entity:
        return self.crm.cards(self.names.key)[str(customer)]

    def shown(self, card: Entity) -> Figures:
        """Of the currency in which the account has amounts."""
        found = []
        for label in LABELS:
            amount, currency = self.crm.extra(card, label + self.names.suffix) or (Decimal(0), USD)
            assert currency == USD
            found.append(amount)
        return Figures(*found)

    # -- what has to be ---------------------------------------------------------------------------

    def truth(self) -> Mapping[Who, Figures]:
        return truth(self.office.sandbox.store, self.office.clock.utc().date())

    def customers(self) -> set[str]:
        rows = self.office.sandbox.store.rows("SELECT * FROM customer_")
        return {str(row["id"]) for row in rows if row["searchstage"] == "Customer"}

    def differences(self, expected: Iterable[str] | None = None) -> list[str]:
        """`expected` are the customers that have a card; all, if left out."""
        return list(self._differences(self.customers() if expected is None else set(expected)))

    def _differences(self, expected: set[str]) -> Iterator[str]:
        cards, owed = self.crm.cards(self.names.key), self.truth()
        if expected != cards.keys():
            yield f"without a card, or with one too many: {expected ^ cards.keys()}"
        for key, card in cards.items():
            dollars = owed.get((key, USD), Figures())
            if self.shown(card) != dollars:
                yield f"the card of {key} {self.shown(card)}, NetSuite {dollars}"
            said = str(self.crm.extra(card, self.names.line)).replace("\u00a0", " ")
            told = [(label, code, amount) for (who, code), one in owed.items() if who == key
                    for label, amount in zip(LABELS, one, strict=True) if amount]  # fmt: skip
            if not told and not said.startswith("Долга нет"):
                yield f"the card of {key} says {said}, NetSuite nothing"
            for label, code, amount in told:
                clause = next((one for one in said.split(", ") if label.lower() in one.lower()), "")
                if written(amount, code) not in clause:
                    yield f"the card of {key} says {said}, NetSuite {label} {amount} {code}"


def written(amount: Decimal, code: str) -> str:
    """As a Russian seller reads it."""
    digits = 0 if code == "JPY" else 2
    number = f"{amount:,.{digits}f}".replace(",", " ").replace(".", ",")
    return f"{number} {SIGNS.get(code, code)}"
