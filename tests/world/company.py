"""The demo company: a timber merchant in Vienna with twenty-five customers and half a year's trade.

Everything a settlement can look like is here once: paid, paid in part, overdue, two invoices by one
payment, an advance, an overpayment, a loose credit note and a settled one, a credited and a
cancelled invoice, an order nobody has invoiced, three currencies. Amounts come from a fixed seed,
dates are counted back from today, so the file in the cache is good for one day.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.world import cache, tryton_server
from tests.world.books import Books, today
from tests.world.processes import Place
from tests.world.progress import step
from tests.world.tryton_server import TrytonServer

SEED = 20
HERE = Path(__file__).parent

# name, local part of the e-mail address, phone
CUSTOMERS = (
    ("Tischlerei Huber GmbH", "office@huber.example", "+43 1 5550101"),
    ("Möbelhaus Wörther KG", "einkauf@woerther.example", "+43 463 555012"),
    ("Atelier Lindqvist AB", "hej@lindqvist.example", "+46 8 5550103"),
    ("Brown & Sons Joinery Ltd", "accounts@brown.example", "+44 20 75550104"),
    ("O'Connor Interiors", "mary@oconnor.example", "+353 1 5550105"),
    ("Fratelli Rossi S.n.c.", "info@rossi.example", "+39 06 5550106"),
    ("Novák s.r.o.", "praha@novak.example", "+420 222 555 107"),
    ("Novák s.r.o.", "brno@novak.example", "+420 542 555 108"),
    ("Société du Bois Doré", "contact@bois-dore.example", "+33 1 55550109"),
    ("Łódzkie Meble Sp. z o.o.", "biuro@meble.example", "+48 42 5550110"),
    ("Çelik Ahşap A.Ş.", "satis@celik.example", "+90 212 5550111"),
    ("Harbor Woodworks Inc.", "ap@harbor.example", "+1 207 555 0112"),
    ("ООО «Ромашка»", "buh@romashka.example", "+7 495 555-01-13"),
    ("ООО «Северный лес»", "zakaz@sever.example", "+7 812 555-01-14"),
    ("ИП Иванова Мария Петровна", "buh@romashka.example", "+7 343 555-01-15"),
    ("ТОВ «Карпатський бук»", "office@karpaty.example", "+380 32 555 01 16"),
    ("Столарија Јовановић", "info@jovanovic.example", "+381 11 5550117"),
    ("Дървен свят ЕООД", "sales@darven.example", "+359 2 555 0118"),
    ("株式会社サンプル", "keiri@sample.example", "+81 3 5550 0119"),
    ("有限会社みなと木工", "info@minato.example", "+81 45 555 0120"),
    ("山田家具店", "yamada@kagu.example", "+81 75 555 0121"),
    ("東京デザイン合同会社", "office@tokyo-design.example", "+81 3 5550 0122"),
    ("Zimmerei Ölz & Söhne", None, None),
    ("Kuća Drva d.o.o.", "kuca@drva.example", None),
    ("Wien Bau 24", "rechnung@wienbau.example", "+43 1 5550125"),
)
(
    HUBER, WOERTHER, LINDQVIST, BROWN, OCONNOR, ROSSI, NOVAK, NOVAK_BRNO, BOIS, MEBLE, CELIK,
    HARBOR, ROMASHKA, SEVER, IVANOVA, KARPATY, JOVANOVIC, DARVEN, SAMPLE, MINATO, YAMADA, TOKYO,
    OELZ, DRVA, WIENBAU,
) = range(len(CUSTOMERS))  # fmt: skip

SUPPLIER = "Sägewerk Oberland GmbH"
CONTACT = "Steuerkanzlei Mayer"  # in the books' address list, has never bought
PROSPECT = "Hotel am See"  # has a quotation only
SHOWN = CUSTOMERS[WOERTHER][0]  # the customer whose card the demo shows: paid in part, overdue
ORDERED = {"P01": 12, "P05": 16, "P10": 1}


@dataclass(frozen=True)
class Bill:
    """One invoice: dated `ago` days before today, over `amount`, or over ordered products where
    that is empty. `paid` is what was received for it later: "all", an amount, or nothing."""

    customer: int
    ago: int
    amount: str = ""
    paid: str = ""
    currency: str = "EUR"
    name: str = ""  # for what follows, see `_aftermath`


BILLS = (
    Bill(WOERTHER, 95, "4820.00", paid="1500.00"),
    Bill(WOERTHER, 40, "1260.50"),
    Bill(WOERTHER, 8, "730.00"),
    Bill(LINDQVIST, 70, "2400.00", currency="USD"),
    Bill(LINDQVIST, 21, "985.40"),
    Bill(BROWN, 66, "1800.00", paid="600.00", currency="USD"),
    Bill(BROWN, 30, "450.00", paid="all", currency="USD"),
    Bill(BROWN, 12, "77.70"),
    Bill(HARBOR, 33, "5150.25", paid="all", currency="USD"),
    Bill(HARBOR, 15, "640.00", paid="40.00"),
    Bill(SEVER, 50, "123000.00", currency="RUB"),
    Bill(SEVER, 18, "310.00"),
    Bill(ROSSI, 44, "812.30", name="first of two"),
    Bill(ROSSI, 31, "187.70", name="second of two"),
    Bill(NOVAK, 62, "540.00", paid="all"),
    Bill(NOVAK_BRNO, 58, "219.99"),
    Bill(CELIK, 27, "1490.00"),
    Bill(BOIS, 52, "960.00", paid="all"),
    Bill(BOIS, 22, "275.00"),
    Bill(MEBLE, 48, "700.00", name="settled with a credit note"),
    Bill(KARPATY, 36, "333.33", paid="350.00"),  # 16.67 too much
    Bill(KARPATY, 9, "48.00"),
    Bill(TOKYO, 41, "1024.00", name="cancelled"),
    Bill(TOKYO, 13, "256.00"),
    Bill(SAMPLE, 88, "9999.99", paid="3333.33"),
    Bill(SAMPLE, 4, "0.01"),
    Bill(OELZ, 29, "1200.00", name="credited in full"),
    Bill(OELZ, 11, "420.00"),
)
BY_ORDER = (HUBER, OCONNOR, ROMASHKA, IVANOVA, JOVANOVIC, DARVEN, MINATO, YAMADA, DRVA, WIENBAU)


def template() -> Path:
    """A database file with the company as it stands today."""
    day = today()
    base = tryton_server.template()
    scripts = [HERE / name for name in ("company.py", "books.py", "tryton.py")]
    key = cache.fingerprint(*scripts, base.parent.name, day.isoformat())

    def build(folder: Path) -> None:
        with (
            step("Tryton: the demo company's customers, orders, invoices, payments"),
            Place() as place,
        ):
            server = TrytonServer(place)
            books = server.database(base)
            fill(books, day)
            server.copy(books.database, folder / "company.sqlite")

    return cache.cached("tryton-company", key, build) / "company.sqlite"


def fill(books: Books, day: dt.date) -> None:
    """Trade in an empty company, as of `day`."""
    customers = [
        books.create_customer(name, email=email, phone=phone and phone.replace(" ", ""))
        for name, email, phone in CUSTOMERS
    ]
    chance = random.Random(SEED)
    bills = sorted((*BILLS, *_by_order(chance)), key=lambda bill: -bill.ago)
    posted = {b: _draft(books, customers[b.customer], b, day, chance) for b in bills}
    books.post(*posted.values())  # numbers follow dates: the oldest comes first
    for bill, invoice in posted.items():
        if bill.paid:
            later = day - dt.timedelta(days=max(bill.ago - 14, 1))
            books.pay(invoice, None if bill.paid == "all" else bill.paid, later)
    _aftermath(books, customers, {b.name: i for b, i in posted.items() if b.name}, day)
    _out_of_scope(books)


def _by_order(chance: random.Random) -> Iterator[Bill]:
    """Two invoiced orders each: the older paid, the younger in every third case paid in part."""
    for number, customer in enumerate(BY_ORDER):
        yield Bill(customer, chance.randrange(75, 170), paid="all", name=f"order {number} a")
        part = "50.00" if number % 3 == 0 else ""
        yield Bill(customer, chance.randrange(10, 60), paid=part, name=f"order {number} b")


def _draft(books: Books, customer: int, bill: Bill, day: dt.date, chance: random.Random) -> int:
    dated = day - dt.timedelta(days=bill.ago)
    if bill.amount:
        return books.draft_invoice(customer, bill.amount, date=dated, currency=bill.currency)
    (invoice,) = books.confirm(books.quote(customer, _basket(chance), date=dated))
    books.write("account.invoice", invoice, invoice_date=dated)
    return invoice


def _basket(chance: random.Random) -> Mapping[str, float]:
    codes = [f"P{number:02d}" for number in range(1, 11)]
    return {code: float(chance.randrange(1, 9)) for code in chance.sample(codes, 3)}


def _aftermath(books: Books, customers: list[int], named: Mapping[str, int], day: dt.date) -> None:
    yesterday = day - dt.timedelta(days=1)
    books.pay_together([named["first of two"], named["second of two"]], yesterday)
    books.advance(customers[CELIK], "2000.00", yesterday)
    books.advance(customers[BROWN], "125.00", yesterday, currency="USD")
    books.credit_note(customers[BOIS], "96.00")
    _settle_with_credit(books, customers[MEBLE], named["settled with a credit note"])
    books.credit(named["credited in full"])
    books.cancel(named["cancelled"])
    books.confirm(books.quote(customers[WIENBAU], ORDERED))  # its invoice is a draft
    books.draft_invoice(customers[HUBER], "640.00")


def _settle_with_credit(books: Books, customer: int, invoice: int) -> None:
    """700.00 owed, goods for 120.00 came back, 580.00 were paid: all three settle each other."""
    returned = books.credit_note(customer, "120.00")
    paid = books.advance(customer, books.open_amount(invoice) - Decimal("120.00"))
    books.reconcile(paid, *books.open_lines(invoice), *books.open_lines(returned))


def _out_of_scope(books: Books) -> None:
    supplier = books.create_customer(SUPPLIER, email="verkauf@oberland.example")
    books.post_invoice(supplier, "3300.00", kind="in")
    books.create_customer(CONTACT, email="kanzlei@mayer.example")
    books.quote(books.create_customer(PROSPECT, email="direktion@see.example"), {"P04": 10.0})
