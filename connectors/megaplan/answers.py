"""Megaplan's answers: an envelope whose own status counts, whatever that of HTTP is.

Within one answer an entity is whole where it is met first, and a bare {contentType, id} wherever it
is met again; `ask` puts the whole one there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import (
    AccessError,
    DoubtError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from syncd.port import Flow, Request, Response

from .values import Json

API = "/api/v3/"
LONGEST = 200
"""Characters of a refusal that are worth reading; a trace may have millions."""


class ForbiddenError(AccessError):
    """This employee may not see or change this one thing."""


@dataclass(frozen=True, slots=True)
class Told:
    """The data of an answer; `limit` is how many rows a page of it could have, None where it does
    not say; `date` the server's clock."""

    data: Any
    limit: int | None
    date: dt.datetime | None


def ask(
    method: str, path: str, asks: object = None, body: object = None, *, write: bool = False
) -> Flow[Any]:
    """One request; the data of its answer."""
    request = Request(method, API + path, json=body, asks=asks, write=write)
    response = yield request
    return accepted(request, response)["data"]


def listed(path: str, asks: Mapping[str, Any]) -> Flow[Told]:
    """One page of a list."""
    request = Request("GET", API + path, asks=asks)
    response = yield request
    body = accepted(request, response)
    limit = (body["meta"].get("pagination") or {}).get("limit")
    if not isinstance(body["data"], list):
        raise ProtocolError(f"Megaplan answered {request.path} without a list")
    return Told(body["data"], limit if isinstance(limit, int) else None, clock(response))


def clock(response: Response) -> dt.datetime | None:
    date = response.headers.get("date")
    return parsedate_to_datetime(date).astimezone(dt.UTC) if date else None


def accepted(request: Request, response: Response) -> Json:
    """The envelope, its data whole.

    Raises AccessError (401), ForbiddenError (403), NotFoundError, RejectedError, ProtocolError, and
    for what came inside of HTTP 200: RateLimitedError, UnavailableError, and DoubtError for a write
    whose outcome is open.
    """
    try:
        body = response.json()
        meta = body["meta"]
        status = int(meta["status"])
        errors, data = meta.get("errors") or [], body.get("data")
    except (ProtocolError, KeyError, TypeError, ValueError, AttributeError):
        said = f"HTTP {response.status} to {request.path}, which is not Megaplan's envelope"
        if request.write and response.status < 300:
            raise DoubtError(f"Megaplan took a write: {said}") from None
        if response.status in (401, 403):
            raise AccessError(said) from None
        raise ProtocolError(said) from None
    if status == 200 and response.status < 300:
        return {"meta": meta, "data": whole(data)}
    raise _refusal(request, status if status != 200 else response.status, errors)


def _refusal(request: Request, status: int, errors: Any) -> Exception:
    first = errors[0] if isinstance(errors, list) and errors else {}
    field = str(first["field"]) if first.get("field") else None
    said = str(first.get("message") or f"status {status}")[:LONGEST]
    about = f"{request.method} {request.path}"
    match status:
        case 401:
            return AccessError(f"Megaplan refuses the login: {said} ({about})")
        case 403:
            return ForbiddenError(f"the employee of syncd has no right to {about}: {said}")
        case 404:
            return NotFoundError(f"Megaplan has no such entity ({about})")
        case 429:
            return RateLimitedError(f"Megaplan limits the rate of requests: {said}")
        case 400 | 409 | 422:
            return RejectedError(said, field)
    if status >= 500 and request.write:
        return DoubtError(f"Megaplan answered status {status} to {about}: {said}", answered=True)
    if status >= 500:
        return UnavailableError(f"Megaplan answered status {status} to {about}: {said}")
    return ProtocolError(f"Megaplan answered status {status} to {about}: {said}")


def whole(data: Any) -> Any:
    """With each entity whole wherever it stands, but not inside of itself."""
    full: dict[tuple[str, str], Json] = {}
    _collect(data, full)
    return _filled(data, full, frozenset()) if full else data


def _key(node: Mapping[str, Any]) -> tuple[str, str] | None:
    kind, id = node.get("contentType"), node.get("id")
    return (kind, str(id)) if isinstance(kind, str) and isinstance(id, str | int) else None


def _collect(node: Any, full: dict[tuple[str, str], Json]) -> None:
    if isinstance(node, dict):
        key = _key(node)
        if key and len(node) > max(2, len(full.get(key, ()))):
            full[key] = node
        for value in node.values():
            _collect(value, full)
    elif isinstance(node, list):
        for value in node:
            _collect(value, full)


def _filled(
    node: Any, full: Mapping[tuple[str, str], Json], around: frozenset[tuple[str, str]]
) -> Any:
    if isinstance(node, list):
        return [_filled(value, full, around) for value in node]
    if not isinstance(node, dict):
        return node
    key = _key(node)
    if key:
        if len(node) == 2:
            if key in around or key not in full:
                return node
            node = full[key]
        around |= {key}
    return {name: _filled(value, full, around) for name, value in node.items()}
