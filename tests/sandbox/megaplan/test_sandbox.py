"""What the sandbox of Megaplan keeps of Megaplan: its wire format, its errors, its silent traps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from syncd.errors import UsageError
from syncd.sandbox.faults import Fault
from syncd.sandbox.megaplan import make
from syncd.sandbox.port import Asked
from tests.sandbox.megaplan.desk import NEWEST, Desk, filtered, term


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- logins ----------------------------------------------------------------------------------------


def test_a_login_answers_outside_of_the_envelope_and_its_refresh_token_is_good_once(
    desk: Desk,
) -> None:
    first = desk.log_in()
    assert (first["http"], first["token_type"], first["expires_in"]) == (200, "bearer", 172_800)
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert desk.log_in(**again)["http"] == 200
    refused = desk.log_in(**again)
    assert (refused["http"], refused["error"]) == (400, "invalid_grant")
    assert desk.log_in(password="x")["error"] == "invalid_grant"


def test_a_form_may_have_several_parts(desk: Desk) -> None:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (
            ("username", desk.login),
            ("password", "sandbox-password"),
            ("grant_type", "password"),
        )
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    body = f"{parts}--b--\r\n".encode()
    asked = Asked("POST", "/api/v3/auth/access_token", "", headers, body)
    assert desk.megaplan.answer(asked).status == 200


def test_a_token_ends(desk: Desk) -> None:
    assert desk.call("GET", "accountInfo")[0] == 200
    desk.later(seconds=172_801)
    status, found = desk.call("GET", "accountInfo")
    assert (status, found["meta"]["status"], found["data"]) == (401, 401, {})


def test_a_seller_may_see_only_his_own() -> None:
    desk = Desk(login="anna@example.com")
    desk.switches.sees = "own"
    assert len(desk.data("GET", "contractorCompany")) == 3
    status, _ = desk.call("GET", "contractorCompany/1000002")
    assert status == 403


# -- reading ---------------------------------------------------------------------------------------


def test_the_query_is_one_object_and_nothing_else(desk: Desk) -> None:
    assert len(desk.data("GET", "contractor", {"limit": 5})) == 5
    status, found = desk.call("GET", "contractor", query="limit=5")
    assert (status, len(found["data"])) == (200, 11)


def test_a_list_is_short_unless_more_is_asked_for(desk: Desk) -> None:
    [short] = desk.data("GET", "deal", {"limit": 1})
    assert "result" not in short and isinstance(short["id"], str)
    [more] = desk.data("GET", "deal", {"limit": 1, "fields": ["result"]})
    assert more.keys() - short.keys() == {"result"}
    asks = {"limit": 1, "fields": ["result"], "onlyRequestedFields": True}
    [alone] = desk.data("GET", "deal", asks)
    assert alone.keys() == {"contentType", "id", "result"}


@pytest.mark.parametrize("name", ["deadline", "noSuchField"])
def test_a_field_that_no_list_has_is_refused(desk: Desk, name: str) -> None:
    status, found = desk.call("GET", "deal", {"fields": [name]})
    assert status == 422 and name in found["meta"]["errors"][0]["message"]


def test_an_entity_is_whole_once_in_an_answer(desk: Desk) -> None:
    rows = desk.data("GET", "deal", {"sortBy": NEWEST})
    programs = [row["program"] for row in rows]
    assert programs[0]["name"] == "Продажи"
    assert programs[1:] == [{"contentType": "Program", "id": "1000060"}] * 6


def test_pages_begin_behind_a_concrete_entity(desk: Desk) -> None:
    first = desk.data("GET", "contractor", {"limit": 4, "sortBy": NEWEST})
    last = {"contentType": first[-1]["contentType"], "id": int(first[-1]["id"])}
    second = desk.data("GET", "contractor", {"limit": 99, "sortBy": NEWEST, "pageAfter": last})
    assert len({row["id"] for row in (*first, *second)}) == 11
    abstract = {"contentType": "Contractor", "id": last["id"]}
    assert desk.call("GET", "contractor", {"pageAfter": abstract})[0] == 500
    gone = {"contentType": "ContractorCompany", "id": 999}
    assert desk.call("GET", "contractor", {"pageAfter": gone})[0] == 404


def test_filters_understand_some_terms_and_leave_out_others(desk: Desk) -> None:
    def named(*terms: Any, **more: Any) -> list[str]:
        rows = desk.data("GET", "contractor", {"filter": filtered("CrmFilter", *terms, **more)})
        return [str(row["name"]) for row in rows]

    assert named(term("name", "ооо «пример»")) == ["ООО «Пример»"]
    assert len(named(term("name", "ООО", comparison="starts_with"))) == 3
    assert len(named(term("balance", 5, "Number"))) == 11, "it is not understood"
    own = desk.extra("Код в учёте")
    desk.data("POST", "contractorCompany/1000004", None, {own: "K-7"})
    assert named(term(own, "K-7")) == ["Sample Trade LLC"]
    desk.switches.filter_extra = "ignore"
    assert len(named(term(own, "K-7"))) == 11
    assert desk.call("GET", "contractor", {"filter": {"contentType": "TaskFilter"}})[0] == 422


def test_deals_are_filtered_by_program_and_states(desk: Desk) -> None:
    states = desk.data("GET", "program/1000060/states", {"fields": ["type"]})
    won = [
        {"contentType": "ProgramState", "id": one["id"]}
        for one in states
        if one["type"] == "positive"
    ]
    given = {
        **filtered("TradeFilter", term("state", won, "Ref")),
        "program": {"contentType": "Program", "id": "1000060"},
    }
    rows = desk.data("GET", "deal", {"filter": given, "fields": ["result"]})
    assert [row["result"] for row in rows] == ["positive", "positive"]


# -- writing ---------------------------------------------------------------------------------------


def test_a_day_has_its_month_from_0_and_an_amount_its_currency(desk: Desk) -> None:
    debt, since = desk.extra("Долг"), desk.extra("Просрочено с")
    day = {"contentType": "DateOnly", "year": 2026, "month": 0, "day": 31}
    money = {"contentType": "Money", "currency": "RUB", "value": 25000.5}
    sent = {"contentType": "ContractorCompany", debt: money, since: day}
    card = desk.data("POST", "contractorCompany/1000001", None, sent)
    assert card[since] == day
    assert card[debt] == {**money, "valueInMain": 25000.5, "rate": 1}
    for wrong in ({since: {**day, "month": 12}}, {debt: 5}, {debt: {**money, "currency": "₽"}}):
        assert desk.call("POST", "contractorCompany/1000001", None, wrong)[0] == 422


def test_what_is_not_sent_stays_and_what_megaplan_works_out_is_passed_over(desk: Desk) -> None:
    before = desk.data("GET", "contractorCompany/1000001")
    sent = {"description": "Позвонить", "balance": {"contentType": "Money"}, "noSuchKey": 1}
    after = desk.data("POST", "contractor/1000001", None, sent)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"description", "timeUpdated", "userUpdated"}
    desk.switches.unknown_keys = "refuse"
    assert desk.call("POST", "contractor/1000001", None, {"noSuchKey": 1})[0] == 422


def test_creating_an_abstract_contractor_is_an_error_of_the_server(desk: Desk) -> None:
    assert desk.call("POST", "contractor", None, {"name": "x"})[0] == 500
    status, found = desk.call("POST", "contractorCompany", None, {})
    [error] = found["meta"]["errors"]
    assert (status, error["field"], error["type"]) == (422, "name", "ValidationException")
    assert len(error["trace"][0]) > 200_000


def test_sent_twice_it_is_there_twice(desk: Desk) -> None:
    sent = {"contentType": "ContractorCompany", "name": "Ёлка"}
    ids = {desk.data("POST", "contractorCompany", None, sent)["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_deal_moves_by_a_transition_of_its_own_alone(desk: Desk) -> None:
    deal = desk.data("GET", "deal/42")
    won = next(one for one in deal["possibleTransitions"] if one["to"]["type"] == "positive")
    ignored = desk.data("POST", "deal/42", None, {"state": won["to"]})
    assert ignored["result"] == "active"
    desk.later(seconds=5)
    moved = desk.data("POST", "deal/42/applyTransition", None, won)
    assert (moved["result"], moved["state"]["name"]) == ("positive", "Успех")
    assert moved["stateTimeUpdated"]["value"] == "2026-11-20T09:00:05+00:00"


def test_several_at_once_come_without_those_that_are_gone(desk: Desk) -> None:
    links = [{"contentType": "Deal", "id": id} for id in ("41", "999", "43")]
    rows = desk.data("POST", "bulk/getEntitiesByLinks", None, links)
    assert sorted(row["id"] for row in rows) == ["41", "43"]


# -- limits and errors -----------------------------------------------------------------------------


def test_an_hour_and_a_second_have_an_end(desk: Desk) -> None:
    desk.switches.per_second = 2
    assert [desk.call("GET", "accountInfo")[0] for _ in range(3)] == [200, 200, 429]
    desk.later(seconds=1)
    desk.switches.per_hour = 3
    assert desk.call("GET", "accountInfo")[0] == 200
    refused = desk.answered("GET", "accountInfo")
    assert (refused.status, refused.headers["retry-after"]) == (429, "3599")


def test_errors_may_come_with_a_good_status(desk: Desk) -> None:
    desk.switches.errors_inside = True
    status, found = desk.call("GET", "contractorCompany/999")
    assert (status, found["meta"]["status"]) == (200, 404)


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.RATE_LIMITED, 429), (Fault.ERROR, 500), (Fault.UNAVAILABLE, 502), (Fault.EXPIRED, 401)],
)
def test_faults_in_megaplans_words(desk: Desk, fault: Fault, status: int) -> None:
    refused = desk.megaplan.refuse(fault, Asked("GET", "/api/v3/deal"))
    assert refused is not None and refused.status == status


# -- pages and files -------------------------------------------------------------------------------


def test_people_see_the_card_and_what_was_written(desk: Desk) -> None:
    debt = desk.extra("Долг")
    money = {"contentType": "Money", "currency": "RUB", "value": 48200}
    desk.data("POST", "contractorCompany/1000001", None, {debt: money})
    for path in ("", "ContractorCompany", "ContractorHuman", "Deal", "Deal/41"):
        assert desk.megaplan.page(path)
    card = str(desk.megaplan.page("ContractorCompany/1000001"))
    assert "48\u202f200.00 RUB" in card and "ИНН 7700000009" in card
    assert "48200" in str(desk.megaplan.page("writes"))
    assert desk.megaplan.page("ContractorCompany/999") is None


def test_a_file_is_what_it_has_at_first(tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    deal = {"name": "Поставка", "contractor": {"contentType": "ContractorCompany", "id": "a"}}
    company = {"id": "a", "name": "ООО «Свой»", "ИНН": "7700000009"}
    file.write_text(json.dumps({"ContractorCompany": [company], "Deal": [deal]}), "utf-8")
    made = make(file, 1, None)
    assert "ООО «Свой»" in str(made.page("Deal"))
    for text, says in (
        ("[]", "expected"),
        ('{"Task": []}', "there is no Task"),
        ('{"ContractorCompany": [{"contactInfo": 5}]}', r"ContractorCompany\[0\]: contactInfo"),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(UsageError, match=says):
            make(file, 1, None)


def test_what_is_not_prepared_is_not_there(desk: Desk) -> None:
    desk.switches.prepared = False
    assert desk.data("GET", "contractorCompany/extraFields") == []
    assert "Category" not in str(desk.data("GET", "contractorCompany/1000001"))
