"""Documents: what is open of them, what moves them, and that every way to add it up agrees."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.netsuite.desk import Desk, Json

STAMP = "TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS')"


def new(desk: Desk, currency: int = 1) -> int:
    return int(desk.do("customer", companyname=f"ООО {desk.now:%H%M%S%f}", currency=currency))


def paper(desk: Desk, id: int) -> Json:
    [row] = desk.rows(
        f"""SELECT type, status, foreigntotal, foreignamountpaid, foreignamountunpaid AS open,
        foreignpaymentamountunused AS unused, voided, {STAMP} AS moved
        FROM transaction WHERE id = ?""",
        id,
    )
    return row


def one(price: str) -> list[list[Any]]:
    return [[1, 1, price]]


def test_a_payment_over_two_invoices_with_a_rest(desk: Desk) -> None:
    who = new(desk)
    first, second = (desk.do("invoice", customer=who, lines=one(each)) for each in ("100", "50"))
    paid = desk.do("pay", customer=who, amount="120", apply={str(first): "100", str(second): "5.5"})
    assert paper(desk, first)["status"] == "B"
    assert paper(desk, second)["status"] == "A"
    assert paper(desk, second)["open"] == "44.5"
    assert (paper(desk, paid)["unused"], paper(desk, paid)["foreigntotal"]) == ("14.5", "-120")
    links = desk.rows(
        "SELECT previousdoc, nextdoc, foreignamount, linktype FROM NextTransactionLineLink "
        "WHERE nextdoc = ? ORDER BY previousdoc",
        paid,
    )
    assert [(one["previousdoc"], one["foreignamount"]) for one in links] == [
        (str(first), "100"),
        (str(second), "5.5"),
    ]
    assert {one["linktype"] for one in links} == {"Payment"}


def test_applied_later_and_taken_back(desk: Desk) -> None:
    who = new(desk)
    invoice = desk.do("invoice", customer=who, lines=one("100"))
    paid = desk.do("pay", customer=who, amount=100)
    desk.later(minutes=20)
    desk.do("apply", credit=paid, invoice=invoice, amount=60)
    moved = {paper(desk, one)["moved"] for one in (invoice, paid)}
    assert (paper(desk, invoice)["open"], moved) == ("40", {"2026-11-20 12:20:00"})
    desk.later(minutes=20)
    desk.do("unapply", credit=paid, invoice=invoice)
    assert (paper(desk, invoice)["open"], paper(desk, paid)["unused"]) == ("100", "100")
    with pytest.raises(ValueError, match="less than 101"):
        desk.do("apply", credit=paid, invoice=invoice, amount=101)


@pytest.mark.parametrize(
    ("which", "moved"),
    [("both", "13 13"), ("payment", "12 13"), ("invoice", "13 12"), ("none", "12 12")],
)
def test_whose_date_moves_is_a_switch(desk: Desk, which: str, moved: str) -> None:
    desk.switch(apply_touches=which)
    who = new(desk)
    invoice, paid = (
        desk.do("invoice", customer=who, lines=one("9")),
        desk.do("pay", customer=who, amount=9),
    )
    desk.later(hours=1)
    desk.do("apply", credit=paid, invoice=invoice, amount=9)
    assert " ".join(paper(desk, one)["moved"][11:13] for one in (invoice, paid)) == moved


def test_a_deposit_is_applied_by_a_document_of_its_own(desk: Desk) -> None:
    who = new(desk)
    order = desk.do("order", customer=who, lines=one("80"))
    deposit = desk.do("deposit", customer=who, amount=80, order=order)
    invoice = desk.do("invoice", customer=who, lines=one("80"), order=order)
    made = desk.do("apply", credit=deposit, invoice=invoice, amount=30)
    assert (paper(desk, made)["type"], paper(desk, made)["unused"]) == ("DepAppl", "0")
    assert (paper(desk, deposit)["unused"], paper(desk, deposit)["status"]) == ("50", "B")
    desk.do("apply", credit=deposit, invoice=invoice, amount=50)
    assert (paper(desk, deposit)["status"], paper(desk, invoice)["status"]) == ("C", "B")


def test_a_voided_document_counts_for_nothing(desk: Desk) -> None:
    who = new(desk)
    invoice = desk.do("invoice", customer=who, lines=one("100"))
    paid = desk.do("pay", customer=who, amount=100, apply={str(invoice): 100})
    desk.do("void", document=paid)
    assert (paper(desk, paid)["voided"], paper(desk, paid)["foreigntotal"]) == ("T", "0")
    assert (paper(desk, invoice)["status"], paper(desk, invoice)["open"]) == ("A", "100")


def test_or_a_journal_takes_it_back(desk: Desk) -> None:
    desk.switch(void_by_journal=True)
    who = new(desk)
    invoice = desk.do("invoice", customer=who, lines=one("100"))
    journal = desk.do("void", document=invoice)
    assert (paper(desk, journal)["type"], paper(desk, journal)["unused"]) == ("Journal", "0")
    assert (paper(desk, invoice)["foreigntotal"], paper(desk, invoice)["open"]) == ("100", "0")
    assert desk.values("SELECT reversal FROM transaction WHERE id = ?", invoice) == [str(journal)]


def test_deleting_leaves_a_trace_and_opens_what_was_paid(desk: Desk) -> None:
    who = new(desk)
    invoice = desk.do("invoice", customer=who, lines=one("100"))
    paid = desk.do("pay", customer=who, amount=100, apply={str(invoice): 100})
    with pytest.raises(ValueError, match="cannot be deleted because it is linked"):
        desk.do("delete", document=invoice)
    desk.do("delete", document=paid)
    assert paper(desk, invoice)["open"] == "100"
    gone = "SELECT recordid, type, name FROM deletedrecord WHERE recordid = ? AND type = ?"
    [row] = desk.rows(gone, paid, "customerpayment")
    assert row["name"].startswith("Payment #PYMT")
    assert desk.rows("SELECT id FROM transactionline WHERE transaction = ?", paid) == []


def test_an_order_with_two_invoices(desk: Desk) -> None:
    who = new(desk)
    order = desk.do("order", customer=who, lines=[[1, 10, "2.5"], [2, 1, "7"]])
    desk.do("invoice", customer=who, lines=[[1, 4, "2.5"]], order=order)
    assert paper(desk, order)["status"] == "E"
    desk.do("invoice", customer=who, lines=[[1, 6, "2.5"], [2, 1, "7"]], order=order)
    assert paper(desk, order)["status"] == "G"
    billed = "SELECT SUM(foreignamount) AS x FROM PreviousTransactionLineLink WHERE previousdoc = ?"
    assert desk.values(f"{billed} AND linktype = 'OrdBill'", order) == ["32"]


def test_a_lead_becomes_a_customer_by_its_first_order(desk: Desk) -> None:
    who = desk.do("customer", companyname="候補商事", entitystatus=6)
    stage = "SELECT searchstage FROM customer WHERE id = ?"
    assert desk.values(stage, who) == ["Lead"]
    desk.do("order", customer=who, lines=one("5"))
    assert desk.values(stage, who) == ["Customer"]


def test_the_books_of_a_subsidiary_have_their_own_currency(desk: Desk) -> None:
    """The rate is the one into those books: yen in yen are one."""
    there = desk.do("customer", companyname="株式会社", currency=4, subsidiary=3)
    home = desk.do("invoice", customer=there, lines=one("1000"))
    abroad = desk.do("invoice", customer=new(desk, currency=4), lines=one("1000"))
    rate = "SELECT exchangerate FROM transaction WHERE id = ?"
    assert desk.values(rate, home) + desk.values(rate, abroad) == ["1", "0.0066"]
    unpaid = "SELECT SUM(amountunpaid) AS x FROM transactionaccountingline WHERE transaction = ?"
    assert desk.values(unpaid, home) + desk.values(unpaid, abroad) == ["1000", "6.6"]


def test_the_signs_and_letters_that_nobody_could_settle(desk: Desk) -> None:
    desk.switch(negative_totals=False, deposits_in_accounting=True)
    who = new(desk)
    assert paper(desk, desk.do("pay", customer=who, amount=5))["foreigntotal"] == "5"
    deposit = desk.do("deposit", customer=who, amount=7)
    text = "SELECT SUM(paymentamountunused) AS x FROM transactionaccountingline"
    assert desk.values(f"{text} WHERE transaction = ?", deposit) == ["7"]


class Shadow:
    """What is open, by nothing but what was done."""

    def __init__(self) -> None:
        self.open: dict[int, Decimal] = {}
        self.unused: dict[int, Decimal] = {}
        self.applied: dict[tuple[int, int], Decimal] = {}

    def settle(self, credit: int, invoice: int, part: Decimal) -> None:
        self.open[invoice] -= part
        self.unused[credit] -= part
        self.applied[credit, invoice] = self.applied.get((credit, invoice), Decimal(0)) + part

    def free(self, credit: int, invoice: int) -> None:
        self.settle(credit, invoice, -self.applied[credit, invoice])
        del self.applied[credit, invoice]


def test_what_is_owed_by_a_journal_is_paid_like_an_invoice(desk: Desk) -> None:
    who = new(desk)
    journal = desk.do("charge", customer=who, amount=70)
    assert (paper(desk, journal)["open"], paper(desk, journal)["status"]) == ("70", "B")
    desk.do("pay", customer=who, amount=50, apply={str(journal): 50})
    unpaid = "SELECT SUM(amountunpaid) AS x FROM transactionaccountingline WHERE transaction = ?"
    assert desk.values(unpaid, journal) == ["20"]
    assert desk.call("GET", f"customer/{who}")[1]["balance"] == 20


@pytest.mark.parametrize("journal", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_every_way_to_add_up_agrees(desk: Desk, seed: int, journal: bool) -> None:
    """A hundred random operations; then headers, ledger, links and the card of the record API."""
    desk.switch(void_by_journal=journal)
    chance, shadow, who = random.Random(seed), Shadow(), new(desk)
    for _ in range(100):
        _step(desk, chance, shadow, who)
    rows = desk.rows(
        "SELECT id, foreignamountunpaid AS open, foreignpaymentamountunused AS unused "
        "FROM transaction WHERE entity = ? AND (foreignamountunpaid <> 0 "
        "OR foreignpaymentamountunused <> 0)",
        who,
    )
    seen = {int(one["id"]): Decimal(one.get("open") or one["unused"]) for one in rows}
    held = {**shadow.open, **shadow.unused}
    assert seen == {id: part for id, part in held.items() if part}

    [ledger] = desk.rows(
        "SELECT SUM(NVL(a.amountunpaid, 0) - NVL(a.paymentamountunused, 0)) AS owed "
        "FROM transaction t JOIN transactionaccountingline a ON a.transaction = t.id "
        "WHERE t.posting = 'T' AND t.voided = 'F' AND t.entity = ?",
        who,
    )
    owed = sum(shadow.open.values(), Decimal(0)) - sum(shadow.unused.values(), Decimal(0))
    assert Decimal(ledger["owed"]) == owed
    card = desk.call("GET", f"customer/{who}")[1]
    assert Decimal(str(card["balance"])) == owed
    assert Decimal(desk.values("SELECT balancesearch FROM customer WHERE id = ?", who)[0]) == owed

    links = desk.rows(
        "SELECT l.nextdoc, l.previousdoc, SUM(l.foreignamount) AS part "
        "FROM NextTransactionLineLink l JOIN transaction t ON t.id = l.previousdoc "
        "WHERE t.entity = ? AND l.linktype = 'Payment' AND t.type = 'CustInvc' "
        "GROUP BY l.nextdoc, l.previousdoc",
        who,
    )
    told = {(int(a["nextdoc"]), int(a["previousdoc"])): Decimal(a["part"]) for a in links}
    assert told == shadow.applied
    balanced = "SELECT transaction, SUM(amount) AS x FROM transactionaccountingline"
    assert {one["x"] for one in desk.rows(f"{balanced} GROUP BY transaction")} == {"0"}


def _step(desk: Desk, chance: random.Random, shadow: Shadow, who: int) -> None:
    price = Decimal(chance.randint(1, 99_999)) / 100
    open = [id for id, part in shadow.open.items() if part]
    unused = [id for id, part in shadow.unused.items() if part]
    desk.later(minutes=1)
    match chance.randrange(8):
        case 0 | 1:
            shadow.open[desk.do("invoice", customer=who, lines=one(str(price)))] = price
        case 2:
            shadow.unused[desk.do("pay", customer=who, amount=str(price))] = price
        case 3:
            shadow.unused[desk.do("credit", customer=who, lines=one(str(price)))] = price
        case 4 | 5 if open and unused:
            credit, invoice = chance.choice(unused), chance.choice(open)
            part = min(shadow.unused[credit], shadow.open[invoice], price)
            desk.do("apply", credit=credit, invoice=invoice, amount=str(part))
            shadow.settle(credit, invoice, part)
        case 6 if shadow.applied:
            credit, invoice = chance.choice(sorted(shadow.applied))
            desk.do("unapply", credit=credit, invoice=invoice)
            shadow.free(credit, invoice)
        case 7 if shadow.unused:
            gone = chance.choice(sorted(shadow.unused))
            for pair in [one for one in shadow.applied if one[0] == gone]:
                shadow.free(*pair)
            desk.do(chance.choice(("void", "delete")), document=gone)
            del shadow.unused[gone]
