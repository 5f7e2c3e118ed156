"""Books and cards side by side, each read by its own API; no line of syncd is used.

    python -m tests.world.compare .demo/world.json      exit 1 on any difference

Per customer in scope: number and sum of the invoices (posted or paid, positive, in a currency the
CRM knows), what is allocated to them, receivable, prepaid, credits, overdue, the number of orders,
total sales, and the books id.

Scope: open items, or a customer invoice ever posted, or a sale confirmed, or made out of a won
deal, which its code tells. Posted credit notes that
settle nothing yet are *credits*; an item without an invoice and what was overpaid are *prepaid*; a
figure on the card is that of the one currency with open items, if there is exactly one and the CRM
knows it, else of the company's. Total sales (invoiced less credited) stand on the card only where
one currency is in play.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.world.crm import Crm
from tests.world.tryton import Tryton

Sums = dict[str, Decimal]  # by currency code
FIELDS = {
    "books_id": "books_id",
    "receivable": "receivable",
    "prepaid": "prepaid",
    "credits": "credits",
    "overdue": "overdue",
    "orders": "orders_count",
    "sales": "total_purchases",
}
ZERO = Decimal(0)


@dataclass
class Customer:
    """One customer as one system shows it; sums without zeros. A figure the card lacks is None."""

    name: str
    invoices: int = 0
    total: Sums = field(default_factory=lambda: defaultdict(Decimal))
    allocated: Sums = field(default_factory=lambda: defaultdict(Decimal))
    receivable: Decimal | None = None
    prepaid: Decimal | None = None
    credits: Decimal | None = None
    overdue: Decimal | None = None
    orders: Decimal | None = None
    sales: Decimal | None = None

    def shown(self) -> tuple[str, ...]:
        return (
            str(self.invoices),
            _money(self.total),
            _money(self.allocated),
            _figure(self.receivable),
            _figure(self.prepaid),
            _figure(self.credits),
            _figure(self.overdue),
            "nothing" if self.orders is None else str(int(self.orders)),
            _figure(self.sales),
        )


HEAD = (
    *("number of invoices", "sum of invoices", "allocated", "receivable", "prepaid"),
    *("credits", "overdue", "orders", "total sales"),
)
"""What `Customer.shown` shows."""


@dataclass(frozen=True)
class Comparison:
    """Both sides by books id; `differences` are sentences."""

    books: Mapping[str, Customer]
    cards: Mapping[str, Customer]
    differences: Sequence[str]

    def table(self, only: str | None = None) -> str:
        """All customers, or those of one name; two lines where the sides differ."""
        short = ("invoices", "sum", *HEAD[2:])
        head = ("customer", "id", *short, "")
        rows: list[tuple[str, ...]] = [head]
        for key in sorted(self.books.keys() | self.cards.keys(), key=_order):
            here, there = self.books.get(key), self.cards.get(key)
            if only not in (None, here and here.name):
                continue
            if here and there and here.shown() == there.shown():
                rows.append((here.name, key, *here.shown(), "agree"))
                continue
            for side, word in ((here, "books"), (there, "card")):
                if side:
                    rows.append((side.name, key, *side.shown(), f"<- {word}"))
        widths = [max(_width(row[i]) for row in rows) for i in range(len(head))]
        return "\n".join(_line(row, widths) for row in rows)


def compare(
    books: Tryton,
    crm: Crm,
    fields: Mapping[str, str] = FIELDS,
    today: dt.date | None = None,
) -> Comparison:
    """`fields` are the keys of the CRM's custom fields; `today` decides what is overdue."""
    known = crm.currencies()
    day = today or dt.datetime.now(dt.UTC).date()
    here, there, differences = read_books(books, known, day), {}, []
    ids: dict[str, str] = {}
    for account in crm.accounts():
        key = account["custom_fields"].get(fields["books_id"])
        if key is None:
            continue
        if key in there:
            differences.append(f"two cards have the books id {key}")
        ids[account["id"]] = key
        names = [name for name in fields if name != "books_id"]
        figures = {name: _decimal(account["custom_fields"].get(fields[name])) for name in names}
        there[key] = Customer(account["name"], **figures)
    _read_invoices(crm, ids, there)
    for key in sorted(here.keys() | there.keys(), key=_order):
        differences += _differences(key, here.get(key), there.get(key))
    return Comparison(here, there, differences)


