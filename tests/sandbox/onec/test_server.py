"""The server around the base: who gets in, how many at once, and how it says no."""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from syncd.cli.sandbox import sandbox
from syncd.errors import UsageError
from syncd.sandbox.faults import Fault
from syncd.sandbox.onec import make
from syncd.sandbox.onec.world import LOGIN, Onec
from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.serve import switch
from tests.sandbox.onec.client import BASIC, CUSTOMERS, NOON, ORDER, ROOT, SHIPMENT, Client

CURRENCY = "Catalog_Валюты"


def cookie(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def basic(login: str, password: str, encoding: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode(encoding)).decode()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (basic(LOGIN, "sandbox", "utf-8"), 200),
        (basic(LOGIN, "sandbox", "cp1251"), 401),
        (basic(LOGIN, "other", "utf-8"), 401),
        ("", 401),
    ],
)
def test_logins_are_utf8(books: Client, header: str, status: int) -> None:
    answer = books.ask("GET", CURRENCY, authorization=header)
    assert answer.status == status
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_the_publication_is_a_page_and_other_addresses_are_not(books: Client) -> None:
    assert books.onec.answer(Asked("GET", "/trade")).status == 200
    for path in ("/other", "/other/odata/standard.odata/", "/trade/odata/standard.odatax"):
        assert books.onec.answer(Asked("GET", path)).status == 404


@pytest.mark.parametrize("sign", ["?", "+", "\\", "\x02"])
def test_signs_that_iis_lets_nobody_send_in_a_path(books: Client, sign: str) -> None:
    path = f"{ROOT}InformationRegister_X(Код='a{quote(sign)}')"
    answer = books.onec.answer(Asked("GET", path, "", {"authorization": BASIC}))
    assert (answer.status, b"Bad Request" in answer.body) == (400, True)


def test_a_session_is_opened_used_and_closed(client: Client) -> None:
    started = client.ask("GET", CURRENCY, ibsession="start")
    held = cookie(started)
    assert client.ask("GET", CURRENCY, cookie=held).status == 200
    assert client.ask("GET", CURRENCY, cookie=held, ibsession="finish").status == 200
    assert client.ask("GET", CURRENCY, cookie=held).status == 400


def test_a_session_nobody_uses_ends(client: Client) -> None:
    now = NOON
    client.onec = Onec(lambda: now)
    held = cookie(client.ask("GET", CURRENCY, ibsession="start"))
    now += dt.timedelta(seconds=1201)
    assert client.ask("GET", CURRENCY, cookie=held).status == 400
    client.onec.switches.stale_status = 500
    assert client.ask("GET", CURRENCY, cookie=held).status == 500


def test_no_more_sessions_than_the_limit(client: Client) -> None:
    client.onec.switches.session_limit = 1
    held = cookie(client.ask("GET", CURRENCY, ibsession="start"))
    assert client.ask("GET", CURRENCY, ibsession="start").status == 406
    assert client.ask("GET", CURRENCY).status == 406
    assert client.ask("GET", CURRENCY, cookie=held).status == 200


def test_no_free_licence(client: Client) -> None:
    client.onec.switches.licences = 1
    client.ask("GET", CURRENCY, ibsession="start")
    answer = client.ask("GET", CURRENCY)
    assert answer.status == 500 and "лицензии" in answer.body.decode()


def test_some_publications_do_not_know_sessions(client: Client) -> None:
    client.onec.switches.sessions = False
    assert "set-cookie" not in client.ask("GET", CURRENCY, ibsession="start").headers


def test_a_clock_that_goes_wrong(client: Client) -> None:
    client.onec.switches.skew = 90
    assert client.ask("GET", CURRENCY).headers["date"] == "Fri, 20 Nov 2026 09:01:30 GMT"
    assert client.write("POST", ORDER, {})["Date"] == "2026-11-20T12:01:30"


