"""The target `customer`: a customer that the CRM won, written into 1C.

It is several records: in УТ the partner, then the counterparty, where asked for its contract. All
keys are made out of the marker, so that whoever makes them makes the same ones: each is looked for
before it is sent and again before it is sent anew, and what a crash cut short is finished. A server
that ignores a chosen key answers with another; then the marker in the text of the record is what it
is found by. Business code may refuse a record; nothing of that one is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.domain import Value
from syncd.errors import DuplicateError, NotFoundError, ProtocolError, RejectedError
from syncd.port import Flow, Found, Op, Outcome, Target, Tier, Write

from .base import Base
from .children import make_contract
from .contacts import CONTACTS, Ways, contact, contact_rows
from .layouts import CONTRACTS, CUSTOMERS, PARTNERS
from .made import by_key, by_marker, make, marker_in, note
from .values import Row, guid, is_key, plain, text
from .wire import OutdatedError

CUSTOMER = Target(
    tier=Tier.T2,
    fields={
        "marker": "text",
        "name": "text",
        "full_name": "text",
        "tax_id": "text",
        "branch_id": "text",
        "email": "text",
        "phone": "text",
        "address": "text",
    },
    removable=False,
    listable=False,
)

_PLAIN = {"name": "Description", "full_name": "НаименованиеПолное", "tax_id": "ИНН"}
_PLAIN |= {"branch_id": "КПП"}
_WAYS: Ways = {
    "email": ("EmailКонтрагента",),
    "phone": ("ТелефонКонтрагента",),
    "address": ("ЮрАдресКонтрагента",),
}
"""1C's own names of their kinds."""
_COMPANY = {"ЮрФизЛицо": "ЮрЛицо", "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"}
_PERSON = {"ЮрФизЛицо": "ФизЛицо", "ЮридическоеФизическоеЛицо": "ФизическоеЛицо"}
_PERSONAL_TAX_ID = 12
"""Digits of a person's ИНН; a company's has ten."""


class Manner(msgspec.Struct, frozen=True):
    """`chosen`: keys are made out of the marker. `contract`: the name of one that goes with it."""

    chosen: bool
    contract: str | None = None


def carry_out(base: Base, write: Write, manner: Manner) -> Flow[Outcome]:
    """Raises RejectedError where nothing of the counterparty was written."""
    if write.op is Op.REMOVE:
        raise RejectedError("a counterparty of 1C is not removed; an accountant marks it")
    if write.op is Op.UPDATE:
        return (yield from _update(base, write))
    fields = {path: value for path, value in write.fields.items() if value is not None}
    if not fields.get("name"):
        raise RejectedError("1C takes a counterparty without a name, and nobody finds it", "name")
    customer = yield from _create(base, write.marker, fields, manner)
    return Outcome(str(customer["Ref_Key"]).lower(), _fields(base, customer, fields))


def _create(base: Base, marker: str, fields: Mapping[str, Value], manner: Manner) -> Flow[Row]:
    """What of it is there already is left as it is. DuplicateError where all of it is."""
    body, made = (yield from _body(base, marker, fields)), False
    if base.schema.has(CUSTOMERS, "Партнер_Key") and PARTNERS in base.schema.sets:
        partner = {"Description": fields["name"], "НаименованиеПолное": fields["name"]}
        partner |= {"Клиент": True, **note(base, PARTNERS, marker), **_legal(fields)}
        row, made = yield from make(base, PARTNERS, marker, partner, manner.chosen)
        body["Партнер_Key"] = row["Ref_Key"]
    customer, fresh = yield from make(base, CUSTOMERS, marker, body, manner.chosen)
    made |= fresh
    if manner.contract and CONTRACTS in base.schema.sets:
        name, chosen = manner.contract, manner.chosen
        _, fresh = yield from make_contract(base, marker, name, customer, chosen)
        made |= fresh
    if not made:
        raise DuplicateError("1C has a counterparty with this marker already", "marker")
    return customer


def _update(base: Base, write: Write) -> Flow[Outcome]:
    """Only what differs. A table part is written whole, so it is read just before: where 1C minds
    `If-Match`, what somebody saved in between is read once more and not written over."""
    fields = write.fields
    if "name" in fields and not fields["name"]:
        raise RejectedError("a counterparty needs a name", "name")
    try:
        present = yield from _change(base, write)
    except OutdatedError:
        present = yield from _change(base, write)
    return Outcome(write.remote_id, _fields(base, present, fields))


