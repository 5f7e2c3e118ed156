"""How 1C answers a reader, trap by trap."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from syncd.sandbox.onec.world import Onec
from tests.sandbox.onec.client import CUSTOMERS, DEBTS, NOON, ORDER, SHIPMENT, Client

ATOM = "{http://www.w3.org/2005/Atom}"
CURRENCY = "Catalog_Валюты"


def test_whoever_asks_for_no_format_gets_atom(books: Client) -> None:
    answer = books.ask("GET", CURRENCY)
    assert ElementTree.fromstring(answer.body).tag == f"{ATOM}feed"
    assert "atom" in answer.headers["content-type"]
    assert "json" in books.ask("GET", CURRENCY, accept="application/json").headers["content-type"]


def test_levels_of_metadata(books: Client) -> None:
    def row(level: str) -> dict[str, object]:
        found = books.ask("GET", f"{ORDER}?$top=1&$format=application/json;odata={level}").body
        return dict(json.loads(found)["value"][0])

    assert not [name for name in row("nometadata") if "@" in name or "." in name]
    assert row("minimalmetadata")["Контрагент@navigationLinkUrl"].endswith("/Контрагент")  # type: ignore[attr-defined]
    assert row("fullmetadata")["odata.type"] == f"StandardODATA.{ORDER}"


def test_whole_numbers_and_counts_are_text_and_money_is_not(books: Client) -> None:
    found = books.get(f"{ORDER}?$top=1&$inlinecount=allpages")
    line = found["value"][0]["Товары"][0]
    assert (found["odata.count"], line["LineNumber"]) == ("20", "1")
    assert isinstance(line["Сумма"], int | float)


def test_a_count_begins_with_a_byte_order_mark(books: Client) -> None:
    assert books.ask("GET", f"{ORDER}/$count").body == b"\xef\xbb\xbf20"
    assert books.ask("GET", f"{ORDER}/$count?$filter=Posted eq false").body.endswith(b"2")


def test_json_begins_with_one_where_the_switch_says_so(client: Client) -> None:
    client.onec.switches.bom = True
    assert client.ask("GET", f"{CURRENCY}?$format=json").body.startswith(b"\xef\xbb\xbf")


def test_nothing_is_an_empty_date_or_an_empty_reference(books: Client) -> None:
    order = books.rows(f"{ORDER}?$top=1")[0]
    assert order["ДатаПоДаннымКлиента"] == "0001-01-01T00:00:00"
    assert order["Сделка_Key"] == "00000000-0000-0000-0000-000000000000"
    assert (order["ДокументОснование"], order["ДокументОснование_Type"]) == (
        "",
        "StandardODATA.Undefined",
    )


def test_dates_are_wall_time_of_the_servers_zone() -> None:
    tokyo = Onec(lambda: NOON)
    tokyo.switches.zone = "Asia/Tokyo"
    assert tokyo.base.now() == "2026-11-20T18:00:00"


def test_a_plus_in_a_filter_is_an_error_of_the_server(books: Client) -> None:
    assert books.refused("GET", f"{CURRENCY}?$filter=Code+eq+'643'") == (500, "-1")
    assert len(books.rows(f"{CURRENCY}?$filter=Code eq '643'")) == 1


def test_one_of_several_types_is_never_equal_without_cast(books: Client) -> None:
    order = books.rows(f"{SHIPMENT}?$top=1")[0]["ЗаказКлиента"]
    where = f"{SHIPMENT}?$filter=ЗаказКлиента eq "
    assert books.rows(f"{where}guid'{order}'") == []
    assert books.rows(f"{where}'{order}'") == []
    assert len(books.rows(f"{where}cast(guid'{order}','{ORDER}')")) == 1
    kind = f"{SHIPMENT}?$filter=ЗаказКлиента_Type eq 'StandardODATA.{ORDER}'"
    assert len(books.rows(kind)) == 17
    assert books.refused("GET", f"{SHIPMENT}?$filter=startswith(ЗаказКлиента_Type,'S')")[0] == 500


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("substringof('株式', Description)", 1),
        ("startswith(Description, 'ООО «Образец»')", 2),
        ("like(Description, 'ООО%Томск')", 1),
        ("ИНН eq '7700000009' or ИНН eq 'o''neil'", 1),
        ("not (DeletionMark eq true) and Партнер/Description eq 'ООО «Образец»'", 2),
        ("substring(КПП, 1, 4) eq '7717'", 0),
        ("ГоловнойКонтрагент_Key eq guid'00000000-0000-0000-0000-000000000000'", 12),
        ("КонтактнаяИнформация/any(k: k/АдресЭП eq 'buh@example.com')", 1),
    ],
)
def test_conditions(books: Client, condition: str, found: int) -> None:
    assert len(books.rows(f"{CUSTOMERS}?$filter={condition}")) == found


def test_conditions_on_dates_and_amounts(books: Client) -> None:
    window = "Date ge datetime'2026-11-01T00:00:00' and Date lt datetime'2026-11-10T00:00:00'"
    assert {one["Date"][:8] for one in books.rows(f"{ORDER}?$filter={window}")} == {"2026-11-"}
    assert len(books.rows(f"{SHIPMENT}?$filter=month(Date) eq 9 and day(Date) lt 10")) == 1
    assert len(books.rows(f"{ORDER}?$filter=СуммаДокумента div 2 gt 60000")) == 1


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("Catalog_Нет", 404, "8"),
        (f"{CURRENCY}(guid'00000000-0000-0000-0000-000000000001')", 404, "9"),
        (f"{CURRENCY}(guid'x')", 400, "1"),
        (f"{CURRENCY}?$filter=Code eq", 400, "14"),
        (f"{CURRENCY}?$filter=tolower(Code) eq 'x'", 400, "14"),
        (f"{CURRENCY}?$filter=Нет eq 1", 400, "6"),
        (f"{CURRENCY}?$search=x", 400, "0"),
        (f"{DEBTS}?$filter=Period gt datetime'2026-01-01T00:00:00'", 400, "6"),
        (f"{DEBTS}/Balances()", 400, "6"),
        (f"{CURRENCY}?$filter=Ref_Key gt guid'00000000-0000-0000-0000-000000000001'", 400, "14"),
        (f"{ORDER}?$filter=Date gt datetime'2026-01-01'", 400, "14"),
        (
            f"{ORDER}?$filter=Товары/any(d: d/Цена gt 1) and Товары/any(d: d/Сумма gt 1)",
            500,
            "-1",
        ),
    ],
)
def test_refusals(books: Client, address: str, status: int, code: str) -> None:
    assert books.refused("GET", address) == (status, code)


def test_errors_in_atom(books: Client) -> None:
    answer = books.ask("GET", "Catalog_Нет")
    assert answer.status == 404
    assert ElementTree.fromstring(answer.body).tag.endswith("}error")


def test_pages_of_an_order_that_is_not_unique_overlap(books: Client) -> None:
    """Equal keys come otherwise in each answer; with the object's key behind they do not."""

    def paged(order: str) -> set[str]:
        whole = f"{SHIPMENT}?$orderby={order}&$top=5"
        pages = (books.rows(f"{whole}&$skip={skip}") for skip in (0, 5, 10, 15))
        return {one["Ref_Key"] for page in pages for one in page}

    assert min(len(paged("DeletionMark")) for _ in range(5)) < 17
    assert len(paged("DeletionMark,Ref_Key")) == 17


