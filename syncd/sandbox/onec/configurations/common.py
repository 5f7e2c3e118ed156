"""What every configuration has."""

from __future__ import annotations

from syncd.sandbox.onec.shapes import Entity, catalog, exchange_plan, fields

CONTACTS = (
    "Тип:25 Вид:Catalog_ВидыКонтактнойИнформации Представление:500 ЗначенияПолей Значение "
    "АдресЭП:100 НомерТелефона:20"
)
EXTRA = (
    "Свойство:ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения "
    "Значение:string|number ТекстоваяСтрока"
)
COMMON: tuple[Entity, ...] = (
    catalog("Валюты", "НаименованиеПолное:50", code=3),
    catalog("Организации", "НаименованиеПолное:250 ИНН:12 КПП:9", code=0),
    catalog("Пользователи", "Недействителен:bool", {"КонтактнаяИнформация": CONTACTS}, code=0),
    catalog("СтавкиНДС", "Ставка:number", code=0),
    catalog("ВидыКонтактнойИнформации", "Тип:25", code=0, folders=True),
    catalog("Номенклатура", "НаименованиеПолное:250 Артикул:25", code=11, folders=True),
    Entity(
        "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения",
        fields(
            "Ref:ref DataVersion DeletionMark:bool Predefined:bool PredefinedDataName "
            "Description:150 Заголовок:75"
        ),
    ),
    Entity(
        "InformationRegister_КурсыВалют",
        fields("Period:date Валюта:Catalog_Валюты Курс:number Кратность:number"),
        keys=("Period", "Валюта_Key"),
    ),
)
PERSON = "Пол:10 ДатаРождения:date Комментарий "
"""Of a contact person, in every configuration."""
PLAN: Entity = exchange_plan("CRM")
