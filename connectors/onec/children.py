"""What hangs on a customer that the CRM won: its contact persons, a contract with one of the
organisations, and the address goods go to, see `addresses`. Each is a write of its own, is made
once, and is the accountant's from then on.

A contact person is a record of `Catalog_КонтактныеЛицаПартнеров` in УТ, whose owner is the partner
of the counterparty; of `Catalog_КонтактныеЛица` in УНФ, whose owner is the counterparty, and in БП,
where it stands in ОбъектВладелец.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Value
from syncd.errors import (
    ConfigError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Flow, Found, Op, Outcome, Target, Tier, Write

from . import addresses, organisations
from .base import Base
from .contacts import CONTACTS, Ways, contact, contact_rows
from .layouts import CONTRACTS, CURRENCIES, CUSTOMERS, ORGANISATIONS, PERSONS
from .made import by_key, by_marker, make, marker_in, note
from .values import NO_KEY, Row, is_key, key_of, plain


def _child(*fields: str) -> Target:
    """What is made is the accountant's: none of it is ever changed, or taken away."""
    return Target(
        tier=Tier.T2,
        fields=dict.fromkeys(fields, "text"),
        parents=("customer",),
        fixed=frozenset(fields) - {"marker"},
        removable=False,
        listable=False,
    )


CONTACT = _child("marker", "name", "role", "phone", "email")
ADDRESS = _child("street", "city", "postcode", "country")
CONTRACT = _child("marker", "name", "organisation")

_ROLES = ("ДолжностьПоВизитке", "Должность")
_OWNER, _OBJECT_OWNER = "Owner_Key", "ОбъектВладелец"
_WAYS: Ways = {
    "email": ("EmailКонтактногоЛица",),
    "phone": ("ТелефонКонтактногоЛица",),
}
_BUYER = {"ВидДоговора": "СПокупателем", "ТипДоговора": "СПокупателем", "Статус": "Действует"}
_NAME = "Основной договор"
"""What 1C itself calls the contract it makes for a new counterparty."""


def carry_out(base: Base, write: Write, chosen: bool) -> Flow[Outcome]:
    """Raises RejectedError where nothing was written."""
    if write.op is not Op.CREATE:
        raise RejectedError("what was made for a won customer is the accountant's to change")
    customer = yield from by_key(base, CUSTOMERS, write.parents["customer"])
    if customer is None:
        raise NotFoundError(f"1C has no counterparty {write.parents['customer']}", "customer")
    fields = {path: value for path, value in write.fields.items() if value is not None}
    match write.target:
        case "contact":
            return (yield from _person(base, write.marker, fields, customer, chosen))
        case "contract":
            return (yield from _contract(base, write.marker, fields, customer, chosen))
    return (yield from addresses.carry_out(base, fields, customer))


def find(
    base: Base, target: str, by: Mapping[str, str], parents: Mapping[str, str], chosen: bool
) -> Flow[Sequence[Found]]:
    """By `id` or `marker`; an address by its kind, of its customer."""
    if target == "address":
        return (yield from addresses.find(base, by, parents))
    name = CONTRACTS if target == "contract" else _persons(base)
    row: Row | None = None
    match by:
        case {"id": key}:
            row = (yield from by_key(base, name, key.lower())) if is_key(key.lower()) else None
        case {"marker": marker}:
            row = yield from by_marker(base, name, marker, chosen)
        case _:
            raise ProtocolError(f"1C cannot look for a {target} by {', '.join(by)}")
    if row is None:
        return []
    known_by = by.get("marker") or marker_in(base, name, row)
    said = _said(row) if target == "contact" else (yield from _said_of_contract(base, row))
    return [Found(_key(row), known_by, said)]


def _key(row: Row) -> str:
    return str(row["Ref_Key"]).lower()


def _only_new(made: bool, what: str) -> None:
    if not made:
        raise DuplicateError(f"1C has a {what} with this marker already", "marker")


# -- persons -------------------------------------------------------------------------------------


def _persons(base: Base) -> str:
    found = next((one for one in PERSONS if one in base.schema.sets), None)
    if found is None:
        raise RejectedError(
            f"1C does not publish {' or '.join(PERSONS)}: add it to the standard OData interface, "
            "or switch the persons off: `won.people: none`"
        )
    return found


