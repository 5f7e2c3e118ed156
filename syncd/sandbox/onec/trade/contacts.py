"""A customer's telephone and e-mail as 1C's library of subsystems keeps them."""

from __future__ import annotations

from syncd.sandbox.onec.base import Base, Record
from syncd.sandbox.onec.shapes import NO_REF
from syncd.sandbox.onec.trade.desk import Person


def contact_rows(base: Base, person: Person) -> list[Record]:
    every = base.objects["Catalog_ВидыКонтактнойИнформации"].items()
    kinds = {one["Тип"]: key for key, one in every if not one["Predefined"]}
    said = (
        (
            "Телефон",
            person.phone,
            {"НомерТелефона": "".join(c for c in person.phone if c.isdigit())},
        ),
        ("АдресЭлектроннойПочты", person.email, {"АдресЭП": person.email}),
    )
    rows = [
        {"Тип": kind, "Вид_Key": kinds.get(kind, NO_REF), "Представление": text, **more}
        for kind, text, more in said
        if text
    ]
    return [row | {"LineNumber": number} for number, row in enumerate(rows, 1)]