def _change(base: Base, write: Write) -> Flow[Row]:
    """The counterparty as it is then."""
    key, fields = _key(write.remote_id), write.fields
    present = yield from by_key(base, CUSTOMERS, key)
    if present is None:
        raise NotFoundError(f"1C has no counterparty {write.remote_id}")
    body: Row = {field: fields[path] or "" for path, field in _PLAIN.items() if path in fields}
    ways = {path: fields[path] for path in _WAYS if path in fields}
    if ways:
        rows = present.get(CONTACTS) or []
        body[CONTACTS] = yield from contact_rows(base, CUSTOMERS, rows, ways, _WAYS)
    if not body:
        return present
    version = present.get("DataVersion")
    headers = {"If-Match": str(version)} if version else {}
    row = yield from base.wire.write("PATCH", f"{CUSTOMERS}({guid(key)})", body, headers)
    return present | (row if isinstance(row, dict) else {})


def _key(remote_id: str | None) -> str:
    key = (remote_id or "").lower()
    if not is_key(key):
        raise NotFoundError(f"{remote_id} is no key of 1C")
    return key


def _body(base: Base, marker: str, fields: Mapping[str, Value]) -> Flow[Row]:
    body: Row = {field: fields[path] for path, field in _PLAIN.items() if path in fields}
    body.setdefault("НаименованиеПолное", fields["name"])
    body |= {"Покупатель": True, **note(base, CUSTOMERS, marker), **_legal(fields)}
    ways = {path: fields[path] for path in _WAYS if path in fields}
    if ways and base.schema.part(CUSTOMERS, CONTACTS):
        body[CONTACTS] = yield from contact_rows(base, CUSTOMERS, [], ways, _WAYS)
    return body


def _legal(fields: Mapping[str, Value]) -> Row:
    digits = [one for one in str(fields.get("tax_id") or "") if one.isdecimal()]
    return dict(_PERSON if len(digits) == _PERSONAL_TAX_ID else _COMPANY)


def find(base: Base, by: Mapping[str, str], manner: Manner) -> Flow[Sequence[Found]]:
    """Counterparties that have exactly this."""
    if not by or not all(by.values()):
        return []
    rows: list[Row] = []
    for path, value in by.items():
        match path:
            case "id":
                known = is_key(value.lower())
                row = (yield from by_key(base, CUSTOMERS, value.lower())) if known else None
                rows = [row] if row else []
            case "marker":
                row = yield from by_marker(base, CUSTOMERS, value, manner.chosen)
                whole = row is not None and (yield from _has_contract(base, value, manner))
                rows = [row] if row and whole else []
            case "tax_id" | "name":
                field = _PLAIN[path]
                clause = {"$filter": f"{field} eq {text(value)}"}
                rows = yield from base.wire.rows(CUSTOMERS, clause)
                rows = [one for one in rows if str(one.get(field) or "").rstrip() == value]
            case _:
                raise ProtocolError(f"1C cannot look for a counterparty by {path}")
    found = []
    for row in rows:
        marker = by.get("marker") or marker_in(base, CUSTOMERS, row)
        fields = _fields(base, row, CUSTOMER.fields)
        found.append(Found(str(row["Ref_Key"]).lower(), marker, fields))
    return found


def _has_contract(base: Base, marker: str, manner: Manner) -> Flow[bool]:
    """Without the contract that goes with it, it is half a customer: to be made again, which makes
    the rest."""
    if not manner.contract or CONTRACTS not in base.schema.sets:
        return True
    return (yield from by_marker(base, CONTRACTS, marker, manner.chosen)) is not None


def _fields(base: Base, row: Row, paths: Mapping[str, object]) -> dict[str, Value]:
    """Under the paths of a mapping; empty texts are None."""
    found: dict[str, Value] = {}
    for path in paths:
        if path in _PLAIN:
            found[path] = plain(row.get(_PLAIN[path]))
        elif path in _WAYS:
            found[path] = contact(row, path)
        elif path == "marker":
            found[path] = marker_in(base, CUSTOMERS, row)
    return found
