"""The connector against a real Tryton: the sums that must close, and what moves what."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors.tryton import Tryton
from syncd.clock import SystemClock
from syncd.domain import Customer, Invoice, Kind, Money, Payment
from syncd.errors import AccessError, ProtocolError
from syncd.http import HttpTransport
from syncd.mapping import load_books
from syncd.port import All, Keys, Read, Request, Response, Since
from tests.tryton import awkward
from tests.tryton.reader import PATHS, Mirror, Reader
from tests.world.books import INVOICE, LINE, Books, today

ZERO = Decimal(0)

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
    payments: Mapping[str, Mapping[str, Any]]
    balances: Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def settled(books: Books, reader: Reader) -> Settled:
    mirror = Mirror(reader)
    customers = {}
    for name, play in awkward.CASES.items():
        customers[name] = books.create_customer(f"{name.capitalize()}: Ёлкин и 田中")
        play(books, customers[name])
    missed = mirror.follow()
    return Settled(customers, missed, reader.data(Kind.PAYMENT), reader.data(Kind.BALANCE))


@pytest.mark.parametrize("name", awkward.CASES)
def test_an_invoice_is_allocated_what_is_no_longer_to_be_paid(
    name: str, books: Books, settled: Settled
) -> None:
    allocated = check_sums(books, settled, ["party", "=", settled.customers[name]])
    assert allocated or name in WITHOUT_ALLOCATIONS


def test_no_payment_settles_more_than_it_is(settled: Settled) -> None:
    for payment in settled.payments.values():
        own = [p["amount"] for p in payment["allocations"] if p["currency"] == payment["currency"]]
        assert sum(own, ZERO) <= payment["amount"]


def test_a_payment_read_alone_says_the_same(reader: Reader, settled: Settled) -> None:
    alone = {key: reader.one(Kind.PAYMENT, int(key)) for key in settled.payments}
    assert alone == settled.payments


def test_what_changed_is_all_that_changed(settled: Settled) -> None:
    assert settled.missed == []


WITHOUT_ALLOCATIONS = {
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
    for payment in settled.payments.values():
        for part in payment["allocations"]:
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


@pytest.mark.parametrize("name", awkward.CASES)
def test_the_figures_are_trytons_own(name: str, books: Books, settled: Settled) -> None:
    """receivable less prepaid, in the company's currency, is Tryton's `receivable` (which counts
    moves in draft, too); and what is owed in another currency is what its invoices say."""
    customer = settled.customers[name]
    balance = settled.balances[str(customer)]
    draft = [["party", "=", customer], ["move.state", "=", "draft"]]
    unposted = sum((row["debit"] for row in books.rows(LINE, ["debit"], *draft)), ZERO)
    assert balance["balance"] == books.receivable(customer) - unposted
    rows = {row["currency"]: row for row in balance["rows"]}
    assert all(row["receivable"] >= 0 and row["prepaid"] >= 0 for row in rows.values())
    if rows.keys() <= {"EUR"}:
        netted = sum((row["receivable"] - row["prepaid"] for row in rows.values()), ZERO)
        assert netted == balance["balance"]
    owed = {code: row["receivable"] for code, row in rows.items() if code != "EUR"}
    assert owed == _owed_in_other_currencies(books, customer)


def _owed_in_other_currencies(books: Books, customer: int) -> dict[str, Decimal]:
    posted = [["party", "=", customer], ["state", "=", "posted"], ["currency.code", "!=", "EUR"]]
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in books.rows(INVOICE, ["amount_to_pay", "currency.code"], *posted):
        owed[invoice["currency."]["code"]] += invoice["amount_to_pay"]
    return {code: amount for code, amount in owed.items() if amount}


@pytest.mark.parametrize(
    ("case", "receivable", "prepaid"),
    [
        ("paid in parts", "34.99", "0"),
        ("a loose credit note", "100.00", "20.00"),
        ("a loose advance", "50.00", "110.00"),
        ("paid too much", "0", "20.00"),
        ("an opening debt", "63.00", "0"),
        ("links above what is open", "0", "35.00"),
        ("a payment that bounced", "100.00", "0"),
    ],
)
def test_receivable_and_prepaid_are_not_netted(
    case: str, receivable: str, prepaid: str, settled: Settled
) -> None:
    rows = settled.balances[str(settled.customers[case])]["rows"]
    expected = {"receivable": Decimal(receivable), "prepaid": Decimal(prepaid)}
    assert rows == [{"currency": "EUR", **expected}]


def test_one_payment_names_both_its_invoices(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Sammelzahler")
    invoices = [books.post_invoice(customer, amount) for amount in ("100.00", "33.33")]
    paid = books.pay_together(invoices)
    parts = reader.one(Kind.PAYMENT, paid)["allocations"]
    found = {part["invoice"]: part["amount"] for part in parts}
    assert found == dict(zip(invoices, (Decimal("100.00"), Decimal("33.33")), strict=True))


def test_the_shipped_mapping_takes_it_all(books: Books, reader: Reader, settled: Settled) -> None:
    shipped = Path(__file__).parents[2] / "mappings" / "tryton.yaml"
    inbound = load_books(shipped, Tryton.facts).inbound
    found = {
        kind: [rules(record) for record in reader.records(kind, read=rules.read).values()]
        for kind, rules in inbound.items()
    }
    kept = {kind: [one for one in records if one] for kind, records in found.items()}
    names = {one.name for one in kept[Kind.CUSTOMER] if isinstance(one, Customer)}
    assert {f"{name.capitalize()}: Ёлкин и 田中" for name in awkward.CASES} <= names
    total = {i.key: i.total for i in kept[Kind.INVOICE] if isinstance(i, Invoice)}
    effective = [p for p in kept[Kind.PAYMENT] if isinstance(p, Payment)]
    for payment in effective:
        for part in payment.allocations:
            assert part.amount.currency == total[part.invoice].currency
            total[part.invoice] -= part.amount
    fields = ["amount_to_pay", "currency.code"]
    for row in books.rows(INVOICE, fields, ["state", "=", "posted"], ["total_amount", ">", ZERO]):
        unpaid = Money.of(row["amount_to_pay"], row["currency."]["code"])
        assert total[str(row["id"])] == unpaid
    assert {one.key for one in kept[Kind.BALANCE]} == {one.key for one in kept[Kind.CUSTOMER]}


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


STORIES = [
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


@pytest.mark.parametrize("kind", Kind)
def test_small_pages_give_what_one_large_page_gives(
    kind: Kind, books: Books, reader: Reader
) -> None:
    since = reader.after_everything()
    for name in ("one payment for two invoices", "an opening debt"):
        awkward.CASES[name](books, books.create_customer(name))
    small, large = Reader(books, page="1"), Reader(books, page="1000")
    assert small.records(kind, Since(since)) == large.records(kind, Since(since)) != {}
    quarter = Reader(books, page=str(len(large.records(kind)) // 4))
    assert quarter.records(kind) == large.records(kind) == large.records(kind, Since(None))


@pytest.mark.parametrize("kind", Kind)
def test_keys_that_do_not_exist_are_left_out(kind: Kind, reader: Reader) -> None:
    assert reader.data(kind, Keys(["987654321", "no-number"])) == {}


@pytest.mark.parametrize(
    ("kind", "calls"),
    [(Kind.CUSTOMER, 4), (Kind.INVOICE, 1), (Kind.PAYMENT, 2), (Kind.BALANCE, 3)],
)
def test_an_idle_cycle_is_cheap(kind: Kind, calls: int, reader: Reader) -> None:
    moment = reader.after_everything()
    reader.page(kind, Keys([]))
    before = reader.transport.calls
    page = reader.page(kind, Since(moment))
    assert (page.records, reader.transport.calls - before) == ([], calls)


@pytest.mark.parametrize("kind", Kind)
def test_the_cursor_can_follow_the_stamps(kind: Kind, books: Books, reader: Reader) -> None:
    """What changed last has a stamp as new as the change, so the next cycle need not read it."""
    since = reader.after_everything()
    customer = books.create_customer("Stamps")
    books.pay(books.post_invoice(customer, "10.00"))
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
    for kind in Kind:
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
    for kind in Kind:
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