def test_a_reference_sorts_by_what_people_read(books: Client) -> None:
    rows = books.rows(f"{ORDER}?$orderby=Контрагент_Key desc&$select=Контрагент____Presentation")
    names = [one["Контрагент____Presentation"] for one in rows]
    assert names == sorted(names, reverse=True)


def test_expanded_only_where_selected(books: Client) -> None:
    one = books.rows(f"{ORDER}?$top=1&$expand=Контрагент&$select=Number,Контрагент")[0]
    assert one["Контрагент"]["Ref_Key"]
    assert "Контрагент" not in books.rows(f"{ORDER}?$top=1&$expand=Контрагент&$select=Number")[0]


def test_selected_columns_of_a_part(books: Client) -> None:
    one = books.rows(f"{ORDER}?$top=1&$select=Number, Товары/Цена")[0]
    assert list(one) == ["Number", "Товары"] and list(one["Товары"][0]) == ["Цена"]
    assert "Товары" not in books.rows(f"{ORDER}?$top=1&$select=**")[0]


def test_paths_below_an_object(books: Client) -> None:
    key = books.rows(f"{ORDER}?$top=1")[0]["Ref_Key"]
    assert books.get(f"{ORDER}(guid'{key}')/Валюта")["Code"] in ("643", "978", "392")
    assert books.rows(f"{ORDER}(guid'{key}')/Товары")[0]["Ref_Key"] == key
    assert "Ref_Key" not in books.get(f"{ORDER}(guid'{key}')")["Товары"][0]
    assert books.rows(f"{ORDER}_Товары?$filter=Ref_Key eq guid'{key}'")


def test_recordsets_ignore_the_order_even_of_nothing(books: Client) -> None:
    found = books.rows(f"{DEBTS}?$orderby=Нет&$top=2")
    assert len(found) == 2
    assert {"Recorder", "Recorder_Type", "RecordSet"} == {*found[0]}
    flat = books.rows(f"{DEBTS}_RecordType?$filter=RecordType eq 'Expense'")
    assert {one["RecordType"] for one in flat} == {"Expense"}


def test_what_is_not_published_is_not_there(client: Client) -> None:
    client.onec.switches.unpublished = f"{DEBTS}, Catalog_Пользователи"
    assert client.refused("GET", f"{DEBTS}/Balance()") == (404, "8")
    metadata = client.ask("GET", "$metadata").body.decode()
    assert DEBTS + '"' not in metadata and "Catalog_Партнеры" in metadata
    order = client.rows(f"{ORDER}?$top=1&$select=Автор")[0]
    assert order["Автор_Type"] == "StandardODATA.Undefined"


def test_rows_that_one_may_not_see(client: Client) -> None:
    client.onec.switches.forbidden_organisation = "ООО «Пример-Опт»"
    assert client.refused("GET", ORDER) == (401, "20")
    for name in ("allowedOnly", "$allowedOnly"):
        assert len(client.rows(f"{ORDER}?{name}=true")) == 18


def test_metadata_and_answers_come_from_one_description(books: Client) -> None:
    tree = ElementTree.fromstring(books.ask("GET", "$metadata").body)
    edm = "{http://schemas.microsoft.com/ado/2009/11/edm}"
    types = {one.get("Name"): one for one in tree.iter(f"{edm}EntityType")}
    for name in (CUSTOMERS, ORDER, SHIPMENT, CURRENCY):
        declared = {one.get("Name") for one in types[name].iter(f"{edm}Property")}
        assert {*books.rows(f"{name}?$top=1")[0]} == declared
