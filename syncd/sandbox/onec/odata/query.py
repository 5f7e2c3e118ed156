"""Options of a query, and what they do to rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.odata.filters import Scope, compile_filter, path
from syncd.sandbox.onec.odata.values import Guid, Typed
from syncd.sandbox.onec.refusals import NO_ACCESS, NO_PROPERTY, Refusal, bad_option
from syncd.sandbox.onec.shapes import Entity

KNOWN = {
    "$format",
    "$filter",
    "$select",
    "$expand",
    "$orderby",
    "$top",
    "$skip",
    "$inlinecount",
    "$allowedOnly",
}
PRESENTATION = "____Presentation"


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    whole: int | None
    """How many there are without paging, where it was asked."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which columns an answer has: names of the wire, parts with their own columns."""

    fields: Sequence[str]
    parts: Mapping[str, Sequence[str]]
    presentations: Sequence[str] = ()
    expanded: Sequence[str] = ()


def check(options: Mapping[str, str]) -> None:
    for name in options:
        if name.startswith("$") and name not in KNOWN:
            raise Refusal(400, 0, f"Опция запроса {name} не поддерживается!")


def run(base: Base, entity: Entity, rows: Sequence[Row], options: Mapping[str, str]) -> Page:
    scope = Scope(base, entity.by_wire, entity.parts)
    if text := options.get("$filter"):
        wanted = compile_filter(text, scope)
        rows = [row for row in rows if wanted(row)]
    rows = _allowed(base, entity, rows, options)
    whole = len(rows) if options.get("$inlinecount") == "allpages" else None
    top, skip = _number(options, "$top"), _number(options, "$skip") or 0
    if whole is not None and base.switches.count_ignores_paging:
        top, skip = None, 0
    if cap := base.switches.page_cap:
        top = min(cap, top if top is not None else cap)
    paged = top is not None or skip
    if base.switches.shuffle and paged:
        rows = list(rows)
        random.Random(base.chance.random()).shuffle(rows)
    if not _is_recordset(entity):  # those ignore any order
        rows = _ordered(scope, rows, options.get("$orderby", ""))
    end = None if top is None else skip + top
    return Page(rows[skip:end] if paged else rows, whole)


def _is_recordset(entity: Entity) -> bool:
    return "RecordSet" in entity.parts


def _number(options: Mapping[str, str], name: str) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not text.strip().isdigit():
        raise bad_option(name, f"{text!r} не число")
    return int(text)


def _allowed(
    base: Base, entity: Entity, rows: Sequence[Row], options: Mapping[str, str]
) -> Sequence[Row]:
    name = base.switches.forbidden_organisation
    if not name or "Организация_Key" not in entity.by_wire:
        return rows
    organisations = base.objects["Catalog_Организации"]
    hidden = {key for key, one in organisations.items() if one["Description"] == name}
    allowed = [row for row in rows if row["Организация_Key"] not in hidden]
    asked = options.get("allowedOnly") or options.get("$allowedOnly") or ""
    if len(allowed) < len(rows) and asked.lower() != "true":
        raise Refusal(401, NO_ACCESS, "Нарушение прав доступа!")
    return allowed


def _ordered(scope: Scope, rows: Sequence[Row], text: str) -> Sequence[Row]:
    for word in reversed([one.strip() for one in text.split(",") if one.strip()]):
        name, _, way = word.partition(" ")
        if way.strip() not in ("", "asc", "desc"):
            raise bad_option("$orderby", f"{word!r}")
        rows = sorted(rows, key=_sorting(scope, name), reverse=way.strip() == "desc")
    return rows


def _sorting(scope: Scope, name: str) -> Callable[[Row], tuple[bool, Any]]:
    """A reference by its presentation, an own key as it is; what leads nowhere comes first."""
    value, field, base = path(name.split("/"), scope), scope.fields.get(name), scope.base

    def by(row: Row) -> tuple[bool, Any]:
        if field is not None and field.targets and name != "Ref_Key":
            there = base.follow(field, row)
            return there is not None, base.presentation(*there) if there else ""
        found = value(row)
        if isinstance(found, Guid | Typed):
            found = str(found.value if isinstance(found, Typed) else found)
        return found is not None, "" if found is None else found

    return by


def shown(entity: Entity, options: Mapping[str, str], *, single: bool = False) -> Shown:
    """From `$select` and `$expand`. Refusal for a name that is not there."""
    columns = {part: [one.wire for one in fields] for part, fields in entity.parts.items()}
    every = [one.wire for one in entity.fields]
    expand = [one.strip() for one in options.get("$expand", "").split(",") if one.strip()]
    for name in expand:
        if name not in entity.references:
            raise Refusal(400, NO_PROPERTY, f"Свойство {name} не найдено!")
    if single:
        expand = []
    text = options.get("$select", "").strip()
    if not text:
        return Shown(every, columns, (), expand)
    fields: dict[str, None] = {}
    parts: dict[str, list[str]] = {}
    presentations: list[str] = []
    named: set[str] = set()
    for name in (one.strip() for one in text.split(",")):
        first, _, rest = name.partition("/")
        if name in ("*", "**"):
            fields |= dict.fromkeys(every)
            parts |= columns if name == "*" else {}
        elif name == f"*{PRESENTATION}":
            presentations += [one.name + PRESENTATION for one in entity.fields if one.targets]
        elif name.endswith(PRESENTATION):
            _presentable(entity, name)
            presentations.append(name)
        elif name in entity.by_wire:
            fields[name] = None
        elif name.removesuffix("_Type") in entity.by_wire:
            fields[name.removesuffix("_Type")] = None
        elif first in columns and rest in ("", "*"):
            parts[first] = columns[first]
        elif first in columns and rest in columns[first]:
            parts.setdefault(first, []).append(rest)
        elif name in entity.references:
            named.add(name)
        else:
            raise Refusal(400, NO_PROPERTY, f"Свойство {name} не найдено!")
    return Shown(list(fields), parts, presentations, [one for one in expand if one in named])


def _presentable(entity: Entity, name: str) -> None:
    plain = name.removesuffix(PRESENTATION)
    if plain not in entity.by_wire and f"{plain}_Key" not in entity.by_wire:
        raise Refusal(400, NO_PROPERTY, f"Свойство {name} не найдено!")
