"""The target `party`: a customer that the CRM won, written into Tryton.

A party is made by one call with its address, its contacts and its tax number, so it is there whole
or not at all. Its marker is the code, which Tryton keeps unique also among inactive parties and
compares letter by letter: the same marker twice is refused, whoever sends it. What Tryton says is
translated, so that a code is taken is found out by looking for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncd.domain import Value
from syncd.errors import (
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Flow, Found, Op, Outcome, Target, Tier, Write

from .documents import invoice_address
from .rpc import Dialogue, Domain, Row

PARTY = Target(
    tier=Tier.T2,
    fields={
        "code": "text",
        "name": "text",
        "email": "text",
        "phone": "text",
        "tax_id": "text",
        "street": "text",
        "city": "text",
        "postcode": "text",
        "country": "text",  # ISO 3166-1 alpha-2, of a country that Tryton has
        # A second address, made with the party and never changed by a write.
        "delivery_street": "text",
        "delivery_city": "text",
        "delivery_postcode": "text",
    },
    fixed=frozenset({"delivery_street", "delivery_city", "delivery_postcode"}),
    removable=False,
    listable=False,
)

_ADDRESS = {"street": "street", "city": "city", "postcode": "postal_code", "country": "country"}
_DELIVERY = {f"delivery_{path}": _ADDRESS[path] for path in ("street", "city", "postcode")}
_CONTACTS = ("email", "phone")
_EITHER = ["active", "in", [True, False]]
_LARGEST = 2**31 - 1
_PARTY = (
    "code",
    "name",
    *(f"addresses.{name}" for name in ("street", "city", "postal_code", "country.code")),
    "addresses.invoice",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "identifiers.type",
    "identifiers.code",
    "tax_identifier.code",
)

_EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
"""Prefixes of its tax numbers; Greece has another than its country code."""
_TAX_TYPES = {"RU": "ru_vat"}
"""By country, the type of a tax number without such a prefix. Only types whose numbers Tryton keeps
as they are sent: a Swiss `CHE107787577IVA` would come back as `CHE-107.787.577 IVA`."""


def carry_out(talk: Dialogue, write: Write) -> Flow[Outcome]:
    """Raises RejectedError where nothing was written. The answer of Tryton carries no values."""
    if write.op is Op.REMOVE:
        raise RejectedError("a party of Tryton is not removed, an accountant archives it")
    if write.op is Op.CREATE:
        return (yield from _create(talk, write))
    return (yield from _update(talk, write))


def find(talk: Dialogue, by: Mapping[str, str]) -> Flow[Sequence[Found]]:
    """Parties, inactive ones too, that have exactly this; any of their e-mail addresses and numbers
    counts, and is then the one that is told."""
    if not all(by.values()):
        return []
    domain: Domain = [_EITHER]
    for path, value in by.items():
        domain.append(_clause(path, value))
    rows = yield from talk.rows("party.party", domain, _PARTY)
    found = []
    for row in rows:
        fields = _fields(row)
        fields |= {path: value for path, value in by.items() if path in ("email", "tax_id")}
        found.append(Found(str(row["id"]), row["code"], fields))
    return found


def _clause(path: str, value: str) -> list[Any]:
    match path:
        case "id":
            fits = value.isascii() and value.isdecimal() and int(value) <= _LARGEST
            return ["id", "in", [int(value)] if fits else []]
        case "marker" | "code":
            return ["code", "=", value]
        case "tax_id":
            # Tryton writes some countries' numbers with its own spaces and dots, and keeps both.
            same = ["OR", ["code", "=", value], ["code_compact", "=", value]]
            return ["identifiers", "where", [same]]
        case "email":
            return ["contact_mechanisms", "where", [["type", "=", "email"], ["value", "=", value]]]
    raise ProtocolError(f"Tryton cannot look for a party by {path}")


def _create(talk: Dialogue, write: Write) -> Flow[Outcome]:
    fields = {path: value for path, value in write.fields.items() if value is not None}
    if not fields.get("name"):
        raise RejectedError("Tryton takes a party without a name, and then nobody finds it", "name")
    values: Row = {"code": fields.get("code") or write.marker, "name": fields["name"]}
    addresses = [(yield from _address(talk, fields)), (yield from _delivery(talk, fields))]
    if made := [one for one in addresses if one]:
        values["addresses"] = [["create", made]]
    contacts = [{"type": name, "value": fields[name]} for name in _CONTACTS if name in fields]
    if contacts:
        values["contact_mechanisms"] = [["create", contacts]]
    refused = RejectedError("Tryton refuses the party")
    for numbers in _numbers([], fields, fields.get("country")):
        try:
            answer = yield from talk.write("model.party.party.create", [values | numbers])
            return Outcome(str(_single(answer)))
        except RejectedError as error:
            refused = error
        yield from _check_code(talk, str(values["code"]), None, refused)
    raise refused


def _single(made: Any) -> int:
    if isinstance(made, list) and len(made) == 1 and isinstance(made[0], int):
        return made[0]
    raise DoubtError("Tryton took a party and did not say which one it is")


def _update(talk: Dialogue, write: Write) -> Flow[Outcome]:
    """Only what differs, in one call. The address of invoices, which is the one that is read, the
    first e-mail address and the first number of a party are the ones meant; a value that goes away
    is taken out."""
    present = yield from _present(talk, str(write.remote_id))
    fields = write.fields
    if "name" in fields and not fields["name"]:
        raise RejectedError("a party needs a name", "name")
    if late := [path for path in _DELIVERY if path in fields]:
        raise RejectedError("the address of delivery is the accountant's to change", late[0])
    values: Row = {path: fields[path] for path in ("code", "name") if path in fields}
    address = yield from _address(talk, fields)
    if address:
        meant = invoice_address(present["addresses"])
        values["addresses"] = _put([meant] if meant else [], address)
    contacts = []
    for kind in _CONTACTS:
        if kind in fields:
            first = [way for way in present["contact_mechanisms"] if way["type"] == kind]
            contacts += _put(first, {"type": kind, "value": fields[kind]}, fields[kind])
    if contacts:
        values["contact_mechanisms"] = contacts
    refused = RejectedError("Tryton refuses the change")
    country = fields.get("country") or _fields(present)["country"]
    for numbers in _numbers(_tax_numbers(present), fields, country):
        try:
            yield from talk.write("model.party.party.write", [present["id"]], values | numbers)
            return Outcome(write.remote_id)
        except RejectedError as error:
            refused = error
        if "code" in values:
            yield from _check_code(talk, str(values["code"]), present["id"], refused)
    raise refused


def _present(talk: Dialogue, remote_id: str) -> Flow[Row]:
    rows = yield from talk.rows("party.party", [_EITHER, _clause("id", remote_id)], _PARTY)
    if not rows:
        raise NotFoundError(f"Tryton has no party {remote_id}")
    return rows[0]


def _check_code(talk: Dialogue, code: str, own: int | None, refused: RejectedError) -> Flow[None]:
    """Raises DuplicateError where another party has this code."""
    others = yield from talk.rows("party.party", [_EITHER, _clause("code", code)], ["id"])
    if any(row["id"] != own for row in others):
        raise DuplicateError(str(refused), "code")


def _address(talk: Dialogue, fields: Mapping[str, Value]) -> Flow[Row]:
    """The address as Tryton has it, of the paths that are there. Its countries are a table, filled
    by a script of its own and empty without it."""
    address = {_ADDRESS[path]: value for path, value in fields.items() if path in _ADDRESS}
    code = address.get("country")
    if code is not None:
        rows = yield from talk.rows("country.country", [["code", "=", code]], ["code"])
        if not rows:
            raise RejectedError(
                f"Tryton has no country {code}; trytond_import_countries brings them", "country"
            )
        address["country"] = rows[0]["id"]
    return address


def _delivery(talk: Dialogue, fields: Mapping[str, Value]) -> Flow[Row]:
    """Where goods go. With Tryton's module "stock" the address says so."""
    address: Row = {_DELIVERY[path]: value for path, value in fields.items() if path in _DELIVERY}
    if address and (yield from talk.call("model.party.address.fields_get", ["delivery"])):
        address["delivery"] = True
    return address


