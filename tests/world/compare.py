"""Books and cards side by side, each read by its own API; no line of syncd is used.

    python -m tests.world.compare .demo/world.json      exit 1 on any difference

Per customer in scope: number and sum of the invoices (posted or paid, positive, in a currency the
CRM knows), what is allocated to them, receivable, prepaid, and the books id.

Scope: open items, or a customer invoice ever posted, or a sale confirmed. An item without an
invoice, a credit note and what was overpaid are *prepaid*; a figure on the card is that of the one
currency with open items, if there is exactly one and the CRM knows it, else of the company's.
"""

from __future__ import annotations

import argparse
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
FIELDS = {"books_id": "books_id", "receivable": "receivable", "prepaid": "prepaid"}
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

    def shown(self) -> tuple[str, ...]:
        return (
            str(self.invoices),
            _money(self.total),
            _money(self.allocated),
            _figure(self.receivable),
            _figure(self.prepaid),
        )


@dataclass(frozen=True)
class Comparison:
    """Both sides by books id; `differences` are sentences."""

    books: Mapping[str, Customer]
    cards: Mapping[str, Customer]
    differences: Sequence[str]

    def table(self, only: str | None = None) -> str:
        """All customers, or those of one name; two lines where the sides differ."""
        head = ("customer", "id", "invoices", "sum", "allocated", "receivable", "prepaid", "")
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


def compare(books: Tryton, crm: Crm, fields: Mapping[str, str] = FIELDS) -> Comparison:
    """`fields` are the keys of the CRM's custom fields."""
    known = crm.currencies()
    here, there, differences = read_books(books, known), {}, []
    ids: dict[str, str] = {}
    for account in crm.accounts():
        key = account["custom_fields"].get(fields["books_id"])
        if key is None:
            continue
        if key in there:
            differences.append(f"two cards have the books id {key}")
        ids[account["id"]] = key
        there[key] = Customer(
            account["name"],
            receivable=_decimal(account["custom_fields"].get(fields["receivable"])),
            prepaid=_decimal(account["custom_fields"].get(fields["prepaid"])),
        )
    _read_invoices(crm, ids, there)
    for key in sorted(here.keys() | there.keys(), key=_order):
        differences += _differences(key, here.get(key), there.get(key))
    return Comparison(here, there, differences)


def read_books(books: Tryton, known: frozenset[str]) -> dict[str, Customer]:
    """Customers in scope by party id, with the figures their cards should show."""
    codes = {row["id"]: row["code"] for row in books.rows("currency.currency", ["code"])}
    company = books.row("company.company", books.context["company"], "currency")
    own = codes[company["currency"]]
    bought = {row["party"] for row in books.rows("sale.sale", ["party"], _CONFIRMED)}
    receivable: dict[int, Sums] = defaultdict(lambda: defaultdict(Decimal))
    customers: dict[int, Customer] = defaultdict(lambda: Customer(""))
    fields = ["party", "state", "number", "currency", "total_amount", "amount_to_pay"]
    for row in books.rows("account.invoice", fields, ["type", "=", "out"]):
        party, code, total = row["party"], codes[row["currency"]], row["total_amount"]
        if row["state"] in ("posted", "paid") or row["number"]:
            bought.add(party)
        if row["state"] not in ("posted", "paid") or total <= 0:
            continue
        receivable[party][code] += row["amount_to_pay"]
        if code in known:
            customers[party].invoices += 1
            customers[party].total[code] += total
            customers[party].allocated[code] += total - row["amount_to_pay"]
    netted = _open_items(books, codes, own)
    parties = bought | set(netted)
    rows = books.rows("party.party", ["name"], ["id", "in", sorted(parties)], _ACTIVE_OR_NOT)
    for row in rows:
        customer, open_items = customers[row["id"]], netted.get(row["id"], {})
        (code,) = open_items if len(open_items) == 1 and known >= set(open_items) else (own,)
        owed = receivable[row["id"]][code]
        customer.name = row["name"]
        customer.receivable = owed
        customer.prepaid = owed - open_items.get(code, ZERO)
    return {str(party): customers[party] for party in parties}


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
    words = ("number of invoices", "sum of invoices", "allocated", "receivable", "prepaid")
    pairs = zip(words, here.shown(), there.shown(), strict=True)
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
