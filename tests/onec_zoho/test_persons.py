"""1C and Zoho CRM where the contact is the customer's card, and no account is touched."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from syncd.store import links
from syncd.sync.customers import resolve
from tests.engine.rig import MAPPINGS
from tests.onec.history import History
from tests.onec.office import Office
from tests.onec_zoho.trade import Trade

DOCUMENTS = ("ERP_Orders", "ERP_Invoices", "ERP_Payments", "ERP_Credit_Notes")


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Trade:
    folder = tmp_path_factory.mktemp("persons")
    writing = MAPPINGS / "zoho_crm_persons.yaml"
    trade = Trade(folder, Office(), writing=writing, card="Contacts")
    for module in ("Contacts", "Accounts"):
        for row in trade.crm.rows(module):  # people of another story
            trade.crm.delete(module, row.id)
    trade.set_up()
    trade.run()
    trade.later()
    trade.later(90_000)
    return trade


def test_figures_and_documents_of_contacts_are_what_the_books_say(trade: Trade) -> None:
    assert (trade.differences(), trade.problems()) == ([], [])
    assert len(trade.cards()) > 5
    names = {str(row["Description"]) for row in customers(trade).values()}
    assert {str(card["Full_Name"]) for card in trade.cards().values()} <= names
    assert trade.crm.rows("Accounts") == []
    for module in DOCUMENTS:
        lookups = trade.crm.crm.fields(trade.crm.crm.module(module))
        assert ("Contact" in lookups, "Account" in lookups) == (True, False), module
        for row in trade.crm.rows(module):
            assert trade.crm.crm.get(row.values["Contact"], "Contacts"), row.values


def test_the_documents_are_lists_on_the_contact(trade: Trade) -> None:
    lists = trade.crm.crm.related_lists("Contacts")
    own = {child.api_name for child, field in lists.values() if field.api_name == "Contact"}
    assert own == set(DOCUMENTS)


def test_a_won_contact_is_in_1c_once_and_its_first_order_stands_on_it(trade: Trade) -> None:
    named = {"First_Name": "Анна", "Last_Name": "Ёлкина"}
    contact = trade.crm.add("Contacts", **named, Email="Anna@Example.com", Mobile="+79160000007")
    win(trade, contact)
    trade.later()
    trade.later()
    made = [key for key, row in customers(trade).items() if row["Description"] == "Анна Ёлкина"]
    assert len(made) == 1
    item = next(iter(trade.office.desk.base.objects["Catalog_Номенклатура"]))
    history = History(trade.office.desk, random.Random(1))
    terms = history._terms(history.chance.choice(history._orders))
    order = trade.office.desk.order(made[0], [(item, Decimal(1), Decimal("64.00"))], terms)
    trade.later()
    [shown] = trade.crm.having("ERP_Orders", ERP_ID=order)
    assert shown.values["Contact"] == contact
    card = trade.cards()[made[0]]
    assert {name: card[name] for name in named} == named, "the two names stay as people typed them"
    assert (trade.differences(), trade.problems()) == ([], [])


def test_a_contact_is_named_by_its_pasted_address(trade: Trade) -> None:
    with trade.pair.store.reading() as tx:
        [link, *_] = links.each(tx, "crm", "books")
        pasted = f"https://crm.zoho.eu/crm/org20071998001/tab/Contacts/{link.card_id}"
        assert resolve(tx, "main", "crm", pasted) == link.books_key


def customers(trade: Trade) -> dict[str, dict[str, object]]:
    return dict(trade.office.desk.base.objects["Catalog_Контрагенты"])


def win(trade: Trade, contact: str) -> None:
    day: dt.date = trade.office.clock.utc().date()
    deal = {"Deal_Name": "D", "Stage": "Closed Won", "Closing_Date": day.isoformat()}
    trade.crm.add("Deals", Contact_Name=contact, **deal)
