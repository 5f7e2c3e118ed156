"""The contact as the card: how names and e-mails of the books become those of a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.errors import ConfigError, DuplicateError
from syncd.guide import Discovery, Listed
from syncd.mapping import load_crm
from syncd.port import FieldDef, Op
from syncd.setup.files import differing
from syncd.setup.winning import ways
from syncd.store import proofs
from tests.engine.rig import MAPPINGS
from tests.flows import Answer, drive

from .flows import OTHER, done, each, query_of, rows, write
from .shop import Shop, said
from .test_setup import fields, modules

CRM = ZohoCrm({})
PERSONS = MAPPINGS / "zoho_crm_persons.yaml"
MAIL = "anna@example.com"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path, mapping=PERSONS)
    shop.world.books.add_customer("ООО «Первый»")
    shop.set_up()
    assert shop.run().exit_code == 0
    return shop


# -- names -----------------------------------------------------------------------------------------


def test_a_whole_name_is_the_last_one_and_the_first_is_emptied() -> None:
    new = write(Op.CREATE, "Contacts", Full_Name="Кузнецова Екатерина")
    [asked], _ = drive(CRM.push([new]), each(done(OTHER)))
    assert isinstance(asked.json, dict)
    [sent] = asked.json["data"]
    assert sent == {"First_Name": None, "Last_Name": "Кузнецова Екатерина", "ERP_ID": "K-1"}
    assert asked.json["duplicate_check_fields"] == ["ERP_ID"], "and not the e-mail"


def test_what_people_divided_stays_until_the_books_have_another_name(shop: Shop) -> None:
    named = {"First_Name": "Anna", "Last_Name": "Ivanova"}
    contact = shop.office.add("Contacts", **named, Email=MAIL)
    key = shop.world.books.add_customer("Anna Ivanova", email=MAIL)
    shop.later()
    shop.office.change("Contacts", contact, ERP_ID=key)
    for _ in range(2):
        shop.later()
    assert {name: shop.card(key)[name] for name in named} == named
    shop.world.books.rename(key, "Иванова Анна")
    shop.later()
    card = shop.card(key)
    assert (card.get("First_Name"), card["Last_Name"]) == (None, "Иванова Анна")
    shop.asked()
    shop.later()
    assert [one for one in shop.asked() if one.startswith(("PUT", "POST Contacts"))] == []
    assert said(shop) == []


def test_many_cards_are_proven_with_their_sentences(shop: Shop) -> None:
    """More than are asked for one by one: a list has them, with what it holds in several lines."""
    for number in range(12):
        shop.world.books.post_invoice(shop.world.books.add_customer(f"山田 {number}"), "10.00")
    shop.later()
    shop.later(prove=True)
    with shop.pair.store.reading() as tx:
        proven = proofs.every(tx, "main")
    assert len(proven) == 13 and all(one.agreed for one in proven)
    shop.asked()
    shop.later()
    assert shop.later().writes == 0, "nothing is written again for having been looked at"


# -- e-mails ---------------------------------------------------------------------------------------


def test_a_contact_of_somebodys_with_the_e_mail_of_a_new_customer_is_a_question(
    shop: Shop,
) -> None:
    contact = shop.office.add("Contacts", Last_Name="Иванова", Email=MAIL.upper())
    key = shop.world.books.add_customer("Иванова Анна", email=MAIL)
    shop.later()
    [text] = said(shop)
    assert f"Customer {key} of books may be card {contact} (e-mail is the same" in text
    shop.office.change("Contacts", contact, ERP_ID=key)
    for _ in range(2):
        shop.later()
    assert said(shop) == [] and shop.card(key)["Last_Name"] == "Иванова Анна"
    assert len(shop.office.having("Contacts", ERP_ID=key)) == 1


def test_the_second_customer_of_one_e_mail_has_none_on_its_card(shop: Shop) -> None:
    books = shop.world.books
    keys = [books.add_customer(name, email=MAIL) for name in ("Анна", "Пётр")]
    for _ in range(2):
        shop.later()
    assert [shop.card(key).get("Email") for key in keys] == [MAIL, None]
    assert said(shop) == []


def test_what_is_no_e_mail_keeps_nobody_from_having_a_card(shop: Shop) -> None:
    key = shop.world.books.add_customer("Анна", email="anna@example.com; home")
    for _ in range(2):
        shop.later()
    assert (shop.card(key)["Last_Name"], shop.card(key).get("Email")) == ("Анна", None)
    [text] = said(shop)
    assert "crm refuses Email of" in text and "Only this field waits" in text


def test_an_e_mail_that_the_company_forbids_to_repeat_stays_with_its_owner(shop: Shop) -> None:
    shop.office.crm.module("Contacts").fields["Email"].unique = True
    shop.office.add("Contacts", Last_Name="Иванова", Email=MAIL)
    [key] = shop.world.books.tables["customers"]
    shop.world.books.edit_customer(key, email=MAIL, name="ООО «Второй»")
    for _ in range(2):
        shop.later()
    assert (shop.card(key)["Last_Name"], shop.card(key).get("Email")) == ("ООО «Второй»", None)
    [text] = said(shop)
    assert "crm refuses Email of" in text and "Only this field waits" in text


def test_a_contact_is_looked_for_by_its_e_mail_before_one_is_made() -> None:
    new = write(Op.CREATE, "Contacts", Full_Name="Анна", Email=MAIL)
    owner = {"id": OTHER, "Email": MAIL.upper(), "ERP_ID": None}
    asked, [outcome] = drive(CRM.push([new]), rows(owner))
    assert query_of(asked[0]).startswith(
        f"select id, Email, ERP_ID from Contacts where Email in ('{MAIL}')"
    )
    assert isinstance(outcome.error, DuplicateError) and outcome.error.field == "Email"
    assert str(outcome.error) == f"the e-mail is that of contact {OTHER}"


@pytest.mark.parametrize("target", ["Contacts", "Accounts"])
def test_a_card_is_found_by_an_e_mail(target: str) -> None:
    found = rows({"id": OTHER, "Account_Name": {"id": OTHER}})
    record = Answer(200, {"data": [{"id": OTHER, "Email": MAIL, "Account_Name": "ООО"}]})
    asked, [one] = drive(CRM.find(target, {"email": MAIL}, {}), found, record)
    assert "from Contacts where" in query_of(asked[0]) and one.remote_id == OTHER


# -- won -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["leads", "custom_fields.Customer_Status=Client"])
def test_a_converted_lead_or_a_value_of_a_list_makes_a_person_a_customer(
    tmp_path: Path, way: str
) -> None:
    listed = Listed("custom_fields.Customer_Status", "Status", "Client", 0, "Contacts")
    told = Discovery("Acme", converted=0, listed=(listed,))
    own = tmp_path / "own.yaml"
    own.write_text(differing(PERSONS, ways(PERSONS.stem, told)[way].lines), encoding="utf-8")
    shop = Shop(tmp_path, mapping=own)
    shop.set_up()
    person = {"First_Name": "花子", "Last_Name": "鈴木", "Email": "Hanako@Example.jp"}
    contact = shop.office.add("Contacts", **person, Customer_Status="Prospect")
    lead = shop.office.add("Leads", Last_Name="鈴木", Company="x")
    shop.run()
    assert shop.world.books.tables["customers"] == {}
    if way == "leads":
        row, now = shop.office.crm.rows["Leads"][lead], shop.clock.utc()
        values = {"Converted__s": True, "Converted_Contact": contact, "Converted_Date_Time": now}
        shop.office.crm.put(row, values)
        row.modified = shop.office.crm.now()
    else:
        shop.office.change("Contacts", contact, Customer_Status="Client")
    for _ in range(3):
        shop.later()
    [(key, made)] = shop.world.books.tables["customers"].items()
    assert (made.data["name"], made.data["email"]) == ("花子 鈴木", "hanako@example.jp")
    assert shop.card(key)["First_Name"] == "花子"
    assert (said(shop), shop.states()) == ([], {})


def test_a_won_contact_is_recognised_by_its_e_mail_alone_where_nothing_is_compared(
    shop: Shop,
) -> None:
    shop.uncompared()
    key = shop.world.books.add_customer("Иванова А. П.", email=MAIL, in_scope=False)
    contact = shop.office.add("Contacts", Last_Name="Иванова", Email=MAIL.upper())
    shop.office.add("Deals", Deal_Name="D", Stage="Closed Won", Contact_Name=contact)
    for _ in range(3):
        shop.later()
    assert len(shop.world.books.tables["customers"]) == 2, "nobody is made twice"
    assert [row.id for row in shop.office.having("Contacts", ERP_ID=key)] == [contact]
    assert said(shop) == []


# -- another kind of card --------------------------------------------------------------------------


def test_a_plan_that_was_made_for_accounts_becomes_one_for_contacts(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    customer = shop.world.books.add_customer("Anna Ivanova")
    shop.world.books.post_invoice(customer, "10.00")
    shop.run(write=False)
    shop.office.add("Contacts", First_Name="Anna", Last_Name="Ivanova")
    shop.mapping = PERSONS
    shop.build()
    shop.set_up()
    [contact] = shop.office.rows("Contacts")
    shop.office.change("Contacts", contact.id, ERP_ID=customer)
    shop.run()
    assert shop.office.rows("Accounts") == []
    assert [row.values["ERP_ID"] for row in shop.office.rows("Contacts")] == [customer]
    assert [row.values["Contact"] for row in shop.office.rows("ERP_Invoices")] == [contact.id]
    assert (said(shop), shop.states()) == ([], {})


def test_a_pair_that_has_written_keeps_its_kind_of_card(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.world.books.add_customer("Anna Ivanova")
    shop.set_up()
    shop.run()
    shop.mapping = PERSONS
    shop.build()
    shop.pair.crm.ask(shop.pair.crm.connector.setup(shop.pair.writing.custom_fields, True))
    with pytest.raises(ConfigError, match="writes customers to Contacts of crm, and those of this"):
        shop.later()
    assert shop.office.rows("Contacts") == []


# -- set-up ----------------------------------------------------------------------------------------


def test_the_lookup_of_documents_leads_to_what_customers_are_written_as() -> None:
    key = FieldDef("ERP_Orders", "custom_fields.ERP_ID", "text", "ERP ID")
    card = FieldDef("Contacts", "custom_fields.ERP_ID", "text", "ERP ID")
    there = fields(ERP_ID="text")
    _, missing = drive(
        CRM.setup([card, key], False), modules("Contacts", "ERP_Orders"), there, there
    )
    assert [one.path for one in missing] == ["custom_fields.Contact"]


def test_every_document_needs_its_card(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "extends: zoho_crm_persons\norder.parents.Contacts: none\n"
        "invoice.parents: {Accounts: customer}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_crm(tmp_path / "a.yaml", CRM.facts)
    assert list(caught.value.problems) == [
        "a.yaml:2:15 parent Accounts or Contacts is missing, and one of them is required",
        "a.yaml:3:29 customer is written as Contacts, not Accounts",
    ]
