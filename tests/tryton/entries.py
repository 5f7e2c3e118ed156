"""What an accountant types into the books beside invoices and payments: entries of the ledger, and
what the wizards of the ledger do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.world.books import INVOICE, LINE, Books, today
from tests.world.tryton import TrytonError


def take_back(books: Books, move: int) -> None:
    """Cancel a move with its mirror image: negative debits and credits. Tryton warns of it."""
    with books.wizard("account.move.cancel", "account.move", move) as wizard:
        asked = wizard.execute({}, wizard.start)
        while True:
            try:
                wizard.execute({"default": asked}, "cancel")
            except TrytonError as error:
                if error.kind != "UserWarning":
                    raise
                warning = {"user": books.user, "name": error.details[0], "always": False}
                books.create("res.user.warning", warning)
            else:
                return


def written_off(books: Books, invoice: int, paid: str) -> None:
    bank = books.one("account.invoice.payment.method", ["name", "=", "Bank"])
    with books.wizard("account.invoice.pay", INVOICE, invoice) as wizard:
        start = wizard.execute({}, wizard.start)
        start |= {"payment_method": bank, "amount": Decimal(paid), "date": today()}
        ask = wizard.execute({"start": start}, "choice")
        method = books.one("account.move.reconcile.write_off")
        ask |= {"type": "writeoff", "writeoff": method, "lines": ask["lines_to_pay"]}
        wizard.execute({"start": start, "ask": ask}, "pay")


def ledger_debit(books: Books, customer: int, amount: str) -> None:
    """A debt that no invoice stands behind, as opening balances are typed in."""
    books.call("account.move", "post", ledger_entry(books, customer, Decimal(amount)))


def draft_advance(books: Books, customer: int, amount: str) -> int:
    """A credit that is typed in and not posted: its move."""
    return ledger_entry(books, customer, -Decimal(amount))


def ledger_entry(books: Books, customer: int, amount: Decimal, journal: str = "general") -> int:
    """A move in draft, in a journal of this type."""
    accounts = {
        kind: books.search("account.account", [[f"type.{kind}", "=", True], ["closed", "!=", True]])
        for kind in ("receivable", "revenue")
    }
    sides = {"debit": max(amount, Decimal(0)), "credit": max(-amount, Decimal(0))}
    own = {"account": accounts["receivable"][0], "party": customer, **sides}
    swapped = {"debit": sides["credit"], "credit": sides["debit"]}
    other = {"account": accounts["revenue"][0], **swapped}
    (period,) = books.search(
        "account.period",
        [["start_date", "<=", today()], ["end_date", ">=", today()], ["type", "=", "standard"]],
    )
    move = {
        "journal": books.search("account.journal", [["type", "=", journal]])[0],
        "date": today(),
        "period": period,
        "lines": [["create", [own, other]]],
    }
    return books.create("account.move", move)


def amount_of(books: Books, line: int) -> Decimal:
    amount: Decimal = books.row(LINE, line, "debit")["debit"]
    return amount


def advance_of(books: Books, customer: int, line: int) -> int:
    return books.advance(customer, amount_of(books, line))


def own_fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if "." not in name}
