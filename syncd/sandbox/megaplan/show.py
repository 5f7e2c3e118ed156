"""Entities as an answer shows them: a few fields in a list unless more are asked for, all of them
on a card; each entity once, and as a bare link wherever it is met again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from syncd.sandbox.megaplan.account import Account, Entity
from syncd.sandbox.megaplan.schema import CONTRACTOR, CONTRACTORS, DEAL, Field
from syncd.sandbox.megaplan.wire import Json, bare, invalid

Names = dict[str, "Names"]
"""Fields that are asked for -> those of what they lead to."""

NEVER_LISTED = {DEAL: ("deadline",)}
"""A list answers 422 to these, though a card has them."""


def names_of(account: Account, type: str, given: Any) -> Names:
    """`fields` of a query. Refused for a name that nothing has."""
    found: Names = {}
    for one in given or ():
        if isinstance(one, str):
            found.setdefault(one, {})
        elif isinstance(one, dict) and account.switches.nested_fields:
            for name, inner in one.items():
                found.setdefault(str(name), {}).update(_inner(inner))
    types = CONTRACTORS if type == CONTRACTOR else (type,)
    known = {name for each in types for name in account.fields(each)}
    unknown = [name for name in found if name not in known]
    never = [name for name in found if name in NEVER_LISTED.get(type, ())]
    if never or (unknown and account.switches.unknown_fields == "refuse"):
        raise invalid(f"{type} have not this fields: {', '.join(never or unknown)}", "fields")
    return found


def _inner(given: Any) -> Names:
    found: Names = {}
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            found.update({str(name): _inner(inner) for name, inner in one.items()})
        else:
            found[str(one)] = {}
    return found


class Showing:
    """One answer."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._met: set[tuple[str, str]] = set()

    def rows(self, rows: Iterable[Entity], names: Names, *, only: bool) -> list[Json]:
        return [self._row(row, self._listed(row, names, only), names) for row in rows]

    def card(self, row: Entity, names: Names | None = None) -> Json:
        return self._row(row, self.account.fields(row.type), names or {})

    def _listed(self, row: Entity, names: Names, only: bool) -> Mapping[str, Field]:
        fields = self.account.fields(row.type).items()
        return {name: one for name, one in fields if name in names or (one.short and not only)}

    def _row(self, row: Entity, fields: Mapping[str, Field], names: Names) -> Json:
        self._met.add((row.type, row.id))
        shown: Json = row.link
        for name, one in fields.items():
            shown[name] = self._value(self.account.derived(row, name), one, names.get(name, {}))
        return shown

    def _value(self, value: Any, of: Field, names: Names) -> Any:
        if value is None:
            return None
        if of.kind == "moment" and isinstance(value, datetime):
            return {"contentType": "DateTime", "value": value.isoformat()}
        if of.kind == "money":
            return {**value, "valueInMain": value["value"], "rate": 1}
        if of.kind == "link":
            return self._link(value, names)
        if of.kind == "links":
            return [self._link(one, names) for one in value]
        if of.name == "possibleTransitions":
            return [{**one, "to": self._link(one["to"], {})} for one in value]
        return value

    def _link(self, link: Json, names: Names) -> Json:
        key = str(link["contentType"]), str(link["id"])
        row = self.account.get(*key)
        if row is None or key in self._met:
            return bare(*key)
        fields = self.account.fields(row.type)
        return self._row(
            row,
            {name: one for name, one in fields.items() if one.short or name in names},
            names,
        )
