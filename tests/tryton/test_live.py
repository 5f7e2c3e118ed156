"""The connector against a real Tryton: the sums that must close, and what moves what."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from connectors.tryton import Tryton
from syncd.clock import SystemClock
from syncd.domain import (
    Adjustment,
    CreditNote,
    Customer,
    Invoice,
    Kind,
    Money,
    Order,
    Payment,
    Reason,
    State,
    Term,
)
from syncd.errors import AccessError, ProtocolError
from syncd.http import HttpTransport
from syncd.port import All, Keys, Read, Request, Response, Since
from tests.tryton import awkward
from tests.tryton.reader import OBJECTS, PATHS, Mirror, Reader
from tests.tryton.sums import documents, owed, said
from tests.world.books import INVOICE, LINE, Books, today
from tests.world.tryton_server import TrytonServer, template

ZERO = Decimal(0)
SETTLING = (Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)

# The first test plays all the cases; on a busy machine that alone takes minutes.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def books(tryton: Books) -> Books:
    awkward.prepare(tryton)
    return tryton


@pytest.fixture(scope="module")
def reader(books: Books) -> Reader:
    return Reader(books)


# --------------------------------------------------------------------------- the sums that close


class Settled(NamedTuple):
    """Every awkward case played once, and what a pass over everything said afterwards."""

    customers: Mapping[str, int]
    missed: list[tuple[Kind, str]]
    records: Mapping[Kind, Mapping[str, Mapping[str, Any]]]

    def balance(self, case: str) -> Mapping[str, Any]:
        return self.records[Kind.BALANCE][str(self.customers[case])]


@pytest.fixture(scope="module")
def settled(books: Books, reader: Reader) -> Settled:
    mirror = Mirror(reader)
    customers = {}
    for name, play in awkward.CASES.items():
        customers[name] = books.create_customer(f"{name.capitalize()}: Ёлкин и 田中")
        play(books, customers[name])
    missed = mirror.follow()
    records = {kind: reader.data(kind) for kind in (*SETTLING, Kind.BALANCE)}
    return Settled(customers, missed, records)


@pytest.mark.parametrize("name", awkward.CASES)
def test_an_invoice_is_allocated_what_is_no_longer_to_be_paid(
    name: str, books: Books, settled: Settled
) -> None:
    allocated = check_sums(books, settled, ["party", "=", settled.customers[name]])
    assert allocated or name in WITHOUT_ALLOCATIONS


def test_nothing_settles_more_than_it_is(settled: Settled) -> None:
    for kind, sign in ((Kind.PAYMENT, 1), (Kind.CREDIT_NOTE, -1), (Kind.ADJUSTMENT, -1)):
        for record in settled.records[kind].values():
            note = kind is Kind.CREDIT_NOTE
            currency = record["currency"]["code"] if note else record["currency"]
            own = [p["amount"] for p in record["allocations"] if p["currency"] == currency]
            amount = sign * record["total_amount" if note else "amount"]
            assert sum(own, ZERO) <= max(ZERO, amount)


@pytest.mark.parametrize("kind", SETTLING)
def test_a_record_read_alone_says_the_same(kind: Kind, reader: Reader, settled: Settled) -> None:
    records = settled.records[kind]
    assert records and {key: reader.one(kind, int(key)) for key in records} == records


def test_what_changed_is_all_that_changed(settled: Settled) -> None:
    assert settled.missed == []


WITHOUT_ALLOCATIONS = {
    "a cancellation undone",
    "a credit in full undone",
    "a credit note paid out in part",
    "an opening debt paid",
    "credited in full",
    "a loose credit note",
    "a credit note paid out",
    "a loose advance",
    "cancelled by a reverse move",
    "an opening debt",
    "a move still in draft",
    "a payment that bounced",
}


def check_sums(books: Books, settled: Settled, *domain: Any) -> Decimal:
    """What is allocated to these invoices: as much as Tryton says is no longer to be paid."""
    allocated: defaultdict[int, Decimal] = defaultdict(Decimal)
    for record in (one for kind in SETTLING for one in settled.records[kind].values()):
        for part in record["allocations"]:
            assert part["amount"] > 0
            allocated[part["invoice"]] += part["amount"]
    total = ZERO
    fields = ["state", "total_amount", "amount_to_pay"]
    for row in books.rows(INVOICE, fields, ["type", "=", "out"], *domain):
        shown = row["state"] in ("posted", "paid") and row["total_amount"] > 0
        expected = row["total_amount"] - row["amount_to_pay"] if shown else ZERO
        assert allocated[row["id"]] == expected, row
        total += expected
    return total


FIGURES = ("receivable", "prepaid", "credits")


@pytest.mark.parametrize("name", awkward.CASES)
def test_the_figures_are_trytons_own(name: str, books: Books, settled: Settled) -> None:
    """receivable less prepaid and credits, in the company's currency, is Tryton's `receivable`
    (which counts moves in draft, too); and what is owed in another currency is what its invoices
    say."""
    customer = settled.customers[name]
    balance = settled.balance(name)
    draft = [["party", "=", customer], ["move.state", "=", "draft"]]
    unposted = sum((row["debit"] for row in books.rows(LINE, ["debit"], *draft)), ZERO)
    assert balance["balance"] == books.receivable(customer) - unposted
    rows = {row["currency"]: row for row in balance["rows"]}
    figures = {code: [row[name] for name in FIGURES] for code, row in rows.items()}
    assert all(figure >= 0 for row in figures.values() for figure in row)
    if rows.keys() <= {"EUR"}:
        netted = sum((row[0] - row[1] - row[2] for row in figures.values()), ZERO)
        assert netted == balance["balance"]
    foreign = {code: row[0] for code, row in figures.items() if code != "EUR" and row[0]}
    assert foreign == _owed_in_other_currencies(books, customer)


def _owed_in_other_currencies(books: Books, customer: int) -> dict[str, Decimal]:
    posted = [["party", "=", customer], ["state", "=", "posted"], ["currency.code", "!=", "EUR"]]
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in books.rows(INVOICE, ["amount_to_pay", "currency.code"], *posted):
        owed[invoice["currency."]["code"]] += invoice["amount_to_pay"]
    return {code: amount for code, amount in owed.items() if amount}


@pytest.mark.parametrize(
    ("case", "figures"),
    [
        ("paid in parts", "34.99 0 0"),
        ("a loose credit note", "100.00 0 20.00"),
        ("a loose advance", "50.00 110.00 0"),
        ("paid too much", "0 20.00 0"),
        ("an opening debt", "63.00 0 0"),
        ("links above what is open", "0 35.00 0"),
        ("a payment that bounced", "100.00 0 0"),
        ("money given back", "0 5.00 0"),
        ("a credit note paid out in part", "0 0 15.00"),
        ("an opening debt paid", "0 5.00 0"),
        ("a credit in full undone", "100.00 0 0"),
        ("a cancellation undone", "100.00 100.00 0"),
    ],
)
def test_what_is_owed_paid_ahead_and_credited_is_not_netted(
    case: str, figures: str, settled: Settled
) -> None:
    expected = dict(zip(FIGURES, map(Decimal, figures.split()), strict=True))
    assert settled.balance(case)["rows"] == [{"currency": "EUR", **expected}]


def test_one_payment_names_both_its_invoices(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Sammelzahler")
    invoices = [books.post_invoice(customer, amount) for amount in ("100.00", "33.33")]
    paid = books.pay_together(invoices)
    parts = reader.one(Kind.PAYMENT, paid)["allocations"]
    found = {part["invoice"]: part["amount"] for part in parts}
    assert found == dict(zip(invoices, (Decimal("100.00"), Decimal("33.33")), strict=True))


def test_the_shipped_mapping_takes_it_all(books: Books, reader: Reader, settled: Settled) -> None:
    found = documents(reader)
    names = {one.name for one in found[Kind.CUSTOMER].values() if isinstance(one, Customer)}
    assert {f"{name.capitalize()}: Ёлкин и 田中" for name in awkward.CASES} <= names
    total = {i.key: i.total for i in found[Kind.INVOICE].values() if isinstance(i, Invoice)}
    for record in (one for kind in SETTLING for one in found[kind].values()):
        assert isinstance(record, Payment | CreditNote | Adjustment)
        for part in record.allocations:
            assert part.amount.currency == total[part.invoice].currency
            total[part.invoice] -= part.amount
    fields = ["amount_to_pay", "currency.code"]
    for row in books.rows(INVOICE, fields, ["state", "=", "posted"], ["total_amount", ">", ZERO]):
        unpaid = Money.of(row["amount_to_pay"], row["currency."]["code"])
        assert total[str(row["id"])] == unpaid
    assert found[Kind.BALANCE].keys() == found[Kind.CUSTOMER].keys()


def test_the_documents_add_up_to_the_balance_whatever_was_done(
    reader: Reader, settled: Settled
) -> None:
    found = documents(reader)
    assert said(found) == owed(found) != {}


def test_the_documents_of_the_demo_company_add_up_to_its_balance(demo_books: Books) -> None:
    found = documents(Reader(demo_books))
    assert said(found) == owed(found) != {}


# ------------------------------------------------------------------------- what each record says


def of(found: Mapping[str, Any], customer: int) -> list[Any]:
    return [one for one in found.values() if one.customer == str(customer)]


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_a_refund_is_a_payment_below_zero_that_settles_nothing(
    reader: Reader, settled: Settled
) -> None:
    payments = of(documents(reader)[Kind.PAYMENT], settled.customers["money given back"])
    back = [one for one in payments if one.amount.micros < 0]
    assert {str(one.amount) for one in back} == {"-15.00 EUR", "-40.00 USD"}
    assert not any(one.allocations for one in back)


def test_money_in_cash_and_bank_journals_is_a_payment_and_nothing_else_is(
    books: Books, reader: Reader, settled: Settled
) -> None:
    found = documents(reader)[Kind.PAYMENT]
    rows = books.rows(LINE, ["move.journal.type"], ["id", "in", [int(key) for key in found]])
    assert {row["move."]["journal."]["type"] for row in rows} == {"cash", "statement"}
    (by_bank,) = of(found, settled.customers["paid by a bank statement"])
    assert by_bank.amount == euros("60.00") and by_bank.allocations[0].amount == euros("60.00")


def test_what_is_paid_too_much_is_a_payment_that_names_no_invoice(
    reader: Reader, settled: Settled
) -> None:
    payments = of(documents(reader)[Kind.PAYMENT], settled.customers["paid too much"])
    assert {(one.amount, len(one.allocations)) for one in payments} == {
        (euros("100.00"), 1),
        (euros("20.00"), 0),
    }


@pytest.mark.parametrize(
    ("case", "adjusted"),
    [
        ("written off without money", [("-12.00 EUR", Reason.WRITE_OFF)]),
        ("a cent written off", [("-0.50 EUR", Reason.WRITE_OFF)]),
        ("a dollar written off", [("-1.00 USD", Reason.WRITE_OFF)]),
        ("an opening credit settles", [("-30.00 EUR", Reason.OPENING)]),
        ("an opening debt", [("75.00 EUR", Reason.MANUAL)]),
        (
            "an opening debt paid",
            [("-5.00 EUR", Reason.OPENING), ("75.00 EUR", Reason.OPENING)],
        ),
        ("dollars paid at another rate", []),
        ("dollars paid in parts at two rates", []),
        (
            "dollars settled with euros",
            [("-100.00 USD", Reason.REVALUATION), ("62.50 EUR", Reason.REVALUATION)],
        ),
        (
            "euros and a write off for dollars",
            [
                ("-100.00 USD", Reason.REVALUATION),
                ("-2.50 EUR", Reason.WRITE_OFF),
                ("62.50 EUR", Reason.REVALUATION),
            ],
        ),
        ("credited in full", []),
        ("cancelled by a reverse move", []),
        ("a payment that bounced", []),
        ("due dates moved", []),
        ("owed by somebody else now", []),
        ("half owed by somebody else now", [("-45.00 EUR", Reason.MANUAL)]),
    ],
)
def test_an_adjustment_says_why(
    case: str, adjusted: list[tuple[str, Reason]], reader: Reader, settled: Settled
) -> None:
    found = of(documents(reader)[Kind.ADJUSTMENT], settled.customers[case])
    assert sorted((str(one.amount), one.reason) for one in found) == adjusted


def test_a_write_off_settles_its_invoice(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Insolvent")
    invoice = books.post_invoice(customer, "12.00")
    books.write_off(invoice)
    (given_up,) = of(documents(reader)[Kind.ADJUSTMENT], customer)
    assert [(p.invoice, p.amount) for p in given_up.allocations] == [(str(invoice), euros("12.00"))]


def test_an_entry_in_draft_is_a_draft_and_counts_nothing(reader: Reader, settled: Settled) -> None:
    (entry,) = of(documents(reader)[Kind.ADJUSTMENT], settled.customers["a move still in draft"])
    assert (entry.amount, entry.state) == (euros("5.00"), State.DRAFT)


def test_a_credit_note_says_what_it_settles(reader: Reader, settled: Settled) -> None:
    case = "a credit note and money for one invoice"
    (note,) = of(documents(reader)[Kind.CREDIT_NOTE], settled.customers[case])
    assert (note.total, note.state) == (euros("30.00"), State.EFFECTIVE)
    assert [part.amount for part in note.allocations] == [euros("30.00")]


def test_an_invoice_credited_in_full_is_void_with_its_credit_note(
    reader: Reader, settled: Settled
) -> None:
    """Tryton itself leaves the credit note paid."""
    found, customer = documents(reader), settled.customers["credited in full"]
    states = [one.state for k in (Kind.INVOICE, Kind.CREDIT_NOTE) for one in of(found[k], customer)]
    assert states == [State.VOID, State.VOID]
    undone = settled.customers["a credit in full undone"]
    states = [one.state for k in (Kind.INVOICE, Kind.CREDIT_NOTE) for one in of(found[k], undone)]
    assert states == [State.EFFECTIVE, State.EFFECTIVE]


@pytest.mark.parametrize(
    "case", ["owed by somebody else now", "paid by somebody else from the start"]
)
def test_an_invoice_stands_with_who_owes_it(
    case: str, books: Books, reader: Reader, settled: Settled
) -> None:
    found, customer = documents(reader)[Kind.INVOICE], settled.customers[case]
    (key,) = books.search(INVOICE, [["party", "=", customer]])
    (line,) = books.rows(LINE, ["party.name"], ["id", "in", books.open_lines(key)])
    invoice = found[str(key)]
    assert isinstance(invoice, Invoice)
    assert invoice.customer == str(line["party."]["id"]) != str(customer)


def test_every_due_date_of_an_invoice_is_told_whole(books: Books, reader: Reader) -> None:
    invoice = books.post_invoice(books.create_customer("Halves"), "100.01", days=99)
    books.pay(invoice, "60.00")
    found = documents(reader)[Kind.INVOICE][str(invoice)]
    assert isinstance(found, Invoice)
    first, second = (today() + dt.timedelta(days=days) for days in (14, 60))
    halves = found.terms[0].amount, found.terms[1].amount
    assert found.terms == (Term(first, halves[0]), Term(second, halves[1]))
    assert halves[0] + halves[1] == found.total


def test_due_dates_that_were_moved_are_the_ones_that_are_told(
    reader: Reader, settled: Settled
) -> None:
    (invoice,) = of(documents(reader)[Kind.INVOICE], settled.customers["due dates moved"])
    assert [term.amount for term in invoice.terms] == [euros("30.00")] * 3
    assert len({term.due for term in invoice.terms}) == 3


# ----------------------------------------------------------------------------------------- orders


def order(reader: Reader, sale: int) -> Order:
    found = documents(reader)[Kind.ORDER][str(sale)]
    assert isinstance(found, Order)
    return found


def test_an_order_is_open_until_its_invoice_is_posted(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Besteller")
    sale = books.quote(customer, {"P01": 2})
    assert order(reader, sale).state is State.DRAFT
    (invoice,) = books.confirm(sale)
    found = order(reader, sale)
    assert (found.state, found.customer, found.date) == (
        State.EFFECTIVE,
        str(customer),
        today(),
    )
    assert found.total == found.open == euros("96.00")
    books.write(INVOICE, invoice, invoice_date=today())
    books.post(invoice)
    assert order(reader, sale).open == euros("0")
    books.pay(invoice)
    done = order(reader, sale)
    assert (done.state, done.total, done.open) == (State.EFFECTIVE, euros("96.00"), euros("0"))


def test_a_cancelled_order_is_void(books: Books, reader: Reader) -> None:
    sale = books.quote(books.create_customer("Unentschlossen"), {"P01": 1})
    books.call("sale.sale", "cancel", sale)
    assert order(reader, sale).state is State.VOID


def test_an_order_whose_invoice_is_cancelled_is_open_again(books: Books, reader: Reader) -> None:
    sale = books.quote(books.create_customer("Storno"), {"P01": 1})
    (invoice,) = books.confirm(sale)
    books.write(INVOICE, invoice, invoice_date=today())
    books.post(invoice)
    books.cancel(invoice)
    assert order(reader, sale).open == euros("48.00")


def test_the_seller_is_the_employee_who_confirmed_it(tryton_servers: TrytonServer) -> None:
    books = tryton_servers.database(template())
    customer = books.create_customer("Käufer")
    alone = books.quote(customer, {"P01": 1})
    books.employ("Eva Berger")
    sold = books.quote(customer, {"P01": 1})
    books.confirm(sold)
    reader = Reader(books)
    assert [order(reader, sale).seller for sale in (alone, sold)] == ["admin", "Eva Berger"]


# ------------------------------------------------------------------------------- what moves what


Step = Generator[None, None, None]


def linked_and_settled(books: Books) -> Step:
    """Each yield is a moment at which somebody may look."""
    customer = books.create_customer("Анна Ильина")
    yield
    invoice = books.post_invoice(customer, "100.00")
    yield
    paid = books.advance(customer, "40.00")
    yield
    books.write(LINE, paid, invoice_payment=invoice)
    yield
    books.write(LINE, paid, invoice_payment=None)
    yield
    books.write(LINE, paid, invoice_payment=invoice)
    yield
    books.pay(invoice)
    yield
    books.unreconcile(paid)
    yield
    books.credit_note(customer, "10.00")
    yield


def credited(books: Books) -> Step:
    customer = books.create_customer("鈴木商店")
    invoice = books.post_invoice(customer, "100.00")
    books.pay(invoice, "40.00")
    yield
    books.credit(invoice)
    yield


def edited_behind_the_party(books: Books) -> Step:
    customer = books.create_customer("Müller", email="a@example.com", phone="+43 1 234567")
    books.advance(customer, "1.00")
    yield
    (address,) = books.search("party.address", [["party", "=", customer]])
    books.write("party.address", address, city="Graz")
    yield
    email, phone = books.search("party.contact_mechanism", [["party", "=", customer]])
    books.write("party.contact_mechanism", email, value="b@example.com")
    yield
    books.write("party.contact_mechanism", phone, active=False)
    yield
    books.write("party.address", address, active=False)
    yield
    books.write("party.party", customer, active=False)
    yield


def entering_the_scope(books: Books) -> Step:
    customers = [books.create_customer(f"Newcomer {n}") for n in range(4)]
    yield
    draft = books.draft_invoice(customers[0], "5.00")
    sale = books.quote(customers[1], {"P01": 1})
    yield
    books.post(draft)
    yield
    books.confirm(sale)
    yield
    books.advance(customers[2], "5.00")
    yield


def posted_later(books: Books) -> Step:
    customer = books.create_customer("Drafts")
    awkward.ledger_debit(books, customer, "5.00")
    draft = awkward.draft_advance(books, customer, "3.00")
    yield
    books.call("account.move", "post", draft)
    yield


def lines_of_a_draft(books: Books) -> Step:
    invoice = books.draft_invoice(books.create_customer("Drafts"), "5.00")
    yield
    (line,) = books.row(INVOICE, invoice, "lines")["lines"]
    books.write("account.invoice.line", line, unit_price=Decimal("6.00"))
    yield


def ordered_and_invoiced(books: Books) -> Step:
    sale = books.quote(books.create_customer("Besteller"), {"P01": 2})
    yield
    (line,) = books.row("sale.sale", sale, "lines")["lines"]
    books.call("sale.sale", "draft", sale)
    books.write("sale.line", line, quantity=3.0)
    yield
    books.call("sale.sale", "quote", sale)
    (invoice,) = books.confirm(sale)
    yield
    books.write(INVOICE, invoice, invoice_date=today())
    books.post(invoice)
    yield
    books.pay(invoice)
    yield


def exchanged_and_undone(books: Books) -> Step:
    """What one currency pays of another is an adjustment that comes and goes with it."""
    customer = books.create_customer("Wechsler")
    invoice = books.post_invoice(customer, "100.00", currency="USD")
    paid = books.advance(customer, "62.50")
    yield
    books.reconcile(*books.open_lines(invoice), paid)
    yield
    books.unreconcile(paid)
    yield


def credited_and_undone(books: Books) -> Step:
    customer = books.create_customer("Doch nicht")
    invoice = books.post_invoice(customer, "100.00")
    books.credit(invoice)
    yield
    books.unreconcile(*books.row(INVOICE, invoice, "lines_to_pay")["lines_to_pay"])
    yield
    books.refund(customer, "1.00")
    yield


def handed_on_in_halves(books: Books) -> Step:
    invoice = books.post_invoice(books.create_customer("Zwei Hälften"), "90.00", days=99)
    payer = books.create_customer("Faktor")
    journal = books.search("account.journal", [["type", "=", "general"]])[0]
    yield
    for line in books.open_lines(invoice):
        with books.wizard("account.move.line.delegate", LINE, line) as wizard:
            start = wizard.execute({}, wizard.start)
            wizard.execute({"start": start | {"party": payer, "journal": journal}}, "delegate")
        yield


STORIES = [
    ordered_and_invoiced,
    exchanged_and_undone,
    credited_and_undone,
    handed_on_in_halves,
    linked_and_settled,
    credited,
    edited_behind_the_party,
    entering_the_scope,
    posted_later,
    lines_of_a_draft,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_after_every_step_what_changed_is_all_that_changed(
    story: Callable[[Books], Step], books: Books, reader: Reader
) -> None:
    mirror = Mirror(reader)
    for number, _ in enumerate(story(books)):
        assert (number, mirror.follow()) == (number, [])


def test_who_is_in_scope(books: Books, reader: Reader) -> None:
    def scope(customer: int) -> bool:
        kinds = (Kind.CUSTOMER, Kind.BALANCE)
        (found,) = {reader.one(kind, customer)["in_scope"] for kind in kinds}
        return bool(found)

    nobody, drafted, quoted, supplier = (books.create_customer(f"Party {n}") for n in range(4))
    books.draft_invoice(drafted, "5.00")
    sale = books.quote(quoted, {"P01": 1})
    books.draft_invoice(supplier, "5.00", kind="in")
    assert not any(map(scope, (nobody, drafted, quoted, supplier)))
    books.confirm(sale)
    paid = books.create_customer("Paid and gone")
    books.pay(books.post_invoice(paid, "5.00"))
    books.write("party.party", paid, active=False)
    owing = books.create_customer("Opening")
    awkward.ledger_debit(books, owing, "5.00")
    assert all(map(scope, (quoted, paid, owing)))


def test_supplier_invoices_are_never_read(books: Books, reader: Reader) -> None:
    invoice = books.draft_invoice(books.create_customer("Supplier"), "5.00", kind="in")
    assert str(invoice) not in reader.data(Kind.INVOICE)
    assert reader.data(Kind.INVOICE, Keys([str(invoice)])) == {}


# ---------------------------------------------------------------------------- how it is read


@pytest.mark.parametrize("kind", OBJECTS)
def test_small_pages_give_what_one_large_page_gives(
    kind: Kind, books: Books, reader: Reader
) -> None:
    since = reader.after_everything()
    for name in ("one payment for two invoices", "an opening debt", "a loose credit note"):
        awkward.CASES[name](books, books.create_customer(name))
    books.quote(books.create_customer("Quoted"), {"P01": 1})
    small, large = Reader(books, page="1"), Reader(books, page="1000")
    assert small.records(kind, Since(since)) == large.records(kind, Since(since)) != {}
    quarter = Reader(books, page=str(len(large.records(kind)) // 4))
    assert quarter.records(kind) == large.records(kind) == large.records(kind, Since(None))


@pytest.mark.parametrize("kind", OBJECTS)
def test_keys_that_do_not_exist_are_left_out(kind: Kind, reader: Reader) -> None:
    assert reader.data(kind, Keys(["987654321", "no-number"])) == {}


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        (Kind.CUSTOMER, 4),
        (Kind.ORDER, 1),
        (Kind.INVOICE, 1),
        (Kind.PAYMENT, 2),
        (Kind.CREDIT_NOTE, 2),
        (Kind.ADJUSTMENT, 2),
        (Kind.BALANCE, 3),
    ],
)
def test_an_idle_cycle_is_cheap(kind: Kind, calls: int, reader: Reader) -> None:
    moment = reader.after_everything()
    reader.page(kind, Keys([]))
    before = reader.transport.calls
    page = reader.page(kind, Since(moment))
    assert (page.records, reader.transport.calls - before) == ([], calls)


@pytest.mark.parametrize("kind", OBJECTS)
def test_the_cursor_can_follow_the_stamps(kind: Kind, books: Books, reader: Reader) -> None:
    """What changed last has a stamp as new as the change, so the next cycle need not read it."""
    since = reader.after_everything()
    customer = books.create_customer("Stamps")
    books.confirm(books.quote(customer, {"P01": 1}))
    books.pay(books.post_invoice(customer, "10.00"))
    books.credit_note(customer, "1.00")
    moment = reader.after_everything()
    stamps = [r.stamp for r in reader.records(kind, Since(since)).values() if r.stamp]
    assert since < max(stamps) < moment
    later = max(stamps) + dt.timedelta(microseconds=1)
    assert len(reader.records(kind, Since(later))) <= 1


def test_the_source_time_is_the_servers_clock(reader: Reader) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    time = reader.page(Kind.INVOICE, All()).source_time
    assert time is not None and before <= time <= dt.datetime.now(dt.UTC)


def test_reading_writes_nothing(books: Books, reader: Reader) -> None:
    mark = books.mark()
    for kind in OBJECTS:
        reader.records(kind)
    assert [call for call in books.writes(mark) if not call.endswith(READS)] == []


READS = (".search_read", ".search_count", ".read", ".get_preferences", "common.db.login")


def test_the_identity_stays_when_the_company_is_renamed(books: Books, reader: Reader) -> None:
    first = reader.run(reader.connector.identity())
    company = books.one("party.party", ["name", "=", "Holzhandel Beispiel GmbH"])
    books.write("party.party", company, name="Holzhandel Neu GmbH")
    second = Reader(books)
    renamed = second.run(second.connector.identity())
    books.write("party.party", company, name="Holzhandel Beispiel GmbH")
    assert first.id == renamed.id and first.id.startswith(f"{books.database}/")
    assert (first.label, renamed.label) == (
        "Holzhandel Beispiel GmbH (EUR)",
        "Holzhandel Neu GmbH (EUR)",
    )


def test_an_ended_session_is_renewed(reader: Reader) -> None:
    def logout() -> Generator[Request, Response, Response]:
        body = {"id": 1, "method": "common.db.logout", "params": []}
        path = f"/{reader.books.database}/rpc/"
        return (yield Request("POST", path, json=body, write=True))

    assert reader.run(logout()).status == 200
    assert reader.records(Kind.CUSTOMER)


def test_a_wrong_password_is_one_sentence(books: Books) -> None:
    with pytest.raises(AccessError, match='refuses the login "admin" with this password'):
        run_as(books, password="not-the-password")


def test_an_unknown_database_is_named(books: Books) -> None:
    with pytest.raises(AccessError, match='has no database "nowhere"'):
        run_as(books, database="nowhere")


def test_an_unknown_field_is_named(reader: Reader) -> None:
    read = Read(Kind.INVOICE, "account.invoice", ("no_such_field",))
    with pytest.raises(ProtocolError, match="does not know 'no_such_field'"):
        reader.run(reader.connector.pull(read, All()))


def run_as(books: Books, **changed: str) -> Any:
    given = {"database": books.database, "password": books.password} | changed
    connector = Tryton({"database": given["database"], "login": books.login})
    secrets = {"password": given["password"]}
    transport = HttpTransport(books.url, connector, secrets, SystemClock())
    return transport.run(connector.identity())


def test_every_path_of_a_reader_is_answered(reader: Reader) -> None:
    for kind in OBJECTS:
        record = next(iter(reader.records(kind).values()))
        assert record.data.keys() == {path.partition(".")[0] for path in PATHS[kind]}


def test_due_is_the_next_date_that_is_open(books: Books, reader: Reader) -> None:
    invoice = books.post_invoice(books.create_customer("Halves"), "100.00", days=99)
    first, second = (today() + dt.timedelta(days=days) for days in (14, 60))
    assert reader.one(Kind.INVOICE, invoice)["due_date"] == first
    books.pay(invoice, "50.00")
    assert reader.one(Kind.INVOICE, invoice)["due_date"] == second
    books.pay(invoice)
    assert reader.one(Kind.INVOICE, invoice)["due_date"] == second
