"""A JSON Schema of connector files, for editors; from the words that the reader of them knows.

Draft 7, which yaml-language-server knows best. What a word in braces may be, and what has to go
together, only `syncd check` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from syncd.port import Tier
from syncd.rest import custom, wire
from syncd.rest.answers import Means
from syncd.rest.files import access, pages, reads
from syncd.rest.files.calls import METHODS, PARTS
from syncd.rest.values import TYPES

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "integer", "boolean"]}
TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
TABLE: Schema = {"type": "object", "additionalProperties": TEXT}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 1}
PATH: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
TIME: Schema = {"format": TEXT, "zone": TEXT}
BODY: Schema = {}
FORMS: Schema = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": f"^({'|'.join(TYPES)})( as .+)?$"},
}


def table(lines: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    found: Schema = {"type": "object", "properties": dict(lines), "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})


def call(also: Mapping[str, Schema] | None = None, *, write: bool = False) -> Schema:
    methods = METHODS if write else ("get", "post")
    lines = {name: {"type": "string", "pattern": "^/[^?]*$"} for name in methods}
    parts = {"query": {"type": "object"}, "headers": TABLE, "body": BODY, "form": TABLE}
    assert tuple(parts) == PARTS
    one = [{"required": [name]} for name in methods]
    found = table({**lines, **parts, **(also or {})}) | {"oneOf": one}
    return found if write else {"anyOf": [{"type": "string", "pattern": "^/[^?]*$"}, found]}


CALL: Schema = {"$ref": "#/definitions/call"}
PAGING = table(
    {
        "type": {"enum": list(pages.PAGINGS)},
        "size": COUNT,
        "first": {"type": "integer", "minimum": 0},
        "header": TEXT,
        **dict.fromkeys(("more", "total", "pages", "at", "by"), PATH),
    },
    ["type"],
)
PART = table({"query": {"type": "object"}, "headers": TABLE, "records": PATH, "total": PATH})
LIST_PARTS: Schema = {"type": "array", "items": PART, "minItems": 1}
ERRORS = table(dict.fromkeys(access.SAYS, PATH))
LIST: Mapping[str, Schema] = {
    "list": CALL,
    "records": PATH,
    "key": PATH,
    "paging": PAGING,
    "parts": LIST_PARTS,
}
TOUCHED = table({**LIST, "value": PATH, "of": PATH, "stamp": TEXTS}, ["list", "value"])
WITH = table(
    {**LIST, "of": PATH, "match": TEXTS, "batch": COUNT, "single": FLAG},
    ["list", "match"],
)
CHANGES = table(
    {
        **{name: {"type": "object"} for name in ("query", "headers", "form")},
        **TIME,
        "body": BODY,
        "inclusive": FLAG,
        "granularity": {"enum": list(reads.GRAINS)},
        "ordered": FLAG,
        "back": COUNT,
        "touched": {"type": "object", "additionalProperties": TOUCHED},
    }
)
OVER = table({**{name: {"type": "object"} for name in ("query", "headers", "form")}, "body": BODY})
READ: Mapping[str, Schema] = {
    "object": TEXT,
    "list": CALL,
    "records": PATH,
    "key": PATH,
    "stamp": TEXTS,
    "stamped": FLAG,
    "time": table(TIME),
    "changes": CHANGES,
    "paging": PAGING,
    "by_key": call({"records": PATH, "batch": COUNT}),
    "within": table(LIST, ["list"]),
    "empty": TEXTS,
    "values": FORMS,
    "parts": LIST_PARTS,
    "words": TABLE,
    "described": {"anyOf": [{"const": reads.BY_RECORDS}, call(dict.fromkeys(reads.TELLING, PATH))]},
    "with": {"type": "object", "additionalProperties": WITH},
    "adds": {"type": "object"},
}
PARENTS: Schema = {"anyOf": [TEXTS, {"type": "object", "additionalProperties": PATH}]}
STEP = call({"needs": TEXTS, "when": TABLE}, write=True)
THEN: Schema = {"type": "array", "items": STEP}
NEW_ID = table({"header": TEXT, "marked": PATH}) | {"minProperties": 1, "maxProperties": 1}
STATE = table(
    {
        "names": TABLE,
        "others": TEXT,
        "calls": {"type": "object", "additionalProperties": call(write=True)},
    },
    ["calls"],
)
WRITE: Mapping[str, Schema] = {
    "tier": {"enum": [str(tier) for tier in Tier]},
    "fields": FORMS,
    "custom_fields": table(
        {
            "prefix": TEXT,
            "known": CALL,
            "records": PATH,
            "name": PATH,
            "create": call(write=True),
            "types": table(dict.fromkeys(custom.TYPES, TEXT)),
            "type": PATH,
            "usable": PATH,
            "id": PATH,
            "restore": call(write=True),
        },
        ["prefix"],
    ),
    "fixed": TEXTS,
    "unique": TEXT,
    "marker": TEXT,
    "parents": PARENTS,
    "either": PARENTS,
    **{name: call({"then": THEN}, write=True) for name in ("create", "update")},
    "remove": call(write=True),
    "whole": FLAG,
    **{name: CALL for name in ("by_id", "list")},
    "find": call({"by": {"type": "object", "additionalProperties": OVER}}),
    "records": PATH,
    "paging": PAGING,
    "object": PATH,
    "values": PATH,
    "flat": FLAG,
    "made": FLAG,
    "id": PATH,
    "new_id": {"anyOf": [PATH, NEW_ID]},
    "batch": call(
        {
            "size": {"type": "integer", "minimum": 2},
            "results": PATH,
            **dict.fromkeys(("create", "update", "remove"), BODY),
        },
        write=True,
    ),
    "empty": TEXTS,
    "clear": TEXT,
    "marked": {"type": "string", "pattern": "{text}.+{marker}|{marker}.+{text}"},
    "states": {"type": "object", "additionalProperties": STATE},
    "parts": LIST_PARTS,
    "singly": FLAG,
    "words": TABLE,
}
LOGIN: Mapping[str, Schema] = {
    "token": {"anyOf": [PATH, {"type": "object", "additionalProperties": PATH}]},
    "token_header": TEXT,
    "lasts": PATH,
    "address": PATH,
}
OAUTH = call({**LOGIN, "scope": TEXT, "client": {"enum": ["basic", "form"]}})["anyOf"][1]
AUTH: Mapping[str, Schema] = {
    "bearer": TEXT,
    "basic": table({"username": TEXT, "password": TEXT}, ["username", "password"]),
    "client_credentials": OAUTH,
    "refresh_token": OAUTH,
    "login": call(LOGIN)["anyOf"][1],
    "headers": TABLE,
    "query": TABLE,
    "over": TEXT,
}
RULE = table(
    {
        "status": {"anyOf": [{"$ref": "#/definitions/status"}, {"type": "array"}]},
        "body": TABLE,
        "there": PATH,
        "text": TEXT,
        "means": {"enum": [str(one) for one in Means]},
        "field": TEXT,
    },
    ["means"],
)


def _offable(lines: Mapping[str, Schema]) -> Mapping[str, Schema]:
    """A line of `defaults` is switched off with `none`."""
    return {name: {"anyOf": [one, {"const": "none"}]} for name, one in lines.items()}


KIND: Schema = {"$ref": "#/definitions/kind"}
TARGET: Schema = {"$ref": "#/definitions/target"}
HEAD: Mapping[str, Schema] = {
    "connector": TEXT,
    "kind": {"const": "rest"},
    "version": {"const": 1},
    "base": {"type": "string", "pattern": "^/"},
    "headers": TABLE,
    "options": TABLE,
    "auth": table(AUTH),
    "context": {
        "type": "object",
        "additionalProperties": call({"at": PATH})["anyOf"][1] | {"required": ["at"]},
    },
    "constants": {"type": "object"},
    "identity": call({"id": PATH, "label": PATH})["anyOf"][1] | {"required": ["id"]},
    "answers": {"type": "array", "items": RULE},
    "errors": {"anyOf": [ERRORS, {"type": "array", "items": ERRORS}]},
    "objects": table({name: {"type": "object"} for name in wire.PARTS}),
    "strip": TEXT,
    "keys": {"enum": ["text", "number"]},
    "doubt_time": COUNT,
    "currencies": TEXTS,
    "hourly": COUNT,
    "in_flight": COUNT,
    "defaults": table({"read": KIND, "write": TARGET}),
    "read": table({str(kind): KIND for kind in reads.KINDS}),
    "write": {"type": "object", "additionalProperties": TARGET},
}


def _with_constants(shape: Any) -> Any:
    """The same, where each value may be a constant of the file."""
    if not isinstance(shape, Mapping):
        return [_with_constants(one) for one in shape] if isinstance(shape, list) else shape
    found = {name: _with_constants(one) for name, one in shape.items()}
    for name, one in shape.get("properties", {}).items():
        found["properties"][name] = _constant_or(_with_constants(one))
    if isinstance(shape.get("additionalProperties"), Mapping):
        found["additionalProperties"] = _constant_or(found["additionalProperties"])
    return found


def _constant_or(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"$ref": "#/definitions/constant"}]} if shape else shape


def schema() -> Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Connector files of kind rest, made by `syncd connector schema`",
        **_with_constants(table(HEAD, ["connector", "kind", "version", "identity"])),
        "definitions": {
            "call": _with_constants(call()),
            "kind": _with_constants(table(_offable(READ))),
            "target": _with_constants(table(_offable(WRITE))),
            "constant": {"type": "string", "pattern": "^\\{constant\\.[^{}]+\\}$"},
            "status": {"anyOf": [{"type": "integer"}, {"pattern": "^[1-5](\\d\\d|xx)$"}]},
        },
    }