def _put(rows: Sequence[Row], values: Row, value: Value = "") -> list[Any]:
    """How a table part of a party becomes so: its first row is changed, taken out, or made."""
    if value is None:
        return [["delete", [rows[0]["id"]]]] if rows else []
    return [["write", [rows[0]["id"]], values]] if rows else [["create", [values]]]


def _numbers(present: Sequence[Row], fields: Mapping[str, Value], country: Value) -> Iterator[Row]:
    """What becomes of the identifiers, in the order to try. Tryton checks a number against its type
    and refuses the whole party, so one that fails goes in without a type: it is kept, and not taken
    for a tax number."""
    if "tax_id" not in fields:
        yield {}
        return
    number = fields["tax_id"]
    text = str(number or "").replace(" ", "").upper()
    kind = "eu_vat" if text[:2] in _EU else _TAX_TYPES.get(str(country))
    for each in (kind, None) if number and kind else (None,):
        yield {"identifiers": _put(present, {"type": each, "code": number}, number)}


def _tax_numbers(row: Row) -> list[Row]:
    """The identifier that Tryton takes for the tax number, else the first without a type."""
    main = row["tax_identifier"]
    own = [number for number in row["identifiers"] if main and number["id"] == main["id"]]
    return own or [number for number in row["identifiers"] if number["type"] is None][:1]


def _fields(row: Row) -> dict[str, Value]:
    """Under the paths of a mapping; empty texts are None."""
    address: Row = invoice_address(row["addresses"]) or {}
    others = [one for one in row["addresses"] if one is not address]
    delivery: Row = next(iter(others), {})
    ways = {way["type"]: way["value"] for way in reversed(row["contact_mechanisms"])}
    found = {
        "code": row["code"],
        "name": row["name"],
        "email": ways.get("email"),
        "phone": ways.get("phone"),
        "tax_id": next((number["code"] for number in _tax_numbers(row)), None),
        "street": address.get("street"),
        "city": address.get("city"),
        "postcode": address.get("postal_code"),
        "country": (address.get("country") or {}).get("code"),
        **{path: delivery.get(name) for path, name in _DELIVERY.items()},
    }
    return {path: value or None for path, value in found.items()}
