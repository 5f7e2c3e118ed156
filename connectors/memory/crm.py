"""A CRM in memory: accounts, contacts, invoices and payments, with the rules of a strict one.

Every object is one `Object` whose fields lie flat under dotted paths. What is not allowed raises
`Refusal`; what was carried out is in the journal.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from .habits import CrmHabits
from .wire import Refusal

Fields = dict[str, Any]
ZERO = Decimal(0)

SCHEMA: Mapping[str, Mapping[str, str]] = {
    "account": dict.fromkeys(("name", "email", "phone", "currency", "books_id"), "text"),
    "contact": dict.fromkeys(("name", "books_id"), "text"),
    "invoice": {
        **dict.fromkeys(("title", "currency", "state", "books_id"), "text"),
        **dict.fromkeys(("issue_date", "due_date"), "date"),
        "amount": "number",
    },
    "payment": {"amount": "number", "payment_date": "date", "reference": "text"},
}
MARKER = {target: "reference" if target == "payment" else "books_id" for target in SCHEMA}
PARENTS: Mapping[str, tuple[str, ...]] = {
    "account": (),
    "contact": ("account",),
    "invoice": ("account", "contact"),
    "payment": ("invoice",),
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "account": ("name",),
    "contact": ("name",),
    "invoice": ("title", "currency", "issue_date", "amount"),
    "payment": ("amount", "payment_date"),
}


@dataclass
class Object:
    id: str
    fields: Fields
    parents: dict[str, str]
    created: dt.datetime


@dataclass(frozen=True)
class Entry:
    """One write that was carried out."""

    op: str
    target: str
    id: str
    marker: str | None
    time: dt.datetime
    fields: Mapping[str, Any]


class Crm:
    def __init__(self, now: Callable[[], dt.datetime], habits: CrmHabits) -> None:
        self.habits = habits
        self.objects: dict[str, dict[str, Object]] = {target: {} for target in SCHEMA}
        self.definitions: dict[str, dict[str, str]] = {target: {} for target in SCHEMA}
        """Target -> path of a custom field -> its type."""
        self.journal: list[Entry] = []
        self.last = 0
        self._now = now

    # what a client asks for

    def create(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object:
        clean = self._clean(target, fields)
        for path in REQUIRED[target]:
            if clean.get(path) is None:
                raise Refusal(400, "invalid", f"{path} is required", path)
        self._check_parents(target, parents)
        if self.habits.tier_of(target) == "T2" and self._same_marker(target, clean, parents):
            raise Refusal(409, "duplicate", f"{MARKER[target]} is taken", MARKER[target])
        if target == "invoice":
            clean.setdefault("state", "open")
        self._check(target, clean, parents, None)
        self.last += 1
        made = Object(f"{target}-{self.last}", clean, dict(parents), self._now())
        self.objects[target][made.id] = made
        self._record("create", target, made, clean)
        return made

    def upsert(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object:
        """By the marker among `fields`; a payment's is unique within its invoice alone."""
        same = self._same_marker(target, self._clean(target, fields), parents)
        if same is None or self.habits.tier_of(target) != "T1":
            return self.create(target, fields, parents)
        clean = self._clean(target, fields)
        if any(same.fields.get(path) != value for path, value in clean.items()):
            return self.update(target, same.id, fields)
        return same

    def update(self, target: str, key: str, fields: Fields) -> Object:
        found = self.get(target, key)
        if target == "payment" and self.habits.payments_fixed:
            raise Refusal(405, "forbidden", "a payment cannot be edited")
        clean = self._clean(target, fields)
        for path in REQUIRED[target]:
            if path in clean and clean[path] is None:
                raise Refusal(400, "invalid", f"{path} is required", path)
        self._check(target, {**found.fields, **clean}, found.parents, found)
        merged = {**found.fields, **clean}
        kept = {path: value for path, value in merged.items() if value is not None}
        changed = self.objects[target][key] = replace(found, fields=kept)
        self._record("update", target, changed, clean)
        return changed

    def remove(self, target: str, key: str) -> None:
        found = self.get(target, key)
        if target != "payment":
            raise Refusal(405, "forbidden", f"the {target} cannot be deleted")
        self._record("remove", target, found, {})
        self.delete(target, key)

    def get(self, target: str, key: str) -> Object:
        try:
            return self.objects[target][key]
        except KeyError:
            raise Refusal(404, "missing", f"there is no {target} {key}") from None

    def search(self, target: str, path: str, text: str) -> list[Object]:
        """As well as the search does it; objects newer than its lag are not found yet."""
        if path == MARKER[target] and self.habits.tier_of(target) == "T4":
            return []
        seen = self._now() - dt.timedelta(seconds=self.habits.search_lag)
        found = (item for item in self.objects[target].values() if item.created <= seen)
        return [item for item in found if self._matches(str(item.fields.get(path, "")), text)]

    def define(self, target: str, path: str, type: str) -> None:
        self.definitions[target].setdefault(path, type)

    # what a test does or asks

    def delete(self, target: str, key: str) -> None:
        """Somebody deletes the object: its id is valid, but gone."""
        del self.objects[target][key]

    def edit(self, target: str, key: str, **changes: object) -> None:
        """Somebody types into the object by hand; `__` in a name stands for the dot of a path."""
        fields = self.objects[target][key].fields
        fields.update({name.replace("__", "."): value for name, value in changes.items()})

    def marked(self, target: str, marker: str) -> list[Object]:
        objects = self.objects[target].values()
        return [item for item in objects if item.fields.get(MARKER[target]) == marker]

    def doubles(self) -> list[tuple[str, ...]]:
        """(target, marker, parent ids...) of everything that exists more than once."""
        keys = [
            (target, str(item.fields.get(MARKER[target])), *item.parents.values())
            for target, items in self.objects.items()
            for item in items.values()
        ]
        return sorted({key for key in keys if keys.count(key) > 1})

    def dump(self) -> dict[str, Any]:
        return {
            "objects": {
                target: [asdict(item) for item in items.values()]
                for target, items in self.objects.items()
            },
            "definitions": self.definitions,
            "journal": [asdict(entry) for entry in self.journal],
        }

    # the rules

    def _clean(self, target: str, fields: Fields) -> Fields:
        """What would be stored of `fields`: known paths, each in its type, None kept."""
        clean: Fields = {}
        for path, value in fields.items():
            type = SCHEMA[target].get(path) or self._custom_type(target, path)
            if type is not None:
                clean[path] = self._typed(path, type, value)
        return clean

    def _custom_type(self, target: str, path: str) -> str | None:
        if not path.startswith("custom_fields."):
            raise Refusal(400, "invalid", f"the {target} has no field {path}", path)
        unknown = None if self.habits.custom_fields_first else "any"
        return self.definitions[target].get(path, unknown)

    def _typed(self, path: str, type: str, value: Any) -> Any:
        if value is None or type in ("any", "flag"):
            return value
        if type == "number":
            try:
                return Decimal(str(value))
            except InvalidOperation:
                raise Refusal(400, "invalid", f"{value!r} is not a number", path) from None
        if not isinstance(value, str):
            raise Refusal(400, "invalid", f"{value!r} is not a text", path)
        if type == "date":
            try:
                return dt.date.fromisoformat(value).isoformat()
            except ValueError:
                raise Refusal(400, "invalid", f"{value!r} is not a date", path) from None
        if path == "phone" and self.habits.rewrites_phone:
            value = re.sub(r"[\s().-]", "", value)
        return value.strip() if self.habits.trims else value

    def _check_parents(self, target: str, parents: Mapping[str, str]) -> None:
        for word in PARENTS[target]:
            if parents.get(word) not in self.objects[word]:
                raise Refusal(400, "invalid", f"there is no such {word}", word)
        if target == "invoice":
            contact = self.objects["contact"][parents["contact"]]
            if contact.parents["account"] != parents["account"]:
                raise Refusal(400, "invalid", "the contact is of another account", "contact")

    def _check(
        self, target: str, fields: Fields, parents: Mapping[str, str], old: Object | None
    ) -> None:
        currency, known = fields.get("currency"), self.habits.currencies
        if currency is not None and known is not None and currency not in known:
            raise Refusal(400, "invalid", f'"{currency}" is not a valid choice', "currency")
        if target == "account" and self.habits.unique_names:
            name = str(fields["name"]).casefold()
            for other in self.objects["account"].values():
                if other is not old and str(other.fields["name"]).casefold() == name:
                    raise Refusal(400, "duplicate", "an account has this name", "name")
        if target == "invoice":
            self._check_invoice(fields, old)
        if target == "payment":
            self._check_payment(fields, self.objects["invoice"][parents["invoice"]], old)

    def _check_invoice(self, fields: Fields, old: Object | None) -> None:
        if fields["state"] not in ("open", "cancelled"):
            raise Refusal(400, "invalid", "the state is open or cancelled", "state")
        if fields["amount"] <= 0:
            raise Refusal(400, "invalid", "the amount must be above zero", "amount")
        if old is not None and fields["state"] == "cancelled" and self._payments(old.id):
            raise Refusal(409, "invalid", "the invoice has payments", "state")

    def _check_payment(self, fields: Fields, invoice: Object, old: Object | None) -> None:
        if invoice.fields["state"] == "cancelled":
            raise Refusal(400, "invalid", "the invoice is cancelled")
        paid = sum((p.fields["amount"] for p in self._payments(invoice.id) if p is not old), ZERO)
        rest = invoice.fields["amount"] - paid
        if fields["amount"] <= 0:
            raise Refusal(400, "invalid", "the amount must be above zero", "amount")
        if fields["amount"] > rest and not self.habits.overpayment:
            raise Refusal(400, "invalid", f"only {rest} is open", "amount")

    def _payments(self, invoice: str) -> list[Object]:
        items = self.objects["payment"].values()
        return [item for item in items if item.parents["invoice"] == invoice]

    def _same_marker(self, target: str, clean: Fields, parents: Mapping[str, str]) -> Object | None:
        marker = clean.get(MARKER[target])
        for item in self.marked(target, marker) if marker else ():
            if target != "payment" or item.parents == dict(parents):
                return item
        return None

    def _matches(self, value: str, text: str) -> bool:
        if self.habits.search == "exact":
            return value == text
        value, text = value.casefold(), text.casefold()
        return value == text if self.habits.search == "folded" else text in value

    def _record(self, op: str, target: str, item: Object, fields: Fields) -> None:
        marker = item.fields.get(MARKER[target])
        self.journal.append(Entry(op, target, item.id, marker, self._now(), dict(fields)))
