"""What one call does to one record: insert, update, upsert, delete."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from syncd.sandbox.zoho_crm.crm import Crm, Row, Written
from syncd.sandbox.zoho_crm.schema import Field, Module
from syncd.sandbox.zoho_crm.values import Intake
from syncd.sandbox.zoho_crm.wire import Bad, Json

ITEMS = {"Sales_Orders": "Ordered_Items", "Invoices": "Invoiced_Items"}
NUMBERS = {"Sales_Orders": "SO_Number", "Invoices": "Invoice_Number"}
GONE = "the id given seems to be invalid"


@dataclass
class Writing:
    """One call that writes into one module."""

    crm: Crm
    module: Module
    user: str
    trigger: list[str] | None = None
    external: dict[str, str] = field(default_factory=dict)
    """Lookup field, or '' for the record itself -> external field (header X-EXTERNAL)."""
    unmodified: datetime | None = None

    def insert(self, sent: Json, place: str) -> Json:
        return self._added(self._insert(sent, place))

    def update(self, sent: Json, place: str, row: Row | None = None) -> Json:
        target = row or self._target(sent, place)
        return self._done(self._update(target, sent, place), "record updated")

    def upsert(self, sent: Json, place: str, checks: list[Field]) -> Json:
        if self.external.get("") in sent:
            checks = [self.module.fields[self.external[""]]]
        target: Row | None
        if sent.get("id"):
            target, matched = self._target(sent, place), "id"
        else:
            target, matched = self._match(sent, checks)
        if target is None:
            return {**self._added(self._insert(sent, place)), "action": "insert"} | {
                "duplicate_field": None
            }
        done = self._done(self._update(target, sent, place), "record updated")
        return {**done, "action": "update", "duplicate_field": matched}

    def _match(self, sent: Json, checks: list[Field]) -> tuple[Row | None, str]:
        """The fields are looked at in order; the first that matches decides."""
        for of in checks:
            if found := self.crm.find(self.module, of, sent.get(of.api_name)):
                return found[0], of.api_name
        return None, ""

    def _target(self, sent: Json, place: str) -> Row:
        if "id" not in sent:
            raise Bad(
                "MANDATORY_NOT_FOUND",
                "required field not found",
                api_name="id",
                json_path=f"{place}.id",
            )
        row = self.named(str(sent["id"]))
        if row is None:
            raise Bad("INVALID_DATA", GONE, api_name="id", json_path=f"{place}.id", id=sent["id"])
        return row

    def named(self, text: str) -> Row | None:
        """By id, or by the external value where the header says so."""
        if own := self.external.get(""):
            found = self.crm.find(self.module, self.module.fields[own], text)
            return found[0] if found else None
        return self.crm.get(text, self.module.api_name)

    def _intake(self, place: str) -> Intake:
        lookups = {name: of for name, of in self.external.items() if name}
        return Intake(self.crm, self.module, place, lookups)

    def _insert(self, sent: Json, place: str) -> Row:
        found = self._intake(place).read(sent, new=True)
        self._unique(found, place, None)
        now = self.crm.now()
        row = Row(self.crm.next_id(), self.module.api_name, now, self.user, now, self.user)
        defaults: Json = {"Owner": self.user}
        if self.crm.switches.multi_currency:
            defaults |= {"Currency": "RUB", "Exchange_Rate": 1.0}
        if self.module.api_name == "Leads":
            defaults["Converted__s"] = False
        if number := NUMBERS.get(self.module.api_name):
            self.module.counter += 1
            defaults[number] = str(self.module.counter)
        self._lines(found, [])
        self.crm.put(row, {**defaults, **{k: v for k, v in found.items() if v is not None}})
        self._computed(row)
        self._note("insert", row, sent)
        return row

    def _update(self, row: Row, sent: Json, place: str) -> Row:
        if self.crm.locked(row):
            raise Bad(
                "RECORD_LOCKED",
                "Sorry, you cannot perform this operation as the record is locked.",
                api_name="id",
                json_path=f"{place}.id",
                action="record_locking",
            )
        if self.unmodified and row.modified > self.unmodified:
            raise Bad(
                "ALREADY_MODIFIED",
                "record updated time has already passed if-unmodified-since time",
                **self._details(row),
            )
        found = self._intake(place).read({k: v for k, v in sent.items() if k != "id"}, new=False)
        self._unique(found, place, row)
        self._lines(found, row.values.get(ITEMS.get(self.module.api_name, ""), []))
        before = dict(row.values)
        self.crm.put(row, found)
        self._computed(row)
        if row.values != before or self.crm.switches.equal_update_moves:
            row.modified, row.modified_by = self.crm.now(), self.user
        self._note("update", row, sent)
        return row

    def _unique(self, found: Json, place: str, row: Row | None) -> None:
        """Two clashes of one record come as one error that holds both."""
        clashes = [
            self._clash(of, place, other)
            for of in self.module.unique()
            for other in self.crm.find(self.module, of, found.get(of.api_name))
            if row is None or other.id != row.id
        ]
        if len(clashes) > 1:
            errors = [one.element for one in clashes]
            raise Bad("MULTIPLE_OR_MULTI_ERRORS", "Multiple errors in the request", errors=errors)
        if clashes:
            raise clashes[0]

    def _clash(self, of: Field, place: str, other: Row) -> Bad:
        owner = self.crm.users[other.values["Owner"]]
        return Bad(
            "DUPLICATE_DATA",
            "duplicate data",
            api_name=of.api_name,
            json_path=f"{place}.{of.api_name}",
            id=other.id,
            duplicate_record={
                "id": other.id,
                "Owner": {"id": owner.id, "name": owner.name},
                "module": {"api_name": self.module.api_name, "id": self.module.id},
            },
            more_records=False,
        )

    def _lines(self, found: Json, before: list[Json]) -> None:
        """Rows of a subform: with an id they change, without they are added, those left out
        stay, and `_delete` takes one away."""
        name = ITEMS.get(self.module.api_name)
        if name is None or found.get(name) is None:
            return
        lines = {one["id"]: one for one in before}
        for line in found[name]:
            id = line.get("id") or self.crm.next_id()
            if "_delete" in line:
                lines.pop(id, None)
            else:
                lines[id] = {**lines.get(id, {}), **line, "id": id}
        found[name] = list(lines.values())

    def _computed(self, row: Row) -> None:
        """What the CRM works out itself: the totals of an order or invoice will not be those of
        the books to the cent."""
        values = row.values
        if "Full_Name" in self.module.fields:
            names = (values.get("First_Name"), values.get("Last_Name"))
            values["Full_Name"] = " ".join(str(one) for one in names if one)
        if items := ITEMS.get(self.module.api_name):
            total = tax = Decimal(0)
            for line in values.get(items) or ():
                gross = _exact(line.get("Quantity")) * _exact(line.get("List_Price"))
                net = gross - _exact(line.get("Discount"))
                line["Total"], line["Net_Total"] = float(gross), float(net)
                total, tax = total + net, tax + _exact(line.get("Tax"))
            due = total - _exact(values.get("Discount")) + tax + _exact(values.get("Adjustment"))
            values["Sub_Total"], values["Tax"] = float(total), float(tax)
            values["Grand_Total"] = float(due)

    def delete(self, text: str, details: Json) -> Json:
        row = self.named(text)
        if row is None:
            raise Bad("INVALID_DATA", "record not deleted", **details)
        if self.crm.locked(row):
            raise Bad("RECORD_LOCKED", "record not deleted", id=row.id)
        self.crm.remove(row, self.user)
        self._note("delete", row, {})
        return {**success("record deleted"), "details": {"id": row.id}}

    def failed(self, action: str, sent: Json, error: Bad) -> None:
        row = Row("", self.module.api_name, *(self.crm.now(), self.user) * 2)
        self._note(action, row, sent, str(error.element["code"]))

    def _note(self, action: str, row: Row, sent: Json, error: str = "") -> None:
        runs = not error and (self.trigger is None or "workflow" in self.trigger)
        name = (row.values or sent).get(self.module.display)
        self.crm.written.append(
            Written(
                self.crm.now(),
                self.user,
                action,
                self.module.api_name,
                row.id,
                name,
                sent,
                self.trigger,
                self.module.rules if runs else (),
                error,
            )
        )

    def _details(self, row: Row) -> Json:
        crm = self.crm
        return {
            "id": row.id,
            "Created_Time": crm.stamp(row.created),
            "Modified_Time": crm.stamp(row.modified),
            "Created_By": {"name": crm.users[row.created_by].name, "id": row.created_by},
            "Modified_By": {"name": crm.users[row.modified_by].name, "id": row.modified_by},
        }

    def _added(self, row: Row) -> Json:
        return self._done(row, "record added")

    def _done(self, row: Row, message: str) -> Json:
        return {
            **success(message),
            "details": {**self._details(row), "$approval_state": "approved"},
        }


def success(message: str) -> Json:
    return {"code": "SUCCESS", "details": {}, "message": message, "status": "success"}


def _exact(value: object) -> Decimal:
    return Decimal(str(value or 0))