def read_books(
    books: Tryton, known: frozenset[str], today: dt.date | None = None
) -> dict[str, Customer]:
    """Customers in scope by party id, with the figures their cards should show."""
    codes = {row["id"]: row["code"] for row in books.rows("currency.currency", ["code"])}
    company = books.row("company.company", books.context["company"], "currency")
    own = codes[company["currency"]]
    orders = books.rows("sale.sale", ["party", "currency"], _CONFIRMED)
    bought = {row["party"] for row in orders}
    figures: dict[int, _Figures] = defaultdict(_Figures)
    customers: dict[int, Customer] = defaultdict(lambda: Customer(""))
    for row in orders:
        figures[row["party"]].orders += 1
        figures[row["party"]].in_play.add(codes[row["currency"]])
    fields = ["party", "state", "number", "currency", "total_amount", "amount_to_pay"]
    took_back = _took_back_in_full(books)
    late = _late_lines(books, today or dt.datetime.now(dt.UTC).date())
    for row in books.rows("account.invoice", fields, ["type", "=", "out"]):
        party, code, total = row["party"], codes[row["currency"]], row["total_amount"]
        if row["state"] in ("posted", "paid") or row["number"]:
            bought.add(party)
        if row["state"] not in ("posted", "paid"):
            continue
        mine = figures[party]
        if row["id"] in took_back:
            continue  # what it took back is cancelled and counts no more, and so neither does it
        mine.sales[code] += total
        mine.in_play.add(code)
        if total <= 0:
            mine.credits[code] -= row["amount_to_pay"]
            continue
        mine.receivable[code] += row["amount_to_pay"]
        mine.overdue[code] += max(late.get(row["id"], ZERO) + row["amount_to_pay"], ZERO)
        if code in known:
            customers[party].invoices += 1
            customers[party].total[code] += total
            customers[party].allocated[code] += total - row["amount_to_pay"]
    netted = _open_items(books, codes, own)
    won = books.search("party.party", [["code", "like", "CRM-%"], _ACTIVE_OR_NOT])
    parties = bought | set(netted) | set(won)
    rows = books.rows("party.party", ["name"], ["id", "in", sorted(parties)], _ACTIVE_OR_NOT)
    for row in rows:
        customer, open_items = customers[row["id"]], netted.get(row["id"], {})
        mine = figures[row["id"]]
        (code,) = open_items if len(open_items) == 1 and known >= set(open_items) else (own,)
        customer.name = row["name"]
        customer.receivable, customer.credits = mine.receivable[code], mine.credits[code]
        customer.overdue = mine.overdue[code]
        net = open_items.get(code, ZERO)
        customer.prepaid = customer.receivable - customer.credits - net
        customer.orders = Decimal(mine.orders)
        customer.sales = mine.shown_sales(set(open_items), known, own)
    return {str(party): customers[party] for party in parties}


@dataclass
class _Figures:
    """What the books have of one customer, by currency; `in_play` are those of its documents."""

    receivable: Sums = field(default_factory=lambda: defaultdict(Decimal))
    credits: Sums = field(default_factory=lambda: defaultdict(Decimal))
    overdue: Sums = field(default_factory=lambda: defaultdict(Decimal))
    sales: Sums = field(default_factory=lambda: defaultdict(Decimal))
    orders: int = 0
    in_play: set[str] = field(default_factory=set)

    def shown_sales(self, opened: set[str], known: frozenset[str], own: str) -> Decimal | None:
        codes = self.in_play | opened
        if not codes:
            return ZERO
        (code,) = codes if len(codes) == 1 and known >= codes else (None,)
        return None if code is None else self.sales[code]


def _took_back_in_full(books: Tryton) -> set[int]:
    """Credit notes made out of an invoice that was cancelled by them."""
    lines = books.rows(
        "account.invoice.line", ["invoice", "origin"], ["origin", "like", "account.invoice.line,%"]
    )
    made_of = {int(line["origin"].partition(",")[2]): line["invoice"] for line in lines}
    originals = books.rows(
        "account.invoice.line",
        ["invoice"],
        ["id", "in", sorted(made_of)],
        ["invoice.state", "=", "cancelled"],
    )
    return {made_of[line["id"]] for line in originals}


