"""Envelopes of answers and errors (vendor: "Status codes", and the published OpenAPI files)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from syncd.sandbox.port import Answer, Asked

JSON = {"content-type": "application/json;charset=UTF-8"}
Json = dict[str, Any]


class Refused(Exception):
    """The whole call fails: `{code, details, message, status}`."""

    def __init__(self, code: str, message: str, status: int = 400, /, **details: object) -> None:
        super().__init__(code)
        self.status = status
        self.body = failure(code, message, details)

    @property
    def answer(self) -> Answer:
        return reply(self.body, self.status)


class Bad(Exception):
    """One element of a call fails."""

    def __init__(self, code: str, message: str, /, **details: object) -> None:
        super().__init__(code)
        self.element = failure(code, message, details)


def failure(code: str, message: str, details: Mapping[str, object]) -> Json:
    return {"code": code, "details": dict(details), "message": message, "status": "error"}


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    text = json.dumps(body, ensure_ascii=False).encode()
    return Answer(status, {**JSON, **(headers or {})}, text)


def nothing(status: int = 204) -> Answer:
    """204 and 304 have no body and no content type: the vendor's own client dies of another one."""
    return Answer(status)


def params(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.query, keep_blank_values=True))


def body(asked: Asked) -> Json:
    """Of a call, whatever content type it says: the vendor's own client says none."""
    try:
        found = json.loads(asked.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("INVALID_DATA", "body", expected_data_type="jsonobject")
    return found


def moment(text: str) -> datetime:
    """ISO 8601 with an offset, whole seconds. ValueError for anything else."""
    found = datetime.fromisoformat(text)
    if "T" not in text or found.tzinfo is None or found.microsecond:
        raise ValueError(text)
    return found.astimezone(UTC)


def header_moment(asked: Asked, name: str) -> datetime | None:
    text = asked.headers.get(name)
    if text is None:
        return None
    try:
        return moment(text)
    except ValueError:
        raise Refused(
            "INVALID_DATA",
            "the header value given seems to be invalid",
            header_name=name.title(),
            expected_data_type="datetime",
        ) from None


def size(asked: Asked) -> int:
    """Records in the body of a call."""
    try:
        return len(json.loads(asked.body)["data"])
    except (ValueError, KeyError, TypeError):
        return 1


def paired(of: Mapping[str, str]) -> str:
    """A hash would do; equal for equal parameters."""
    return json.dumps(sorted(of.items()))
