"""The world itself is right: what the other tests and the demo stand on."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.world import cache, company
from tests.world.books import INVOICE, Books
from tests.world.compare import FIELDS, Customer, compare, read_books
from tests.world.crm import Crm
from tests.world.processes import Place, end, free_port, start

KNOWN = frozenset({"EUR", "USD"})


# -- the demo company


def test_the_demo_company_has_every_kind_of_settlement(demo_books: Books) -> None:
    rows = demo_books.rows(INVOICE, ["state", "total_amount"], ["type", "=", "out"])
    credits = [row for row in rows if row["total_amount"] < 0]
    states = Counter(row["state"] for row in rows if row["total_amount"] > 0)
    assert states == {"posted": 28, "paid": 18, "cancelled": 2, "draft": 2}
    assert sorted(row["total_amount"] for row in credits) == [-1200, -120, -96]


def test_customers_in_scope_are_those_who_bought(demo_books: Books) -> None:
    names = [customer.name for customer in read_books(demo_books, KNOWN).values()]
    assert sorted(names) == sorted(name for name, _, _ in company.CUSTOMERS)


def test_the_figures_net_to_what_tryton_says_itself(demo_books: Books) -> None:
    """In the company's currency alone; a customer with dollars has more than the figures show."""
    customers = read_books(demo_books, KNOWN)
    foreign = [c for c in customers.values() if set(c.total) - {"EUR"}]
    for key, customer in customers.items():
        if customer not in foreign and customer.name != company.CUSTOMERS[company.SEVER][0]:
            assert customer.receivable is not None and customer.prepaid is not None
            assert customer.credits is not None
            netted = customer.receivable - customer.prepaid - customer.credits
            assert netted == demo_books.receivable(int(key)), customer.name
    assert len(foreign) == 3


@pytest.mark.parametrize(
    ("customer", "receivable", "prepaid", "credits"),
    [
        (company.WOERTHER, "5310.50", "0", "0"),  # paid in part and overdue
        (company.BROWN, "77.70", "0", "0"),  # 1,200 dollars stay out of a figure in euros
        (company.SEVER, "310.00", "0", "0"),  # so do 123,000 roubles
        (company.CELIK, "1490.00", "2000.00", "0"),  # an advance
        (company.BOIS, "275.00", "0", "96.00"),  # a loose credit note
        (company.KARPATY, "48.00", "16.67", "0"),  # paid too much
        (company.ROSSI, "0", "0", "0"),  # two invoices by one payment
        (company.MEBLE, "0", "0", "0"),  # a credit note and a payment settle an invoice
        (company.OELZ, "420.00", "0", "0"),  # another invoice was credited in full
        (company.TOKYO, "256.00", "0", "0"),  # another was cancelled
    ],
)
def test_what_a_customer_owes(
    demo_books: Books, customer: int, receivable: str, prepaid: str, credits: str
) -> None:
    name = company.CUSTOMERS[customer][0]
    (found,) = (c for c in read_books(demo_books, KNOWN).values() if c.name == name)
    figures = (found.receivable, found.prepaid, found.credits)
    assert figures == (Decimal(receivable), Decimal(prepaid), Decimal(credits))


def test_two_invoices_settled_by_one_payment_share_one_reconciliation(demo_books: Books) -> None:
    party = demo_books.one("party.party", ["name", "=", company.CUSTOMERS[company.ROSSI][0]])
    lines = demo_books.rows(
        "account.move.line", ["credit", "reconciliation"], ["party", "=", party]
    )
    assert len({line["reconciliation"] for line in lines}) == 1
    assert [line["credit"] for line in lines if line["credit"]] == [Decimal("1000.00")]


# -- a fresh Tryton and a fresh CRM


def test_an_invoice_paid_in_part_stays_open_for_the_rest(tryton: Books) -> None:
    customer = tryton.create_customer("ООО Ромашка")
    invoice = tryton.post_invoice(customer, "100.00")
    tryton.pay(invoice, "40.00")
    assert tryton.open_amount(invoice) == Decimal("60.00")
    assert tryton.receivable(customer) == Decimal("60.00")


def test_tryton_logs_the_calls_that_write(tryton: Books) -> None:
    mark = tryton.mark()
    tryton.rename(tryton.create_customer("山田家具店"), "山田家具")
    tryton.search("party.party")
    assert tryton.writes(mark) == ["model.party.party.create", "model.party.party.write"]


def test_a_fresh_crm_has_no_accounts_and_logs_the_calls_that_write(crm: Crm) -> None:
    assert crm.accounts() == []
    mark = crm.mark()
    crm.post("/api/accounts/", {"name": "株式会社サンプル"})
    assert crm.writes(mark) == ["POST /api/accounts/ 200"]


