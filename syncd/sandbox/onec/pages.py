"""Pages for people: the customers, what each owes, their documents, as 1C's own lists show them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from syncd.sandbox.onec.base import Base, Record
from syncd.sandbox.onec.shapes import NO_DATE, NO_REF, Field
from syncd.sandbox.onec.trade.desk import Desk, Part

TEMPLATES = Environment(
    loader=PackageLoader("syncd.sandbox.onec"), autoescape=True, undefined=StrictUndefined
)
CUSTOMERS = "Catalog_Контрагенты"


def page(base: Base, desk: Desk, path: str) -> str | None:
    """'' lists customers; `customer/KEY` and `document/SET/KEY` show one."""
    way = path.strip("/").split("/")
    if way == [""]:
        held = desk.balances()
        customers = base.objects[CUSTOMERS].items()
        rows = [(one, _sums(base, held.get(key, []))) for key, one in customers]
        return _render("customers.html", base, rows=rows)
    if way[0] == "customer" and len(way) == 2 and way[1] in base.objects[CUSTOMERS]:
        return _customer(base, desk, way[1])
    if way[0] == "document" and len(way) == 3 and way[2] in base.objects.get(way[1], {}):
        return _document(base, way[1], way[2])
    return None


def _render(template: str, base: Base, **values: Any) -> str:
    return TEMPLATES.get_template(template).render(
        title=base.configuration.title, now=base.now().replace("T", " "), **values
    )


def _sums(base: Base, parts: Iterable[Part]) -> list[tuple[str, Decimal, Decimal]]:
    """(currency, owed, paid ahead)."""
    sums: dict[str, list[Decimal]] = {}
    for currency, amount in parts:
        found = sums.setdefault(_text(base, "Catalog_Валюты", currency), [Decimal(0), Decimal(0)])
        found[amount < 0] += abs(amount)
    return [(currency, owed, ahead) for currency, (owed, ahead) in sorted(sums.items())]


def _customer(base: Base, desk: Desk, key: str) -> str:
    documents = [
        (name, one)
        for name, objects in base.objects.items()
        if name.startswith("Document_")
        for one in objects.values()
        if key in (one.get("Контрагент_Key"), one.get("Контрагент"))
    ]
    documents.sort(key=lambda one: str(one[1]["Date"]), reverse=True)
    rows = [
        {
            "name": name,
            "short": name.removeprefix("Document_"),
            "one": one,
            "date": one["Date"].replace("T", " "),
            "currency": _currency(base, one),
            "state": "помечен"
            if one["DeletionMark"]
            else "проведён"
            if one["Posted"]
            else "черновик",
        }
        for name, one in documents
    ]
    sums = _sums(base, desk.balances().get(key, []))
    return _render("customer.html", base, one=base.get(CUSTOMERS, key), sums=sums, rows=rows)


def _currency(base: Base, one: Record) -> str:
    return _text(
        base, "Catalog_Валюты", one.get("Валюта_Key") or one.get("ВалютаДокумента_Key", "")
    )


def _document(base: Base, name: str, key: str) -> str:
    entity, one = base.entity(name), base.get(name, key)
    parts = {
        part: (fields, [[_cell(base, field, row) for field in fields] for row in one[part]])
        for part, fields in entity.parts.items()
        if one[part]
    }
    movements = {
        register: (
            shape.row[1:],
            [[_cell(base, field, row) for field in shape.row[1:]] for row in rows],
        )
        for register, shape in base.configuration.registers.items()
        if (rows := base.rows[register].get((name, key)))
    }
    fields = [(field.name, _cell(base, field, one)) for field in entity.fields]
    return _render(
        "document.html",
        base,
        name=base.presentation(name, one),
        fields=[pair for pair in fields if pair[1]],
        parts=parts,
        movements=movements,
    )


def _cell(base: Base, field: Field, row: Record) -> str:
    value = row[field.wire]
    if field.targets and (there := base.follow(field, row)):
        return base.presentation(*there) or str(value)
    if value in (NO_REF, NO_DATE, False, ""):
        return ""
    return "да" if value is True else str(value).replace("T00:00:00", "")


def _text(base: Base, name: str, key: str) -> str:
    found = base.objects[name].get(key)
    return base.presentation(name, found) if found else ""
