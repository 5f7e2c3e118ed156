"""The target `customer`: one that the CRM won, or a card, written into NetSuite.

Made by `PUT /customer/eid:MARKER`: the external id is the marker, and the same one twice is one
record, whoever sends it (Oracle help: "Using the Upsert Operation"). The answer is 204 either way
and carries no values. What is there already is changed by its id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.domain import Value
from syncd.errors import NotFoundError, ProtocolError, RejectedError
from syncd.port import FieldDef, Flow, Found, FoundPage, Op, Outcome, Target, Tier, Write

from .account import Account
from .columns import ids, quoted
from .customers import CUSTOM
from .wire import Row, Wire

RECORD = "customer"
_PLAIN = {
    "name": "companyName",
    "email": "email",
    "phone": "phone",
    "url": "url",
    "comments": "comments",
    "tax_id": "vatRegNumber",
}
_ADDRESS = {
    "street": "addr1",
    "city": "city",
    "state": "state",
    "postcode": "zip",
    "country": "country",
}
CUSTOMER = Target(
    tier=Tier.T1,
    fields={
        "externalId": "text",
        **dict.fromkeys(_PLAIN, "text"),
        **dict.fromkeys(_ADDRESS, "text"),
        f"{CUSTOM}.*": "text",
    },
    fixed=frozenset(_ADDRESS),
    removable=False,
    makes_fields=False,
)
"""`name` has at most 83 characters. The address is made with the customer and is the accountant's
from then on."""

_MARKER = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Manner:
    """What every new customer is given: the id of its subsidiary, which an account with several
    wants, and that of its status, which makes it a customer and no lead."""

    subsidiary: str | None = None
    status: str | None = None


def carry_out(wire: Wire, write: Write, manner: Manner) -> Flow[Outcome]:
    """Raises RejectedError where nothing was written."""
    if write.op is Op.REMOVE:
        raise RejectedError(
            "a customer of NetSuite is not removed, an accountant makes it inactive"
        )
    if write.op is Op.CREATE:
        return (yield from _create(wire, write, manner))
    remote_id = str(write.remote_id)
    if not ids([remote_id]):
        raise NotFoundError(f"{remote_id} is no id of NetSuite")
    if late := [path for path in _ADDRESS if path in write.fields]:
        raise RejectedError("the address of a customer is the accountant's to change", late[0])
    if "name" in write.fields and not write.fields["name"]:
        raise RejectedError("a customer needs a name", "name")
    body = _body(write.fields)
    if "externalId" in write.fields:
        body["externalId"] = write.fields["externalId"]
    with _own_words():
        yield from wire.write("PATCH", f"/{RECORD}/{remote_id}", body, repeatable=True)
    return Outcome(remote_id)


def _create(wire: Wire, write: Write, manner: Manner) -> Flow[Outcome]:
    fields = {path: value for path, value in write.fields.items() if value is not None}
    if not fields.get("name"):
        raise RejectedError("NetSuite makes no customer without a name", "name")
    body: dict[str, Any] = {"isPerson": False, **_body(fields)}
    address: dict[str, Any] = {_ADDRESS[p]: fields[p] for p in _ADDRESS if p in fields}
    if address:
        if country := address.get("country"):
            address["country"] = {"id": country}
        book = {"defaultBilling": True, "defaultShipping": True, "addressBookAddress": address}
        body["addressBook"] = {"items": [book]}
    if manner.subsidiary:
        body["subsidiary"] = {"id": manner.subsidiary}
    if manner.status:
        body["entityStatus"] = {"id": manner.status}
    path = f"/{RECORD}/eid:{_eid(write.marker)}"
    with _own_words():
        remote_id = yield from wire.write("PUT", path, body, repeatable=True)
    if remote_id is None:
        row = yield from wire.read(path)
        if row is None:
            raise ProtocolError("NetSuite took a customer and does not show it")
        remote_id = str(row["id"])
    return Outcome(remote_id)


def _body(fields: Mapping[str, Value]) -> dict[str, Any]:
    body: dict[str, Any] = {_PLAIN[path]: fields[path] for path in _PLAIN if path in fields}
    for path, value in fields.items():
        if path.startswith(f"{CUSTOM}."):
            body[path.removeprefix(f"{CUSTOM}.")] = value
    return body


def _eid(marker: str) -> str:
    if not _MARKER.fullmatch(marker):
        raise RejectedError(
            f"{marker} is no external id: NetSuite takes letters, digits, - and _", "externalId"
        )
    return marker


class _own_words:
    """A refusal names NetSuite's field; a mapping knows ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, RejectedError) and error.field:
            mine = {theirs: path for path, theirs in _PLAIN.items()}
            error.field = mine.get(error.field, error.field)


