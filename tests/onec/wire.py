"""Driving a flow by hand: what it asks of 1C, given what 1C answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from connectors.onec import OneC
from syncd.domain import Kind
from syncd.errors import SyncdError
from syncd.port import Flow, Page, Read, Request, Response, Scope

T = TypeVar("T")

DATE = "Sun, 22 Nov 2026 04:32:26 GMT"
ROOT = "http://h/trade/odata/standard.odata/"
NONE = "00000000-0000-0000-0000-000000000000"
CUSTOMER, OTHER, ORDER, INVOICE, PAYMENT, KEY, RUB, USD, FIRM, OBJECT, NODE = (
    f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(0xA1, 0xA1 + 11)
)

DOCUMENT = "Ref_Key:Guid DataVersion:String DeletionMark:Boolean Posted:Boolean Number:String "
DOCUMENT += "Date:DateTime Контрагент_Key:Guid Организация_Key:Guid Валюта_Key:Guid "
DOCUMENT += "СуммаДокумента:Double Комментарий:String "
CATALOG = "Ref_Key:Guid DataVersion:String DeletionMark:Boolean Code:String Description:String "
REGISTER = "Recorder:String Recorder_Type:String Period:DateTime Active:Boolean RecordType:String "
REGISTER += (
    "АналитикаУчетаПоПартнерам_Key:Guid ОбъектРасчетов_Key:Guid Валюта_Key:Guid Сумма:Double"
)
PART = "Collection(StandardODATA.Document_ЗаказКлиента_Товары_RowType)"
STAGES = "Collection(StandardODATA.Document_ЗаказКлиента_ЭтапыГрафикаОплаты_RowType)"
CONTACTS = "Collection(StandardODATA.Catalog_Контрагенты_КонтактнаяИнформация_RowType)"
UT = {
    "Catalog_Контрагенты": CATALOG
    + f"НаименованиеПолное:String ИНН:String КПП:String Партнер_Key:Guid IsFolder:Boolean "
    f"ДополнительнаяИнформация:String КонтактнаяИнформация:{CONTACTS}",
    "Catalog_Партнеры": CATALOG + "Клиент:Boolean Комментарий:String",
    "Catalog_Валюты": CATALOG,
    "Catalog_Организации": CATALOG,
    "Catalog_Пользователи": CATALOG,
    "Catalog_КлючиАналитикиУчетаПоПартнерам": CATALOG + "Партнер_Key:Guid Контрагент_Key:Guid",
    "Document_ЗаказКлиента": DOCUMENT
    + f"Статус:String Менеджер_Key:Guid Товары:{PART} ЭтапыГрафикаОплаты:{STAGES}",
    "Document_РеализацияТоваровУслуг": DOCUMENT
    + "ВалютаВзаиморасчетов_Key:Guid СуммаВзаиморасчетов:Double ЗаказКлиента:String "
    "ЗаказКлиента_Type:String Менеджер_Key:Guid",
    "Document_ПоступлениеБезналичныхДенежныхСредств": DOCUMENT + "ХозяйственнаяОперация:String",
    "Document_ВозвратТоваровОтКлиента": DOCUMENT,
    "Document_СписаниеЗадолженности": DOCUMENT,
    "AccumulationRegister_РасчетыСКлиентами": "Recorder:String",
    "AccumulationRegister_РасчетыСКлиентами_RecordType": REGISTER,
    "AccumulationRegister_ЗаказыКлиентов": "Recorder:String",
    "ExchangePlan_CRM": CATALOG + "ReceivedNo:Int64",
}
LINKS = {("Document_ЗаказКлиента", "Менеджер"): "Catalog_Пользователи"}


def metadata(sets: Mapping[str, str] = UT) -> Response:
    """`sets`: name -> its fields, `Name:Type` with blanks between."""
    types, ends = [], []
    for name, fields in sets.items():
        properties = []
        for one in fields.split():
            field, _, kind = one.partition(":")
            full = kind if kind.startswith("Collection") else f"Edm.{kind}"
            properties.append(f'<Property Name="{field}" Type="{escape(full)}"/>')
        for (of, link), target in LINKS.items():
            if of == name:
                relation = f"StandardODATA.{of}_{link}"
                properties.append(f'<NavigationProperty Name="{link}" Relationship="{relation}"/>')
                ends.append(
                    f'<Association Name="{of}_{link}"><End Role="Begin" Type="StandardODATA.{of}"/>'
                    f'<End Role="End" Type="StandardODATA.{target}"/></Association>'
                )
        types.append(f'<EntityType Name="{name}">{"".join(properties)}</EntityType>')
    rows = '<Property Name="LineNumber" Type="Edm.Int64"/>'
    rows += '<Property Name="Тип" Type="Edm.String"/><Property Name="АдресЭП" Type="Edm.String"/>'
    rows += '<Property Name="Представление" Type="Edm.String"/>'
    for part in (PART, STAGES, CONTACTS):
        name = part.removeprefix("Collection(StandardODATA.").removesuffix(")")
        types.append(f'<ComplexType Name="{name}">{rows}</ComplexType>')
    container = "".join(f'<EntitySet Name="{one}"/>' for one in sets)
    body = (
        '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">'
        '<edmx:DataServices><Schema Namespace="StandardODATA" '
        'xmlns="http://schemas.microsoft.com/ado/2009/11/edm">'
        f"{''.join(types)}{''.join(ends)}"
        f'<EntityContainer Name="EnterpriseV8">{container}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )
    return Response(200, {"date": DATE}, body.encode())


def connector(**options: str) -> OneC:
    return OneC({"login": "Обмен", "zone": "Europe/Moscow", "sessions": "no", **options})


def drive(flow: Flow[T], *answers: object) -> tuple[list[Request], T]:
    """The requests of the whole flow and its result. An answer is a Response, an error to be
    thrown, or the rows of a collection; every one must be used."""
    asked: list[Request] = []
    left = list(answers)
    try:
        request = next(flow)
        while True:
            asked.append(request)
            assert left, f"no answer for {request.method} {request.path} {dict(request.query)}"
            answer = left.pop(0)
            if isinstance(answer, SyncdError):
                request = flow.throw(answer)
            else:
                request = flow.send(answer if isinstance(answer, Response) else rows(answer))
    except StopIteration as stop:
        assert not left, f"not asked for: {left}"
        value: T = stop.value
        return asked, value


def rows(value: object, bom: bool = False) -> Response:
    return one({"value": value}, bom=bom)


def one(value: object, status: int = 200, bom: bool = False) -> Response:
    body = json.dumps(value, ensure_ascii=False, default=_number).encode()
    return Response(status, {"date": DATE}, (b"\xef\xbb\xbf" if bom else b"") + body)


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def error(status: int, code: str, said: str) -> Response:
    return one({"odata.error": {"code": code, "message": {"lang": "ru", "value": said}}}, status)


def pull(
    made: OneC, kind: Kind, paths: tuple[str, ...], scope: Scope, *answers: object
) -> tuple[list[Request], Page]:
    return drive(made.pull(Read(kind, "", paths), scope), *answers)


def ready(**options: str) -> OneC:
    """A connector that has read the metadata of УТ."""
    made = connector(**options)
    drive(made.fields("orders"), metadata())
    return made


def a_document(key: str, **changed: Any) -> dict[str, Any]:
    return {
        "Ref_Key": key,
        "DataVersion": "AAAAAAAAAAA=",
        "DeletionMark": False,
        "Posted": True,
        "Number": "ТДЦБ-000342   ",
        "Date": "2026-10-01T10:14:42",
        "Контрагент_Key": CUSTOMER,
        "Организация_Key": FIRM,
        "Валюта_Key": RUB,
        "СуммаДокумента": 500.5,
        **changed,
    }


def a_row(document: str, kind: str, amount: object, **changed: Any) -> dict[str, Any]:
    """A row of the register of settlements."""
    expense = str(amount).startswith("-")
    return {
        "Recorder": document,
        "Recorder_Type": f"StandardODATA.Document_{kind}",
        "Period": "2026-10-02T00:00:00",
        "Active": True,
        "RecordType": "Expense" if expense else "Receipt",
        "АналитикаУчетаПоПартнерам_Key": KEY,
        "ОбъектРасчетов_Key": OBJECT,
        "Валюта_Key": RUB,
        "Сумма": abs(Decimal(str(amount))),
        **changed,
    }


CURRENCIES = [
    {"Ref_Key": RUB, "Code": "643", "Description": "руб."},
    {"Ref_Key": USD, "Code": "840", "Description": "USD"},
]
FIRMS = [{"Ref_Key": FIRM, "Description": "ООО Пример"}]
KEYS = [{"Ref_Key": KEY, "Контрагент_Key": CUSTOMER, "Партнер_Key": OTHER}]
