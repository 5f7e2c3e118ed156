"""What a client may write into the memory books: customers, and contacts that hang on them.

A customer that a client made comes into scope with its first posted document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import objects
from .objects import Entry, Fields, Form, Object
from .wire import Refusal

if TYPE_CHECKING:
    from .books import Books

FORMS: Mapping[str, Form] = {
    "customers": Form(
        dict.fromkeys(("name", "code", "email", "phone", "tax_id"), "text"),
        marker="code",
        required=("name",),
    ),
    "contacts": Form(
        dict.fromkeys(("name", "role", "phone", "email", "code"), "text"),
        marker="code",
        parents=("customers",),
        required=("name",),
    ),
}
LONG_AGO = dt.datetime(1, 1, 2, tzinfo=dt.UTC)


class Intake:
    def __init__(self, books: Books) -> None:
        self.forms = FORMS
        self.definitions: dict[str, dict[str, str]] = {target: {} for target in FORMS}
        self.journal: list[Entry] = []
        self._books = books
        self.habits = books.habits

    def create(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object:
        clean = self._clean(target, fields)
        self._check_required(target, {path: None for path in FORMS[target].required} | clean)
        for word in FORMS[target].parents:
            if self._books._latest(word, parents.get(word, "")) is None:
                raise Refusal(400, "invalid", f"there is no such {word}", word)
        if self.habits.tier_of(target) == "T2" and self._same(target, clean):
            raise Refusal(409, "duplicate", "the code is taken", "code")
        key = self._books._next(target)
        self._books.made[target, key] = self._books._now()
        if target == "customers":
            self._books.awaited.add(key)
        ledger = (key,) if target == "customers" else ()
        self._books._write(target, key, self._row(target, key, clean, parents), ledger)
        return self._recorded("create", target, key, clean)

    def upsert(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object:
        clean = self._clean(target, fields)
        same = self._same(target, clean)
        if same is None or self.habits.tier_of(target) != "T1":
            return self.create(target, fields, parents)
        if any(same.fields.get(path) != value for path, value in clean.items()):
            return self.update(target, same.id, fields)
        return same

    def update(
        self, target: str, key: str, fields: Fields, _parents: Mapping[str, str] | None = None
    ) -> Object:
        self.get(target, key)
        clean = self._clean(target, fields)
        self._check_required(target, clean)
        same = self._same(target, clean)
        if self.habits.tier_of(target) == "T2" and same is not None and same.id != key:
            raise Refusal(409, "duplicate", "the code is taken", "code")
        self._books._edit(target, key, clean)
        return self._recorded("update", target, key, clean)

    def remove(self, target: str, key: str) -> None:
        self.get(target, key)
        raise Refusal(405, "forbidden", f"the {target} cannot be deleted")

    def get(self, target: str, key: str) -> Object:
        row = self._books._latest(target, key)
        if row is None:
            raise Refusal(404, "missing", f"there is no {key} among the {target}")
        return self._object(target, row.data)

    def now_called(self, key: str) -> str:
        return key

    def search(self, target: str, path: str, text: str) -> list[Object]:
        if path == FORMS[target].marker and self.habits.tier_of(target) == "T4":
            return []
        items = self.listed(target)
        return objects.found(self.habits, items, path, text, self._books._now())

    def listed(self, target: str) -> list[Object]:
        return [self._object(target, row.data) for _, row in self._books.newest(target)]

    def marked(self, target: str, code: str) -> list[Object]:
        return [item for item in self.listed(target) if item.fields["code"] == code]

    def doubles(self) -> list[tuple[str, ...]]:
        return objects.doubles(FORMS, {target: self.listed(target) for target in FORMS})

    def define(self, target: str, path: str, type: str) -> None:
        raise Refusal(405, "forbidden", f"the {target} have no fields of one's own", path)

    def savepoint(self) -> Any:
        return self._books.savepoint(), len(self.journal)

    def rollback(self, savepoint: Any) -> None:
        rows, journal = savepoint
        self._books.rollback(rows)
        del self.journal[journal:]

    def _row(self, target: str, key: str, clean: Fields, parents: Mapping[str, str]) -> Fields:
        row = {"id": key, **dict.fromkeys(FORMS[target].fields), **clean}
        if target == "contacts":
            return {**row, "customer": parents["customers"]}
        currency = self._books.company_currency
        return {**row, "in_scope": False, "active": True, "currency": currency}

    def _object(self, target: str, row: Fields) -> Object:
        fields = {path: row[path] for path in FORMS[target].fields}
        parents = {"customers": row["customer"]} if target == "contacts" else {}
        made = self._books.made.get((target, row["id"]), LONG_AGO)
        return Object(row["id"], fields, parents, made)

    def _same(self, target: str, clean: Fields) -> Object | None:
        code = clean.get("code")
        return next(iter(self.marked(target, code)), None) if code else None

    def _clean(self, target: str, fields: Fields) -> Fields:
        clean: Fields = {}
        for path, value in fields.items():
            if path not in FORMS[target].fields:
                raise Refusal(400, "invalid", f"the {target} have no field {path}", path)
            if value is not None and not isinstance(value, str):
                raise Refusal(400, "invalid", f"{value!r} is not a text", path)
            clean[path] = value.strip() if value is not None else None
        return clean

    def _check_required(self, target: str, clean: Fields) -> None:
        for path in FORMS[target].required:
            if path in clean and not clean[path]:
                raise Refusal(400, "invalid", f"{path} is required", path)

    def _recorded(self, op: str, target: str, key: str, clean: Fields) -> Object:
        item = self.get(target, key)
        time = self._books._now()
        self.journal.append(Entry(op, target, key, item.fields["code"], time, dict(clean)))
        return item
