"""What people do in the books of unpleasant habits, at random, while syncd runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.proxy import cut
from tests.rest.habits.desk import Desk
from tests.rest.habits.system import Row

NAMES = (
    "ACME  gmbh",
    "ооо «ромашка»",
    "田中 商店",
    "o'neill\u00a0& sons",
    " müller ag ",
    "NORD handel",
)
PHONES = ("43-1/2233", "+43 (1) 22 33", "4312244", None)
STREETS = (
    "Hauptstraße 1\nStiege 2  links, beim großen Brunnen im zweiten Hof",
    "Hauptstraße 1\nStiege 2  links, beim großen Brunnen im dritten Hof",
    "  Ringstraße 7",
    None,
)
CITIES = ("Wien", None, None)
NO_PHONE = "ask Anna"


@dataclass
class Story:
    """`edits` counts what was done; what is refused is mended at the end."""

    desk: Desk
    random: random.Random
    edits: int = 0
    cuts: int = 0
    refused: list[Row] = field(default_factory=list)

    def begin(self) -> None:
        for name in NAMES:
            self._pause()
            self._customer(name)
        for _ in range(4):
            self._pause()
            self._invoice()

    def day(self, edits: int) -> None:
        for _ in range(edits):
            self._pause()
            self.random.choice(self._deeds)()
            self.edits += 1

    def break_off(self) -> None:
        """The answer to one of the next writes gets lost, after it was carried out."""
        waits = self.random.randrange(3)

        def takes(call: object) -> bool:
            nonlocal waits
            write = bool(getattr(call, "write", False))
            waits -= write
            return write and waits < 0

        self.desk.proxy.on(takes, cut)
        self.cuts += 1

    def mend(self) -> None:
        """What the CRM refused is put right in the books."""
        for row in self.refused:
            self._pause()
            if "amount" in row:
                self.desk.books.save(row, due=row["date"])
            elif row["phone"] == NO_PHONE:
                self.desk.books.save(row, phone=PHONES[0])

    # -- deeds ------------------------------------------------------------------------------------

    @property
    def _deeds(self) -> tuple[Callable[[], object], ...]:
        pays, texts = (self._pay,) * 3, (self._rename, self._retype, self._resave)
        return (*pays, *texts, self._invoice, self._invoice, self._post, self._void, self._wrong)

    def _pause(self) -> None:
        self.desk.clock.advance(self.random.uniform(0.1, 4))

    def _any(self) -> Row:
        return self.random.choice(list(self.desk.books.rows("customers")))

    def _customer(self, name: str) -> None:
        currency = self.random.choice(("EUR", "EUR", "KWD"))
        phone, street = self.random.choice(PHONES), self.random.choice(STREETS)
        city = self.random.choice(CITIES)
        self.desk.books.customer(name, currency, phone=phone, street=street, city=city)

    def _rename(self) -> None:
        one = self._any()
        other = self.random.choice(
            (one["name"].upper(), one["name"].lower(), one["name"] + " & co")
        )
        self.desk.books.save(one, name=other[:60])

    def _retype(self) -> None:
        one = self._any()
        phone, street = self.random.choice(PHONES), self.random.choice(STREETS)
        self.desk.books.save(one, phone=phone, street=street)

    def _resave(self) -> None:
        """Somebody saves what is there, and changes nothing."""
        self.desk.books.save(self.random.choice(list(self.desk.books.rows("invoices"))))

    def _amount(self, most: str = "900") -> Decimal:
        """Three decimals: a currency with as many, where the CRM has two."""
        return Decimal(self.random.randrange(1, int(most) * 1000)) / 1000

    def _invoice(self, days: int = 14) -> Row:
        customer = self._any()
        amount = self._amount().quantize(
            Decimal("0.001" if customer["currency"] == "KWD" else "0.01")
        )
        invoice = self.desk.books.draft(customer, str(amount), days)
        if self.random.random() < 0.6:
            self.desk.books.post(invoice)
        return invoice

    def _post(self) -> None:
        for row in self.desk.books.rows("invoices"):
            if row["status"] == "draft":
                self.desk.books.post(row)
                return

    def _void(self) -> None:
        some = [
            row for row in self.desk.books.rows("invoices") if row["status"] in ("open", "paid")
        ]
        if some and self.random.random() < 0.4:
            self.desk.books.void(self.random.choice(some))

    def _pay(self) -> None:
        books = self.desk.books
        some = [r for r in books.rows("invoices") if r["status"] == "open" and books.open(r) > 0]
        if not some:
            return
        invoice = self.random.choice(some)
        customer = books.tables["customers"][invoice["customer_id"]]
        part = books.open(invoice) if self.random.random() < 0.5 else books.open(invoice) / 2
        part = part.quantize(Decimal("0.01"), "ROUND_UP") if customer["currency"] == "EUR" else part
        part = min(part.quantize(Decimal("0.001"), "ROUND_UP"), books.open(invoice))
        more = self.random.choice((Decimal(0), Decimal("1.5")))
        books.pay(customer, str(part + more), invoice, str(part))

    def _wrong(self) -> None:
        """What the CRM refuses: a phone that is none, an invoice that is due before it is made."""
        if self.random.random() < 0.5:
            one = self._any()
            self.desk.books.save(one, phone=NO_PHONE)
        else:
            one = self._invoice(days=-3)
            if one["status"] == "draft":
                self.desk.books.post(one)
        self.refused.append(one)
