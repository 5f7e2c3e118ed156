"""The connector against a real BottleCRM: what the flows rest on, seen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.bottlecrm import BottleCRM
from syncd.clock import SystemClock
from syncd.errors import AccessError, ConfigError, DuplicateError, NotFoundError, RejectedError
from syncd.http import HttpTransport
from syncd.port import FieldDef, Flow, Found, Op, Outcome, Request, Write
from tests.world.crm import Crm, CrmError

FIELDS = [
    FieldDef("account", "custom_fields.books_id", "text", "Books key"),
    FieldDef("account", "custom_fields.receivable", "number", "Owes"),
    FieldDef("account", "custom_fields.line", "long_text", "In short"),
    FieldDef("contact", "custom_fields.books_id", "text", "Books key"),
    FieldDef("invoice", "custom_fields.books_id", "text", "Books key"),
]


class Card:
    """One customer's objects, made as the engine would make them."""

    def __init__(self, transport: HttpTransport) -> None:
        self.transport = transport
        self.connector = BottleCRM({})
        self.sent: list[Request] = []
        transport.before_send = self.sent.append
        self.ids: dict[str, str] = {}

    def run(self, flow: Flow[Any]) -> Any:
        return self.transport.run(flow)

    def write(self, op: Op, target: str, marker: str = "", /, **fields: Any) -> Outcome:
        """Of the object of this target that was made last, unless it is a new one."""
        named = {path.replace("__", "."): value for path, value in fields.items()}
        remote_id = None if op is Op.CREATE else self.ids[target]
        marker = marker or uuid.uuid4().hex
        one = Write(op, target, marker, remote_id, dict(self.ids), named)
        outcome: Outcome = self.run(self.connector.push([one]))[0]
        if op is Op.CREATE and outcome.remote_id:
            self.ids[target] = outcome.remote_id
        return outcome

    def find(self, target: str, **by: str) -> list[Found]:
        return list(self.run(self.connector.find(target, by, self.ids)))

    def seen(self, target: str) -> Found:
        (found,) = self.find(target, id=self.ids[target])
        return found

    def people(self, name: str) -> None:
        self.write(Op.CREATE, "account", name=name, currency="EUR")
        self.write(Op.CREATE, "contact", last_name=name)

    def bill(self, amount: str = "1234.56", **fields: Any) -> Outcome:
        given = {"title": "РТ-000342", "currency": "EUR", "issue_date": "2026-10-01"}
        given |= {"due_date": "2026-10-15", "state": "open", **fields}
        return self.write(Op.CREATE, "invoice", amount=Decimal(amount), **given)

    def pay(self, amount: str, marker: str = "", /) -> Outcome:
        return self.write(
            Op.CREATE, "payment", marker, amount=Decimal(amount), payment_date="2026-10-20"
        )


def connect(crm: Crm, token: str | None = None) -> HttpTransport:
    secrets = {"token": token or crm.token}
    return HttpTransport(crm.url, BottleCRM({}), secrets, SystemClock())


@pytest.fixture(scope="module")
def transport(crm: Crm) -> Iterator[HttpTransport]:
    made = connect(crm)
    made.run(BottleCRM({}).setup(FIELDS, True))
    yield made
    made.close()


@pytest.fixture
def card(transport: HttpTransport) -> Card:
    return Card(transport)


@pytest.fixture
def customer(card: Card) -> Card:
    card.people(fresh("ООО «Ромашка»"))
    card.sent.clear()
    return card


def fresh(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:8]}"


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


# ---------------------------------------------------------------------------------------- invoices


def test_a_new_invoice_counts_as_overdue_and_carries_no_mail_address(
    crm: Crm, customer: Card
) -> None:
    outcome = customer.bill()
    assert outcome.seen is not None
    assert outcome.seen["amount"] == Decimal("1234.56")
    assert outcome.seen["state"] == "open"
    assert not any("client_email" in str(request.json) for request in customer.sent)
    invoice = crm.get(f"/api/invoices/{outcome.remote_id}/")["invoice"]
    assert (invoice["status"], invoice["client_email"]) == ("Sent", "")
    card = crm.card(customer.ids["account"])["account_obj"]
    assert card["rollups"]["overdue_amount"] == "1234.56"


def test_what_the_answer_says_is_what_reading_back_says(customer: Card) -> None:
    outcome = customer.bill(custom_fields__nobody_made="x")
    read = customer.seen("invoice").fields
    assert outcome.seen == {path: read.get(path) for path in outcome.seen or {}}
    assert outcome.seen is not None and outcome.seen["custom_fields.nobody_made"] is None


def test_an_invoice_is_found_by_marker_and_its_title_can_change(customer: Card) -> None:
    customer.bill()
    marker = str(customer.seen("invoice").marker)
    customer.write(Op.UPDATE, "invoice", title="請求書 7", due_date="2026-11-30")
    (found,) = customer.find("invoice", marker=marker)
    assert (found.fields["title"], found.fields["due_date"]) == ("請求書 7", "2026-11-30")


