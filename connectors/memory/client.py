"""What both connectors of the memory world say and understand on the wire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import (
    AccessError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Flow, Identity, Record, Request, Response, fields_of


def bearer(secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
    """The token itself: there is nothing to ask the system for."""
    yield from ()
    return {"authorization": f"Bearer {secrets['token']}"} if "token" in secrets else {}


def identity(side: str) -> Flow[Identity]:
    body = taken((yield Request("GET", f"/{side}/identity")))
    return Identity(body["id"], body["label"])


def described(object: str, records: Sequence[Record]) -> dict[str, str]:
    """What these records have; of `payments/allocations` what the rows of that part have."""
    base, _, part = object.partition("/")
    rows = [record.data for record in records]
    if not part:
        return fields_of(base, rows)
    inner = [row.get(part) for row in rows]
    lists = [one if isinstance(one, list) else [one] for one in inner if one]
    return fields_of(object, [row for one in lists for row in one if isinstance(row, dict)])


def taken(response: Response) -> Any:
    """The body of a good answer. Raises AccessError, RejectedError, ProtocolError."""
    if response.status < 300:
        return response.json()
    if response.status == 401:
        raise AccessError("the token is not valid")
    body = response.json()
    if response.status == 403:
        raise AccessError(body["error"]["text"])
    if not isinstance(body, dict) or "error" not in body:
        raise ProtocolError(f"HTTP {response.status} without a reason")
    raise refused(body["error"])


def refused(error: Mapping[str, Any]) -> RejectedError:
    if error["code"] == "missing":
        return NotFoundError(error["text"], error["field"])
    if error["code"] == "duplicate":
        return DuplicateError(error["text"], error["field"])
    return RejectedError(error["text"], error["field"])


def source_time(response: Response) -> dt.datetime | None:
    date = response.headers.get("date")
    return parsedate_to_datetime(date) if date else None
