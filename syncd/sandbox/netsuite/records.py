"""The record API: /services/rest/record/v1/..."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import deque
from dataclasses import dataclass, field

from syncd.sandbox.netsuite import sublists
from syncd.sandbox.netsuite.fields import KINDS, ROOT, RecordKind, balances, field_of, shown, taken
from syncd.sandbox.netsuite.filters import matching
from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.metadata import Catalog
from syncd.sandbox.netsuite.papers import error
from syncd.sandbox.netsuite.people import People
from syncd.sandbox.netsuite.store import Row, Store
from syncd.sandbox.netsuite.switches import words
from syncd.sandbox.netsuite.wire import (
    Json,
    Refused,
    body,
    collection,
    here,
    paging,
    params,
    reply,
)
from syncd.sandbox.port import Answer, Asked

RECORD = ROOT
KEPT = 5_000
"""Writes that the page of writes remembers."""
EID = re.compile(r"eid:([A-Za-z0-9_\-]+)")


@dataclass(frozen=True, slots=True)
class Written:
    at: dt.datetime
    line: str
    sent: str


@dataclass
class Records:
    store: Store
    people: People
    ledger: Ledger
    written: deque[Written] = field(default_factory=lambda: deque(maxlen=KEPT))

    def __post_init__(self) -> None:
        self.catalog = Catalog(self.store)

    def answer(self, asked: Asked, below: str) -> Answer:
        """What is refused has written nothing."""
        if asked.method == "GET":
            return self._answer(asked, below)
        with self.store.at_once():
            done = self._answer(asked, below)
        sent = json.dumps(body(asked), ensure_ascii=False) if asked.body else ""
        self.written.append(Written(self.store.now(), f"{asked.method} {below}", sent))
        return done

    def _answer(self, asked: Asked, below: str) -> Answer:
        first, *rest = below.strip("/").split("/")
        if first == "metadata-catalog":
            return self.catalog.answer(asked, rest)
        kind = KINDS.get(first.lower())
        if kind is None or (kind.api == "subsidiary" and not self.store.switches.oneworld):
            raise Refused("INVALID_URL", f"Record type '{first}' does not exist.", 404)
        match asked.method, rest:
            case "GET", []:
                return self._list(asked, kind)
            case "POST", []:
                return self._create(asked, kind, None)
            case "GET", [id]:
                return self._read(asked, kind, self._row(kind, id))
            case "GET", [id, name, *item] if name in kind.sublists:
                return sublists.answer(self.store, asked, kind, self._row(kind, id), name, item)
            case "PUT", [id]:
                return self._upsert(asked, kind, id)
            case "PATCH", [id]:
                return self._change(asked, kind, self._row(kind, id))
            case "DELETE", [id]:
                return self._delete(kind, self._row(kind, id))
        raise Refused("METHOD_NOT_ALLOWED", f"Method {asked.method} is not allowed.", 405)

    # reading

    def _find(self, kind: RecordKind, id: str) -> Row | None:
        external = EID.fullmatch(id)
        if external is None and not id.isdigit():
            raise Refused("INVALID_VALUE", f"Invalid record instance identifier '{id}'.")
        if external and "externalid" not in self.store.tables[kind.table].columns:
            return None
        column, value = ("externalid", external[1]) if external else ("id", int(id))
        sql = f'SELECT * FROM "{kind.table}" WHERE "{column}" = ?'
        if kind.type:
            return self.store.one(f"{sql} AND type = ?", value, kind.type)
        return self.store.one(sql, value)

    def _row(self, kind: RecordKind, id: str) -> Row:
        found = self._find(kind, id)
        if found is None:
            raise Refused(
                "NONEXISTENT_ID",
                "The record instance does not exist. Provide a valid record instance ID.",
                404,
            )
        if kind.api == "customer" and str(found["id"]) in words(self.store.switches.locked):
            raise error("This record has been locked by a user defined workflow.")
        return found

    def _read(self, asked: Asked, kind: RecordKind, row: Row) -> Answer:
        given, root = params(asked), here(asked)
        names = set(given["fields"].split(",")) if given.get("fields") else None
        if kind.api == "customer":
            row = {**row, **balances(self.store, row["id"])}
        address = f"{root}{ROOT}{kind.api}/{row['id']}"
        made: Json = {"links": [{"rel": "self", "href": address}]}
        made |= shown(self.store, kind, row, root, names)
        for name in kind.sublists:
            if names is None or name in names:
                if given.get("expandSubResources", "").lower() == "true":
                    made[name] = sublists.page(self.store, kind, row, name, root)
                else:
                    made[name] = {"links": [{"rel": "self", "href": f"{address}/{name}"}]}
        return reply(made)

    def _list(self, asked: Asked, kind: RecordKind) -> Answer:
        """Ids and links, in the order of the ids."""
        limit, offset = paging(asked)
        where, values = matching(self.store, kind, params(asked).get("q", ""))
        if kind.type:
            where, values = f"type = ? AND ({where})", [kind.type, *values]
        sql = f'SELECT id FROM "{kind.table}" WHERE {where} ORDER BY id'
        ids = [one["id"] for one in self.store.rows(sql, *values)]
        base = f"{here(asked)}{ROOT}{kind.api}"
        items = [
            {"links": [{"rel": "self", "href": f"{base}/{id}"}], "id": str(id)}
            for id in ids[offset : offset + limit]
        ]
        return collection(asked, items, len(ids), limit, offset)

    # writing

    def _values(self, asked: Asked, kind: RecordKind, given: Json) -> Row:
        if not kind.writable:
            raise Refused(
                "INSUFFICIENT_PERMISSION",
                "Permission Violation: the role has no permission to edit this record.",
                403,
            )
        strict = asked.headers.get("x-netsuite-propertynamevalidation", "").lower()
        refuses = strict == "error" or (
            not strict and self.store.switches.unknown_properties == "refuse"
        )
        values: Row = {}
        for name, value in given.items():
            known = field_of(kind, self.store, name)
            if known is None and name not in (*kind.sublists, "links") and refuses:
                raise Refused(
                    "NONEXISTENT_FIELD",
                    f"Error while accessing a resource. Unknown property {name}.",
                    path=name,
                )
            if known is not None and known.writable:
                values[known.column] = taken(self.store, known, value)
        return values

    def _create(self, asked: Asked, kind: RecordKind, external: str | None) -> Answer:
        given = body(asked)
        values = self._values(asked, kind, given)
        if external is not None:
            values["externalid"] = external
        if not self.store.switches.oneworld and kind.api == "customer":
            values["subsidiary_"] = 1
        made = self.people.customer if kind.api == "customer" else self.people.contact
        id = made(values)
        sublists.write_addresses(self.people, id, given)
        return self._done(asked, kind, id)

    def _change(self, asked: Asked, kind: RecordKind, row: Row) -> Answer:
        if self.store.switches.conflict:
            raise self._conflict()
        given = body(asked)
        values = self._values(asked, kind, given)
        change = self.people.change if kind.api == "customer" else self.people.change_contact
        change(row["id"], values)
        replaced = "addressBook" in params(asked).get("replace", "").split(",")
        sublists.write_addresses(self.people, row["id"], given, replaced=replaced)
        return self._done(asked, kind, row["id"])

    def _conflict(self) -> Refused:
        status = self.store.switches.conflict_status
        code = "RCRD_HAS_BEEN_CHANGED" if status == 409 else "USER_ERROR"
        return Refused(code, "Record has been changed.", status)

    def _upsert(self, asked: Asked, kind: RecordKind, id: str) -> Answer:
        external = EID.fullmatch(id)
        if external is None:
            raise Refused("INVALID_VALUE", "PUT takes an external ID, as in eid:ABC.")
        if "id" in body(asked):
            raise Refused(
                "INVALID_CONTENT", "The request body must not contain the record ID.", path="id"
            )
        found = self._find(kind, id)
        if found is not None:
            return self._change(asked, kind, self._row(kind, id))
        return self._create(asked, kind, external[1])

    def _delete(self, kind: RecordKind, row: Row) -> Answer:
        if kind.type:
            self.ledger.delete(row["id"], context="REST Web Services")
        elif kind.writable:
            self.people.delete(self.ledger, kind.table, row)
        else:
            self._values(Asked("DELETE", ""), kind, {})
        return Answer(204)

    def _done(self, asked: Asked, kind: RecordKind, id: int) -> Answer:
        return Answer(204, {"location": f"{here(asked)}{ROOT}{kind.api}/{id}"})