def _late_lines(books: Tryton, today: dt.date) -> dict[int, Decimal]:
    """Invoice -> what of its open lines is past its due date, less all that is open of it. Added to
    the amount to pay that leaves what is overdue: part payments settle what is due first."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for line in books.rows(
        "account.move.line",
        ["origin", "move_origin", "debit", "credit", "amount_second_currency", "maturity_date"],
        ["account.type.receivable", "=", True],
        ["reconciliation", "=", None],
        ["move.state", "=", "posted"],
        ["maturity_date", ">=", today],
    ):
        model, _, key = (line["move_origin"] or "").partition(",")
        if model == "account.invoice":
            amount = line["amount_second_currency"] or line["debit"] - line["credit"]
            found[int(key)] -= amount
    return found


_CONFIRMED = ["state", "in", ["confirmed", "processing", "done"]]
_ACTIVE_OR_NOT = ["active", "in", [True, False]]


def _open_items(books: Tryton, codes: Mapping[int, str], own: str) -> dict[int, Sums]:
    """Party -> currency -> sum of the open posted items on its account, debit less credit."""
    netted: dict[int, Sums] = defaultdict(lambda: defaultdict(Decimal))
    fields = ["party", "debit", "credit", "second_currency", "amount_second_currency"]
    lines = books.rows(
        "account.move.line",
        fields,
        ["account.type.receivable", "=", True],
        ["reconciliation", "=", None],
        ["move.state", "=", "posted"],
        ["party", "!=", None],
    )
    for line in lines:
        if line["second_currency"]:
            code, amount = codes[line["second_currency"]], line["amount_second_currency"]
        else:
            code, amount = own, line["debit"] - line["credit"]
        netted[line["party"]][code] += amount
    return netted


def _read_invoices(crm: Crm, ids: Mapping[str, str], cards: Mapping[str, Customer]) -> None:
    for invoice in crm.invoices():
        key = ids.get(invoice["account"])
        if key is None or invoice["status"] == "Cancelled":
            continue
        card, code = cards[key], invoice["currency"]
        card.invoices += 1
        card.total[code] += Decimal(invoice["total_amount"])
        for payment in crm.payments(invoice["id"]):
            card.allocated[code] += Decimal(payment["amount"])


def _differences(key: str, here: Customer | None, there: Customer | None) -> list[str]:
    if here is None:
        assert there is not None
        return [f"{there.name} ({key}): a card of somebody who is no customer in the books"]
    if there is None:
        return [f"{here.name} ({key}): no card"]
    pairs = zip(HEAD, here.shown(), there.shown(), strict=True)
    return [
        f"{here.name} ({key}): {word} {left} in the books, {right} on the card"
        for word, left, right in pairs
        if left != right
    ]


def _order(key: str) -> tuple[int, str]:
    return len(key), key


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _figure(amount: Decimal | None) -> str:
    return "nothing" if amount is None else f"{amount:,.2f}"


def _money(sums: Sums) -> str:
    return " + ".join(f"{code} {sums[code]:,.2f}" for code in sorted(sums) if sums[code]) or "-"


def _width(text: str) -> int:
    """Columns of a terminal: Chinese and Japanese letters take two."""
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for number, (text, width) in enumerate(zip(row, widths, strict=True)):
        gap = " " * (width - _width(text))
        cells.append(text + gap if number in (0, len(row) - 1) else gap + text)
    return "  ".join(cells).rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the books with the cards.")
    parser.add_argument("world", type=Path, help="the file `make demo KEEP=1` wrote")
    world = json.loads(parser.parse_args().world.read_text())
    found = compare(Tryton(**world["tryton"]), Crm(**world["crm"]), world["card_fields"])
    print(found.table())
    print(summary(found))
    for sentence in found.differences:
        print(f"  {sentence}")
    return 1 if found.differences else 0


def summary(found: Comparison) -> str:
    if not found.differences:
        return f"{len(found.cards)} customers agree to the cent"
    return f"{len(found.differences)} differences among {len(found.books)} customers"


if __name__ == "__main__":
    sys.exit(main())
