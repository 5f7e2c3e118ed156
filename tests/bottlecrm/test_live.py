"""The connector against a real BottleCRM: what the flows rest on, seen."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from syncd.errors import AccessError, ConfigError, DuplicateError, NotFoundError
from syncd.port import FieldDef, Op
from tests.world.crm import Crm, CrmError

from .card import FIELDS, Card, connect, fresh

# ------------------------------------------------------------------------------ token and set-up


def test_identity_stays_the_same_and_a_wrong_token_says_so(crm: Crm, card: Card) -> None:
    first, second = (card.run(card.connector.identity()) for _ in range(2))
    assert first == second
    assert uuid.UUID(first.id)
    wrong = connect(crm, "bcrm_pat_wrong")
    with pytest.raises(AccessError, match="refused the token: "):
        wrong.run(card.connector.identity())
    wrong.close()


def test_setup_makes_a_field_once_and_refuses_another_type(card: Card) -> None:
    assert card.run(card.connector.setup(FIELDS, False)) == []
    field = FieldDef("account", f"custom_fields.k{uuid.uuid4().hex}", "number", "Of this test")
    assert card.run(card.connector.setup([field], False)) == [field]
    assert card.run(card.connector.setup([field], True)) == [field]
    assert card.run(card.connector.setup([field], False)) == []
    other = FieldDef(field.target, field.path, "date", field.label)
    with pytest.raises(ConfigError, match="holds number"):
        card.run(card.connector.setup([other], True))


# ------------------------------------------------------------------------------ accounts, contacts


@pytest.mark.parametrize("name", ["Müller & Söhne GmbH", "ООО «Ромашка»", "山田商事株式会社"])
def test_an_account_is_made_found_changed_and_removed(card: Card, name: str) -> None:
    name, marker = fresh(name), uuid.uuid4().hex
    outcome = card.write(Op.CREATE, "account", marker, name=name, phone=None, country="AT")
    assert outcome.error is None
    for by in ({"id": card.ids["account"]}, {"marker": marker}, {"name": name.upper()}):
        (found,) = card.find("account", **by)
        assert (found.remote_id, found.marker) == (outcome.remote_id, marker)
        assert (found.fields["name"], found.fields["country"]) == (name, "AT")

    card.write(
        Op.UPDATE,
        "account",
        country=None,
        custom_fields__receivable=Decimal("48200.10"),
        custom_fields__line="Owes EUR 48,200.10",
    )
    fields = card.seen("account").fields
    assert fields["country"] is None
    assert fields["custom_fields.receivable"] == Decimal("48200.10")
    assert fields["custom_fields.books_id"] == marker

    assert card.write(Op.REMOVE, "account").error is None
    assert card.find("account", marker=marker) == []
    assert isinstance(card.write(Op.UPDATE, "account", city="Wien").error, NotFoundError)


def test_a_name_is_taken_whatever_its_case_and_the_holder_can_be_found(card: Card) -> None:
    name = fresh("Acme Ромашка")
    card.write(Op.CREATE, "account", name=name)
    holder = card.ids["account"]
    error = card.write(Op.CREATE, "account", name=name.upper()).error
    assert isinstance(error, DuplicateError)
    assert error.field == "name"
    assert [found.remote_id for found in card.find("account", name=name.upper())] == [holder]


def test_an_account_can_change_the_case_of_its_own_name(card: Card) -> None:
    name = fresh("ACME")
    card.write(Op.CREATE, "account", name=name)
    assert card.write(Op.UPDATE, "account", name=name.title(), city="Brno").error is None
    fields = card.seen("account").fields
    assert (fields["name"], fields["city"]) == (name.title(), "Brno")


def test_an_account_without_a_currency_stays_without_one(card: Card) -> None:
    card.write(Op.CREATE, "account", name=fresh("Acme"), currency=None)
    assert card.seen("account").fields["currency"] is None


def test_an_inactive_account_is_still_found(card: Card) -> None:
    name, marker = fresh("Asleep"), uuid.uuid4().hex
    card.write(Op.CREATE, "account", marker, name=name)
    card.write(Op.UPDATE, "account", is_active=False)
    assert len(card.find("account", marker=marker)) == 1
    assert len(card.find("account", name=name)) == 1


def test_an_account_is_found_by_its_email_whatever_its_case(card: Card) -> None:
    email = f"Jan.{uuid.uuid4().hex}@example.test"
    card.write(Op.CREATE, "account", name=fresh("Acme"), email=email)
    card.write(Op.UPDATE, "account", is_active=False)
    for asked in (email, email.upper()):
        assert [found.remote_id for found in card.find("account", email=asked)] == [
            card.ids["account"]
        ]
    assert card.find("account", email=email[1:]) == []


def test_a_number_field_takes_a_whole_number_and_an_account_is_found_by_any_text_field(
    card: Card,
) -> None:
    fields = [
        FieldDef("account", "custom_fields.orders", "number", "Orders"),
        FieldDef("account", "custom_fields.vat", "text", "VAT number"),
    ]
    card.run(card.connector.setup(fields, True))
    vat = uuid.uuid4().hex
    card.write(
        Op.CREATE, "account", name=fresh("Acme"), custom_fields__orders=12, custom_fields__vat=vat
    )
    (found,) = card.find("account", **{"custom_fields.vat": vat})
    assert found.fields["custom_fields.orders"] == 12
    card.write(Op.UPDATE, "account", custom_fields__orders=0)
    assert card.seen("account").fields["custom_fields.orders"] == 0
    assert card.find("account", **{"custom_fields.vat": vat[:-1]}) == []


def test_an_unknown_custom_field_is_dropped_with_200_and_reading_back_shows_it(card: Card) -> None:
    outcome = card.write(Op.CREATE, "account", name=fresh("Acme"), custom_fields__nobody_made="x")
    assert (outcome.seen, outcome.error) == (None, None)
    fields = card.seen("account").fields
    assert "custom_fields.nobody_made" not in fields
    assert "custom_fields.books_id" in fields


def test_a_number_of_the_wrong_kind_is_refused_by_field(card: Card) -> None:
    error = card.write(
        Op.CREATE, "account", name=fresh("Acme"), custom_fields__receivable="much"
    ).error
    assert error is not None and error.field == "custom_fields.receivable"


def test_a_contact_is_made_found_changed_and_removed(card: Card) -> None:
    marker = uuid.uuid4().hex
    card.write(Op.CREATE, "account", name=fresh("Acme"))
    assert card.write(Op.CREATE, "contact", marker, last_name="山田 太郎").error is None
    card.write(Op.UPDATE, "contact", phone="+81312345678")
    (found,) = card.find("contact", marker=marker)
    assert (found.fields["last_name"], found.fields["phone"]) == ("山田 太郎", "+81312345678")
    assert card.write(Op.REMOVE, "contact").error is None
    assert card.find("contact", marker=marker) == []


def test_a_repeated_email_of_a_contact_names_the_field(card: Card) -> None:
    card.write(Op.CREATE, "account", name=fresh("Acme"))
    email = f"{uuid.uuid4().hex}@example.com"
    card.write(Op.CREATE, "contact", last_name="Jan", email=email)
    error = card.write(Op.CREATE, "contact", last_name="Jana", email=email.upper()).error
    assert isinstance(error, DuplicateError)
    assert error.field == "email"


# ------------------------------------------------------------------------------------------- notes


def test_a_note_is_made_found_changed_and_removed(crm: Crm, customer: Card) -> None:
    account, marker = customer.ids["account"], uuid.uuid4().hex
    crm.post(f"/api/accounts/{account}/", {"comment": "Called, nobody there"})
    text = "貸方票 CN-2026/0004\nüber EUR 96.00"
    assert customer.write(Op.CREATE, "note", marker, text=text).seen == {"text": text}
    assert crm.notes(account) == ["Called, nobody there", f"{text} [syncd {marker}]"]
    (found,) = customer.find("note", marker=marker)
    assert (found.remote_id, found.fields) == (customer.ids["note"], {"text": text})

    assert customer.write(Op.UPDATE, "note", marker, text="Taken back").error is None
    assert crm.notes(account)[1] == f"Taken back [syncd {marker}]"
    assert (customer.seen("note").marker, customer.seen("note").fields["text"]) == (
        marker, "Taken back",
    )  # fmt: skip

    for _ in range(2):  # what is gone already needs no removing
        assert customer.write(Op.REMOVE, "note").error is None
    assert crm.notes(account) == ["Called, nobody there"]
    gone = customer.write(Op.UPDATE, "note", marker, text="Again").error
    assert isinstance(gone, NotFoundError)


def test_the_same_note_twice_is_two_notes_so_it_is_looked_for_first(customer: Card) -> None:
    marker = uuid.uuid4().hex
    made = [customer.write(Op.CREATE, "note", marker, text="x").remote_id for _ in range(2)]
    assert {found.remote_id for found in customer.find("note", marker=marker)} == {*made}
    assert len({*made}) == 2


def test_a_note_that_lost_its_end_is_found_by_its_id_alone(crm: Crm, customer: Card) -> None:
    marker = uuid.uuid4().hex
    customer.write(Op.CREATE, "note", marker, text="Paid")
    crm.patch(f"/api/accounts/comment/{customer.ids['note']}/", {"comment": "Paid? [ask]"})
    assert customer.find("note", marker=marker) == []
    assert (customer.seen("note").marker, customer.seen("note").fields) == (
        None, {"text": "Paid? [ask]"},
    )  # fmt: skip


def test_a_note_may_have_10000_characters_and_a_longer_one_is_cut(crm: Crm, customer: Card) -> None:
    account, marker = customer.ids["account"], uuid.uuid4().hex
    outcome = customer.write(Op.CREATE, "note", marker, text="я" * 10_001)
    (text,) = crm.notes(account)
    assert (len(text), outcome.error) == (10_000, None)
    assert text.endswith(f"яя [syncd {marker}]")
    assert outcome.seen == customer.seen("note").fields
    with pytest.raises(CrmError, match="no more than 10000 characters"):
        crm.post(f"/api/accounts/{account}/", {"comment": "я" * 10_001})


def test_a_note_that_is_refused_names_its_text(customer: Card) -> None:
    error = customer.write(Op.CREATE, "note", text="not\x00this").error
    assert error is not None and error.field == "text"


# ---------------------------------------------------------------------------------------- surveys


@pytest.mark.parametrize("target", ["account", "contact", "invoice"])
def test_a_survey_tells_every_marker(customer: Card, target: str) -> None:
    customer.bill()
    wanted = customer.seen(target)
    found, position = [], None
    while True:
        page = customer.run(customer.connector.survey(target, position))
        found += page.found
        position = page.next
        if position is None:
            break
    assert wanted in found
    assert target != "account" or all(each.fields["name"] for each in found)
