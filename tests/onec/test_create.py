"""A won customer in 1C: partner and counterparty, once, whatever the answers were."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.onec.values import chosen_key
from syncd.errors import DoubtError, DuplicateError, RejectedError, UnavailableError
from syncd.port import Op, Request, Response, Tier, Write
from tests.onec.office import Office
from tests.onec.wire import OTHER, drive, error, one, ready, rows

CUSTOMERS, PART = "Catalog_Контрагенты", "КонтактнаяИнформация"
MARKER = "CRM-4876aa12"
FIELDS = {"marker": MARKER, "name": "ООО «Пример»", "tax_id": "7700000009"}
WRITE = Write(Op.CREATE, "customer", MARKER, None, {}, FIELDS)
PARTNER = chosen_key(MARKER, "Catalog_Партнеры")
COUNTERPARTY = chosen_key(MARKER, "Catalog_Контрагенты")
ABSENT = error(404, "9", "Экземпляр сущности не найден")


def _made(key: str, **fields: Any) -> Any:
    return one({"Ref_Key": key, "Description": "ООО «Пример»", "ИНН": "7700000009", **fields}, 201)


def test_both_records_are_looked_for_and_made_under_chosen_keys() -> None:
    asked, [outcome] = drive(
        ready().push([WRITE]),
        ABSENT,
        rows([]),
        _made(PARTNER),
        ABSENT,
        rows([]),
        _made(COUNTERPARTY, ДополнительнаяИнформация=MARKER),
    )
    posts = [request for request in asked if request.method == "POST"]
    assert [request.path.rpartition("/")[2] for request in posts] == [
        "Catalog_Партнеры",
        "Catalog_Контрагенты",
    ]
    bodies: list[Any] = [request.json for request in posts]
    assert [body["Ref_Key"] for body in bodies] == [PARTNER, COUNTERPARTY]
    assert bodies[1]["Партнер_Key"] == PARTNER
    assert bodies[1]["ДополнительнаяИнформация"] == MARKER
    assert all(request.write and request.judged for request in posts)
    assert outcome.remote_id == COUNTERPARTY
    assert outcome.seen == FIELDS


def test_what_a_crash_left_half_is_finished() -> None:
    asked, [outcome] = drive(
        ready().push([WRITE]),
        _made(PARTNER),
        ABSENT,
        rows([]),
        _made(COUNTERPARTY),
    )
    assert [request.method for request in asked] == ["GET", "GET", "GET", "POST"]
    assert outcome.remote_id == COUNTERPARTY


def test_a_server_that_ignores_the_key_is_found_by_the_marker() -> None:
    row = {"Ref_Key": OTHER, "Description": "ООО «Пример»", "ДополнительнаяИнформация": MARKER}
    asked, [found] = drive(ready().find("customer", {"marker": MARKER}, {}), ABSENT, rows([row]))
    assert asked[1].query["$filter"] == f"substringof('{MARKER}',ДополнительнаяИнформация)"
    assert (found.remote_id, found.marker) == (OTHER, MARKER)


def test_a_marker_inside_another_is_no_hit() -> None:
    row = {"Ref_Key": OTHER, "ДополнительнаяИнформация": f"{MARKER}7"}
    _, found = drive(ready().find("customer", {"marker": MARKER}, {}), ABSENT, rows([row]))
    assert not found


def test_a_handlers_refusal_is_of_the_record_alone() -> None:
    said = "Ошибка при выполнении обработчика - 'ПриЗаписи': дата запрета изменения"
    refused = error(500, "-1", said)
    _, [outcome] = drive(ready().push([WRITE]), ABSENT, rows([]), refused, ABSENT, rows([]))
    assert isinstance(outcome.error, RejectedError)
    assert "дата запрета" in str(outcome.error)


def test_a_lock_is_a_reason_to_come_again() -> None:
    locked = error(500, "-1", "Конфликт блокировок при выполнении транзакции: ...")
    with pytest.raises(UnavailableError):
        drive(ready().push([WRITE]), ABSENT, rows([]), locked)


def test_an_answer_that_is_lost_leaves_a_doubt() -> None:
    with pytest.raises(DoubtError):
        drive(ready().push([WRITE]), ABSENT, rows([]), DoubtError("cut"))


def test_a_key_that_is_taken_meanwhile_is_a_duplicate() -> None:
    _, [outcome] = drive(
        ready().push([WRITE]),
        _made(PARTNER),
        ABSENT,
        rows([]),
        error(400, "15", "Уже существует"),
        _made(COUNTERPARTY),
    )
    assert isinstance(outcome.error, DuplicateError)
    assert outcome.error.field == "marker"


def test_the_tier_is_what_the_connection_says() -> None:
    assert ready().facts.targets["customer"].tier is Tier.T2
    assert ready(chosen_keys="no").facts.targets["customer"].tier is Tier.T3


def test_without_chosen_keys_the_marker_alone_is_looked_for() -> None:
    asked, _ = drive(
        ready(chosen_keys="no").push([WRITE]),
        rows([]),
        _made(OTHER),
        rows([]),
        _made(OTHER),
    )
    bodies: list[Any] = [request.json for request in asked if request.method == "POST"]
    assert all("Ref_Key" not in body for body in bodies)


def test_a_contact_that_is_typed_while_another_is_written_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table part is written whole: where 1C minds the version that was read, it is read anew."""
    office = Office()
    office.sandbox.switches.strict_if_match = True
    base = office.desk.base
    key, *_ = base.objects[CUSTOMERS]
    fax = {"LineNumber": 9, "Тип": "Факс", "Представление": "+7 495 900-00-01"}
    answer, typed = office.transport.answer, list[object]()

    def meanwhile(request: Request) -> Response:
        if request.method == "PATCH" and not typed:
            typed.append(fax)
            base.change(CUSTOMERS, key, {PART: [*base.objects[CUSTOMERS][key][PART], fax]})
        return answer(request)

    monkeypatch.setattr(office.transport, "answer", meanwhile)
    write = Write(Op.UPDATE, "customer", MARKER, key, {}, {"phone": "+7 812 222-22-22"})
    [outcome] = office.run(office.connector.push([write]))
    assert outcome.error is None
    shown = {one["Тип"]: one["Представление"] for one in base.objects[CUSTOMERS][key][PART]}
    assert (shown["Телефон"], shown["Факс"]) == ("+7 812 222-22-22", "+7 495 900-00-01")
