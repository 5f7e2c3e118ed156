"""The envelope of answers, and errors in it; JSON with exact numbers.

Every answer but that to a login is {"meta": {"status", "errors", "pagination"}, "data"}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import msgspec

from syncd.sandbox.port import Answer, Asked

Json = dict[str, Any]
JSON = {"content-type": "application/json; charset=utf-8"}

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Refused(Exception):
    """The call fails, with what the envelope says of it."""

    def __init__(self, status: int, message: str, field: str | None = None, kind: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.field, self.kind = status, message, field, kind

    def answer(self, *, inside: bool = False, trace: int = 0) -> Answer:
        error: Json = {"field": self.field, "message": self.message}
        if self.kind:
            error |= {"type": self.kind, "trace": ["#0 /var/www/api/Entity.php " + "." * trace]}
        data: object = {} if self.status == 401 else None
        body = {"meta": {"status": self.status, "errors": [error]}, "data": data}
        hidden = inside and self.status not in (401, 429)
        return reply(body, 200 if hidden else self.status)


def invalid(message: str, field: str | None = None) -> Refused:
    return Refused(422, message, field, "ValidationException")


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {**JSON, **(headers or {})}, _encode(body))


def enveloped(data: object, pagination: Json | None = None) -> Answer:
    meta: Json = {"status": 200, "errors": []}
    if pagination is not None:
        meta["pagination"] = pagination
    return reply({"meta": meta, "data": data})


def asked_for(asked: Asked) -> Json:
    """The one object that is the query. Anything else, as `limit=5`, is not understood and says
    nothing."""
    try:
        found = _decode(unquote(asked.query))
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def body(asked: Asked) -> Json:
    found = any_body(asked)
    if not isinstance(found, dict):
        raise invalid("Body must be an object")
    return found


def any_body(asked: Asked) -> Any:
    try:
        return _decode(asked.body or b"{}")
    except msgspec.DecodeError:
        raise invalid("Body is not JSON") from None


def link(value: object) -> tuple[str, str]:
    """Content type and id of a link. Refused where it is none."""
    if not isinstance(value, dict) or not value.get("contentType") or "id" not in value:
        raise invalid("Expected a link {contentType, id}")
    return str(value["contentType"]), str(value["id"])


def bare(type: str, id: str) -> Json:
    return {"contentType": type, "id": id}


def words(text: str) -> Sequence[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
