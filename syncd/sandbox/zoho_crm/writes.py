"""Calls that write up to 100 records; each element has its own result (vendor: "Insert records",
"Update records", "Upsert records", "Delete records")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm.crm import Crm
from syncd.sandbox.zoho_crm.schema import Module
from syncd.sandbox.zoho_crm.wire import Bad, Json, Refused, body, header_moment, params, reply
from syncd.sandbox.zoho_crm.writing import GONE, Writing

MOST = 100


def writing(crm: Crm, module: Module, user: str, asked: Asked, sent: Json) -> Writing:
    trigger = sent.get("trigger")
    if trigger is not None and not isinstance(trigger, list):
        message = "invalid data"
        raise Refused("INVALID_DATA", message, api_name="trigger", expected_data_type="jsonarray")
    unmodified = header_moment(asked, "if-unmodified-since")
    return Writing(crm, module, user, trigger, externals(crm, module, asked), unmodified)


def externals(crm: Crm, module: Module, asked: Asked) -> dict[str, str]:
    """Of the header `X-EXTERNAL: Module.Field, Module.Lookup.Field`."""
    found = {}
    for one in filter(None, asked.headers.get("x-external", "").replace(" ", "").split(",")):
        parts = one.split(".")
        home, of = module, None
        if len(parts) == 3:
            through = crm.fields(module).get(parts[1])
            home = crm.modules.get(through.lookup, module) if through else module
        of = crm.fields(home).get(parts[-1])
        if len(parts) not in (2, 3) or parts[0] != module.api_name or not (of and of.external):
            message = "the external field given seems to be invalid"
            raise Refused("INVALID_DATA", message, header_name="X-EXTERNAL")
        found[parts[1] if len(parts) == 3 else ""] = of.api_name
    return found


def records(crm: Crm, sent: Json) -> list[Any]:
    if "data" not in sent:
        message = "required field not found"
        raise Refused("MANDATORY_NOT_FOUND", message, api_name="data", json_path="$.data")
    data = sent["data"]
    if not isinstance(data, list) or not data:
        message = "invalid data"
        raise Refused("INVALID_DATA", message, api_name="data", expected_data_type="jsonarray")
    if len(data) > MOST:
        if crm.switches.over_100 == "INVALID_DATA":
            raise Refused("INVALID_DATA", "invalid data", api_name="data", maximum_length=MOST)
        message = "count of records in your request exceeds the limit"
        raise Refused("LIMIT_EXCEEDED", message, maximum_length=MOST, api_name="data")
    return data


def many(
    call: Writing, action: str, data: list[Any], one: Callable[[Json, str], Json], good: int
) -> Answer:
    """Every element on its own, in the order of the request."""
    results = []
    for index, sent in enumerate(data):
        place = f"$.data[{index}]"
        try:
            if not isinstance(sent, dict):
                raise Bad(
                    "INVALID_DATA", "invalid data", json_path=place, expected_data_type="jsonobject"
                )
            results.append(one(sent, place))
        except Bad as bad:
            call.failed(action, sent if isinstance(sent, dict) else {}, bad)
            results.append(bad.element)
    return reply({"data": results}, status(call.crm, results, good))


def status(crm: Crm, results: list[Json], good: int) -> int:
    codes = [one["code"] for one in results]
    if all(code == "SUCCESS" for code in codes):
        return good
    if all(code == "ALREADY_MODIFIED" for code in codes):
        return 412
    mixed = "SUCCESS" in codes
    return crm.switches.mixed_status if mixed else crm.switches.all_bad_status


def insert(crm: Crm, module: Module, user: str, asked: Asked) -> Answer:
    sent = body(asked)
    call = writing(crm, module, user, asked, sent)
    return many(call, "insert", records(crm, sent), call.insert, 201)


def update(crm: Crm, module: Module, user: str, asked: Asked, name: str | None) -> Answer:
    sent = body(asked)
    call = writing(crm, module, user, asked, sent)
    data = records(crm, sent)
    if name is None:
        return many(call, "update", data, call.update, 200)
    row = call.named(name)
    if row is None:
        raise Refused("INVALID_DATA", GONE, resource_path_index=1)
    return many(call, "update", data[:1], lambda one, place: call.update(one, place, row), 200)


def upsert(crm: Crm, module: Module, user: str, asked: Asked) -> Answer:
    sent = body(asked)
    call = writing(crm, module, user, asked, sent)
    known = crm.fields(module)
    names = sent.get("duplicate_check_fields")
    if names is None:
        own = [module.duplicate_field] if module.duplicate_field else []
        wanted = [*own, *(one.api_name for one in module.unique())]
        names = wanted if crm.switches.default_check_fields else []
    for name in names:
        if name not in known:
            raise Refused(
                "INVALID_DATA",
                "the field api name given seems to be invalid",
                api_name="duplicate_check_fields",
                json_path="$.duplicate_check_fields",
            )
    checks = [known[name] for name in names if name in known]
    return many(
        call,
        "upsert",
        records(crm, sent),
        lambda one, place: call.upsert(one, place, checks),
        200,
    )


def delete(crm: Crm, module: Module, user: str, asked: Asked, name: str | None) -> Answer:
    query = params(asked)
    trigger: list[str] | None = [] if query.get("wf_trigger") == "false" else None
    call = Writing(crm, module, user, trigger, externals(crm, module, asked))
    if name is not None:
        names = [name]
    elif not query.get("ids"):
        raise Refused(
            "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="ids"
        )
    else:
        names = query["ids"].split(",")
    if len(names) > MOST:
        raise Refused("LIMIT_EXCEEDED", "limit exceeded", limit=str(MOST), param_name="ids")
    results = []
    for one in names:
        details: Json = {"id": one} if name is None else {"resource_path_index": 1}
        try:
            results.append(call.delete(one, details))
        except Bad as bad:
            call.failed("delete", {"id": one}, bad)
            results.append(bad.element)
    return reply({"data": results}, status(crm, results, 200))
