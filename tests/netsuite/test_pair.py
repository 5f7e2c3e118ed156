"""Whole cycles between an account of the sandbox and the memory CRM."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from syncd.sandbox.netsuite.papers import Terms
from tests.netsuite.office import Office
from tests.netsuite.pair import Company

ONE = Decimal(1)


def live(tmp_path: Path, **rest: Any) -> Company:
    company = Company(tmp_path, Office(**rest))
    company.set_up()
    company.run()
    company.later()
    return company


def card(company: Company, name: str) -> dict[str, object]:
    rows = [dict(one.fields) for one in company.world.crm.listed("account")]
    [found] = [one for one in rows if one["name"] == name]
    return {path.removeprefix("custom_fields."): value for path, value in found.items()}


def figures(company: Company, name: str) -> tuple[object, ...]:
    found = card(company, name)
    return found["receivable"], found["prepaid"], found["credits"]


def test_ledger_documents_and_cards_are_proven_to_agree(tmp_path: Path) -> None:
    company = live(tmp_path)
    report = company.later(90_000, prove=True)
    assert company.problems() == []
    assert not report.failed and company.world.crm.doubles() == []
    assert figures(company, "ООО «Пример»") == (Decimal(42_300), Decimal(5_000), 0)
    assert figures(company, "株式会社サンプル") == (Decimal(1_000_000), Decimal(50_000), 0)
    assert figures(company, "Beispiel & Söhne GmbH") == (Decimal("849.60"), 0, 0)
    assert card(company, "ООО «Пример»")["overdue"] == Decimal(12_300)


def test_an_idle_cycle_writes_nothing(tmp_path: Path) -> None:
    company = live(tmp_path)
    company.later(3600)
    for _ in range(3):
        assert company.later().writes == 0


def test_each_change_arrives_in_the_next_cycle_as_what_it_is(tmp_path: Path) -> None:
    company = live(tmp_path)
    ledger, name = company.office.ledger, "Quiet Trade LLC"
    customer = next(
        row["id"] for row in company.office.sandbox.store.rows("SELECT * FROM customer_")
        if row["companyname"] == name
    )  # fmt: skip
    assert figures(company, name) == (0, 0, 0)
    order = ledger.order(customer, [(1, ONE, Decimal("100.00"))])
    company.later()
    assert str(card(company, name)["open_orders"]).endswith("USD 100.00")
    invoice = ledger.invoice(customer, [(1, ONE, Decimal("100.00"))], order=order)
    company.later()
    assert figures(company, name) == (Decimal(100), 0, 0)
    paid = ledger.payment(customer, Decimal("40.00"))
    company.later()
    assert figures(company, name) == (Decimal(100), Decimal(40), 0), "not applied yet"
    ledger.apply(paid, invoice, Decimal("30.00"))
    company.later()
    assert figures(company, name) == (Decimal(70), Decimal(10), 0), "a part of it is applied"
    credit = ledger.credit(customer, [(1, ONE, Decimal("6.10"))])
    company.later()
    assert figures(company, name) == (Decimal(70), Decimal(10), Decimal("6.10"))
    ledger.apply(credit, invoice, Decimal("6.10"))
    company.later()
    assert figures(company, name) == (Decimal("63.90"), Decimal(10), 0)
    ledger.unapply(paid, invoice)
    company.later()
    assert figures(company, name) == (Decimal("93.90"), Decimal(40), 0)
    ledger.delete(paid)
    company.later()
    company.later(700)  # the correction delay
    assert figures(company, name) == (Decimal("93.90"), 0, 0), "deleted, in the log of deletions"
    off = ledger.write_off(customer, Decimal("0.90"), Terms(currency=1))
    ledger.apply(off, invoice, Decimal("0.90"))
    company.later()
    assert figures(company, name) == (Decimal(93), 0, 0)
    ledger.void(invoice)
    company.later()
    company.later(700)
    assert figures(company, name) == (0, Decimal("0.90"), Decimal("6.10"))
    assert company.problems() == []
    company.later(90_000, prove=True)
    assert company.problems() == []
    assert company.world.crm.doubles() == []


def test_what_an_idle_cycle_asks(tmp_path: Path) -> None:
    company = live(tmp_path)
    for _ in range(2):
        company.later(3600)
    before = company.office.transport.calls
    company.later()
    assert company.office.transport.calls - before <= 15
