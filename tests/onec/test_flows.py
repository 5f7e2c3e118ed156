"""What the connector asks of 1C, and what it makes of the answers."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal

import pytest

from syncd.domain import Kind
from syncd.errors import (
    ConfigError,
    ProtocolError,
)
from syncd.port import All, Keys
from tests.onec.wire import (
    CURRENCIES,
    CUSTOMER,
    FIRM,
    FIRMS,
    INVOICE,
    KEY,
    KEYS,
    NODE,
    NONE,
    OBJECT,
    ORDER,
    OTHER,
    PAYMENT,
    RUB,
    USD,
    a_document,
    a_row,
    connector,
    drive,
    metadata,
    pull,
    ready,
    rows,
)

NOW = dt.datetime(2026, 11, 22, 4, 32, 26, tzinfo=dt.UTC)


def test_the_credential_is_of_utf_8() -> None:
    _, headers = drive(connector().authenticate({"password": "пароль"}))
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == (
        "Обмен:пароль"
    )


def test_metadata_is_read_once_and_tells_what_an_object_has() -> None:
    made = connector()
    asked, fields = drive(made.fields("orders"), metadata())
    assert [request.path for request in asked] == ["/odata/standard.odata/$metadata"]
    assert fields["Статус"] == ""
    assert fields["Менеджер"] == "Catalog_Пользователи"
    assert fields["Товары"] == "Document_ЗаказКлиента_Товары_RowType"
    asked, _ = drive(made.fields("Catalog_Пользователи"))
    assert not asked


def test_a_base_of_another_configuration_is_named() -> None:
    with pytest.raises(ProtocolError, match="УТ 11"):
        drive(connector().identity(), metadata({"Catalog_Контрагенты": "Ref_Key:Guid"}))


def test_a_zone_that_is_none_is_said() -> None:
    with pytest.raises(ConfigError, match="Europe/Moscow"):
        drive(connector(zone="Moskau").identity(), metadata())


def test_an_order_has_its_open_part_its_currency_and_its_seller() -> None:
    paths = ("customer", "number", "dated", "total", "currency", "open", "Менеджер.Description")
    paths += ("organisation", "standing", "Комментарий")
    row = a_document(ORDER, Менеджер={"Description": "Ольга", "Code": "7"}, Комментарий="")
    row["Товары"] = [
        {"СуммаСНДС": 400.5, "Отменено": False},
        {"СуммаСНДС": 100, "Отменено": True},
    ]
    asked, page = pull(
        ready(),
        Kind.ORDER,
        paths,
        All(),
        [{"ЗаказКлиента": ORDER, "ЗаказКлиента_Type": "x", "СуммаBalance": 120.25}],
        rows([row], bom=True),
        CURRENCIES,
        FIRMS,
    )
    assert asked[0].path.endswith("AccumulationRegister_ЗаказыКлиентов/Balance()")
    query = asked[1].query
    assert query["$orderby"] == "Date,Ref_Key"
    assert query["$expand"] == "Менеджер"
    assert "$skip" not in query
    assert {"Ref_Key", "Товары", "Менеджер"} <= set(query["$select"].split(","))
    [record] = page.records
    assert (record.key, page.source_time, page.next) == (ORDER, NOW, None)
    assert record.data == {
        "customer": CUSTOMER,
        "number": "ТДЦБ-000342",
        "dated": dt.date(2026, 10, 1),
        "total": Decimal("400.5"),
        "currency": "RUB",
        "open": Decimal("120.25"),
        "Менеджер": {"Description": "Ольга"},
        "organisation": "ООО Пример",
        "standing": "posted",
        "Комментарий": None,
    }


@pytest.mark.parametrize(
    ("changed", "standing"),
    [
        ({}, "posted"),
        ({"Posted": False}, "draft"),
        ({"Posted": False, "DeletionMark": True}, "marked"),
        ({"Posted": True, "DeletionMark": True}, "marked"),
    ],
)
def test_posted_draft_and_marked(changed: dict[str, bool], standing: str) -> None:
    document = a_document(INVOICE, **changed)
    _, page = pull(
        ready(), Kind.INVOICE, ("standing",), Keys((INVOICE,)), [document], CURRENCIES, FIRMS
    )
    assert page.records[0].data == {"standing": standing}


def test_a_page_goes_on_at_its_last_date_without_an_offset() -> None:
    made = ready(page="2")
    tied = [a_document(f"{n:08d}-0000-4000-8000-000000000000") for n in range(4)]
    _, first = pull(made, Kind.INVOICE, ("number",), All(), tied[:2], CURRENCIES, FIRMS)
    asked, second = pull(made, Kind.INVOICE, ("number",), All(first.next), tied[:2], tied[:4])
    assert [request.query["$top"] for request in asked] == ["2", "4"]
    assert asked[0].query["$filter"] == "Date ge datetime'2026-10-01T10:14:42'"
    assert [record.key for record in (*first.records, *second.records)] == [
        str(one["Ref_Key"]) for one in tied
    ]


def test_a_row_that_went_away_between_two_pages_loses_nothing() -> None:
    made = ready(page="2")
    tied = [a_document(f"{n:08d}-0000-4000-8000-000000000000") for n in range(3)]
    _, first = pull(made, Kind.INVOICE, ("number",), All(), tied[:2], CURRENCIES, FIRMS)
    _, second = pull(
        made, Kind.INVOICE, ("number",), All(first.next), [tied[0], tied[2]], [tied[0], tied[2]]
    )
    assert {record.key for record in second.records} >= {str(tied[2]["Ref_Key"])}


def test_an_invoice_counts_in_the_currency_of_its_settlements() -> None:
    document = a_document(
        INVOICE, ВалютаВзаиморасчетов_Key=USD, СуммаВзаиморасчетов=5.55, ЗаказКлиента=ORDER
    )
    stages = [
        {"ДатаПлатежа": "2026-11-04T00:00:00", "СуммаПлатежа": 5.55},
        {"ДатаПлатежа": "0001-01-01T00:00:00", "СуммаПлатежа": 1},
    ]
    asked, page = pull(
        ready(),
        Kind.INVOICE,
        ("total", "currency", "due_date", "terms", "order"),
        Keys((INVOICE,)),
        [document],
        [{"Ref_Key": ORDER, "ЭтапыГрафикаОплаты": stages}],
        CURRENCIES,
        FIRMS,
    )
    assert asked[0].query["$filter"] == f"Ref_Key eq guid'{INVOICE}'"
    assert page.records[0].data == {
        "total": Decimal("5.55"),
        "currency": "USD",
        "due_date": dt.date(2026, 11, 4),
        "terms": [{"due": dt.date(2026, 11, 4), "amount": Decimal("5.55"), "currency": "USD"}],
        "order": ORDER,
    }


def test_a_payment_settles_the_invoices_of_its_object_the_oldest_first() -> None:
    entries = [
        a_row(INVOICE, "РеализацияТоваровУслуг", 300),
        a_row(OTHER, "РеализацияТоваровУслуг", 100, Period="2026-10-09T00:00:00"),
        a_row(PAYMENT, BANK, -450.5, Period="2026-10-05T00:00:00"),
    ]
    asked, page = pull(
        ready(),
        Kind.PAYMENT,
        ("amount", "currency", "allocations", "in_ledger", "with_customer"),
        Keys((PAYMENT,)),
        [a_document(PAYMENT, ХозяйственнаяОперация="ПоступлениеОплатыОтКлиента")],
        CURRENCIES,
        FIRMS,
        KEYS,
        entries,
    )
    assert asked[-1].query["$filter"] == f"АналитикаУчетаПоПартнерам_Key eq guid'{KEY}'"
    assert page.records[0].data == {
        "amount": Decimal("450.5"),
        "currency": "RUB",
        "in_ledger": True,
        "with_customer": True,
        "allocations": [
            {"invoice": INVOICE, "amount": Decimal(300), "currency": "RUB"},
            {"invoice": OTHER, "amount": Decimal(100), "currency": "RUB"},
        ],
    }


BANK = "ПоступлениеБезналичныхДенежныхСредств"


def test_an_adjustment_is_one_record_for_each_customer_and_currency() -> None:
    written = a_row(PAYMENT, "СписаниеЗадолженности", -12)
    _, page = pull(
        ready(),
        Kind.ADJUSTMENT,
        ("customer", "amount", "currency", "reason", "in_kind"),
        Keys((f"{PAYMENT}.{CUSTOMER}.RUB",)),
        [a_document(PAYMENT)],
        CURRENCIES,
        FIRMS,
        [written],
        KEYS,
        [written],
    )
    [record] = page.records
    assert record.key == f"{PAYMENT}.{CUSTOMER}.RUB"
    assert record.data == {
        "customer": CUSTOMER,
        "amount": Decimal(-12),
        "currency": "RUB",
        "reason": "write_off",
        "in_kind": True,
    }


def test_balances_come_in_one_answer_and_are_not_netted() -> None:
    balance = {"АналитикаУчетаПоПартнерам_Key": KEY, "Валюта_Key": RUB}
    asked, page = pull(
        ready(),
        Kind.BALANCE,
        ("customer", "rows", "in_scope"),
        All(),
        [
            {**balance, "ОбъектРасчетов_Key": OBJECT, "СуммаBalance": 48200},
            {**balance, "ОбъектРасчетов_Key": OTHER, "СуммаBalance": -5000},
        ],
        KEYS,
        CURRENCIES,
        [{"Ref_Key": CUSTOMER}, {"Ref_Key": OTHER}, {"Ref_Key": FIRM, "IsFolder": True}],
        [{"Ref_Key": NODE}],
        [{"Ref_Key": OTHER, "Партнер_Key": NONE}],
    )
    assert asked[0].path.endswith("AccumulationRegister_РасчетыСКлиентами/Balance()")
    assert {record.key: record.data for record in page.records} == {
        CUSTOMER: {
            "customer": CUSTOMER,
            "in_scope": True,
            "rows": [{"currency": "RUB", "receivable": Decimal(48200), "prepaid": Decimal(5000)}],
        },
        OTHER: {"customer": OTHER, "in_scope": False, "rows": []},
    }
