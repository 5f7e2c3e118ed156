"""Pages for people: what stands on a card, and what was written and by whom."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from syncd.sandbox.zoho_crm.crm import SYSTEM, Crm, Row
from syncd.sandbox.zoho_crm.oauth import OAuth
from syncd.sandbox.zoho_crm.schema import Field, Module
from syncd.sandbox.zoho_crm.wire import Json

HERE = "/_sandbox"
MOST = 500
"""Lines of one table."""
HIDDEN = (*SYSTEM, "Currency", "Exchange_Rate")


@dataclass(frozen=True)
class Shown:
    text: str
    link: str = ""
    """Of the other record's page."""
    number: bool = False


def page(crm: Crm, oauth: OAuth, path: str) -> str | None:
    """None where there is no such page."""
    found = _page(crm, oauth, path.strip("/").split("/"))
    return found and _environment().get_template(found[0]).render(here=HERE, **found[1])


def _page(crm: Crm, oauth: OAuth, parts: list[str]) -> tuple[str, Json] | None:
    shown = {one.api_name: one for one in crm.shown_modules() if not one.hidden}
    match parts:
        case [""]:
            tokens = [(one, oauth.refresh_token(one.id)) for one in crm.users.values()]
            counts = [(one, len(crm.rows[name])) for name, one in shown.items()]
            return "start.html", {"users": tokens, "modules": counts, "switches": crm.switches}
        case ["writes"]:
            lines = [one for one, _ in zip(reversed(crm.written), range(MOST), strict=False)]
            return "writes.html", {"lines": lines, "crm": crm}
        case [name] if name in shown:
            module = shown[name]
            rows = list(crm.rows[name].values())[: -MOST - 1 : -1]
            return "module.html", {"module": module, "table": table(crm, module, rows)}
        case [name, id] if name in shown and (row := crm.get(id, name)):
            return "record.html", card(crm, shown[name], row)
    return None


def card(crm: Crm, module: Module, row: Row) -> Json:
    """As the vendor shows it: the company's own fields, the others, then the related lists."""
    fields = [one for one in crm.fields(module).values() if one.api_name not in HIDDEN]
    lists = [
        (child.plural if name == child.api_name else name, child, list(crm.children(child, of, id)))
        for id in [row.id]
        for name, (child, of) in crm.related_lists(module.api_name).items()
    ]
    return {
        "module": module,
        "row": row,
        "locked": crm.locked(row),
        "name": row.values.get(module.display) or row.id,
        "modified": crm.stamp(row.modified),
        "modified_by": crm.users[row.modified_by].name,
        "sections": [
            ("Custom fields", list(_values(crm, row, [one for one in fields if one.custom]))),
            ("Fields", list(_values(crm, row, [one for one in fields if not one.custom]))),
        ],
        "lists": [
            (label, len(rows), table(crm, child, sorted(rows, key=_newest, reverse=True)[:MOST]))
            for label, child, rows in lists
        ],
    }


def _newest(row: Row) -> int:
    return int(row.id)


def _values(crm: Crm, row: Row, fields: list[Field]) -> Iterator[tuple[Field, Shown]]:
    return ((one, value(crm, row, one)) for one in fields)


def table(crm: Crm, module: Module, rows: list[Row]) -> Json:
    """Columns that some row fills, at most twelve."""
    fields = [one for one in crm.fields(module).values() if one.api_name not in HIDDEN]
    kept = [one for one in fields if any(row.values.get(one.api_name) is not None for row in rows)]
    return {
        "module": module,
        "fields": kept[:12],
        "rows": [(row, [value(crm, row, one) for one in kept[:12]]) for row in rows],
    }


def value(crm: Crm, row: Row, of: Field) -> Shown:
    found: Any = crm.value(row, of)
    if found is None or found == "":
        return Shown("")
    if of.data_type == "lookup":
        other = crm.get(row.values[of.api_name])
        assert other
        return Shown(str(found["name"]), f"{HERE}/{other.module}/{other.id}")
    if of.data_type == "ownerlookup":
        return Shown(found["name"])
    if of.data_type == "subform":
        return Shown(json.dumps(found, ensure_ascii=False))
    if of.data_type in ("currency", "double"):
        return Shown(f"{found:,.{of.decimals}f}".replace(",", "\u202f"), number=True)
    if of.data_type == "boolean":
        return Shown("yes" if found else "no")
    return Shown(str(found), number=of.data_type == "integer")


@functools.cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
