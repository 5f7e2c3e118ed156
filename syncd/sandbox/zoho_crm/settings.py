"""What is set up: modules, fields, related lists, organisation, users, currencies; and the two
things that a call may add, custom modules and custom fields (vendor: "Create custom modules",
"Create custom fields")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm import metadata
from syncd.sandbox.zoho_crm.crm import Crm
from syncd.sandbox.zoho_crm.schema import Field, Module, api_name, system_fields, text
from syncd.sandbox.zoho_crm.wire import Bad, Json, Refused, body, params, reply
from syncd.sandbox.zoho_crm.writing import success

TYPES = {
    "text": 255,
    "textarea": 50_000,
    "email": 100,
    "phone": 30,
    "website": 450,
    "picklist": 120,
    "multiselectpicklist": 100,
    "date": 20,
    "datetime": 120,
    "integer": 9,
    "bigint": 18,
    "double": 16,
    "currency": 16,
    "percent": 5,
    "boolean": 5,
    "lookup": 120,
    "autonumber": 120,
}
LABEL = 25
"""The pages say 25 characters for a label in the API."""


def modules(crm: Crm) -> Answer:
    return reply({"modules": [metadata.module(crm, one) for one in crm.shown_modules()]})


def module(crm: Crm, name: str) -> Answer:
    """By API name or id."""
    name = next((one.api_name for one in crm.shown_modules() if one.id == name), name)
    return reply({"modules": [metadata.module(crm, crm.module(name, 2), full=True)]})


def asked_module(crm: Crm, asked: Asked) -> Module:
    name = params(asked).get("module")
    if not name:
        message = "One of the expected parameter is missing"
        raise Refused("REQUIRED_PARAM_MISSING", message, param_name="module")
    found = crm.modules.get(name)
    if found is None or (found.preset and not crm.switches.prepared):
        raise Refused("INVALID_MODULE", "the module name given seems to be invalid", module=name)
    return found


def fields(crm: Crm, asked: Asked, id: str | None) -> Answer:
    home = asked_module(crm, asked)
    found = [one for one in crm.fields(home).values() if id in (None, one.id)]
    if not found:
        raise Refused("INVALID_DATA", "the id given seems to be invalid", resource_path_index=2)
    return reply({"fields": [metadata.field(crm, home, one) for one in found]})


def related_lists(crm: Crm, asked: Asked) -> Answer:
    home = asked_module(crm, asked)
    lists = crm.related_lists(home.api_name)
    if not lists:
        return Answer(204)
    shown = [
        metadata.related_list(crm, home, name, child, of, place)
        for place, (name, (child, of)) in enumerate(lists.items(), 1)
    ]
    return reply({"related_lists": shown})


def users(crm: Crm, asked: Asked, me: str, id: str | None) -> Answer:
    kind = params(asked).get("type", "AllUsers")
    found = [one for one in crm.users.values() if id in (None, one.id)]
    if kind == "CurrentUser":
        found = [crm.users[me]]
    elif kind in ("ActiveUsers", "DeactiveUsers"):
        found = [one for one in found if one.active == (kind == "ActiveUsers")]
    per, page = int(params(asked).get("per_page", "200")), int(params(asked).get("page", "1"))
    shown = found[(page - 1) * per : page * per]
    if not shown:
        return Answer(204)
    more = page * per < len(found)
    info = {"per_page": per, "count": len(shown), "page": page, "more_records": more}
    return reply({"users": [metadata.user(crm, one.id) for one in shown], "info": info})


def organisation(crm: Crm) -> Answer:
    return reply({"org": [metadata.organisation(crm)]})


def currencies(crm: Crm) -> Answer:
    if not crm.switches.multi_currency:
        raise Refused("CURRENCIES_NOT_ENABLED", "Multi currency is not enabled", 403)
    return reply({"currencies": metadata.currencies(crm)})


def profiles() -> Answer:
    shown = [{"id": id, "name": name, "custom": False} for id, name in metadata.PROFILES]
    return reply({"profiles": shown})


def create_modules(crm: Crm, asked: Asked) -> Answer:
    if not crm.switches.create_modules:
        needed = ["Crm_Implied_Customize_Zoho_CRM"]
        raise Refused("NO_PERMISSION", "Permission denied", 403, permissions=needed)
    return _each("modules", body(asked), 1, lambda one, place: _module(crm, one, place))


def _module(crm: Crm, sent: Json, place: str) -> Json:
    for key in ("plural_label", "singular_label", "profiles"):
        if not sent.get(key):
            raise _missing(key, place)
    plural, label = sent["plural_label"], sent["singular_label"]
    taken = {one.api_name for one in crm.shown_modules()}
    name = sent.get("api_name") or api_name(plural, taken)
    if name in taken:
        raise Bad(
            "DUPLICATE_DATA", "duplicate data", api_name="api_name", json_path=f"{place}.api_name"
        )
    if not name.isascii() or not name.replace("_", "").isalnum() or not name[0].isalpha():
        raise Bad(
            "INVALID_DATA", "invalid data", api_name="api_name", json_path=f"{place}.api_name"
        )
    display = sent.get("display_field") or {}
    made = Module(name, "Name", custom=True, plural=plural, label=label)
    made.add(
        text("Name", 120, label=display.get("field_label", f"{label} Name"), mandatory=True),
        *system_fields(),
    )
    crm.adopt(made)
    return {**success("module created successfully"), "details": {"id": made.id}}


def create_fields(crm: Crm, asked: Asked) -> Answer:
    home = asked_module(crm, asked)
    most = crm.switches.fields_at_once
    return _each("fields", body(asked), most, lambda one, place: _field(crm, home, one, place))


def _field(crm: Crm, home: Module, sent: Json, place: str) -> Json:
    for key in ("field_label", "data_type"):
        if not sent.get(key):
            raise _missing(key, place)
    label, kind = str(sent["field_label"]), sent["data_type"]
    if kind not in TYPES:
        raise _invalid("data_type", place)
    if len(label) > LABEL:
        raise _invalid("field_label", place, maximum_length=LABEL)
    known = crm.fields(home)
    if any(one.label.casefold() == label.casefold() for one in known.values()):
        raise Bad(
            "DUPLICATE_DATA",
            "duplicate data",
            api_name="field_label",
            json_path=f"{place}.field_label",
        )
    length = sent.get("length") or 0
    if not isinstance(length, int) or not 0 <= length <= TYPES[kind]:
        raise _invalid("length", place, maximum_length=TYPES[kind])
    name = sent.get("api_name") if crm.switches.api_name_taken else None
    name = name or api_name(label, set(known))
    unique, external = sent.get("unique"), sent.get("external")
    made = Field(
        name,
        kind,
        length,
        label,
        custom=True,
        decimals=_decimals(sent),
        unique=unique is not None or bool(external),
        case_sensitive=str((unique or {}).get("case_sensitive")).lower() == "true",
        external=(external or {}).get("type", "") if external else "",
        picks=tuple(one.get("actual_value") or one["display_value"] for one in _picks(sent, place)),
    )
    if kind == "lookup":
        wanted = sent.get("lookup") or {}
        target = (wanted.get("module") or {}).get("api_name")
        if target not in {one.api_name for one in crm.shown_modules()}:
            raise Bad(
                "INVALID_DATA",
                "invalid data",
                api_name="module",
                json_path=f"{place}.lookup.module",
            )
        made.lookup = target
        made.related_label = wanted.get("display_label") or home.plural
    crm.add_field(home, made)
    return {**success("field created"), "details": {"id": made.id}}


def _decimals(sent: Json) -> int:
    found = sent.get("decimal_place", (sent.get("currency") or {}).get("precision", 2))
    return found if isinstance(found, int) else 2


def _picks(sent: Json, place: str) -> list[Json]:
    picks = sent.get("pick_list_values") or []
    wanted = sent["data_type"] in ("picklist", "multiselectpicklist")
    if wanted and (not picks or not all(one.get("display_value") for one in picks)):
        raise _missing("pick_list_values", place)
    return list(picks) if wanted else []


def update_fields(crm: Crm, asked: Asked, id: str | None) -> Answer:
    """Label, picklist values and length of a custom field; the API name stays as it was made."""
    home = asked_module(crm, asked)
    return _each(
        "fields",
        body(asked),
        crm.switches.fields_at_once,
        lambda one, place: _changed(crm, home, {"id": id, **one} if id else one, place),
        200,
    )


def _changed(crm: Crm, home: Module, sent: Json, place: str) -> Json:
    of = next((one for one in crm.fields(home).values() if one.id == sent.get("id")), None)
    if of is None:
        raise _invalid("id", place)
    of.label = sent.get("field_label", of.label)
    if picks := sent.get("pick_list_values"):
        gone = {one["display_value"] for one in picks if one.get("_delete") or one.get("delete")}
        added = [one.get("actual_value") or one["display_value"] for one in picks]
        of.picks = tuple(one for one in dict.fromkeys([*of.picks, *added]) if one not in gone)
    if "unique" in sent:
        of.unique = sent["unique"] is not None
    return {**success("field updated"), "details": {"id": of.id}}


def delete_field(crm: Crm, asked: Asked, id: str) -> Answer:
    home = asked_module(crm, asked)
    of = next((one for one in crm.fields(home).values() if one.id == id), None)
    if of is None or not of.custom:
        raise Refused("INVALID_DATA", "the id given seems to be invalid", resource_path_index=2)
    of.deleted = True
    return reply({"fields": [{**success("field deleted"), "details": {"id": id}}]})


def _each(
    root: str,
    sent: Json,
    most: int,
    one: Callable[[Any, str], Json],
    good: int = 201,
) -> Answer:
    given = sent.get(root)
    if not isinstance(given, list) or not given:
        message = "required field not found"
        raise Refused("MANDATORY_NOT_FOUND", message, api_name=root, json_path=f"$.{root}")
    if len(given) > most:
        raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=most, api_name=root)
    results = []
    for index, element in enumerate(given):
        try:
            results.append(one(element, f"$.{root}[{index}]"))
        except Bad as bad:
            results.append(bad.element)
    fine = [one["code"] == "SUCCESS" for one in results]
    return reply({root: results}, good if all(fine) else 207 if any(fine) else 400)


def _missing(name: str, place: str) -> Bad:
    message = "required field not found"
    return Bad("MANDATORY_NOT_FOUND", message, api_name=name, json_path=f"{place}.{name}")


def _invalid(name: str, place: str, **details: object) -> Bad:
    return Bad(
        "INVALID_DATA", "invalid data", api_name=name, json_path=f"{place}.{name}", **details
    )
