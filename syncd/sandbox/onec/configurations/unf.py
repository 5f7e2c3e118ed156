"""Managing a small firm («Управление нашей фирмой»)."""

from __future__ import annotations

from syncd.sandbox.onec.configurations.common import COMMON, CONTACTS, EXTRA, PERSON, PLAN
from syncd.sandbox.onec.shapes import Configuration, Register, catalog, document, fields

SALES = (
    "ВидОперации:50 Контрагент:Catalog_Контрагенты Договор:Catalog_ДоговорыКонтрагентов "
    "Организация:Catalog_Организации ВалютаДокумента:Catalog_Валюты СуммаДокумента:number "
    "Ответственный:Catalog_Пользователи Комментарий "
)
MONEY = (
    "ВидОперации:50 Контрагент:Catalog_Контрагенты Организация:Catalog_Организации "
    "ВалютаДенежныхСредств:Catalog_Валюты СуммаДокумента:number НазначениеПлатежа:1024 "
    "ДатаВходящегоДокумента:date НомерВходящегоДокумента:30 Комментарий"
)
GOODS = {
    "Запасы": "Номенклатура:Catalog_Номенклатура Количество:number Цена:number Сумма:number "
    "СтавкаНДС:Catalog_СтавкиНДС СуммаНДС:number Всего:number",
}
CALENDAR = {
    "ПлатежныйКалендарь": "ДатаОплаты:date ПроцентОплаты:number СуммаОплаты:number",
}
DETAILS = {
    "РасшифровкаПлатежа": "Договор:Catalog_ДоговорыКонтрагентов "
    "Документ:Document_РасходнаяНакладная| Заказ:Document_ЗаказПокупателя| ПризнакАванса:bool "
    "СуммаПлатежа:number СуммаРасчетов:number",
}
RECORDERS = (
    "Document_РасходнаяНакладная",
    "Document_ПоступлениеНаСчет",
    "Document_ПоступлениеВКассу",
    "Document_РасходСоСчета",
    "Document_ПриходнаяНакладная",
    "Document_КорректировкаРеализации",
    "Document_Взаимозачет",
)
ENTITIES = (
    *COMMON,
    catalog(
        "Контрагенты",
        "НаименованиеПолное:250 ИНН:12 КПП:9 ВидКонтрагента:30 Покупатель:bool Поставщик:bool "
        "ГоловнойКонтрагент:Catalog_Контрагенты Комментарий",
        {"КонтактнаяИнформация": CONTACTS, "ДополнительныеРеквизиты": EXTRA},
        folders=True,
    ),
    catalog(
        "ДоговорыКонтрагентов",
        "Номер:50 Дата:date ВалютаВзаиморасчетов:Catalog_Валюты Организация:Catalog_Организации "
        "ВидДоговора:50",
        owner="Catalog_Контрагенты",
    ),
    catalog(
        "КонтактныеЛица",
        PERSON + "Должность:100",
        {"КонтактнаяИнформация": CONTACTS},
        owner="Catalog_Контрагенты",
    ),
    catalog("СостоянияЗаказовПокупателей", code=9),
    document(
        "ЗаказПокупателя",
        SALES + "СостояниеЗаказа:Catalog_СостоянияЗаказовПокупателей ДатаОтгрузки:date",
        {**GOODS, **CALENDAR},
    ),
    document("СчетНаОплату", SALES + "ДокументОснование:Document_ЗаказПокупателя|", GOODS),
    document(
        "РасходнаяНакладная",
        SALES + "Заказ:Document_ЗаказПокупателя|",
        {**GOODS, **CALENDAR},
    ),
    document("ПоступлениеНаСчет", MONEY, DETAILS),
    document("ПоступлениеВКассу", MONEY, DETAILS),
    document("РасходСоСчета", MONEY, DETAILS),
    document("РасходИзКассы", MONEY, DETAILS),
    document(
        "ПриходнаяНакладная",
        SALES + "Заказ:Document_ЗаказПокупателя| ДокументРеализации:Document_РасходнаяНакладная|",
        GOODS,
    ),
    document(
        "КорректировкаРеализации",
        SALES + "Заказ:Document_ЗаказПокупателя| ДокументРеализации:Document_РасходнаяНакладная|",
        GOODS,
    ),
    document(
        "Взаимозачет",
        SALES,
        {
            "Дебитор": "Договор:Catalog_ДоговорыКонтрагентов Заказ:Document_ЗаказПокупателя| "
            "Сумма:number"
        },
    ),
    PLAN,
)


def configuration(settlement_object: bool) -> Configuration:
    settlements = Register(
        "AccumulationRegister_РасчетыСПокупателями",
        RECORDERS,
        fields(
            "Организация:Catalog_Организации ТипРасчетов:10 Контрагент:Catalog_Контрагенты "
            f"Договор:Catalog_ДоговорыКонтрагентов Документ:{'|'.join(RECORDERS)} "
            "Заказ:Document_ЗаказПокупателя|"
        ),
        fields("Сумма:number СуммаВал:number"),
    )
    return Configuration(
        "unf",
        "Управление нашей фирмой, редакция 3.0",
        {one.name: one for one in ENTITIES},
        {settlements.name: settlements},
    )