def test_the_comparison_sees_one_cent(tryton: Books, crm: Crm) -> None:
    customer = tryton.create_customer("Tischlerei Huber GmbH")
    tryton.pay(tryton.post_invoice(customer, "250.00"), "50.00")
    account = _card(crm, str(customer), invoiced="250.00", paid="50.00", owed="200.00")
    assert _about(tryton, crm, customer) == []
    crm.patch(f"/api/accounts/{account}/", {"custom_fields": {"receivable": 200.01}})
    (difference,) = _about(tryton, crm, customer)
    assert "receivable 200.00 in the books, 200.01 on the card" in difference


def test_the_comparison_misses_a_customer_without_a_card(tryton: Books, crm: Crm) -> None:
    customer = tryton.create_customer("Wien Bau 24")
    tryton.post_invoice(customer, "1.00")
    assert _about(tryton, crm, customer) == [f"Wien Bau 24 ({customer}): no card"]


def test_a_figure_the_card_lacks_is_not_zero() -> None:
    assert Customer("", receivable=Decimal(0)).shown() != Customer("").shown()


def _about(tryton: Books, crm: Crm, customer: int) -> list[str]:
    return [line for line in compare(tryton, crm).differences if f"({customer})" in line]


def _card(crm: Crm, books_id: str, *, invoiced: str, paid: str, owed: str) -> str:
    """A card made by hand, as syncd should make it."""
    for key in FIELDS.values():
        kind = "text" if key == "books_id" else "number"
        field = {"target_model": "Account", "key": key, "label": key, "field_type": kind}
        crm.post("/api/custom-fields/", field)
    figures: dict[str, Any] = dict.fromkeys(FIELDS.values(), 0)
    figures |= {"books_id": books_id, "receivable": float(owed)}
    figures |= {"total_purchases": float(invoiced)}
    card = {"name": "Huber", "currency": "EUR", "custom_fields": figures}
    account: str = crm.post("/api/accounts/", card)["id"]
    person = {"first_name": "-", "last_name": "Huber", "account": account}
    contact = crm.post("/api/contacts/", person)["id"]
    line = {"name": "Goods", "quantity": 1, "unit_price": invoiced}
    invoice = {"invoice_title": "1", "account_id": account, "contact_id": contact}
    invoice |= {"currency": "EUR", "line_items": [line]}
    made = crm.post("/api/invoices/", invoice)["invoice"]["id"]
    payment = {"amount": paid, "payment_date": "2026-01-02", "payment_method": "OTHER"}
    crm.post(f"/api/invoices/{made}/payments/", payment)
    return account


# -- what keeps it clean and quick


def test_a_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """A process that starts a server and is killed without a chance to clean up."""
    script = (
        "import os, signal, sys\n"
        "from tests.world.processes import Place, free_port, start\n"
        "place = Place()\n"
        "command = [sys.executable, '-m', 'http.server', str(free_port())]\n"
        "server = start('files', command, place, bound=True)\n"
        "print(place.path, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    place = Path(done.stdout.strip())
    assert done.returncode < 0 and place.is_dir()
    _await_unlocked(place)
    with Place():
        assert not place.exists()  # litter is swept when the next run begins


def _await_unlocked(place: Path) -> None:
    """A server holds the lock of its folder as long as it runs; waiting for it is waiting for the
    server's end."""
    wait = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX)"
    subprocess.run([sys.executable, "-c", wait, place / "lock"], check=True, timeout=20)


def test_a_kept_server_is_ended_by_its_facts_and_never_twice() -> None:
    with Place() as place:
        command = [sys.executable, "-m", "http.server", str(free_port())]
        server = start("files", command, place, bound=False)
        facts = server.facts()
        assert end(facts) is True
        assert end(facts) is False
        assert end({**facts, "pid": 1}) is False


def test_a_damaged_cache_is_built_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built: list[Path] = []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "data").write_text("whole")

    folder = cache.cached("thing", "1", build)
    assert cache.cached("thing", "1", build) == folder
    assert len(built) == 1
    (folder / "data").write_text("ho")
    assert (cache.cached("thing", "1", build) / "data").read_text() == "whole"
    assert len(built) == 2


def test_a_cache_whose_building_failed_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fail(folder: Path) -> None:
        (folder / "data").write_text("half")
        raise OSError("no space left")

    def build(folder: Path) -> None:
        (folder / "data").write_text("whole")

    with pytest.raises(OSError, match="no space left"):
        cache.cached("thing", "1", fail)
    folder = cache.cached("thing", "1", build)
    assert (folder / "data").read_text() == "whole"


def test_what_begins_alike_is_another_thing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    other = cache.cached("thing-of-its-own", "1", lambda folder: None)
    cache.cached("thing", "1", lambda folder: None)
    assert (other / cache.SEAL).exists()
    assert (tmp_path / "syncd" / "thing-of-its-own.lock").exists()