def test_a_draft_is_seen_as_one_and_sent_when_wanted_open(crm: Crm, customer: Card) -> None:
    people = {"account_id": customer.ids["account"], "contact_id": customer.ids["contact"]}
    left_behind = crm.post("/api/invoices/", {"invoice_title": "РТ-1", **people})["invoice"]
    customer.ids["invoice"] = left_behind["id"]
    assert customer.seen("invoice").fields["state"] == "draft"
    assert customer.write(Op.UPDATE, "invoice", state="open").seen == {"state": "open"}
    assert customer.seen("invoice").fields["state"] == "open"


def test_amount_and_currency_are_fixed_once_sent(customer: Card) -> None:
    customer.bill()
    for fields in ({"amount": Decimal("1.00")}, {"currency": "USD"}):
        error = customer.write(Op.UPDATE, "invoice", **fields).error
        assert error is not None and error.field in fields
        assert "only be changed while it is a Draft" in str(error)


@pytest.mark.parametrize("currency", ["RUB", "CZK"])
def test_a_currency_outside_the_list_is_refused(customer: Card, currency: str) -> None:
    assert currency not in (BottleCRM.facts.currencies or ())
    error = customer.bill(currency=currency).error
    assert error is not None and error.field == "currency"


def test_the_declared_currencies_are_the_crms_own(crm: Crm, customer: Card) -> None:
    assert BottleCRM.facts.currencies == crm.currencies()
    assert customer.bill("5000.00", currency="JPY").error is None


def test_limits_are_refusals_that_name_the_field(customer: Card) -> None:
    assert customer.bill("9999999999.99").error is None
    too_long = customer.bill(title="я" * 101).error
    too_much = customer.bill("10000000000.00").error
    too_fine = customer.bill("1.001").error
    fields = [error.field for error in (too_long, too_much, too_fine) if error]
    assert fields == ["title", "amount", "amount"]


def test_without_a_due_date_the_crm_invents_one(customer: Card) -> None:
    customer.bill(due_date=None)
    assert customer.seen("invoice").fields["due_date"] == "2026-10-31"


# ---------------------------------------------------------------------------- payments, cancelling


def test_a_payment_is_made_found_and_removed(customer: Card) -> None:
    customer.bill("1000.00")
    marker = uuid.uuid4().hex
    outcome = customer.pay("400.00", marker)
    assert outcome.seen == {"amount": Decimal("400.00"), "payment_date": "2026-10-20"}
    (found,) = customer.find("payment", marker=marker)
    assert (found.remote_id, found.marker) == (outcome.remote_id, marker)
    assert customer.find("payment", marker=marker[:8]) == []
    for _ in range(2):  # what is gone already needs no removing
        assert customer.write(Op.REMOVE, "payment").error is None
    assert customer.find("payment", id=str(outcome.remote_id)) == []
    assert customer.seen("invoice").fields["state"] == "open"


def test_more_than_what_is_due_is_refused_with_both_figures(customer: Card) -> None:
    customer.bill("1000.00")
    customer.pay("999.99")
    error = customer.pay("0.02").error
    assert error is not None and error.field == "amount"
    assert "0.02" in str(error) and "0.01" in str(error)
    assert customer.pay("0.01").error is None


def test_the_same_reference_twice_is_two_payments_so_it_is_looked_for_first(customer: Card) -> None:
    customer.bill("1000.00")
    marker = uuid.uuid4().hex
    made = {customer.pay("10.00", marker).remote_id for _ in range(2)}
    assert {found.remote_id for found in customer.find("payment", marker=marker)} == made
    assert len(made) == 2


def test_a_paid_invoice_is_cancelled_after_its_payments_went(customer: Card) -> None:
    customer.bill("100.00")
    customer.pay("100.00")
    outcome = customer.write(Op.UPDATE, "invoice", state="cancelled")
    assert outcome.error is not None and "after its payments" in str(outcome.error)
    assert outcome.seen == {"state": "open"}
    customer.write(Op.REMOVE, "payment")
    outcome = customer.write(Op.UPDATE, "invoice", state="cancelled")
    assert (outcome.error, outcome.seen) == (None, {"state": "cancelled"})
    assert customer.seen("invoice").fields["state"] == "cancelled"


def test_one_paid_in_part_is_cancelled_at_once_and_lets_its_payment_go_later(
    customer: Card,
) -> None:
    customer.bill("100.00")
    customer.pay("40.00")
    assert customer.write(Op.UPDATE, "invoice", state="cancelled").error is None
    assert customer.write(Op.REMOVE, "payment").error is None
    assert customer.find("payment", id=customer.ids["payment"]) == []
    assert customer.seen("invoice").fields["state"] == "cancelled"


def test_a_cancelled_invoice_takes_no_payment_and_opens_never_again(customer: Card) -> None:
    customer.bill("100.00")
    customer.write(Op.UPDATE, "invoice", state="cancelled")
    assert "cancelled invoice" in str(customer.pay("1.00").error)
    assert "open a cancelled invoice" in str(
        customer.write(Op.UPDATE, "invoice", state="open").error
    )


def test_an_account_with_invoices_stays(customer: Card) -> None:
    customer.bill()
    assert isinstance(customer.write(Op.REMOVE, "account").error, RejectedError)
    assert customer.seen("account").remote_id == customer.ids["account"]


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
