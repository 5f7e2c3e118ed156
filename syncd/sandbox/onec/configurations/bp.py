"""Enterprise accounting («Бухгалтерия предприятия») 3.0: no orders, a bill plays one."""

from __future__ import annotations

from syncd.sandbox.onec.configurations.common import COMMON, CONTACTS, EXTRA, PERSON, PLAN
from syncd.sandbox.onec.shapes import Configuration, Entity, Register, catalog, document, fields

SALES = (
    "Контрагент:Catalog_Контрагенты ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов "
    "Организация:Catalog_Организации ВалютаДокумента:Catalog_Валюты СуммаДокумента:number "
    "СуммаВключаетНДС:bool Ответственный:Catalog_Пользователи Комментарий "
)
MONEY = (
    "ВидОперации:50 Контрагент:Catalog_Контрагенты|Catalog_Организации "
    "ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов Организация:Catalog_Организации "
    "ВалютаДокумента:Catalog_Валюты СуммаДокумента:number НазначениеПлатежа:1024 "
    "НомерВходящегоДокумента:30 ДатаВходящегоДокумента:date Ответственный:Catalog_Пользователи "
    "Комментарий"
)
GOODS = {
    "Товары": "Номенклатура:Catalog_Номенклатура Содержание Количество:number Цена:number "
    "Сумма:number СтавкаНДС:30 СуммаНДС:number",
}
DETAILS = {
    "РасшифровкаПлатежа": "ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов СуммаПлатежа:number "
    "СуммаВзаиморасчетов:number СтавкаНДС:30 СуммаНДС:number СуммаВозврата:number "
    "СпособПогашенияЗадолженности:50 СчетНаОплату:Document_СчетНаОплатуПокупателю",
}
RECORDERS = (
    "Document_РеализацияТоваровУслуг",
    "Document_ПоступлениеНаРасчетныйСчет",
    "Document_ПриходныйКассовыйОрдер",
    "Document_СписаниеСРасчетногоСчета",
    "Document_ВозвратТоваровОтПокупателя",
    "Document_КорректировкаРеализации",
    "Document_КорректировкаДолга",
)
ENTITIES = (
    *COMMON,
    Entity(
        "ChartOfAccounts_Хозрасчетный",
        fields(
            "Ref:ref DataVersion DeletionMark:bool Predefined:bool PredefinedDataName Code:8 "
            "Description:120 Parent:ChartOfAccounts_Хозрасчетный Забалансовый:bool"
        ),
    ),
    catalog(
        "Контрагенты",
        "НаименованиеПолное:250 ИНН:12 КПП:9 КодПоОКПО:10 ЮридическоеФизическоеЛицо:30 "
        "ГоловнойКонтрагент:Catalog_Контрагенты РегистрационныйНомер:30 Комментарий",
        {
            "КонтактнаяИнформация": CONTACTS,
            "ДополнительныеРеквизиты": EXTRA,
            "ИсторияКПП": "Период:date КПП:9",
        },
        folders=True,
    ),
    catalog(
        "ДоговорыКонтрагентов",
        "Номер:50 Дата:date ВалютаВзаиморасчетов:Catalog_Валюты Организация:Catalog_Организации "
        "ВидДоговора:50 СрокДействия:date",
        owner="Catalog_Контрагенты",
    ),
    catalog(
        "КонтактныеЛица",
        PERSON + "ОбъектВладелец:Catalog_Контрагенты|Catalog_Организации Должность:100",
        {"КонтактнаяИнформация": CONTACTS},
    ),
    document("СчетНаОплатуПокупателю", SALES + "СрокОплаты:date", GOODS),
    document(
        "РеализацияТоваровУслуг",
        SALES + "ВидОперации:50 СрокОплаты:date "
        "СчетНаОплатуПокупателю:Document_СчетНаОплатуПокупателю",
        GOODS,
    ),
    document("ПоступлениеНаРасчетныйСчет", MONEY, DETAILS),
    document("ПриходныйКассовыйОрдер", MONEY, DETAILS),
    document("СписаниеСРасчетногоСчета", MONEY, DETAILS),
    document(
        "ВозвратТоваровОтПокупателя",
        SALES + "ВидОперации:50 ДокументРеализации:Document_РеализацияТоваровУслуг| "
        "СчетНаОплатуПокупателю:Document_СчетНаОплатуПокупателю",
        GOODS,
    ),
    document(
        "КорректировкаРеализации",
        SALES + "ВидОперации:50 ДокументРеализации:Document_РеализацияТоваровУслуг| "
        "СчетНаОплатуПокупателю:Document_СчетНаОплатуПокупателю",
        GOODS,
    ),
    document(
        "КорректировкаДолга",
        SALES + "ВидОперации:50",
        {
            "ДебиторскаяЗадолженность": "ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов "
            "СчетНаОплату:Document_СчетНаОплатуПокупателю Сумма:number"
        },
    ),
    PLAN,
)
SIDE = (
    "ExtDimension{0}1:Catalog_Контрагенты|Catalog_Организации "
    "ExtDimension{0}2:Catalog_ДоговорыКонтрагентов| ExtDimension{0}3:{1} "
)


def configuration(settlement_object: bool) -> Configuration:
    documents = "|".join((*RECORDERS, "Document_СчетНаОплатуПокупателю"))
    book = Register(
        "AccountingRegister_Хозрасчетный",
        RECORDERS,
        fields(
            "AccountDr:ChartOfAccounts_Хозрасчетный AccountCr:ChartOfAccounts_Хозрасчетный "
            + SIDE.format("Dr", documents)
            + SIDE.format("Cr", documents)
            + "Организация:Catalog_Организации ВалютаDr:Catalog_Валюты ВалютаCr:Catalog_Валюты"
        ),
        fields("Сумма:number ВалютнаяСуммаDr:number ВалютнаяСуммаCr:number"),
        accounting=True,
    )
    return Configuration(
        "bp",
        "Бухгалтерия предприятия, редакция 3.0",
        {one.name: one for one in ENTITIES},
        {book.name: book},
    )
