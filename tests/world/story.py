"""The demo's story, told with the commands a person would type, and checked as it is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.world.books import INVOICE, Books, today
from tests.world.company import SHOWN
from tests.world.compare import compare, summary
from tests.world.crm import Crm

RULE = "-" * 100


class Broken(Exception):
    """The story did not go as told."""


class Teller:
    """Types commands, listens to both systems' own logs, keeps the promises shown."""

    def __init__(self, books: Books, crm: Crm, config: Path) -> None:
        self.books, self.crm, self._config = books, crm, config
        self.shown: list[str] = []

    def chapter(self, title: str) -> None:
        print(f"\n{RULE}\n{title}\n", flush=True)

    def type(self, *words: str) -> str:
        """One command of syncd, echoed with its output. Raises Broken unless it exits 0."""
        print(f"$ syncd {' '.join(words)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "syncd", *words],
            env={**os.environ, "SYNCD_CONFIG": str(self._config), "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(done.stdout, flush=True)
        if done.returncode:
            raise Broken(f"syncd {' '.join(words)} ended with exit code {done.returncode}")
        return done.stdout

    def type_counting(self, *words: str) -> tuple[str, int, int]:
        """The output, and how many calls that write each system's own log has since."""
        books, crm = self.books.mark(), self.crm.mark()
        output = self.type(*words)
        return output, len(self.books.writes(books)), len(self.crm.writes(crm))

    def promise(self, kept: bool, what: str) -> None:
        if not kept:
            raise Broken(f"NOT SO: {what}")
        self.shown.append(what)
        print(f"  so it is: {what}", flush=True)


def tell(books: Books, crm: Crm, config: Path) -> None:
    """Raises Broken at the first thing that is not as promised."""
    teller = Teller(books, crm, config)
    print(f"$ export SYNCD_CONFIG={config}")
    _prepare(teller)
    plan = _look_first(teller)
    _write(teller, plan)
    _pay(teller)
    _again(teller)
    teller.chapter("What was shown")
    for number, promise in enumerate(teller.shown, 1):
        print(f"  {number}. {promise}")


def _prepare(teller: Teller) -> None:
    teller.chapter("The files are right, both systems answer, the CRM gets the fields of the card")
    teller.type("check")
    teller.type("connections", "test")
    teller.type("connections", "setup", "crm")


def _look_first(teller: Teller) -> str:
    teller.chapter("A new pair is in mode plan: it reads, and writes nothing")
    _, books, crm = teller.type_counting("run")
    teller.promise(books + crm == 0, "in mode plan a run writes nothing to either system")
    output, books, crm = teller.type_counting("plan")
    teller.promise(books + crm == 0, "a plan tells what would be written and writes nothing")
    found = re.search(r"syncd apply ([0-9a-z]+)", output)
    if found is None:
        raise Broken("the plan does not name the command that applies it")
    return found[1]


def _write(teller: Teller, plan: str) -> None:
    teller.chapter("The plan is applied, and the cards are there")
    _, books, crm = teller.type_counting("apply", plan)
    teller.promise(crm > 0 and books == 0, f"{crm} calls wrote to the CRM, none to the books")
    print(f"\nThe card of {SHOWN}, as the CRM's own API returns it:\n")
    for line in card_lines(teller.crm, teller.books, SHOWN):
        print(f"  {line}")
    teller.chapter("Books and cards side by side, read without syncd")
    _compare(teller, "after the first writing")


def _pay(teller: Teller) -> None:
    books, crm = teller.books, teller.crm
    teller.chapter(f"{SHOWN} pays in Tryton")
    before = card_lines(crm, books, SHOWN)
    customer = books.one("party.party", ["name", "=", SHOWN])
    domain = [["party", "=", customer], ["state", "=", "posted"], ["payment_lines", "!=", None]]
    (invoice,) = books.search(INVOICE, domain)
    row = books.row(INVOICE, invoice, "number", "amount_to_pay")
    books.pay(invoice, row["amount_to_pay"], today())
    print(f"{row['number']}: {row['amount_to_pay']:,.2f} EUR received in the books\n")
    teller.type("run")
    after = card_lines(crm, books, SHOWN)
    print("What changed on the card:")
    for line in (line for line in before if line not in after):
        print(f"  - {line}")
    for line in (line for line in after if line not in before):
        print(f"  + {line}")
    owed = _owed(crm, customer)
    teller.promise(
        owed == books.receivable(customer) and before != after,
        f"the payment is on the card: {SHOWN} now owes EUR {owed:,.2f}",
    )
    _compare(teller, "after the payment", only=SHOWN)


def _again(teller: Teller) -> None:
    teller.chapter("Nothing changed: nothing is written")
    _, books, crm = teller.type_counting("run")
    teller.promise(
        books + crm == 0,
        "a run without news makes no call that writes, by both systems' own logs of calls",
    )


def _compare(teller: Teller, when: str, only: str | None = None) -> None:
    found = compare(teller.books, teller.crm)
    print(found.table(only))
    for sentence in found.differences:
        print(f"  {sentence}")
    teller.promise(not found.differences, f"{summary(found)}, {when}")


def _owed(crm: Crm, customer: int) -> Decimal:
    return Decimal(str(crm.card_of(str(customer))["account_obj"]["custom_fields"]["receivable"]))


def card_lines(crm: Crm, books: Books, name: str) -> list[str]:
    """The card as text: its fields, then each invoice with its payments."""
    card = crm.card_of(str(books.one("party.party", ["name", "=", name])))
    account = card["account_obj"]
    lines = [f"{key:12} {account[key]}" for key in ("name", "email", "phone") if account[key]]
    lines += [f"{key:12} {value}" for key, value in sorted(account["custom_fields"].items())]
    for invoice in sorted(card["invoices"], key=lambda row: str(row["issue_date"])):
        lines.append(_invoice_line(invoice))
        payments = sorted(crm.payments(invoice["id"]), key=lambda row: str(row["payment_date"]))
        lines += [f"  paid {row['payment_date']}  {row['amount']:>10}" for row in payments]
    return lines


def _invoice_line(invoice: dict[str, Any]) -> str:
    return (
        f"invoice {invoice['invoice_title']}  {invoice['issue_date']}  "
        f"{invoice['currency']} {invoice['total_amount']:>10}  paid {invoice['amount_paid']:>10}  "
        f"due {invoice['due_date']} {invoice['amount_due']:>10}  {invoice['status']}"
    )