def find(wire: Wire, by: Mapping[str, str]) -> Flow[Sequence[Found]]:
    """Customers, leads and prospects too, that have exactly this."""
    if not by or not all(by.values()):
        return []
    rows: list[Row] = []
    for path, value in by.items():
        match path:
            case "id":
                row = (yield from _read(wire, value)) if ids([value]) else None
                rows = [row] if row else []
            case "marker" | "externalId":
                fits = _MARKER.fullmatch(value)
                row = (yield from _read(wire, f"eid:{value}")) if fits else None
                rows = [row] if row and row.get("externalId") == value else []
            case _:
                rows = yield from _having(wire, path, value)
    return [_found(row) for row in rows]


def _read(wire: Wire, key: str) -> Flow[Row | None]:
    """With its addresses, which are else no more than links."""
    return (yield from wire.read(f"/{RECORD}/{key}", {"expandSubResources": "true"}))


def _having(wire: Wire, path: str, value: str) -> Flow[list[Row]]:
    name = path.removeprefix(f"{CUSTOM}.")
    column = _PLAIN.get(name, name if path != name else "")
    if not column:
        raise ProtocolError(f"NetSuite cannot look for a customer by {path}")
    text = f"SELECT c.id AS id FROM customer c WHERE c.{column.lower()} = {quoted(value)}"
    found = []
    for one in (yield from wire.rows(f"{text} ORDER BY c.id")):
        row = yield from _read(wire, str(one["id"]))
        if row is not None and row.get(column) == value:
            found.append(row)
    return found


def survey(account: Account, size: int, position: str | None) -> Flow[FoundPage]:
    """Every customer with an external id; by ascending id."""
    behind = f" AND c.id > {int(position)}" if position else ""
    answer = yield from account.wire.query(
        "SELECT c.id AS id, c.externalid AS externalid, c.companyname AS companyname "
        f"FROM customer c WHERE c.externalid IS NOT NULL{behind} ORDER BY c.id",
        size,
    )
    found = [
        Found(str(row["id"]), row.get("externalid"), {"name": row.get("companyname")})
        for row in answer.rows
    ]
    return FoundPage(found, found[-1].remote_id if answer.more and found else None)


def set_up(wire: Wire, wanted: Sequence[FieldDef]) -> Flow[Sequence[FieldDef]]:
    """Custom fields that the customer lacks; an administrator makes them."""
    if not wanted:
        return []
    properties = (yield from wire.schema(RECORD))["properties"]
    return [one for one in wanted if one.path.removeprefix(f"{CUSTOM}.") not in properties]


def _found(row: Row) -> Found:
    fields: dict[str, Value] = {path: row.get(name) or None for path, name in _PLAIN.items()}
    fields["externalId"] = row.get("externalId")
    address = _billing(row)
    for path, name in _ADDRESS.items():
        value = address.get(name)
        fields[path] = (value.get("id") if isinstance(value, dict) else value) or None
    for name, value in row.items():
        if name.startswith("custentity"):
            fields[f"{CUSTOM}.{name}"] = value if not isinstance(value, dict) else value.get("id")
    return Found(str(row["id"]), row.get("externalId"), fields)


def _billing(row: Row) -> Row:
    """The address that bills go to."""
    book = row.get("addressBook")
    for one in (book.get("items") or ()) if isinstance(book, dict) else ():
        if one.get("defaultBilling") is True and isinstance(one.get("addressBookAddress"), dict):
            address: Row = one["addressBookAddress"]
            return address
    return {}
