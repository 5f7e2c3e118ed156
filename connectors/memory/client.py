"""What both connectors of the memory world say and understand on the wire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import (
    AccessError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Flow, Identity, Request, Response


def bearer(secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
    """The token itself: there is nothing to ask the system for."""
    yield from ()
    return {"authorization": f"Bearer {secrets['token']}"} if "token" in secrets else {}


def identity(side: str) -> Flow[Identity]:
    body = taken((yield Request("GET", f"/{side}/identity")))
    return Identity(body["id"], body["label"])


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
