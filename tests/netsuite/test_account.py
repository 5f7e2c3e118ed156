"""What accounts differ in, and what nobody could settle without a live one: the figures are the
same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.netsuite.wire import HiddenError
from syncd.domain import Adjustment, Balance, Kind, Payment
from syncd.port import Keys, Since
from tests.netsuite.office import Office
from tests.netsuite.test_pair import Company, card, figures, live

ONE = Decimal(1)


def customer(company: Company, name: str) -> int:
    rows = company.office.sandbox.store.rows("SELECT * FROM customer_ WHERE companyname = ?", name)
    return int(rows[0]["id"])


@pytest.mark.parametrize("touched", ["both", "payment", "invoice"])
def test_an_application_is_seen_whichever_document_it_moves(tmp_path: Path, touched: str) -> None:
    company = live(tmp_path, switches={"apply_touches": touched})
    ledger, name = company.office.ledger, "Quiet Trade LLC"
    invoice = ledger.invoice(customer(company, name), [(1, ONE, Decimal(100))])
    paid = ledger.payment(customer(company, name), Decimal(40))
    company.later(3600)
    other = customer(company, "株式会社サンプル")
    ledger.payment(other, Decimal(1))  # what is older than it is not read again by itself
    company.later(3600)
    ledger.apply(paid, invoice, Decimal(30))
    company.later()
    assert figures(company, name) == (Decimal(70), Decimal(10), 0)
    shown = [one.fields["amount"] for one in company.world.crm.listed("payment")]
    assert shown.count(Decimal(30)) == 1, "what of the payment settles the invoice"
    company.later(prove=True)
    assert company.problems() == []


def test_a_void_by_a_reversing_journal_counts_for_nothing_and_neither_does_its_journal(
    tmp_path: Path,
) -> None:
    company = live(tmp_path, switches={"void_by_journal": True})
    ledger, name = company.office.ledger, "Beispiel & Söhne GmbH"
    before = figures(company, name)
    id = customer(company, name)
    invoice = ledger.invoice(id, [(1, ONE, Decimal(100))])
    company.later()
    assert figures(company, name) != before
    ledger.void(invoice)
    company.later()
    assert figures(company, name) == before
    company.later(90_000, prove=True)
    assert company.problems() == []


def test_without_the_log_of_deletions_a_deletion_is_not_concluded_from_absence(
    tmp_path: Path,
) -> None:
    company = live(tmp_path, switches={"hidden": "deletedrecord"})
    ledger, name = company.office.ledger, "Quiet Trade LLC"
    paid = ledger.payment(customer(company, name), Decimal(40))
    company.later()
    ledger.delete(paid)
    company.later()
    company.later(90_000)
    [problem] = company.problems()
    assert f"no longer has payment {paid}" in problem


def test_a_table_that_the_role_may_not_see_is_named() -> None:
    office = Office(switches={"hidden": "transactionaccountingline"})
    with pytest.raises(HiddenError, match=r"'transactionaccountingline' was not found"):
        office.records(Kind.BALANCE)
    told = office.run(office.connector.discover([], office.clock.utc().date()))
    refused = [one.what for one in told.rights if one.allowed is False]
    assert refused == ["transactionaccountingline"]


@pytest.mark.parametrize(
    "switches",
    [
        {"zone": "Pacific/Apia"},
        {"sysdate_zone": "America/Los_Angeles", "date_format": "DD-Mon-YYYY"},
        {"oneworld": False, "negative_totals": False, "bare_fraction": True},
        {"deposits_in_accounting": True, "link_dates": False, "cte": False},
    ],
    ids=str,
)
def test_figures_are_the_same_in_every_kind_of_account(switches: dict[str, object]) -> None:
    plain, other = Office(), Office(switches=switches)
    for kind in (Kind.BALANCE, Kind.PAYMENT, Kind.ADJUSTMENT, Kind.CREDIT_NOTE):
        for key, found in plain.canonical(kind).items():
            seen = other.canonical(kind)[key]
            assert isinstance(found, Balance | Payment | Adjustment) or kind is Kind.CREDIT_NOTE
            for name in ("rows", "amount", "allocations", "total"):
                assert getattr(seen, name, None) == getattr(found, name, None)


def test_a_login_that_ends_in_the_middle_is_renewed() -> None:
    office = Office(switches={"token_seconds": 30})
    assert len(office.records(Kind.INVOICE)) == 8
    office.clock.advance(31)
    since = Since(office.clock.utc())
    assert office.records(Kind.INVOICE, since) == []


def test_too_many_requests_at_once_wait(tmp_path: Path) -> None:
    company = live(tmp_path)
    company.office.sandbox.switches.concurrency = 1
    assert card(company, "Quiet Trade LLC")["receivable"] == 0
    company.later()
    assert company.problems() == []


def test_of_chosen_subsidiaries_ledger_documents_and_cards_agree(tmp_path: Path) -> None:
    company = live(tmp_path, subsidiaries="Parent Company")
    company.later(90_000, prove=True)
    assert company.problems() == []
    names = {str(one.fields["name"]) for one in company.world.crm.listed("account")}
    assert names == {"ООО «Пример»", "Пётр Примеров", "Quiet Trade LLC"}
    assert figures(company, "Пётр Примеров") == (0, Decimal(11_000), 0)
    company.office.options["subsidiaries"] = "Germany"
    company.build()
    company.later()
    company.later()
    assert [one for one in company.problems() if "no longer has" in one] == []
    office = company.office
    keys = [one.key for one in Office().records(Kind.ADJUSTMENT)]
    [journal] = office.records(Kind.ADJUSTMENT, Keys(keys))
    assert journal.outside, "its lines are of another subsidiary"
    [person] = office.records(Kind.CUSTOMER, Keys(["11"]))
    assert person.outside
