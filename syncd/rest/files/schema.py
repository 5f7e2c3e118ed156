"""A JSON Schema of connector files, for editors; from the words that the reader of them knows.

Draft 7, which yaml-language-server knows best. What a word in braces may be, and what has to go
together, only `syncd check` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from syncd.port import Tier
from syncd.rest.answers import Means
from syncd.rest.files import pages, reads
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
CHANGES = table(
    {
        **{name: {"type": "object"} for name in ("query", "headers", "form")},
        **TIME,
        "body": BODY,
        "inclusive": FLAG,
        "granularity": {"enum": list(reads.GRAINS)},
        "ordered": FLAG,
    }
)
READ: Mapping[str, Schema] = {
    "object": TEXT,
    "list": call(),
    "records": PATH,
    "key": PATH,
    "stamp": TEXTS,
    "stamped": FLAG,
    "time": table(TIME),
    "changes": CHANGES,
    "paging": PAGING,
    "by_key": call({"records": PATH, "batch": COUNT}),
    "within": table({"list": call(), "records": PATH, "key": PATH, "paging": PAGING}, ["list"]),
    "empty": TEXTS,
    "values": FORMS,
}
PARENTS: Schema = {"anyOf": [TEXTS, {"type": "object", "additionalProperties": PATH}]}
WRITE: Mapping[str, Schema] = {
    "tier": {"enum": [str(tier) for tier in Tier]},
    "fields": FORMS,
    "custom_fields": table(
        {
            "prefix": TEXT,
            "known": call(),
            "records": PATH,
            "name": PATH,
            "create": call(write=True),
        },
        ["prefix"],
    ),
    "fixed": TEXTS,
    "unique": TEXT,
    "marker": TEXT,
    "parents": PARENTS,
    "either": PARENTS,
    **{name: call(write=True) for name in ("create", "update", "remove")},
    "whole": FLAG,
    **{name: call() for name in ("by_id", "list", "find")},
    "records": PATH,
    "paging": PAGING,
    "object": PATH,
    "values": PATH,
    "flat": FLAG,
    "made": FLAG,
    "id": PATH,
    "new_id": {"anyOf": [PATH, table({"header": TEXT}, ["header"])]},
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
}
LOGIN: Mapping[str, Schema] = {
    "token": PATH,
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
        "text": TEXT,
        "means": {"enum": [str(one) for one in Means]},
        "field": TEXT,
    },
    ["means"],
)
HEAD: Mapping[str, Schema] = {
    "connector": TEXT,
    "kind": {"const": "rest"},
    "version": {"const": 1},
    "base": {"type": "string", "pattern": "^/"},
    "headers": TABLE,
    "options": TABLE,
    "auth": table(AUTH),
    "identity": call({"id": PATH, "label": PATH})["anyOf"][1] | {"required": ["id"]},
    "answers": {"type": "array", "items": RULE},
    "errors": table({"message": PATH, "field": PATH}),
    "doubt_time": COUNT,
    "currencies": TEXTS,
    "hourly": COUNT,
    "defaults": table({"read": table(READ), "write": table(WRITE)}),
    "read": table({str(kind): table(READ) for kind in reads.KINDS}),
    "write": {"type": "object", "additionalProperties": table(WRITE)},
}


def schema() -> Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Connector files of kind rest, made by `syncd connector schema`",
        **table(HEAD, ["connector", "kind", "version", "identity"]),
        "definitions": {
            "status": {"anyOf": [{"type": "integer"}, {"pattern": "^[1-5](\\d\\d|xx)$"}]}
        },
    }
