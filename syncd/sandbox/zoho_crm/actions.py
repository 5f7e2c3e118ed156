"""Converting a lead and merging records (vendor: "Convert lead", "Merge records")."""

from __future__ import annotations

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm.crm import Crm, Row
from syncd.sandbox.zoho_crm.schema import Module
from syncd.sandbox.zoho_crm.wire import Bad, Json, Refused, body, reply
from syncd.sandbox.zoho_crm.writes import records
from syncd.sandbox.zoho_crm.writing import GONE, Writing, success

ADDRESS = {"Street": "Street", "City": "City", "State": "State", "Country": "Country"}
TO_ACCOUNT = {
    "Company": "Account_Name",
    "Phone": "Phone",
    **{name: f"Billing_{to}" for name, to in {**ADDRESS, "Zip_Code": "Code"}.items()},
}
TO_CONTACT = {
    **{name: name for name in ("First_Name", "Last_Name", "Email", "Phone")},
    **{name: f"Mailing_{to}" for name, to in {**ADDRESS, "Zip_Code": "Zip"}.items()},
}
"""Which field of a lead becomes which (vendor: "Converting leads")."""


def convert(crm: Crm, user: str, asked: Asked, id: str) -> Answer:
    """A lead becomes an account, where it has a company, a contact and, where the call says one, a
    deal."""
    data = records(crm, body(asked))
    sent: Json = data[0] if isinstance(data[0], dict) else {}
    lead = crm.get(id, "Leads")
    if lead is None:
        raise Refused("INVALID_DATA", GONE, resource_path_index=1)
    if lead.values.get("Converted__s"):
        failed = Bad("ID_ALREADY_CONVERTED", "id already converted", resource_path_index=1)
        return reply({"data": [failed.element]}, crm.switches.all_bad_status)
    try:
        made = _convert(crm, user, lead, sent)
    except Bad as bad:
        return reply({"data": [bad.element]}, crm.switches.all_bad_status)
    details = {name: _named(crm, row) for name, row in made.items()}
    return reply(
        {"data": [{**success("The record has been converted successfully"), "details": details}]}
    )


def _convert(crm: Crm, user: str, lead: Row, sent: Json) -> dict[str, Row | None]:
    account = None
    if lead.values.get("Company") or isinstance(sent.get("Accounts"), dict):
        named = sent.get("Accounts")
        account = _existing_or_new(crm, user, "Accounts", named, lead, TO_ACCOUNT, {})
    of = {"Account_Name": account.id} if account else {}
    contact = _existing_or_new(crm, user, "Contacts", sent.get("Contacts"), lead, TO_CONTACT, of)
    deal = None
    if isinstance(sent.get("Deals"), dict):
        linked = {**of, "Contact_Name": contact.id, **sent["Deals"]}
        made = Writing(crm, crm.modules["Deals"], user).insert(linked, "$.data[0].Deals")
        deal = crm.get(made["details"]["id"])
    crm.put(
        lead,
        {
            "Converted__s": True,
            "Converted_Date_Time": crm.now(),
            "Converted_Account": account.id if account else None,
            "Converted_Contact": contact.id,
            "Converted_Deal": deal.id if deal else None,
        },
    )
    lead.modified, lead.modified_by = crm.now(), user
    return {"Accounts": account, "Contacts": contact, "Deals": deal}


def _existing_or_new(
    crm: Crm, user: str, module: str, sent: object, lead: Row, names: dict[str, str], more: Json
) -> Row:
    found = crm.get(sent.get("id"), module) if isinstance(sent, dict) else None
    if found:
        return found
    values = {to: lead.values[name] for name, to in names.items() if lead.values.get(name)}
    call = Writing(crm, crm.modules[module], user)
    made = call.insert({**values, **more}, f"$.data[0].{module}")
    row = crm.get(made["details"]["id"])
    assert row
    return row


def _named(crm: Crm, row: Row | None) -> Json | None:
    if row is None:
        return None
    return {"name": row.values.get(crm.modules[row.module].display), "id": row.id}


def merge(crm: Crm, module: Module, user: str, asked: Asked, id: str) -> Answer:
    """The master stays, with the values that the call takes from the others; what pointed to them
    points to it, and they look deleted."""
    sent = (body(asked).get("merge") or [{}])[0]
    master = crm.get(id, module.api_name)
    if master is None:
        raise Refused("INVALID_DATA", GONE, resource_path_index=1)
    others = [(crm.get(one.get("id"), module.api_name), one) for one in sent.get("data", [])]
    if not others or any(other in (None, master) for other, _ in others):
        raise Refused("INVALID_DATA", "invalid data", api_name="id", json_path="$.merge[0].data")
    for other, told in others:
        assert other
        for child, of in crm.related_lists(module.api_name).values():
            for row in list(crm.children(child, of, other.id)):
                crm.put(row, {of.api_name: id})
        taken = [one["api_name"] for one in told.get("_fields") or told.get("fields") or ()]
        crm.remove(other, user)
        crm.put(master, {name: other.values.get(name) for name in taken})
    master.modified, master.modified_by = crm.now(), user
    done = success("The records has been merged successfully")
    return reply({"merge": [{**done, "details": {"id": id}}]}, 201)