def _person(
    base: Base, marker: str, fields: Mapping[str, Value], customer: Row, chosen: bool
) -> Flow[Outcome]:
    name = _persons(base)
    if not fields.get("name"):
        raise RejectedError("1C takes a person without a name, and nobody finds it", "name")
    body: Row = {"Description": fields["name"], **note(base, name, marker)}
    role = base.schema.first(name, _ROLES)
    if role and "role" in fields:
        body[role] = fields["role"]
    body |= _owner(base, name, customer)
    said = {path: fields[path] for path in _WAYS if path in fields}
    if said and base.schema.part(name, CONTACTS):
        body[CONTACTS] = yield from contact_rows(base, name, [], said, _WAYS)
    row, made = yield from make(base, name, marker, body, chosen)
    _only_new(made, "contact person")
    seen = _said(row)
    return Outcome(_key(row), {path: seen[path] for path in fields if path in seen})


def _owner(base: Base, name: str, customer: Row) -> Row:
    """Whose person it is, as this release of the configuration says it."""
    if base.schema.has(name, _OBJECT_OWNER):
        return {
            _OBJECT_OWNER: _key(customer),
            f"{_OBJECT_OWNER}_Type": f"StandardODATA.{CUSTOMERS}",
        }
    partner = key_of(customer.get("Партнер_Key")) if name == PERSONS[0] else None
    return {_OWNER: partner or _key(customer)}


def _said(row: Row) -> dict[str, Value]:
    found: dict[str, Value] = {"name": plain(row.get("Description"))}
    for one in _ROLES:
        if one in row:
            found["role"] = plain(row[one])
    return found | {path: contact(row, path) for path in _WAYS}


# -- contracts -----------------------------------------------------------------------------------


def _contract(
    base: Base, marker: str, fields: Mapping[str, Value], customer: Row, chosen: bool
) -> Flow[Outcome]:
    if CONTRACTS not in base.schema.sets:
        raise RejectedError(f"1C does not publish {CONTRACTS}, so no contract can be made")
    firm = fields.get("organisation")
    made = yield from make_contract(
        base, marker, str(fields.get("name") or _NAME), customer, chosen, str(firm) if firm else ""
    )
    row, fresh = made
    _only_new(fresh, "contract")
    seen = yield from _said_of_contract(base, row)
    return Outcome(_key(row), {path: seen[path] for path in fields if path in seen})


def _said_of_contract(base: Base, row: Row) -> Flow[dict[str, Value]]:
    firm = yield from base.organisation(row.get("Организация_Key"))
    return {"name": plain(row.get("Description")), "organisation": firm}


def make_contract(
    base: Base, marker: str, name: str, customer: Row, chosen: bool, organisation: str = ""
) -> Flow[tuple[Row, bool]]:
    """With this organisation, by its name; else the first of those that are read. In the currency
    of the books. RejectedError where there is no such organisation."""
    body: Row = {_OWNER: _key(customer), "Контрагент_Key": _key(customer), "Description": name}
    body |= {"Партнер_Key": customer.get("Партнер_Key") or NO_KEY, **_BUYER}
    body |= note(base, CONTRACTS, marker)
    if organisation:
        body["Организация_Key"] = yield from _organisation(base, organisation)
    elif base.firms:
        body["Организация_Key"] = base.firms[0]
    elif ORGANISATIONS in base.schema.sets:
        query = {"$top": "1", "$orderby": "Ref_Key", "$select": "Ref_Key"}
        for row in (yield from base.wire.rows(ORGANISATIONS, query)):
            body["Организация_Key"] = row["Ref_Key"]
    for row in (yield from base.wire.rows(CURRENCIES, {"$select": "Ref_Key,Code,Description"})):
        if (yield from base.currency(row["Ref_Key"])) == base.own:
            body["ВалютаВзаиморасчетов_Key"] = row["Ref_Key"]
    return (yield from make(base, CONTRACTS, marker, body, chosen))


def _organisation(base: Base, name: str) -> Flow[str]:
    firms = yield from organisations.read(base.wire, base.schema)
    try:
        return organisations.keys_of([name], firms)[0]
    except ConfigError as error:
        raise RejectedError(str(error), "organisation") from None
