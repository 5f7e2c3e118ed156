"""GET /services/rest/record/v1/metadata-catalog: which records there are, and their fields."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from syncd.sandbox.netsuite.fields import KINDS, ROOT, Field, RecordKind
from syncd.sandbox.netsuite.store import Store
from syncd.sandbox.netsuite.wire import Json, Refused, here, params, reply
from syncd.sandbox.port import Answer, Asked

SCHEMA, SWAGGER = "application/schema+json", "application/swagger+json"
PATH = "metadata-catalog/"
LINK: Json = {
    "type": "object",
    "properties": {
        "rel": {"title": "Relationship", "type": "string", "readOnly": True},
        "href": {"title": "Hypertext Reference", "type": "string", "readOnly": True},
    },
}
TYPES = {
    "flag": {"type": "boolean"},
    "number": {"type": "number", "format": "double"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
}


@dataclass
class Catalog:
    store: Store
    asked_before: set[str] = field(default_factory=set)

    def answer(self, asked: Asked, rest: list[str]) -> Answer:
        if asked.method != "GET":
            raise Refused("METHOD_NOT_ALLOWED", f"Method {asked.method} is not allowed.", 405)
        accept = asked.headers.get("accept", "")
        if rest:
            if rest[0] == "nsLink":
                return _typed(LINK, SCHEMA)
            kind = KINDS.get(rest[0].lower())
            if kind is None:
                raise Refused("INVALID_URL", f"Record type '{rest[0]}' does not exist.", 404)
            return _typed(self.described(kind), SCHEMA)
        wanted = params(asked).get("select", "")
        kinds = [KINDS[one.lower()] for one in wanted.split(",") if one.lower() in KINDS]
        kinds = kinds or list(KINDS.values())
        if SWAGGER in accept:
            schemas = {one.api: self.described(one) for one in kinds}
            return _typed(
                {
                    "openapi": "3.0.1",
                    "info": {"title": "NetSuite REST API", "version": "v1"},
                    "paths": {f"/{one.api}": {} for one in kinds},
                    "components": {"schemas": schemas},
                },
                SWAGGER,
            )
        return reply({"items": [_item(asked, one) for one in kinds]}, kind="collection")

    def described(self, kind: RecordKind) -> Json:
        """JSON Schema."""
        made: Json = {"type": "object", "x-ns-filterable": ["lastModifiedDate", "externalId"]}
        first = kind.api not in self.asked_before
        self.asked_before.add(kind.api)
        if first and self.store.switches.empty_schema_first:
            return made
        properties: Json = {"links": {"type": "array", "items": {"$ref": f"{ROOT}{PATH}nsLink"}}}
        properties |= {one.name: _property(one) for one in kind.every(self.store)}
        properties |= {one: {"type": "object"} for one in kind.sublists}
        if not self.store.switches.oneworld:
            properties.pop("subsidiary", None)
        return {**made, "properties": properties}


def _property(of: Field) -> Json:
    made: Json = {"title": of.name, "x-ns-custom-field": of.custom}
    if of.refers:
        kinds = {
            "id": {"type": "string"},
            "refName": {"type": "string"},
            "externalId": {"type": "string"},
        }
        return {**made, "type": "object", "properties": kinds}
    made |= TYPES.get(of.kind, {"type": "string"})
    return {**made, "nullable": True, **({} if of.writable else {"readOnly": True})}


def _item(asked: Asked, kind: RecordKind) -> Json:
    address = f"{here(asked)}{ROOT}metadata-catalog/{kind.api}"
    return {
        "name": kind.api,
        "links": [
            {"rel": "canonical", "href": address, "mediaType": "application/json"},
            {"rel": "describes", "href": f"{here(asked)}{ROOT}{kind.api}"},
            {"rel": "alternate", "href": address, "mediaType": SWAGGER},
            {"rel": "alternate", "href": address, "mediaType": SCHEMA},
        ],
    }


def _typed(body: Json, kind: str) -> Answer:
    return Answer(200, {"content-type": kind}, json.dumps(body, ensure_ascii=False).encode())
