"""What goes over the wire, and what comes back of it: values, bare links, statuses inside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.megaplan import Megaplan
from connectors.megaplan.answers import whole
from connectors.megaplan.values import moment, plain, sent
from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    ConfigError,
    DoubtError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from syncd.port import All, FieldDef, Grant, Op, Read, Write
from tests.flows import Answer, drive

COMPANY = "ContractorCompany"
SECRETS = {"username": "integration@example.com", "password": " секрет\n"}


def envelope(data: object, status: int = 200, **meta: object) -> Answer:
    return Answer(200, {"meta": {"status": status, "errors": [], **meta}, "data": data})


def field(id: int, label: str, kind: str = "StringField") -> dict[str, Any]:
    return {"contentType": kind, "id": str(id), "name": f"Category183CustomField{id}",
            "hrName": label}  # fmt: skip


@pytest.mark.parametrize(
    "iso, month, day", [("2026-06-07", 5, 7), ("2026-01-31", 0, 31), ("2026-12-01", 11, 1)]
)
def test_months_are_counted_from_0(iso: str, month: int, day: int) -> None:
    value = {"contentType": "DateOnly", "year": 2026, "month": month, "day": day}
    assert sent("DateField", iso, "RUB") == value
    assert plain(value) == iso


def test_an_amount_is_of_its_currency() -> None:
    value = {"contentType": "Money", "currency": "RUB", "value": Decimal("188.50")}
    assert sent("MoneyField", Decimal("188.50"), "RUB") == value
    assert plain({**value, "valueInMain": 1, "rate": 1}, "RUB") == Decimal("188.50")
    assert plain(value, "EUR") == "188.50 RUB"


def test_a_time_without_a_zone_is_nobodys_time() -> None:
    told = {"contentType": "DateTime", "value": "2026-06-07T12:00:00+03:00"}
    assert moment(told) == dt.datetime(2026, 6, 7, 9, tzinfo=dt.UTC)
    with pytest.raises(ProtocolError, match="without its zone"):
        moment({"contentType": "DateTime", "value": "2026-06-07 12:00:00"})


def test_a_bare_link_is_the_entity_that_the_answer_has_elsewhere() -> None:
    anna = {"contentType": "Employee", "id": "7", "name": "Анна"}
    bare = {"contentType": "Employee", "id": "7"}
    rows = [{"contentType": "Deal", "id": "1", "manager": bare},
            {"contentType": "Deal", "id": "2", "manager": anna}]  # fmt: skip
    assert [row["manager"]["name"] for row in whole(rows)] == ["Анна", "Анна"]


def test_an_entity_inside_of_itself_comes_to_an_end() -> None:
    back = {"contentType": COMPANY, "id": "1"}
    person = {"contentType": "ContractorHuman", "id": "2", "name": "Елена", "company": back}
    card = {**back, "name": "ООО «Пример»", "contacts": [person]}
    assert whole(card)["contacts"][0]["company"] == back


def test_a_list_is_asked_for_with_one_object_and_a_concrete_type() -> None:
    crm = Megaplan({"page": "1"})
    read = Read(Kind.LABEL, COMPANY, ("id", "name", "type.name"))
    changed = {"contentType": "DateTime", "value": "2026-06-07T12:00:00+00:00"}
    row = {"contentType": "ContractorHuman", "id": "5", "timeUpdated": changed}
    [first], page = drive(crm.pull(read, All()), envelope([row]))
    assert (first.method, first.path, first.query) == ("GET", "/api/v3/contractor", {})
    assert first.asks == {
        "limit": 1,
        "fields": ["timeUpdated", "name", {"type": ["name"]}],
        "sortBy": [{"contentType": "SortField", "fieldName": "timeUpdated", "desc": True}],
    }
    assert page.records == []
    [second], _ = drive(
        crm.pull(read, All(page.next)),
        envelope([{**row, "id": "4"}]),
    )
    assert isinstance(second.asks, dict)
    assert second.asks["pageAfter"] == {"contentType": "ContractorHuman", "id": "5"}


@pytest.mark.parametrize(
    "status, error, write",
    [
        (401, AccessError, False),
        (403, AccessError, False),
        (422, RejectedError, False),
        (429, RateLimitedError, False),
        (500, UnavailableError, False),
        (500, DoubtError, True),
        (302, ProtocolError, False),
    ],
)
def test_the_status_in_the_envelope_counts_whatever_that_of_http_is(
    status: int, error: type[Exception], write: bool
) -> None:
    crm = Megaplan({})
    with pytest.raises(error):
        if write:
            create = Write(Op.CREATE, COMPANY, "K-1", None, {}, {"name": "Ёлка"})
            drive(crm.push([create]), envelope([field(1, "Код в учёте")]), envelope(None, status))
        else:
            drive(crm.identity(), envelope(None, status))


def test_the_trace_of_a_refusal_is_not_repeated() -> None:
    crm = Megaplan({})
    error = {"field": "name", "type": "ValidationException", "message": "x" * 9000,
             "trace": ["y" * 100_000]}  # fmt: skip
    create = Write(Op.CREATE, COMPANY, "K-1", None, {}, {"name": "Ёлка"})
    body = {"meta": {"status": 422, "errors": [error]}, "data": None}
    _, [outcome] = drive(crm.push([create]), envelope([field(1, "Код в учёте")]), Answer(422, body))
    assert outcome.error is not None and len(str(outcome.error)) < 300
    assert (outcome.error.field, outcome.remote_id) == ("name", None)


def test_two_fields_of_one_label_are_told_apart_by_their_own_names() -> None:
    crm = Megaplan({})
    two = envelope([field(1, "Код в учёте"), field(2, "Долг", "MoneyField"),
                    field(3, "долг", "MoneyField")])  # fmt: skip
    wanted = FieldDef(COMPANY, "custom_fields.Долг", "number", "Долг")
    with pytest.raises(ConfigError, match=r"2 extra fields .* Category183CustomField2"):
        drive(crm.setup([wanted], False), two)
    named = FieldDef(COMPANY, "custom_fields.Category183CustomField3", "number", "Долг")
    assert drive(crm.setup([named], False), two)[1] == []


def test_a_field_of_another_kind_is_told_with_the_kinds_that_serve() -> None:
    crm = Megaplan({})
    known = envelope([field(1, "Долг"), field(2, "Код в учёте", "EnumField")])
    wanted = [
        FieldDef(COMPANY, "custom_fields.Долг", "number", "Долг"),
        FieldDef(COMPANY, "custom_fields.Код_в_учёте", "text", "Код в учёте"),
    ]
    with pytest.raises(ConfigError) as caught:
        drive(crm.setup(wanted, False), known)
    assert "Долг of ContractorCompany is of the kind Строка" in caught.value.problems[0]
    assert "key of the books" in caught.value.problems[1]


def test_a_login_is_by_the_refresh_token_first_and_by_the_password_then() -> None:
    crm = Megaplan({})
    good = {"access_token": "a", "expires_in": 172_800, "refresh_token": "r2", "scope": None}
    refused = Answer(400, {"error": "invalid_grant", "error_description": "no"})
    asked, grant = drive(
        crm.authenticate({**SECRETS, "refresh_token": "r1"}), refused, Answer(200, good)
    )
    assert [request.form for request in asked] == [
        {"grant_type": "refresh_token", "refresh_token": "r1"},
        {"grant_type": "password", "username": SECRETS["username"], "password": "секрет"},
    ]
    assert grant == Grant(
        {"Authorization": "Bearer a"}, lasts=172_800.0, renewed={"refresh_token": "r2"}
    )
    with pytest.raises(AccessError, match="secrets username and password"):
        drive(crm.authenticate(SECRETS), refused)
    with pytest.raises(AccessError, match="no secret password"):
        drive(crm.authenticate({"username": "a"}))


@pytest.mark.parametrize("options", [{"page": "101"}, {"page": "x"}, {"currency": "rub"}])
def test_settings_say_what_was_expected(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        Megaplan(options)
