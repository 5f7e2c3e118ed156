"""Customers, their contacts and addresses: rows of the store, and the rules for writing them.

Values have the names of the columns: references as ids, days and amounts as such.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.netsuite.papers import Papers, error
from syncd.sandbox.netsuite.schema import Column
from syncd.sandbox.netsuite.store import Row, Store
from syncd.sandbox.netsuite.switches import words

STAGES = {"LEAD": "Lead", "PROSPECT": "Prospect", "CUSTOMER": "Customer"}
CARD = (
    "books_id",
    "line",
    "receivable:number",
    "overdue:number",
    "overdue_since:date",
    "prepaid:number",
    "last_order:date",
    "last_payment:date",
    "not_shipped:number",
    "orders_count:number",
    "total_sales:number",
    "average_order:number",
    "first_order:date",
    "stage",
    "credit_left:number",
    "days_late:number",
    "ageing",
    "by_organisation",
    "we_owe:number",
    "open_in_books",
)
"""What a card may show; custom fields `custentity_syncd_*`, where `prepared` is on."""
PREFIX = "custentity_syncd_"
Values = Mapping[str, Any]


@dataclass
class People:
    store: Store

    def prepare(self) -> None:
        """The card's fields are there, where the account has them."""
        if self.store.switches.prepared:
            for word in CARD:
                self.add_field(PREFIX + word)

    def add_field(self, word: str) -> None:
        """A custom field of customers: `custentity_name` or `custentity_name:kind`."""
        name, _, kind = word.partition(":")
        if name not in self.store.tables["customer"].columns:
            self.store.add_column("customer", Column(name, kind or "text"))

    # customers

    def customer(self, values: Values, at: dt.datetime | None = None) -> int:
        """Refused where a rule of NetSuite says so."""
        store = self.store
        held: Row = {
            "currency": 1,
            "isperson": False,
            "isinactive": False,
            "entitystatus": store.switches.default_status,
            "oncredithold": "AUTO",
            **values,
        }
        if store.switches.oneworld and not held.get("subsidiary_"):
            raise error("Please enter value(s) for: Primary Subsidiary")
        named = held.get("lastname") if held["isperson"] in (True, "T") else held.get("companyname")
        if not named:
            what = "Last Name" if held["isperson"] in (True, "T") else "Company Name"
            raise error(f"Please enter value(s) for: {what}")
        missing = [one for one in sorted(words(store.switches.mandatory)) if not held.get(one)]
        if missing:
            raise error(f"Please enter value(s) for: {', '.join(map(str.title, missing))}")
        id = store.next_id("entity")
        held["id"] = held["entitynumber"] = id
        self._name(held)
        self._check(held, id)
        now = at or store.now()
        store.insert("customer", {**held, "datecreated": now, "lastmodifieddate": now})
        return id

    def change(self, id: int, values: Values, at: dt.datetime | None = None) -> None:
        held = {**(self.store.get("customer", id) or {}), **values}
        given = dict(values)
        if {"companyname", "firstname", "lastname"} & given.keys():
            held.pop("altname", None)
            self._name(held)
            given |= {one: held[one] for one in ("entityid", "altname", "fullname")}
        self._check(held, id)
        if "entitystatus" in given:
            given["searchstage"] = held["searchstage"]
        now = at or self.store.now()
        self.store.update("customer", {"id": id}, {**given, "lastmodifieddate": now})

    def _name(self, held: Row) -> None:
        person = held.get("isperson") in (True, "T")
        parts = (held.get("firstname"), held.get("middlename"), held.get("lastname"))
        name = " ".join(filter(None, parts)) if person else held.get("companyname")
        if self.store.switches.auto_numbers:
            held["entityid"] = held.get("entityid") or f"CUS{held['id']}"
        else:
            held["entityid"] = held.get("entityid") or name
        held["altname"] = name
        held["fullname"] = f"{held['entityid']} {name}"

    def _check(self, held: Row, id: int) -> None:
        store = self.store
        for name, table in (
            ("currency", "currency"),
            ("terms", "term"),
            ("salesrep", "employee"),
            ("subsidiary_", "subsidiary"),
            ("parent", "customer"),
        ):
            if held.get(name) is not None and store.get(table, held[name]) is None:
                shown = name.rstrip("_")
                raise error(f"Invalid Field Value {held[name]} for the following field: {shown}")
        status = store.get("customerstatus", held["entitystatus"])
        if status is None:
            wrong = held["entitystatus"]
            raise error(f"Invalid Field Value {wrong} for the following field: entitystatus")
        held["searchstage"] = STAGES[status["entitytype"]]
        same = store.one(
            "SELECT id FROM customer_ WHERE id <> ? AND (entityid = ? OR externalid = ?)",
            id,
            held["entityid"],
            held.get("externalid"),
        )
        if same is not None or (not store.switches.auto_numbers and self._named(held, id)):
            raise error("This entity already exists.")

    def _named(self, held: Row, id: int) -> bool:
        return (
            self.store.one(
                "SELECT id FROM customer_ WHERE id <> ? AND altname = ?", id, held["altname"]
            )
            is not None
        )

    # contacts and addresses

    def contact(self, values: Values, at: dt.datetime | None = None) -> int:
        id, now = self.store.next_id("entity"), at or self.store.now()
        held: Row = {"isinactive": False, **values, "id": id}
        held["entityid"] = held.get("entityid") or _contact_name(held)
        if not held["entityid"]:
            raise error("Please enter value(s) for: Contact Name")
        self._contact(held, id)
        self.store.insert("contact", {**held, "datecreated": now, "lastmodifieddate": now})
        return id

    def change_contact(self, id: int, values: Values, at: dt.datetime | None = None) -> None:
        held = {**(self.store.get("contact", id) or {}), **values}
        given = dict(values)
        if {"firstname", "middlename", "lastname"} & given.keys() and "entityid" not in given:
            held["entityid"] = given["entityid"] = _contact_name(held)
        self._contact(held, id)
        now = at or self.store.now()
        self.store.update("contact", {"id": id}, {**given, "lastmodifieddate": now})

    def _contact(self, held: Row, id: int) -> None:
        company = held.get("company")
        if company is not None and self.store.get("customer", company) is None:
            raise error(f"Invalid Field Value {company} for the following field: company")
        same = self.store.one(
            "SELECT id FROM contact WHERE id <> ? AND entityid = ? AND company IS ?",
            id,
            held["entityid"],
            company,
        )
        if same is not None:
            raise error(
                "A contact record with this name already exists. Every contact record must have a "
                "unique name."
            )

    def address(
        self,
        customer: int,
        place: Values,
        label: str = "",
        *,
        billing: bool = True,
        shipping: bool = True,
    ) -> int:
        """One more in the address book; a default takes the place of the one before."""
        store = self.store
        nkey, id = store.next_id("address"), store.next_id("book")
        text = "\n".join(
            str(place[one])
            for one in ("addressee", "addr1", "addr2", "zip", "city", "country")
            if place.get(one)
        )
        store.insert(
            "entityaddress", {**place, "nkey": nkey, "addrtext": text, "recordowner": customer}
        )
        for kind, on in (("billing", billing), ("shipping", shipping)):
            if on:
                store.update("customeraddressbook", {"entity": customer}, {f"default{kind}": False})
                store.update("customer", {"id": customer}, {f"default{kind}address": nkey})
        store.insert(
            "customeraddressbook",
            {
                "internalid": id,
                "entity": customer,
                "addressbookaddress": nkey,
                "label": label or place.get("addr1"),
                "defaultbilling": billing,
                "defaultshipping": shipping,
            },
        )
        return id

    def change_address(
        self,
        customer: int,
        id: int,
        place: Values,
        label: str | None,
        flags: Mapping[str, bool | None],
    ) -> None:
        where = {"internalid": id, "entity": customer}
        held = self.store.one(
            "SELECT * FROM customeraddressbook WHERE internalid = ? AND entity = ?", id, customer
        )
        if held is None:
            raise error(f"Invalid Field Value {id} for the following field: addressbook")
        nkey = held["addressbookaddress"]
        if place:
            self.store.update("entityaddress", {"nkey": nkey}, place)
        if label:
            self.store.update("customeraddressbook", where, {"label": label})
        for kind, on in flags.items():
            if on:
                book = {"entity": customer}
                self.store.update("customeraddressbook", book, {f"default{kind}": False})
                self.store.update("customeraddressbook", where, {f"default{kind}": True})
                self.store.update("customer", {"id": customer}, {f"default{kind}address": nkey})

    def no_addresses(self, customer: int) -> None:
        self.store.delete("customeraddressbook", {"entity": customer})
        none = {"defaultbillingaddress": None, "defaultshippingaddress": None}
        self.store.update("customer", {"id": customer}, none)

    def delete(self, ledger: Papers, table: str, row: Row) -> None:
        """Refused while documents or contacts name the customer."""
        id = row["id"]
        used = self.store.one(
            """SELECT 1 AS x FROM "transaction" WHERE entity = ? UNION ALL
            SELECT 1 FROM contact WHERE company = ?""",
            id,
            id,
        )
        if used and table == "customer":
            raise error("This record cannot be deleted because it has dependent records.")
        self.store.delete(table, {"id": id})
        ledger.forget(
            id, -2 if table == "customer" else -6, table, row["entityid"], None, "REST Web Services"
        )


def _contact_name(held: Row) -> str:
    return " ".join(
        filter(None, (held.get(one) for one in ("firstname", "middlename", "lastname")))
    )
