"""What stands below a record: addresses of a customer, lines of a document, what a payment pays."""

from __future__ import annotations

from syncd.sandbox.netsuite.fields import ROOT, RecordKind, reference
from syncd.sandbox.netsuite.people import People
from syncd.sandbox.netsuite.store import Row, Store
from syncd.sandbox.netsuite.wire import Json, Refused, here, params, reply
from syncd.sandbox.port import Answer, Asked

PLACE = {
    one.lower(): one
    for one in (
        "addressee",
        "attention",
        "addr1",
        "addr2",
        "addr3",
        "city",
        "state",
        "zip",
        "country",
        "addrPhone",
        "addrText",
    )
}


def answer(
    store: Store, asked: Asked, kind: RecordKind, row: Row, name: str, item: list[str]
) -> Answer:
    root = here(asked)
    whole = page(store, kind, row, name, root)
    if item:
        found = [
            one for one in whole["items"] if one["links"][0]["href"].endswith(f"/{name}/{item[0]}")
        ]
        if not found:
            raise Refused("NONEXISTENT_ID", "The record instance does not exist.", 404)
        if item[1:] == ["addressBookAddress"]:
            return reply(found[0]["addressBookAddress"])
        return reply(found[0])
    if params(asked).get("expandSubResources", "").lower() != "true":
        whole["items"] = [{"links": one["links"]} for one in whole["items"]]
    return reply(whole, kind="collection")


def page(store: Store, kind: RecordKind, row: Row, name: str, root: str) -> Json:
    address = f"{root}{ROOT}{kind.api}/{row['id']}/{name}"
    items = []
    for at, one in enumerate(LISTS[name](store, row, root), 1):
        key = one.pop("_key", at)
        items.append({"links": [{"rel": "self", "href": f"{address}/{key}"}], **one})
    return {
        "links": [{"rel": "self", "href": address}],
        "items": items,
        "totalResults": len(items),
        "count": len(items),
        "hasMore": False,
        "offset": 0,
    }


def _addresses(store: Store, row: Row, root: str) -> list[Json]:
    sql = """SELECT b.*, a.* FROM customeraddressbook b
        JOIN entityaddress a ON a.nkey = b.addressbookaddress WHERE b.entity = ?
        ORDER BY b.internalid"""
    made: list[Json] = []
    for one in store.rows(sql, row["id"]):
        place: Json = {PLACE[name]: one[name] for name in PLACE if one[name] is not None}
        if "country" in place:
            place["country"] = {"id": one["country"], "refName": one["country"]}
        made.append(
            {
                "_key": one["internalid"],
                "id": one["internalid"],
                "internalId": one["internalid"],
                "label": one["label"],
                "defaultBilling": one["defaultbilling"] == "T",
                "defaultShipping": one["defaultshipping"] == "T",
                "addressBookAddress": place,
            }
        )
    return made


def _lines(store: Store, row: Row, root: str) -> list[Json]:
    sql = """SELECT * FROM transactionline WHERE "transaction" = ? AND mainline = 'F'
        ORDER BY linesequencenumber"""
    return [
        {
            "line": one["linesequencenumber"],
            **({"item": reference(store, "item", one["item"], root)} if one["item"] else {}),
            "quantity": abs(one["quantity"] or 0),
            "rate": one["rate"],
            "amount": abs(one["foreignamount"] or 0),
            "isClosed": one["isclosed"] == "T",
        }
        for one in store.rows(sql, row["id"])
    ]


def _applied(store: Store, row: Row, root: str) -> list[Json]:
    sql = """SELECT * FROM link WHERE nextdoc = ? AND linktype = 'Payment' ORDER BY previousdoc"""
    made: list[Json] = []
    for at, one in enumerate(store.rows(sql, row["id"])):
        paid = store.get("transaction", one["previousdoc"]) or {}
        made.append(
            {
                "line": at,
                "apply": True,
                "doc": reference(store, "transaction", one["previousdoc"], root),
                "refNum": paid["tranid"],
                "amount": one["foreignamount"],
                "total": paid["foreigntotal"],
                "due": paid["foreignamountunpaid"],
            }
        )
    return made


LISTS = {"addressBook": _addresses, "item": _lines, "line": _lines, "apply": _applied}


def write_addresses(people: People, customer: int, given: Json, *, replaced: bool = False) -> None:
    """Items of `addressBook`: one with the id of its line changes it, others are added."""
    book = given.get("addressBook")
    items = book.get("items", []) if isinstance(book, dict) else []
    if replaced:
        people.no_addresses(customer)
    for one in items:
        place = one.get("addressBookAddress") or {}
        values = {}
        for name, value in place.items():
            if name.lower() in PLACE:
                held = value.get("id") if isinstance(value, dict) else value
                values[name.lower()] = held
        flags = {kind: one.get(f"default{kind.title()}") for kind in ("billing", "shipping")}
        line = one.get("internalId") or one.get("id")
        if line is not None:
            people.change_address(customer, int(line), values, one.get("label"), flags)
        else:
            people.address(
                customer,
                values,
                one.get("label") or "",
                billing=bool(flags["billing"]),
                shipping=bool(flags["shipping"]),
            )
