"""A won customer becomes a party once, whole, and never twice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.tryton import FACTS
from syncd.domain import Value
from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    UnavailableError,
)
from syncd.port import FieldDef, Found, Op, Outcome, Request, Response, Tier, Write
from tests.conformance import kit
from tests.tryton.reader import EITHER, Reader
from tests.tryton.wire import FIRST_CALLS, called, connector, drive, error, html, result
from tests.world.books import Books

MARKER = "CRM-7d0c"
TAKEN = error("UserError", ["The code on party must be unique.", "", None])
REFUSED = error("UserError", ["Die Nummer ist ungültig", "", None])


class Driver:
    markers: Mapping[str, str] = {"party": "code"}
    currencies: Mapping[str, str] = {}

    def __init__(self, books: Books) -> None:
        self._books = books

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        if target == "person":
            ways = {"phone": f"+43{n}", "email": f"hana{n}@example.test"}
            return {"name": f"花子 {n}", "role": f"Бухгалтер {n}", **ways}
        return {
            "name": f"Käufer {n} 株式会社",
            "email": f"k{n}@example.test",
            "phone": f"+43{n}",
            "tax_id": f"Steuer-{n}",
            "street": f"Хофгассе {n}\n2. Stock",
            "city": "Пермь",
            "postcode": "1010",
            "country": "AT",
            "delivery_street": f"Lager {n}",
            "delivery_city": "Graz",
            "delivery_postcode": "8010",
        }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        return {
            "name": f"Новое имя {n}",
            "email": None,
            "phone": f"+81{n}",
            "tax_id": None,
            "street": None,
            "country": "JP",
        }

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        wrong = {"name": None} if target == "person" else {"country": "XX"}
        return {**self.fields(target, n), **wrong}

    def gone(self, target: str) -> str:
        return "987654321"

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        if target == "person":
            clause = [["comment", "like", f"{marker}%"], ["type", "=", "email"]]
            return len(self._books.search("party.contact_mechanism", clause))
        return len(self._books.search("party.party", [["code", "=", marker], EITHER]))

    def wait(self, seconds: float) -> None:
        """Its search is the database itself: what is committed is found."""


@pytest.fixture(scope="module")
def reader(tryton: Books) -> Reader:
    return Reader(tryton)


@pytest.mark.parametrize("case", kit.crm_cases(FACTS), ids=str)
def test_conformance(case: kit.Case[Any], reader: Reader) -> None:
    driver = Driver(reader.books)
    wire = kit.Wire(reader.connect)
    case(kit.Subject(reader.connector, reader.run, driver, reader.stranger, wire))


# --------------------------------------------------------------------------- a real Tryton


def create(reader: Reader, marker: str, **fields: Value) -> Outcome:
    write = Write(Op.CREATE, "party", marker, None, {}, {"name": "田中商店", **fields})
    [outcome] = reader.run(reader.connector.push([write]))
    assert isinstance(outcome, Outcome)
    return outcome


def find(reader: Reader, **by: str) -> list[Found]:
    return list(reader.run(reader.connector.find("party", by, {})))


def test_one_customer_however_often_created(reader: Reader) -> None:
    first = create(reader, "CRM-once", email="a@example.test")
    again = create(reader, "CRM-once", email="b@example.test")
    assert first.error is None and again.remote_id is None
    assert isinstance(again.error, DuplicateError) and again.error.field == "code"
    [found] = find(reader, marker="CRM-once")
    assert (found.remote_id, found.fields["email"]) == (first.remote_id, "a@example.test")


def test_a_party_that_was_archived_still_has_its_marker(reader: Reader) -> None:
    made = create(reader, "CRM-archived")
    reader.books.write("party.party", int(str(made.remote_id)), active=False)
    [found] = find(reader, marker="CRM-archived")
    assert found.remote_id == made.remote_id
    assert find(reader, id=str(made.remote_id)) == [found]
    assert isinstance(create(reader, "CRM-archived").error, DuplicateError)


def test_a_marker_in_other_letters_is_another_customer(reader: Reader) -> None:
    assert create(reader, "CRM-abc").error is None
    assert create(reader, "crm-ABC").error is None
    assert len(find(reader, marker="CRM-abc")) == 1


def test_a_party_is_found_by_any_of_its_numbers_and_addresses(reader: Reader) -> None:
    books = reader.books
    ways = [{"type": kind, "value": f"{kind}2@example.test"} for kind in ("email", "other")]
    numbers = [{"type": None, "code": code} for code in ("first", "second")]
    party = books.create_customer(
        "Zwei von allem", email="email1@example.test", identifiers=[["create", numbers]]
    )
    books.write("party.party", party, contact_mechanisms=[["create", ways]])
    for by in ({"email": "email2@example.test"}, {"tax_id": "second"}):
        [found] = find(reader, **by)
        assert found.remote_id == str(party) and by.items() <= found.fields.items()
    for nobody in ({"email": "other2@example.test"}, {"email": "mail1@example.test"}):
        assert find(reader, **nobody) == []
    assert find(reader, tax_id="SECOND") == find(reader, email="") == []


@pytest.mark.parametrize(
    ("number", "country", "kind"),
    [
        ("ATU12345675", "AT", "eu_vat"),
        ("ATU 1", "AT", None),
        ("7707083893", "RU", "ru_vat"),
        ("7707083894", "RU", None),
        ("CHE107787577IVA", None, None),
        ("No 17", None, None),
    ],
)
def test_a_tax_number_has_its_type_and_an_unknown_one_is_kept(
    number: str, country: str | None, kind: str | None, reader: Reader
) -> None:
    made = create(reader, f"CRM-{number}", tax_id=number, country=country)
    assert made.error is None
    [row] = reader.books.rows(
        "party.identifier", ["type", "code"], ["party", "=", int(str(made.remote_id))]
    )
    assert (row["type"], row["code"]) == (kind, number)
    [found] = find(reader, tax_id=number)
    assert found.fields["tax_id"] == number


def test_a_number_that_tryton_writes_otherwise_is_found_all_the_same(reader: Reader) -> None:
    numbers = [{"type": "ch_vat", "code": "CHE107787577IVA"}]
    party = reader.books.create_customer("Uhren AG", identifiers=[["create", numbers]])
    for number in ("CHE107787577IVA", "CHE-107.787.577 IVA"):
        assert str(party) in {found.remote_id for found in find(reader, tax_id=number)}


def test_only_what_differs_is_changed_and_what_a_person_added_stays(reader: Reader) -> None:
    books = reader.books
    made = create(reader, "CRM-kept", email="a@example.test", city="Wien", phone="+43 1")
    party = int(str(made.remote_id))
    extra = {"type": "email", "value": "z@example.test"}
    books.write("party.party", party, contact_mechanisms=[["create", [extra]]])
    write = Write(Op.UPDATE, "party", "CRM-kept", str(party), {}, {"email": "b@example.test"})
    [outcome] = reader.run(reader.connector.push([write]))
    assert outcome == Outcome(str(party))
    rows = books.rows("party.contact_mechanism", ["value"], ["party", "=", party])
    assert sorted(row["value"] for row in rows) == ["+43 1", "b@example.test", "z@example.test"]
    assert find(reader, marker="CRM-kept")[0].fields["city"] == "Wien"


def test_a_made_party_becomes_a_customer_with_its_first_document(reader: Reader) -> None:
    made = create(reader, "CRM-first", city="Graz")
    assert made.remote_id is not None
    reader.books.post_invoice(int(made.remote_id), Decimal("1.00"))
    assert reader.books.receivable(int(made.remote_id)) == Decimal("1.00")


# ---------------------------------------------------------------------------------- the wire


def push(write: Write, *answers: object) -> tuple[list[Request], Outcome]:
    asked, [outcome] = drive(connector().push([write]), *FIRST_CALLS, *answers)
    return asked[3:], outcome


def creating(**fields: Value) -> Write:
    return Write(Op.CREATE, "party", MARKER, None, {}, {"name": "Müller", **fields})


def changing(**fields: Value) -> Write:
    return Write(Op.UPDATE, "party", MARKER, "7", {}, fields)


def a_party(key: int, **changed: object) -> dict[str, Any]:
    children: dict[str, Any] = {"addresses.": [], "contact_mechanisms.": [], "identifiers.": []}
    own = {"id": key, "name": "Müller", "code": MARKER, "tax_identifier.": None}
    return {**own, **children, **changed}


def test_a_party_is_made_whole_by_one_call() -> None:
    write = creating(email="a@example.test", tax_id="17", city="Wien", country="AT", phone=None)
    asked, outcome = push(write, [{"id": 3, "code": "AT"}], [7])
    assert outcome == Outcome("7") and [request.write for request in asked] == [False, True]
    method, [values, context] = called(asked[1])
    assert method == "model.party.party.create" and context == FIRST_CALLS[0]
    assert values == [
        {
            "code": MARKER,
            "name": "Müller",
            "addresses": [["create", [{"city": "Wien", "country": 3}]]],
            "contact_mechanisms": [["create", [{"type": "email", "value": "a@example.test"}]]],
            "identifiers": [["create", [{"type": None, "code": "17"}]]],
        }
    ]


def test_a_taken_code_is_found_out_by_looking_not_by_the_words() -> None:
    asked, outcome = push(creating(), TAKEN, [{"id": 4}])
    assert [request.write for request in asked] == [True, False]
    assert isinstance(outcome.error, DuplicateError) and outcome.error.field == "code"


def test_what_tryton_refuses_is_said_in_its_words() -> None:
    _, outcome = push(creating(), REFUSED, [])
    assert isinstance(outcome.error, RejectedError) and outcome.remote_id is None
    assert str(outcome.error) == "Die Nummer ist ungültig"


def test_a_question_that_only_a_person_can_answer_is_a_refusal() -> None:
    asks = error("UserWarning", ["key.77", "There is one of this name.", "Go on?"])
    _, outcome = push(creating(), asks, [])
    assert str(outcome.error) == "There is one of this name. Go on?"


def test_a_number_that_fails_its_type_goes_in_without_one() -> None:
    asked, outcome = push(creating(tax_id="atu1"), REFUSED, [], [7])
    assert outcome == Outcome("7")
    kinds = [called(asked[n])[1][0][0]["identifiers"][0][1][0]["type"] for n in (0, 2)]
    assert kinds == ["eu_vat", None]


@pytest.mark.parametrize("fields", [{"name": None}, {"name": ""}])
def test_a_party_without_a_name_is_not_made(fields: Mapping[str, Value]) -> None:
    asked, outcome = push(creating(**fields))
    assert asked == [] and outcome.error is not None and outcome.error.field == "name"


def test_a_country_that_tryton_does_not_have_is_named_before_anything_is_written() -> None:
    asked, outcome = push(creating(country="XX"), [])
    assert not any(request.write for request in asked)
    assert outcome.error is not None and outcome.error.field == "country"


def test_an_answer_that_cannot_be_read_leaves_a_doubt() -> None:
    with pytest.raises(DoubtError):
        push(creating(), Response(200, {}, b"<html>proxy"))


def test_a_write_that_met_another_is_not_carried_out() -> None:
    with pytest.raises(UnavailableError):
        push(creating(), error("ConcurrencyException", "Records were modified"))


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (html(403), AccessError),
        (html(413), ProtocolError),
        (error("'nofield'", ""), ProtocolError),
        (result([]), DoubtError),
        (result(None), DoubtError),
    ],
)
def test_an_answer_that_is_no_refusal_of_the_record_stops_the_stream(
    answer: Response, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        push(creating(), answer)


def test_an_update_changes_the_first_of_each_in_one_call() -> None:
    ways = [{"id": 11, "type": "email", "value": "a"}, {"id": 12, "type": "email", "value": "b"}]
    number = {"id": 14, "type": "eu_vat", "code": "ATU1"}
    present = a_party(
        7,
        **{"addresses.": [{"id": 13, "street": "S"}], "contact_mechanisms.": ways},
        **{"identifiers.": [number], "tax_identifier.": number},
    )
    fields: dict[str, Value] = {"city": "Graz", "email": None, "phone": "+43", "tax_id": "17"}
    asked, outcome = push(changing(**fields), [present], None)
    assert outcome == Outcome("7") and [request.write for request in asked] == [False, True]
    method, [ids, values, _] = called(asked[1])
    assert (method, ids) == ("model.party.party.write", [7])
    assert values == {
        "addresses": [["write", [13], {"city": "Graz"}]],
        "contact_mechanisms": [
            ["delete", [11]],
            ["create", [{"type": "phone", "value": "+43"}]],
        ],
        "identifiers": [["write", [14], {"type": None, "code": "17"}]],
    }


def test_a_party_that_is_gone_is_said_to_be() -> None:
    _, outcome = push(changing(name="Neu"), [])
    assert isinstance(outcome.error, NotFoundError) and outcome.remote_id == "7"


def test_a_code_that_another_party_has_is_a_duplicate_on_an_update_too() -> None:
    _, outcome = push(changing(code="X"), [a_party(7)], TAKEN, [{"id": 7}, {"id": 8}])
    assert isinstance(outcome.error, DuplicateError) and outcome.error.field == "code"


def test_the_own_code_is_no_duplicate() -> None:
    _, outcome = push(changing(code=MARKER), [a_party(7)], REFUSED, [{"id": 7}])
    assert type(outcome.error) is RejectedError


def test_a_party_is_not_removed() -> None:
    asked, outcome = push(Write(Op.REMOVE, "party", MARKER, "7", {}, {}))
    assert asked == [] and outcome.remote_id == "7" and isinstance(outcome.error, RejectedError)


def test_one_refused_party_leaves_the_others() -> None:
    writes = [creating(), Write(Op.REMOVE, "party", MARKER, "7", {}, {}), creating()]
    _, outcomes = drive(connector().push(writes), *FIRST_CALLS, [7], [8])
    assert [outcome.remote_id for outcome in outcomes] == ["7", "7", "8"]


@pytest.mark.parametrize("key", ["x", "-1", "²", "9" * 30])
def test_what_cannot_be_an_id_finds_nothing(key: str) -> None:
    asked, found = drive(connector().find("party", {"id": key}, {}), *FIRST_CALLS, [])
    assert found == [] and ["id", "in", []] in called(asked[3])[1][0]


def test_parties_are_not_looked_for_by_what_is_not_exact() -> None:
    with pytest.raises(ProtocolError, match="by name"):
        drive(connector().find("party", {"name": "Müller"}, {}), *FIRST_CALLS)


def test_nothing_is_to_be_set_up() -> None:
    wanted = [FieldDef("party", "custom_fields.x", "text", "X")]
    assert drive(connector().setup(wanted, True)) == ([], [])


def test_the_declared_facts_are_those_that_were_tried() -> None:
    target = FACTS.targets["party"]
    assert (target.tier, target.unique, target.batch) == (Tier.T2, None, 1)
    assert not target.removable and not target.listable
