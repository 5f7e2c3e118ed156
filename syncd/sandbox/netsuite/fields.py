"""Records as the record API shows and takes them.

A field is `name[:kind][!]`: kinds as in `syncd.sandbox.netsuite.schema`, `!` is read-only. Its
column is the name in lower case, or what stands after `@`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.sandbox.netsuite import documents
from syncd.sandbox.netsuite.store import Row, Store, amount, date_of, utc
from syncd.sandbox.netsuite.wire import Json, Refused

ROOT = "/services/rest/record/v1/"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    column: str
    kind: str
    refers: str = ""
    writable: bool = True
    custom: bool = False


@dataclass(frozen=True, slots=True)
class RecordKind:
    api: str
    table: str
    fields: dict[str, Field]
    sublists: tuple[str, ...] = ()
    type: str = ""
    """Of the transactions in the one table that they share."""
    writable: bool = False

    def every(self, store: Store) -> Iterator[Field]:
        """With the custom fields of this account."""
        yield from self.fields.values()
        for one in store.tables[self.table].columns.values():
            if one.name.startswith("cust"):
                yield Field(one.name, one.name, one.kind, one.refers, custom=True)


def _field(word: str) -> Field:
    word, _, column = word.partition("@")
    name, _, kind = word.rstrip("!").partition(":")
    writable = not word.endswith("!")
    refers = kind[1:] if kind.startswith("=") else ""
    column = column or name.lower()
    return Field(name, column, "id" if refers else kind or "text", refers, writable)


def _kind(
    api: str,
    words: str,
    sublists: tuple[str, ...] = (),
    table: str = "",
    type: str = "",
    writable: bool = False,
) -> RecordKind:
    fields = {one.name: one for one in map(_field, words.split())}
    return RecordKind(api, table or api.lower(), fields, sublists, type, writable)


_STAMPS = "dateCreated:time! lastModifiedDate:time!"
_PAPER = """id:id! externalId! tranId! tranDate:date! entity:=customer! currency:=currency!
    exchangeRate:number! memo! otherRefNum! status! createdDate:time! lastModifiedDate:time!
    total:number!@foreigntotal"""
_OWED = (
    "dueDate:date! amountPaid:number!@foreignamountpaid amountRemaining:number!@foreignamountunpaid"
)
_CREDIT = "applied:number!@foreignpaymentamountused unapplied:number!@foreignpaymentamountunused"
_MORE = {"CustInvc": _OWED, "CustPymt": _CREDIT, "CustCred": _CREDIT}
_LISTS = {
    "CustPymt": ("apply",),
    "CustCred": ("apply", "item"),
    "DepAppl": ("apply",),
    "Journal": ("line",),
    "CustDep": (),
    "CustRfnd": (),
}

KINDS: dict[str, RecordKind] = {
    one.api.lower(): one
    for one in (
        _kind(
            "customer",
            f"""id:id! entityId externalId companyName altName! isPerson:flag firstName middleName
            lastName salutation title email phone mobilePhone altPhone fax url vatRegNumber comments
            currency:=currency terms:=term creditLimit:number entityStatus:=customerstatus
            searchStage! isInactive:flag parent:=customer salesRep:=employee
            subsidiary:=subsidiary@subsidiary_ {_STAMPS} balance:number! overdueBalance:number!
            depositBalance:number! unbilledOrders:number!@unbilledorderssearch
            consolBalance:number!@consolbalancesearch
            consolOverdueBalance:number!@consoloverduebalancesearch""",
            ("addressBook",),
            writable=True,
        ),
        _kind(
            "contact",
            f"""id:id! entityId externalId firstName middleName lastName title email phone
            mobilePhone company:=customer comments isInactive:flag {_STAMPS}""",
            writable=True,
        ),
        _kind(
            "employee",
            f"""id:id! entityId firstName lastName email phone title isSalesRep:flag
            isInactive:flag subsidiary:=subsidiary {_STAMPS}""",
        ),
        _kind(
            "subsidiary",
            """id:id! name fullName! legalName currency:=currency parent:=subsidiary
            country isInactive:flag""",
        ),
        _kind(
            "currency", "id:id! name symbol exchangeRate:number isBaseCurrency:flag isInactive:flag"
        ),
        _kind("customerStatus", "id:id! name stage@entitytype isInactive:flag"),
        _kind("term", "id:id! name daysUntilNetDue:number isInactive:flag"),
        *(
            _kind(
                one.api,
                f"{_PAPER} {_MORE.get(one.type, '')}",
                _LISTS.get(one.type, ("item",)),
                "transaction",
                one.type,
            )
            for one in documents.KINDS.values()
        ),
    )
}


def field_of(kind: RecordKind, store: Store, name: str) -> Field | None:
    known = kind.fields.get(name)
    return known or next((one for one in kind.every(store) if one.name == name), None)


def shown(store: Store, kind: RecordKind, row: Row, root: str, names: set[str] | None) -> Json:
    """One record without its sublists; what is empty is left out. `names` None: all fields."""
    made: Json = {}
    for one in kind.every(store):
        if names is not None and one.name not in names:
            continue
        value = _value(store, one, row, root)
        if value is not None:
            made[one.name] = value
    return made


def _value(store: Store, field: Field, row: Row, root: str) -> Any:
    value = row.get(field.column)
    if field.name == "id":
        return str(value)
    if field.name == "status":
        text = documents.status_text(row["type"], value or "")
        return {"id": value, "refName": text.partition(" : ")[2]}
    if value is None:
        return None
    if field.name == "total":
        return abs(value)
    if field.refers:
        return reference(store, field.refers, value, root)
    if field.kind == "flag":
        return value == "T"
    if field.kind == "date":
        return str(date_of(value))
    if field.kind == "time":
        return utc(row[f"{field.column}_"]).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def reference(store: Store, table: str, id: object, root: str) -> Json:
    held = store.get(table, id) or {}
    name = held.get(store.tables[table].shown)
    return {
        "links": [{"rel": "self", "href": f"{root}{ROOT}{store.tables[table].label}/{id}"}],
        "id": str(id),
        "refName": name,
    }


def balances(store: Store, id: int) -> Row:
    """Of a customer, in its own currency."""
    today = store.today()
    found = store.rows(
        'SELECT t.* FROM "transaction" t JOIN customer_ c ON c.id = t.entity AND '
        "c.currency = t.currency WHERE c.id = ? AND t.voided = 'F'",
        id,
    )
    owed = late = ahead = deposits = Decimal(0)
    for one in found:
        open, unused = (
            amount(one[f"foreign{name}"]) for name in ("amountunpaid", "paymentamountunused")
        )
        owed += open
        due = date_of(one["duedate"] or one["trandate"])
        late += open if due is not None and due < today else 0
        if one["type"] == "CustDep":
            deposits += unused
        else:
            ahead += unused
    journals = store.one(
        """SELECT o_sum(o_minus(IFNULL(t.foreignpaymentamountunused, 0),
        IFNULL(t.foreignamountunpaid, 0))) AS x FROM "transaction" t WHERE t.type = 'Journal'
        AND t.currency = (SELECT currency FROM customer_ WHERE id = ?) AND t.id IN
        (SELECT "transaction" FROM transactionaccountingline WHERE entity_ = ?)""",
        id,
        id,
    )
    ahead += amount(journals["x"] if journals else 0)
    return {
        "balance": float(owed - ahead),
        "overduebalance": float(late),
        "depositbalance": float(deposits),
    }


def taken(store: Store, field: Field, value: object) -> object:
    """As the store holds it. Refused where the field does not take it."""
    if value is None:
        return None
    try:
        if field.refers:
            return _referred(store, field, value)
        if field.kind == "flag":
            return _flag(value)
        if field.kind == "date":
            return dt.date.fromisoformat(str(value)[:10])
        if field.kind in ("number", "id"):
            return Decimal(str(value))
    except (ValueError, InvalidOperation):
        raise wrong(field, value) from None
    if not isinstance(value, str):
        raise wrong(field, value)
    return value


def wrong(field: Field, value: object) -> Refused:
    return Refused(
        "INVALID_VALUE",
        f"Error while accessing a resource. Invalid value {value!r} of the property {field.name}.",
        path=field.name,
    )


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(value)


def _referred(store: Store, field: Field, value: object) -> int:
    """`{"id": "1"}`, `{"externalId": "X"}`, or the id alone."""
    if isinstance(value, dict) and "externalId" in value:
        columns = store.tables[field.refers].columns
        found = (
            store.one(f'SELECT id FROM "{field.refers}" WHERE externalid = ?', value["externalId"])
            if "externalid" in columns
            else None
        )
        if found is None:
            raise Refused(
                "INVALID_KEY_OR_REF",
                f"Invalid reference key {value['externalId']} for {field.name}.",
                path=field.name,
            )
        return int(found["id"])
    return int(value["id"] if isinstance(value, dict) and "id" in value else str(value))
