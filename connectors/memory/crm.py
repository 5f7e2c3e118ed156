"""A CRM in memory: accounts, contacts, invoices, payments, notes; with the rules of a strict one.

Every object is one `Object` whose fields lie flat under dotted paths. What is not allowed raises
`Refusal`; what was carried out is in the journal. What people do in it is in `pipeline`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from . import objects
from .habits import CrmHabits
from .objects import Entry, Fields, Object
from .pipeline import FORMS, Pipeline
from .wire import Refusal

ZERO = Decimal(0)


class Crm(Pipeline):
    def __init__(self, now: Callable[[], dt.datetime], habits: CrmHabits) -> None:
        super().__init__(now, habits)
        self.forms = FORMS
        self.definitions: dict[str, dict[str, str]] = {target: {} for target in FORMS}
        """Target -> path of a custom field -> its type."""
        self.journal: list[Entry] = []
        self.users: dict[str, dict[str, Any]] = {}

    # what people do

    def add_user(self, name: str, email: str | None = None, *, active: bool = True) -> str:
        key = f"user-{len(self.users) + 1}"
        self.users[key] = {"id": key, "name": name, "email": email, "active": active}
        return key

    # what a client asks for

    def create(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object:
        if not FORMS[target].made:
            raise Refusal(405, "forbidden", f"a {target} is made by people alone")
        clean = self._clean(target, fields)
        for path in FORMS[target].required:
            if clean.get(path) is None:
                raise Refusal(400, "invalid", f"{path} is required", path)
        self._check_parents(target, parents)
        if self.habits.tier_of(target) == "T2" and self._same_marker(target, clean, parents):
            marker = FORMS[target].marker
            raise Refusal(409, "duplicate", f"{marker} is taken", marker)
        if target == "invoice":
            clean.setdefault("state", "open")
        self._check(target, clean, parents, None)
        made = self._made(target, clean, parents)
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

    def update(
        self, target: str, key: str, fields: Fields, parents: Mapping[str, str] | None = None
    ) -> Object:
        """`parents` move it, by the habit only."""
        old = found = self.get(target, key)
        if parents and self.habits.moves:
            self._check_parents(target, parents)
            found = replace(old, parents=dict(parents))
        if target == "payment" and self.habits.payments_fixed:
            raise Refusal(405, "forbidden", "a payment cannot be edited")
        clean = self._clean(target, fields)
        for path in FORMS[target].required:
            if path in clean and clean[path] is None:
                raise Refusal(400, "invalid", f"{path} is required", path)
        self._check(target, {**found.fields, **clean}, found.parents, old)
        merged = {**found.fields, **clean}
        kept = {path: value for path, value in merged.items() if value is not None}
        changed = self.objects[target][key] = replace(
            found, fields=kept, by="syncd", changed=self.clock()
        )
        moved = {word: one for word, one in changed.parents.items() if old.parents[word] != one}
        self._record("update", target, changed, {**clean, **moved})
        return changed

    def remove(self, target: str, key: str) -> None:
        found = self.get(target, key)
        if not FORMS[target].removable:
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
        if path == FORMS[target].marker and self.habits.tier_of(target) == "T4":
            return []
        return objects.found(self.habits, self.listed(target), path, text, self._now())

    def listed(self, target: str) -> list[Object]:
        return list(self.objects[target].values())

    def define(self, target: str, path: str, type: str) -> None:
        self.definitions[target].setdefault(path, type)

    def savepoint(self) -> Any:
        kept = {target: dict(items) for target, items in self.objects.items()}
        return kept, len(self.journal)

    def rollback(self, savepoint: Any) -> None:
        self.objects, journal = savepoint
        del self.journal[journal:]

    # what a test asks

    def doubles(self) -> list[tuple[str, ...]]:
        """(target, marker, parent ids...) of everything that exists more than once."""
        return objects.doubles(FORMS, {target: self.listed(target) for target in FORMS})

    def dump(self) -> dict[str, Any]:
        return {
            "objects": {
                target: [asdict(item) for item in items.values()]
                for target, items in self.objects.items()
            },
            "deals": list(self.deals.values()),
            "definitions": self.definitions,
            "journal": [asdict(entry) for entry in self.journal],
        }

    # the rules

    def _clean(self, target: str, fields: Fields) -> Fields:
        """What would be stored of `fields`: known paths, each in its type, None kept."""
        clean: Fields = {}
        for path, value in fields.items():
            if path == FORMS[target].owner:
                clean[path] = self._owner(path, value)
                continue
            type = FORMS[target].fields.get(path) or self._custom_type(target, path)
            if type is not None:
                clean[path] = self._typed(path, type, value)
        return clean

    def _owner(self, path: str, value: Any) -> str:
        user = self.users.get(value)
        if user is None or not user["active"]:
            raise Refusal(400, "invalid", "an owner is an active user", path)
        return str(value)

    def _custom_type(self, target: str, path: str) -> str | None:
        if not (FORMS[target].custom and path.startswith("custom_fields.")):
            raise Refusal(400, "invalid", f"the {target} has no field {path}", path)
        unknown = None if self.habits.custom_fields_first else "any"
        return self.definitions[target].get(path, unknown)

    def _typed(self, path: str, type: str, value: Any) -> Any:
        if value is not None and value not in self.habits.picklists.get(path, [value]):
            raise Refusal(400, "invalid", f"{value!r} is not in the list", path)
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
        if path in ("name", "email") and self.habits.capitals:
            value = value.upper()
        return value.strip() if self.habits.trims else value

    def _check_parents(self, target: str, parents: Mapping[str, str]) -> None:
        for word in FORMS[target].parents:
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
        marker = clean.get(FORMS[target].marker)
        for item in self.marked(target, marker) if marker else ():
            if FORMS[target].within is None or item.parents == dict(parents):
                return item
        return None

    def _record(self, op: str, target: str, item: Object, fields: Fields) -> None:
        marker = item.fields.get(FORMS[target].marker)
        self.journal.append(Entry(op, target, item.id, marker, self._now(), dict(fields)))
