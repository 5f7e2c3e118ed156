"""The connector against a real Tryton: what moves what, and how it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator
from decimal import Decimal
from typing import Any

import pytest

from connectors.tryton import Tryton
from syncd.clock import SystemClock
from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError
from syncd.http import HttpTransport
from syncd.port import All, Keys, Read, Request, Response, Since
from tests.tryton import awkward
from tests.tryton.entries import draft_advance, ledger_debit
from tests.tryton.reader import OBJECTS, PATHS, Mirror, Reader
from tests.world.books import INVOICE, LINE, Books, today

# The awkward cases were played in these books; on a busy machine that alone takes minutes.
pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("tryton", "settled")]


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
    ledger_debit(books, customer, "5.00")
    draft = draft_advance(books, customer, "3.00")
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
    ledger_debit(books, owing, "5.00")
    assert all(map(scope, (quoted, paid, owing)))
    settled = books.create_customer("Opening, and paid")
    books.reconcile(books.opening(settled, "5.00"), books.advance(settled, "5.00"))
    assert scope(settled), "or the card would be nobody's as soon as all is paid"


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
