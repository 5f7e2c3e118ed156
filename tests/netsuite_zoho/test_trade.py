"""What the pair of NetSuite and Zoho CRM shows: cards equal to the books to the cent, each change
as what it is, and a won customer once in the books."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from syncd.sandbox.faults import Fault, Lane
from tests.netsuite.office import Office
from tests.netsuite_zoho.trade import Trade

ONE = Decimal(1)
WON = {2: "Северный ветер", 6: "受注株式会社"}
"""In which cycle -> who."""
HARMFUL = [fault for fault in Fault if fault is not Fault.LATENCY]


def live(folder: Path, **options: Any) -> Trade:
    trade = Trade(folder, Office(new_subsidiary="1", new_status="13", **options))
    trade.set_up()
    trade.run()
    trade.later()
    return trade


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"oneworld": False, "zone": "Asia/Tokyo", "date_format": "DD.MM.YYYY"},
        {"negative_totals": False, "deposits_in_accounting": True, "bare_fraction": True},
    ],
    ids=["one world", "one company", "other signs"],
)
def test_cards_are_what_the_documents_say(tmp_path: Path, switches: dict[str, object]) -> None:
    trade = live(tmp_path, switches=switches)
    assert (trade.differences(), trade.problems()) == ([], [])
    trade.later(90_000)
    trade.prove()
    assert (trade.differences(), trade.problems()) == ([], [])


def test_five_hundred_customers_are_right_to_the_cent(tmp_path: Path) -> None:
    trade = live(tmp_path, size=730)
    assert len(trade.cards()) >= 500 and len(trade._transactions()) >= 5000
    assert (trade.differences(), trade.problems()) == ([], [])


def test_a_won_customer_is_in_netsuite_once_before_its_first_order(tmp_path: Path) -> None:
    trade = live(tmp_path)
    name = "ООО «Первый заказ»"
    account = trade.crm.add(
        "Accounts", Account_Name=name, Phone="+74950000007", Billing_City="Москва"
    )
    day = trade.office.clock.utc().date().isoformat()
    deal = {"Deal_Name": "D", "Stage": "Closed Won", "Closing_Date": day}
    trade.crm.add("Deals", Account_Name=account, **deal)
    for _ in range(3):
        trade.later()
    store = trade.office.sandbox.store
    [made] = store.rows("SELECT * FROM customer_ WHERE companyname = ?", name)
    assert (made["externalid"], made["searchstage"]) == (f"CRM-{account}", "Customer")
    order = trade.office.ledger.order(made["id"], [(1, ONE, Decimal("64.00"))])
    trade.later()
    [shown] = trade.crm.having("ERP_Orders", ERP_ID=str(order))
    assert shown.values["Account"] == account
    assert (trade.differences(), trade.problems()) == ([], [])


def test_with_a_twentieth_of_all_calls_spoilt_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path,
) -> None:
    trade = live(tmp_path)
    chance, ledger = random.Random(5), trade.office.ledger
    store = trade.office.sandbox.store
    spoilt = 0
    for cycle in range(20):
        trade.faults(Lane(rate=0.05, kinds=HARMFUL, seed=cycle))
        customer = chance.choice(
            store.rows("SELECT id FROM customer_ WHERE searchstage='Customer'")
        )
        step(ledger, int(customer["id"]), chance)
        if cycle in WON:
            account = trade.crm.add("Accounts", Account_Name=WON[cycle])
            trade.crm.add(
                "Deals", Deal_Name=f"D{cycle}", Stage="Closed Won", Account_Name=account,
                Closing_Date=trade.office.clock.utc().date().isoformat(),
            )  # fmt: skip
        trade.later(600)
        spoilt += sum(
            1 for one in (*trade.office.served.log, *trade.crm.served.log) if one["fault"]
        )
        trade.office.served.log.clear()
        trade.crm.served.log.clear()
    assert spoilt > 10, "the lane did nothing"
    trade.faults(None)
    for _ in range(3):
        trade.later(4000)
    trade.later(90_000)
    trade.prove()
    assert (trade.differences(), trade.problems()) == ([], [])
    won = store.rows("SELECT companyname FROM customer_ WHERE externalid LIKE 'CRM-%'")
    assert sorted(row["companyname"] for row in won) == sorted(WON.values())


def step(ledger: Any, customer: int, chance: random.Random) -> None:
    """Something that a bookkeeper does on a day."""
    lines = [(1, ONE, Decimal(chance.randint(100, 90_000)) / 100)]
    order = ledger.order(customer, lines)
    invoice = ledger.invoice(customer, lines, order=order)
    paid = ledger.payment(customer, Decimal(50))
    match chance.randrange(5):
        case 0:
            ledger.apply(paid, invoice, Decimal("0.55"))
        case 1:
            ledger.delete(paid)
        case 2:
            ledger.void(invoice)
        case 3:
            deposit = ledger.deposit(customer, Decimal(7))
            ledger.apply(deposit, invoice, Decimal("0.25"))
        case _:
            ledger.apply(ledger.credit(customer, lines), invoice, Decimal("0.75"))
