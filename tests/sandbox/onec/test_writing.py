"""How 1C takes what a client writes: what it refuses, and what it swallows without a word."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.onec.client import CUSTOMERS, ORDER, Client

KEY = "0a1b2c3d-0000-5000-8000-000000000001"
NO_REF = "00000000-0000-0000-0000-000000000000"


def customer(client: Client, **values: object) -> str:
    made = client.write("POST", CUSTOMERS, {"Description": "ООО «Клиент»", **values})
    return f"{CUSTOMERS}(guid'{made['Ref_Key']}')"


def test_created_with_a_key_of_the_clients_choice(client: Client) -> None:
    answer = client.ask("POST", f"{CUSTOMERS}?$format=json", {"Ref_Key": KEY, "Description": "x"})
    assert answer.status == 201
    assert answer.headers["location"].endswith(f"(guid'{KEY}')")
    assert json.loads(answer.body)["DataVersion"] == "AAAAAAAAAAA="
    assert client.refused("POST", CUSTOMERS, {"Ref_Key": KEY, "Description": "y"}) == (400, "15")
    assert client.get(f"{CUSTOMERS}(guid'{KEY}')")["Description"] == "x"


def test_or_with_another_key_where_the_platform_chooses(client: Client) -> None:
    client.onec.switches.client_key = False
    assert client.write("POST", CUSTOMERS, {"Ref_Key": KEY})["Ref_Key"] != KEY


def test_put_to_nothing_creates_only_where_the_switch_says_so(client: Client) -> None:
    there = f"{CUSTOMERS}(guid'{KEY}')"
    assert client.refused("PUT", there, {"Description": "x"}) == (404, "9")
    client.onec.switches.put_creates = True
    assert client.write("PUT", there, {"Description": "x"})["Ref_Key"] == KEY


def test_put_empties_what_it_does_not_name(client: Client) -> None:
    there = customer(client, ИНН="7700000009")
    assert client.write("PATCH", there, {"КПП": "770001001"})["ИНН"] == "7700000009"
    assert client.write("PUT", there, {"КПП": "1"})["ИНН"] == ""


def test_numbers_come_by_themselves(client: Client) -> None:
    first = client.write("POST", ORDER, {"Date": "2026-11-19T10:00:00"})
    second = client.write("POST", ORDER, {"Date": "2026-11-19T10:00:00"})
    assert first["Number"] < second["Number"] and len(first["Number"]) == 11
    assert client.write("POST", ORDER, {"Date": "2027-01-01T10:00:00"})["Number"] == "ТДЦБ-000001"
    assert client.write("POST", ORDER, {})["Date"] == "2026-11-20T12:00:00"


def test_every_write_counts_the_version_up(client: Client) -> None:
    there = customer(client)
    assert client.write("PATCH", there, {})["DataVersion"] == "AAAAAAAAAAE="
    assert client.write("PATCH", there, {"ИНН": ""})["DataVersion"] == "AAAAAAAAAAI="


@pytest.mark.parametrize(
    ("body", "name", "kept"),
    [
        ({"Нет": 1}, "Description", "ООО «Клиент»"),
        ({"Партнер": KEY}, "Партнер_Key", NO_REF),
        ({"Партнер_Key": KEY}, "Партнер_Key", KEY),
        ({"Партнер@odata.bind": f"Catalog_Партнеры(guid'{KEY}')"}, "Партнер_Key", KEY),
        ({"Description": "x" * 238}, "Description", "x" * 100),
        ({"Ref_Key": KEY}, "Description", "ООО «Клиент»"),
        ({"DataVersion": "AAAAAAAAAAk="}, "DataVersion", "AAAAAAAAAAE="),
    ],
)
def test_swallowed_without_a_word(
    client: Client, body: dict[str, object], name: str, kept: str
) -> None:
    there = customer(client)
    assert client.write("PATCH", there, body)[name] == kept
    assert client.get(there)["Ref_Key"] != KEY


def test_text_for_a_whole_number_is_not_written(client: Client) -> None:
    lines = [{"LineNumber": 1, "КодСтроки": "x", "СуммаСНДС": 5}]
    assert client.write("POST", ORDER, {"Товары": lines})["Товары"][0]["КодСтроки"] == "0"


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"Партнер_Key": "x"}, (400, "1")),
        ({"DeletionMark": "true"}, (400, "1")),
        ({"Description": ["x"]}, (500, "-1")),
        (b"{", (500, "-1")),
        (b"[]", (400, "2")),
        ({"ИсторияКПП": [{"LineNumber": 2, "КПП": "1"}]}, (400, "5")),
        ({"ИсторияКПП": [{"КПП": "1"}]}, (500, "-1")),
    ],
)
def test_refused_aloud(client: Client, body: object, refused: tuple[int, str]) -> None:
    there = customer(client)
    assert client.refused("PATCH", there, body) == refused
    assert client.get(there)["DataVersion"] == "AAAAAAAAAAA="


def test_a_part_is_replaced_as_a_whole(client: Client) -> None:
    there = customer(client, ИсторияКПП=[{"LineNumber": n, "КПП": str(n)} for n in (1, 2, 3)])
    client.write("PATCH", there, {"ИНН": "1"})
    assert len(client.get(there)["ИсторияКПП"]) == 3
    client.write("PATCH", there, {"ИсторияКПП": [{"LineNumber": "1", "КПП": "9"}]})
    assert [one["КПП"] for one in client.get(there)["ИсторияКПП"]] == ["9"]


def test_deleted_is_gone_and_what_points_there_dangles(client: Client) -> None:
    who, order, _ = client.sold(100, ship=False)
    assert client.ask("DELETE", f"{CUSTOMERS}(guid'{who}')").status == 204
    assert client.refused("GET", f"{CUSTOMERS}(guid'{who}')") == (404, "9")
    assert client.get(f"{ORDER}(guid'{order}')")["Контрагент_Key"] == who
    assert client.refused("GET", f"{ORDER}(guid'{order}')/Контрагент") == (404, "9")


def test_if_match_is_ignored_unless_the_switch_makes_it_strict(client: Client) -> None:
    there, stale = customer(client), "AAAAAAAAAAk="
    assert client.ask("PATCH", there, {"ИНН": "1"}, if_match=stale).status == 200
    assert "etag" not in client.ask("GET", there).headers
    client.onec.switches.strict_if_match = True
    assert client.ask("PATCH", there, {"ИНН": "2"}, if_match=stale).status == 412
    assert client.ask("PATCH", there, {"ИНН": "2"}, if_match="AAAAAAAAAAE=").status == 200
    assert client.ask("DELETE", there, if_match=stale).status == 412


def test_an_independent_register_has_keys_of_its_own(client: Client) -> None:
    name = "InformationRegister_КурсыВалют"
    currency = client.rows("Catalog_Валюты?$filter=Code eq '978'")[0]["Ref_Key"]
    row = {"Period": "2026-11-19T00:00:00", "Валюта_Key": currency, "Курс": 100.25, "Кратность": 1}
    there = f"{name}(Period=datetime'{row['Period']}',Валюта_Key=guid'{currency}')"
    client.write("POST", name, row)
    assert client.refused("POST", name, row) == (400, "15")
    assert client.write("PATCH", there, {"Курс": 99})["Курс"] == 99
    latest = client.rows(f"{name}/SliceLast(Condition='Валюта_Key eq guid'{currency}'')")
    assert [one["Курс"] for one in latest] == [99]
    assert client.refused("PATCH", there, {"Period": "2026-11-18T00:00:00"}) == (404, "9")
    assert client.refused("GET", f"{name}(Period=datetime'{row['Period']}')") == (400, "7")
    assert client.ask("DELETE", there).status == 204
    assert client.refused("GET", there) == (404, "9")


def test_parts_and_rows_of_registers_are_not_written(client: Client) -> None:
    assert client.refused("POST", f"{ORDER}_Товары", {}) == (405, "19")


def test_a_closed_period_is_not_written(client: Client) -> None:
    who, order, _ = client.sold(100)
    client.onec.switches.closed_until = "2026-11-20"
    there = f"{ORDER}(guid'{order}')"
    assert client.refused("POST", f"{there}/Unpost") == (500, "-1")
    assert client.refused("PATCH", there, {"Комментарий": "x"}) == (500, "-1")
    assert client.refused("DELETE", there) == (500, "-1")
    assert client.refused("POST", ORDER, {"Date": "2026-11-01T00:00:00"}) == (500, "-1")
    client.write("POST", ORDER, {"Date": "2026-11-21T00:00:00", "Контрагент_Key": who})
