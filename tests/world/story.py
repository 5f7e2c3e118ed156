"""The demo's story, told with the commands a person would type, and checked as it is told."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
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

    def type(self, *words: str, days: int = 0, code: int = 0) -> str:
        """One command of syncd, echoed with its output, `days` from now. Raises Broken unless it
        exits with `code`."""
        print(
            f"$ syncd {shlex.join(words)}{f'    ({days} days later)' if days else ''}", flush=True
        )
        clock = ["tests.world.at", str(days)] if days else ["syncd"]
        done = subprocess.run(
            [sys.executable, "-m", *clock, *words],
            env={**os.environ, "SYNCD_CONFIG": str(self._config), "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(done.stdout, flush=True)
        if done.returncode != code:
            raise Broken(f"syncd {shlex.join(words)} ended with exit code {done.returncode}")
        return done.stdout

    def type_counting(self, *words: str, days: int = 0, code: int = 0) -> tuple[str, int, int]:
        """The output, and how many calls that write each system's own log has since."""
        books, crm = self.books.mark(), self.crm.mark()
        output = self.type(*words, days=days, code=code)
        return output, len(self.books.writes(books)), len(self.crm.writes(crm))

    def promise(self, kept: bool, what: str) -> None:
        if not kept:
            raise Broken(f"NOT SO: {what}")
        self.shown.append(what)
        print(f"  so it is: {what}", flush=True)


def tell(books: Books, crm: Crm, config: Path, *, whole: bool = True) -> None:
    """Raises Broken at the first thing that is not as promised. Not `whole`: up to the proof; what
    follows it is the CRM's and the clock's."""
    teller = Teller(books, crm, config)
    print(f"$ export SYNCD_CONFIG={config}")
    _prepare(teller)
    plan = _look_first(teller)
    _write(teller, plan)
    _pay(teller)
    _again(teller)
    _credit(teller)
    _win(teller)
    _prove(teller)
    if whole:
        _ask_why(teller)
        _break_a_field(teller)
        _wait(teller)
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
    _show_changes(before, after)
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


def _credit(teller: Teller) -> None:
    books, crm = teller.books, teller.crm
    teller.chapter(f"{SHOWN} sends something back: a credit note is posted")
    customer = books.one("party.party", ["name", "=", SHOWN])
    books.credit_note(customer, "80.50")
    before = card_lines(crm, books, SHOWN)
    teller.type("run")
    _show_changes(before, card_lines(crm, books, SHOWN))
    account = crm.card_of(str(customer))["account_obj"]
    for note in crm.notes(account["id"]):
        print(f"  note: {note}")
    credits = Decimal(str(account["custom_fields"]["credits"]))
    teller.promise(
        credits == Decimal("80.50"), f"what was sent back stands as credits: EUR {credits:,.2f}"
    )
    _compare(teller, "after the credit note", only=SHOWN)


def _win(teller: Teller) -> None:
    books, crm = teller.books, teller.crm
    name = "Gasthof Alpenblick 旅館"
    teller.chapter("A seller wins a deal in the CRM: the customer is in Tryton before any order")
    place = {"address_line": "Dorfstraße 1", "postcode": "6020", "city": "Innsbruck"}
    account = crm.add_account(
        name, email="office@alpenblick.example", phone="+43512555026", **place
    )
    deal = crm.open_deal(account, f"Dining room for {name}", "7400.00", "EUR")
    crm.win(deal)
    _, in_books, _ = teller.type_counting("run")
    party = books.one("party.party", ["code", "=", f"CRM-{account}"])
    row = books.row("party.party", party, "name", "code")
    print(f"In Tryton: party {party}, {row['name']}, code {row['code']}")
    fields = crm.card(account)["account_obj"]["custom_fields"]
    print(f"On the card: books_id {fields['books_id']}, {fields['line']}\n")
    teller.promise(
        in_books == 1 and fields["books_id"] == str(party),
        f"one call made {name} in the books, and its card knows the customer's id there",
    )
    books.post_invoice(party, "7400.00")
    teller.type("run")
    owed = Decimal(str(crm.card(account)["account_obj"]["custom_fields"]["receivable"]))
    teller.promise(owed == 7400, f"its first invoice is on the card: it owes EUR {owed:,.2f}")


def _prove(teller: Teller) -> None:
    teller.chapter("Ledger, documents and cards, side by side")
    teller.type("prove")
    line = _field(teller, SHOWN, "line")
    teller.promise("proven" in str(line), f"the card says since when it is proven: {line}")


def _ask_why(teller: Teller) -> None:
    teller.chapter(f"Why does the card of {SHOWN} say so?")
    told = teller.type("why", "customer", SHOWN, "receivable")
    owed = Decimal(str(_field(teller, SHOWN, "receivable")))
    teller.promise(
        f"{owed:,.2f}" in told and "INV" in told, "a value is explained by its documents"
    )


def _break_a_field(teller: Teller) -> None:
    crm = teller.crm
    teller.chapter("An admin of the CRM switches a field off")
    definition = crm.custom_field("Account", "overdue")
    crm.put(f"/api/custom-fields/{definition['id']}/", {"is_active": False})
    print(f"(and EUR 100.00 come in for {_pay_overdue(teller)}, which was overdue)\n")
    teller.type("run")
    teller.type("prove", code=1)
    told = teller.type("problems", code=1)
    teller.promise(
        "custom_fields.overdue" in told, "a value that the CRM does not keep is one problem"
    )
    teller.type("connections", "setup", "crm")
    teller.type("run")
    told = teller.type("problems")
    teller.promise("custom_fields.overdue" not in told, "the field is back: it closed itself")


def _pay_overdue(teller: Teller) -> str:
    """EUR 100.00 for the oldest open invoice of SHOWN; its number."""
    books = teller.books
    customer = books.one("party.party", ["name", "=", SHOWN])
    domain = [["party", "=", customer], ["state", "=", "posted"], ["total_amount", ">", 0]]
    oldest = books.search(INVOICE, domain, order=[["invoice_date", "ASC"]])[0]
    books.pay(oldest, "100.00", today())
    return str(books.row(INVOICE, oldest, "number")["number"])


def _wait(teller: Teller) -> None:
    """The clock is handed to syncd; the systems stay where they are."""
    days = 40
    teller.chapter(f"{days} days pass, and nothing happens in the books")
    before = card_lines(teller.crm, teller.books, SHOWN)
    _, books, crm = teller.type_counting("run", days=days, code=1)
    told = teller.type("problems", code=1)
    teller.promise(
        "1 open" in told and "clock" in told,
        f"nothing failed, and yet it is told that {days} days on one clock are none on the other",
    )
    _show_changes(before, card_lines(teller.crm, teller.books, SHOWN))
    teller.promise(books == 0 and crm > 0, f"{crm} cards became overdue by the clock alone")
    day = today() + dt.timedelta(days=days)
    _compare(teller, f"on {day.isoformat()}", day=day)
    _, books, crm = teller.type_counting("run", days=days)
    teller.promise(books + crm == 0, "the next run writes nothing")


def _show_changes(before: list[str], after: list[str]) -> None:
    print("What changed on the card:")
    for line in (line for line in before if line not in after):
        print(f"  - {line}")
    for line in (line for line in after if line not in before):
        print(f"  + {line}")


def _field(teller: Teller, name: str, key: str) -> object:
    customer = teller.books.one("party.party", ["name", "=", name])
    return teller.crm.card_of(str(customer))["account_obj"]["custom_fields"].get(key)


def _compare(
    teller: Teller, when: str, only: str | None = None, day: dt.date | None = None
) -> None:
    found = compare(teller.books, teller.crm, today=day)
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
