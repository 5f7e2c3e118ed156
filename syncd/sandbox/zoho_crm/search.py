"""Search (vendor: "Search records"): of the index, which is behind by some seconds, so that a
record just written may be missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm.coql import Rows
from syncd.sandbox.zoho_crm.coql_text import Test
from syncd.sandbox.zoho_crm.crm import Crm, Row
from syncd.sandbox.zoho_crm.reads import FIELDS, MOST, number
from syncd.sandbox.zoho_crm.schema import Module
from syncd.sandbox.zoho_crm.wire import Json, Refused, nothing, params, reply

MOST_CONDITIONS = 15
MOST_ROWS = 2_000
ONE = re.compile(r"\(([\w.]+):(\w+):((?:[^()\\]|\\.)*)\)")
SIGNS = {
    "equals": "=",
    "not_equal": "!=",
    "greater_than": ">",
    "greater_equal": ">=",
    "less_than": "<",
    "less_equal": "<=",
    "in": "in",
    "between": "between",
    "starts_with": "like",
}
Fits = Callable[[Row], bool]


def search(crm: Crm, module: Module, asked: Asked) -> Answer:
    query = params(asked)
    size, page = number(query, "per_page", MOST, MOST), number(query, "page", 1, None)
    if page * size > MOST_ROWS:
        raise Refused("LIMIT_REACHED", "limit reached", limit=MOST_ROWS)
    if "criteria" in query:
        fits = criteria(Rows(crm, module), query["criteria"])
    elif "email" in query:
        fits = _kind(crm, module, "email", query["email"])
    elif "phone" in query:
        fits = _kind(crm, module, "phone", query["phone"])
    elif len(query.get("word", "")) >= 2:
        fits = _word(query["word"].casefold())
    else:
        message = "One of the expected parameter is missing"
        names = ["criteria", "email", "phone", "word"]
        raise Refused("EXPECTED_PARAM_MISSING", message, param_names=names)
    known = crm.now() - timedelta(seconds=crm.switches.index_delay)
    rows = [one for one in crm.rows[module.api_name].values() if one.modified <= known]
    if module.api_name == "Leads" and query.get("converted", "false") != "both":
        true = query.get("converted") == "true"
        rows = [one for one in rows if bool(one.values.get("Converted__s")) == true]
    found = sorted(filter(fits, rows), key=lambda one: int(one.id), reverse=True)
    cut = found[(page - 1) * size : page * size]
    if not cut:
        return nothing()
    wanted = query["fields"].split(",")[:FIELDS] if query.get("fields") else None
    more = len(found) > page * size
    info: Json = {"per_page": size, "count": len(cut), "page": page, "more_records": more}
    info |= {"sort_by": "id", "sort_order": "desc"}
    return reply({"data": [crm.shown(one, wanted) for one in cut], "info": info})


def _kind(crm: Crm, module: Module, kind: str, text: str) -> Fits:
    names = [one.api_name for one in crm.fields(module).values() if one.data_type == kind]
    wanted = text.casefold()
    return lambda row: any(str(row.values.get(one) or "").casefold() == wanted for one in names)


def _word(wanted: str) -> Fits:
    return lambda row: any(
        wanted in value.casefold() for value in row.values.values() if isinstance(value, str)
    )


def criteria(rows: Rows, text: str) -> Fits:
    """`((Name:equals:A)and(Phone:equals:1))`; brackets and commas of a value are escaped."""
    if len(ONE.findall(text)) > MOST_CONDITIONS:
        raise Refused("CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded", limit=MOST_CONDITIONS)
    fits, rest = _either(rows, text.strip())
    if rest:
        raise _wrong()
    return fits


def _either(rows: Rows, text: str) -> tuple[Fits, str]:
    left, rest = _one(rows, text)
    while word := re.match(r"\s*(and|or)\s*", rest):
        right, rest = _one(rows, rest[word.end() :])
        left = _joined(word[1], left, right)
    return left, rest.strip()


def _joined(word: str, left: Fits, right: Fits) -> Fits:
    if word == "and":
        return lambda row: left(row) and right(row)
    return lambda row: left(row) or right(row)


def _one(rows: Rows, text: str) -> tuple[Fits, str]:
    if found := ONE.match(text):
        name, operator, raw = found.groups()
        values = [re.sub(r"\\(.)", r"\1", one) for one in re.split(r"(?<!\\),", raw)]
        sign = SIGNS.get(operator)
        if sign is None:
            raise _wrong(operator=operator)
        value: object = values if sign in ("in", "between") else ",".join(values)
        test = Test(name, sign, f"{value}%" if sign == "like" else value)
        return rows.tester(test), text[found.end() :]
    if text.startswith("("):
        fits, rest = _either(rows, text[1:])
        if rest.startswith(")"):
            return fits, rest[1:]
    raise _wrong()


def _wrong(**details: object) -> Refused:
    return Refused("INVALID_QUERY", "Invalid query formed", **details)
