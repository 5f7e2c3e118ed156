"""Pages for people: what stands on a card, and what was written and by whom."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from syncd.sandbox.megaplan.account import Account, Entity
from syncd.sandbox.megaplan.oauth import PASSWORD, OAuth
from syncd.sandbox.megaplan.schema import COMPANY, DEAL, HUMAN, PAYER, Field
from syncd.sandbox.megaplan.wire import Json

HERE = "/_sandbox"
MOST = 500
"""Lines of one table."""
LISTS = {COMPANY: "Компании", HUMAN: "Люди", DEAL: "Сделки"}
COLUMNS = {
    COMPANY: ("type", "contactInfo", "payers", "responsibles"),
    HUMAN: ("company", "position", "contactInfo"),
    DEAL: ("number", "state", "contractor", "price"),
}
OWN_LABELS = {
    "name": "Название",
    "type": "Тип",
    "status": "Статус",
    "responsibles": "Ответственные",
    "contactInfo": "Контакты",
    "payers": "Реквизиты",
    "contacts": "Контактные лица",
    "description": "Описание",
    "state": "Статус",
    "contractor": "Клиент",
    "price": "Сумма",
    "number": "Номер",
    "company": "Компания",
    "position": "Должность",
}


@dataclass(frozen=True)
class Shown:
    text: str
    links: tuple[tuple[str, str], ...] = ()
    """Addresses and texts, in place of it."""
    number: bool = False


def page(account: Account, oauth: OAuth, path: str) -> str | None:
    """None where there is no such page."""
    found = _page(account, oauth, path.strip("/").split("/"))
    return found and _environment().get_template(found[0]).render(
        here=HERE, lists=LISTS, **found[1]
    )


def _page(account: Account, oauth: OAuth, parts: list[str]) -> tuple[str, Json] | None:
    match parts:
        case [""]:
            counts = [(type, label, len(account.entities[type])) for type, label in LISTS.items()]
            people = [(login, account.get("Employee", id)) for login, id in oauth.logins.items()]
            told = {"people": people, "counts": counts, "switches": account.switches}
            return "start.html", {**told, "password": PASSWORD}
        case ["writes"]:
            lines = [one for one, _ in zip(reversed(account.written), range(MOST), strict=False)]
            return "writes.html", {"lines": lines, "account": account}
        case [type] if type in LISTS:
            rows = list(account.entities[type].values())[: -MOST - 1 : -1]
            return "list.html", {"title": LISTS[type], "table": _table(account, type, rows)}
        case [type, id] if type in LISTS and (row := account.get(type, id)):
            return "card.html", _card(account, row)
    return None


def _card(account: Account, row: Entity) -> Json:
    """Extra fields first, as a company would arrange them."""
    fields = account.fields(row.type)
    hidden = {"balance", *(name for name in fields if name.startswith("summ"))}
    own = [one for one in fields.values() if not one.extra and one.name not in hidden]
    deals = [one for one in account.rows(DEAL) if one.values.get("contractor") == row.link]
    editor = account.get("Employee", row.editor)
    return {
        "row": row,
        "name": _name(account, row),
        "editor": editor.values["name"] if editor else row.editor,
        "sections": [
            ("Дополнительные поля", list(_values(account, row, account.extra(row.type).values()))),
            ("Карточка", list(_values(account, row, own))),
        ],
        "deals": _table(account, DEAL, deals) if deals else None,
    }


def _values(account: Account, row: Entity, fields: Iterable[Field]) -> Iterator[Json]:
    for one in fields:
        shown = _shown(account, one, account.derived(row, one.name))
        if shown.text or shown.links or one.extra:
            label = one.label or OWN_LABELS.get(one.name, one.name)
            yield {"label": label, "name": one.name, "value": shown}


def _table(account: Account, type: str, rows: list[Entity]) -> Json:
    fields = [account.fields(type)[name] for name in COLUMNS[type]]
    return {
        "type": type,
        "labels": [OWN_LABELS.get(one.name, one.name) for one in fields],
        "rows": [
            (
                row,
                _name(account, row),
                [_shown(account, one, account.derived(row, one.name)) for one in fields],
            )
            for row in rows
        ],
    }


def _name(account: Account, row: Entity) -> str:
    return str(account.derived(row, "name") or row.values.get("inn") or row.id)


def _shown(account: Account, of: Field, value: Any) -> Shown:
    if value is None or value == "" or value == []:
        return Shown("")
    if of.kind in ("link", "links"):
        links = [value] if of.kind == "link" else value
        rows = [row for one in links if (row := account.linked(one))]
        if all(row.type in LISTS for row in rows):
            pairs = ((f"{HERE}/{row.type}/{row.id}", _name(account, row)) for row in rows)
            return Shown("", tuple(pairs))
        return Shown(", ".join(_payer(row) or _name(account, row) for row in rows))
    if of.kind == "contacts":
        return Shown(", ".join(str(one["value"]) for one in value))
    if of.kind == "money":
        number = f"{value['value']:,.2f}".replace(",", "\u202f")
        return Shown(f"{number} {value['currency']}", number=True)
    if of.kind == "date":
        return Shown(f"{value['day']:02}.{value['month'] + 1:02}.{value['year']}")
    if isinstance(value, datetime):
        return Shown(f"{value:%d.%m.%Y %H:%M:%S} UTC")
    if isinstance(value, bool):
        return Shown("да" if value else "нет")
    if isinstance(value, list | dict):
        return Shown(json.dumps(value, ensure_ascii=False, default=str))
    return Shown(str(value), number=of.kind in ("integer", "number"))


def _payer(row: Entity) -> str:
    inn = row.values.get("inn")
    return f"{row.values.get('name')}, ИНН {inn}" if row.type == PAYER and inn else ""


@functools.cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