def test_closed_for_update(client: Client) -> None:
    client.onec.switches.closed_for_update = True
    assert "обновление" in client.ask("GET", CURRENCY).body.decode()


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (Fault.ERROR, 500, "Конфликт блокировок"),
        (Fault.UNAVAILABLE, 503, "Service Unavailable"),
        (Fault.EXPIRED, 401, "Access is denied"),
        (Fault.RATE_LIMITED, 500, "лицензии"),
        (Fault.HTML, 0, ""),
    ],
)
def test_faults_in_1cs_own_words(books: Client, fault: Fault, status: int, says: str) -> None:
    answer = books.onec.refuse(fault, Asked("GET", "/"))
    assert (answer.status if answer else 0) == status
    assert says in (answer.body.decode() if answer else "")


@pytest.mark.parametrize(("form", "says"), [("exception", '"inner"'), ("html", "by reason")])
def test_faults_in_the_words_of_others(client: Client, form: str, says: str) -> None:
    client.onec.switches.error_form = form
    answer = client.onec.refuse(Fault.ERROR, Asked("GET", "/"))
    assert answer and answer.status == 500 and says in answer.body.decode()


def test_another_configuration_is_another_company(client: Client) -> None:
    assert ORDER in client.onec.base.objects
    switch(client.onec, {"configuration": "unf"})
    assert client.refused("GET", ORDER) == (404, "8")
    assert client.rows("Document_ЗаказПокупателя?$top=1")


@pytest.mark.parametrize(
    "wrong", [{"configuration": "zup"}, {"zone": "Mars"}, {"closed_until": "soon"}]
)
def test_switches_that_make_no_sense(client: Client, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"there is no|Invalid isoformat"):
        switch(client.onec, wrong)


def test_pages_show_customers_documents_and_rows(client: Client) -> None:
    name = client.onec.base.objects[CUSTOMERS]
    who = next(iter(name))
    name[who]["Description"] = "<b>株式会社</b>"
    first = client.onec.page("") or ""
    assert "&lt;b&gt;株式会社" in first and "112200.00" in first
    documents = client.onec.page(f"customer/{who}") or ""
    key = client.onec.base.objects[SHIPMENT]
    one = next(key for key, row in key.items() if row["Контрагент_Key"] == who)
    assert f"document/{SHIPMENT}/{one}" in documents and "проведён" in documents
    assert "Движения: AccumulationRegister" in (
        client.onec.page(f"document/{SHIPMENT}/{one}") or ""
    )
    assert client.onec.page("customer/x") is None


def test_data_from_a_file(tmp_path: Path) -> None:
    given = tmp_path / "books.json"
    customer = {"Ref_Key": "0a1b2c3d-0000-5000-8000-000000000001", "Description": "株式会社"}
    given.write_text(json.dumps({"configuration": "bp", "objects": {CUSTOMERS: [customer]}}))
    made = make(given, seed=1, size=None)
    assert isinstance(made, Onec)
    assert [one["Description"] for one in made.base.objects[CUSTOMERS].values()] == ["株式会社"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "expected"),
        ('{"configuration": "x", "objects": {}}', "no configuration x"),
        ('{"objects": {"Catalog_Нет": []}}', "has no set Catalog_Нет"),
        ('{"objects": {"Catalog_Партнеры": [{"DeletionMark": 1}]}}', "Catalog_Партнеры 1: "),
    ],
)
def test_data_that_makes_no_sense(tmp_path: Path, text: str, says: str) -> None:
    given = tmp_path / "books.json"
    given.write_text(text)
    with pytest.raises(UsageError, match=says):
        make(given, seed=1, size=None).hello("http://books")
    with pytest.raises(UsageError, match="cannot be read"):
        make(tmp_path / "none.json", seed=1, size=None)


def test_the_command_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "syncd.sandbox.onec", None)
    done = CliRunner().invoke(sandbox, ["onec"])
    assert isinstance(done.exception, UsageError) and "syncd[sandbox]" in str(done.exception)


def test_the_command_refuses_a_switch_that_makes_no_sense() -> None:
    done = CliRunner().invoke(sandbox, ["onec", "--switch", "zone=Mars"])
    assert isinstance(done.exception, UsageError) and "no zone Mars" in str(done.exception)
