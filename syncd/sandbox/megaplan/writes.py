"""Creating and changing: only the keys that are sent change, what Megaplan works out itself is
passed over in silence, and a value of the wrong form is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.sandbox.megaplan.account import Account, Entity
from syncd.sandbox.megaplan.schema import (
    CONTRACTOR,
    CONTRACTORS,
    DEAL,
    EMPLOYEE,
    HUMAN,
    STATE,
    Field,
)
from syncd.sandbox.megaplan.show import Showing
from syncd.sandbox.megaplan.wire import Json, Refused, bare, enveloped, invalid, link, words
from syncd.sandbox.port import Answer

CONTACTS = {"email", "jabber", "icq", "skype", "link", "phone", "telegram", "whatsapp", "viber"}


def create(
    account: Account, type: str, sent: Json, employee: str, more: Json | None = None
) -> Answer:
    """`more` is what the address says of it."""
    if type == CONTRACTOR:
        raise Refused(500, "There is no model class for Megaplan\\Api\\Entity\\Contractor")
    _fits(type, sent)
    values = {**checked(account, type, sent, None), **(more or {})}
    for one in account.fields(type).values():
        if one.required and not values.get(one.name):
            raise invalid("Value is required", one.name)
    if type == HUMAN and not (values.get("firstName") or values.get("lastName")):
        raise invalid("Value is required", "firstName")
    if type == DEAL:
        values["state"] = _first_state(account, values["program"])
        values.setdefault("manager", bare(EMPLOYEE, employee))
    if type in CONTRACTORS:
        values.setdefault("responsibles", [bare(EMPLOYEE, employee)])
    made = account.add(type, values, employee)
    account.note(employee, "create", made, sent)
    return answer(account, made)


def update(account: Account, row: Entity, sent: Json, employee: str) -> Answer:
    _fits(row.type, sent)
    if row.id in words(account.switches.locked):
        raise Refused(403, "Access denied")
    values = checked(account, row.type, sent, row)
    for one in account.fields(row.type).values():
        if one.required and one.name in values and not values[one.name]:
            raise invalid("Value is required", one.name)
    account.change(row, values, employee)
    account.note(employee, "update", row, sent)
    return answer(account, row)


def remove(account: Account, row: Entity, employee: str) -> Answer:
    """For good, as far as the API tells."""
    account.note(employee, "delete", row, {})
    row.dropped = True
    del account.entities[row.type][row.id]
    return enveloped(None)


def transit(account: Account, deal: Entity, sent: Json, employee: str) -> Answer:
    """With one of its possible transitions, as it was given."""
    for one in account.transitions(deal):
        if str(sent.get("id")) == one["id"] and sent.get("contentType") == one["contentType"]:
            state = account.linked(one["to"])
            assert state
            account.move(deal, state, employee)
            account.note(employee, "applyTransition", deal, sent)
            return answer(account, deal)
    raise invalid("Transition is not possible", "transition")


def answer(account: Account, row: Entity) -> Answer:
    showing = Showing(account)
    if account.switches.answer == "short":
        return enveloped(showing.rows([row], {}, only=False)[0])
    return enveloped(showing.card(row))


def _fits(type: str, sent: Json) -> None:
    kind = sent.get("contentType")
    if kind == CONTRACTOR:
        raise Refused(500, "There is no model class for Megaplan\\Api\\Entity\\Contractor")
    if kind not in (None, type):
        raise invalid(f"Unexpected contentType {kind}", "contentType")


def _first_state(account: Account, program: Json) -> Json:
    found = account.linked(program)
    if found is None:
        raise invalid("Program not found", "program")
    for state in account.rows(STATE):
        if str(state.values["program"]["id"]) == found.id and state.values["type"] == "active":
            return state.link
    raise invalid("Program has no states", "program")


def checked(account: Account, type: str, sent: Mapping[str, Any], row: Entity | None) -> Json:
    """The values that are taken. Refused for a wrong one."""
    fields = account.fields(type)
    found: Json = {}
    for name, value in sent.items():
        if name in ("contentType", "id"):
            continue
        one = fields.get(name)
        if one is None:
            if account.switches.unknown_keys == "refuse":
                raise invalid(f"{type} has no field {name}", name)
            continue
        if one.read_only:
            continue
        if value is None:
            if account.switches.null_clears or row is None:
                found[name] = None
            continue
        found[name] = _value(account, one, value, row)
    return found


def _value(account: Account, one: Field, value: Any, row: Entity | None) -> Any:
    match one.kind:
        case "text" | "enum":
            if isinstance(value, str):
                return value
        case "number" | "integer":
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                if one.kind == "number":
                    return value
                if value == int(value):
                    return int(value)
        case "flag":
            if isinstance(value, bool):
                return value
        case "money":
            if _is_money(value):
                return {name: value[name] for name in ("contentType", "currency", "value")}
        case "date":
            if _is_day(value):
                return {name: value[name] for name in ("contentType", "year", "month", "day")}
        case "moment":
            return _moment(one, value)
        case "link":
            return _link(account, one, value)
        case "links" if isinstance(value, list):
            return [_link(account, one, each) for each in value]
        case "contacts" if isinstance(value, list):
            return _contacts(account, one, value, row)
        case "computed":  # a country
            return value
    raise invalid(f"Value has the wrong type, expected {one.kind}", one.name)


def _is_money(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("contentType") == "Money"
        and isinstance(value.get("currency"), str)
        and len(value["currency"]) == 3
        and isinstance(value.get("value"), int | Decimal)
    )


def _is_day(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("contentType") != "DateOnly":
        return False
    try:
        dt.date(value["year"], value["month"] + 1, value["day"])
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _moment(one: Field, value: Any) -> dt.datetime:
    """ISO with an offset, or without one, which then is UTC."""
    try:
        found = dt.datetime.fromisoformat(value["value"])
    except (KeyError, TypeError, ValueError):
        raise invalid("Value is no DateTime", one.name) from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _link(account: Account, one: Field, value: Any) -> Json:
    kind, id = link(value)
    found = account.get(kind, id)
    if kind == CONTRACTOR:
        raise Refused(500, "There is no model class for Megaplan\\Api\\Entity\\Contractor")
    if found is None or found.dropped:
        raise invalid(f"{kind} {id} not found", one.name)
    return found.link


def _contacts(account: Account, one: Field, value: list[Any], row: Entity | None) -> list[Json]:
    found = []
    for each in value:
        if not isinstance(each, dict) or not each.get("value"):
            raise invalid("Value is required", one.name)
        kind = each.get("contentType")
        if kind == "ContactInfo" and each.get("type") not in CONTACTS:
            raise invalid(f"Unknown type {each.get('type')}", one.name)
        if kind == "ContactInfo" and each["type"] == "email" and "@" not in each["value"]:
            raise invalid("Value is no e-mail", one.name)
        found.append(each)
    if account.switches.contact_info == "append" and row is not None:
        before = row.values.get(one.name) or []
        return [*before, *(each for each in found if each not in before)]
    return found
