"""BottleCRM's answers, read with suspicion: what each status means, and what a refusal names.

A refusal is 400 with `errors` = {field: [text]}, {field: text}, {field: {key: text}} or plain text,
or with `message`, or with `detail`; an id that is no UUID is a 404 page in HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Flow, Request, Response

_PATHS = {
    "invoice_title": "title",
    "line_items": "amount",
    "account_id": "account",
    "contact_id": "contact",
    "comment": "text",
}
"""BottleCRM's names where the path a mapping writes is another."""


def ask(
    method: str, path: str, body: object = None, query: Mapping[str, str] | None = None
) -> Flow[Any]:
    """One request; the decoded body of its answer, or what `accepted` raises."""
    request = Request(method, path, query or {}, body, write=method != "GET")
    response = yield request
    return accepted(request, response)


def accepted(request: Request, response: Response) -> Any:
    """The decoded body of a 2xx answer.

    Raises AccessError (401, 403 and switched-off modules), NotFoundError (404), DuplicateError and
    RejectedError (400, 405, 409, and 403 for one record), ProtocolError, and DoubtError for a write
    whose good answer cannot be read.
    """
    status = response.status
    if 200 <= status < 300:
        try:
            return response.json()
        except ProtocolError as unreadable:
            if not request.write:
                raise
            raise DoubtError(f"BottleCRM took a write: {unreadable}") from None
    body = _body(response)
    text = _sentence(body) or f"HTTP {status}"
    if status == 403 and body.get("errors"):
        raise RejectedError(text)  # of this record: a token that is refused is told by `detail`
    if status in (401, 403):
        # A wrong, revoked or expired token is 403 here, as is one whose scopes do not reach.
        raise AccessError(f"BottleCRM refused the token: {text}")
    if status == 404 and body.get("code") == "module_off":
        raise AccessError(f"BottleCRM does not offer this: {text}")
    if status == 404:
        raise NotFoundError(f"not found in BottleCRM ({request.path}): {text}")
    if status in (400, 405, 409):
        raise _refusal(body, text)
    raise ProtocolError(f"BottleCRM answered HTTP {status} to {request.method} {request.path}")


def _body(response: Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ProtocolError:
        return {}
    return body if isinstance(body, dict) else {}


def _refusal(body: Mapping[str, Any], text: str) -> RejectedError:
    named = next(((field, said) for field, said in _named(body.get("errors"))), None)
    field = named[0] if named else None
    if named and "already exists with this" in named[1]:
        return DuplicateError(text, field)
    return RejectedError(text, field)


def _sentence(body: Mapping[str, Any]) -> str:
    errors = list(_named(body.get("errors")))
    if errors:
        return "; ".join(f"{field}: {said}" if field else said for field, said in errors)
    return str(body.get("message") or body.get("detail") or "")


def _named(errors: object, field: str | None = None) -> Iterator[tuple[str | None, str]]:
    """Every (path, text) in an `errors` value, however deep it is nested."""
    if isinstance(errors, dict):
        for name, value in errors.items():
            if name == "non_field_errors":
                yield from _named(value, field)
            elif field == "custom_fields":
                yield from _named(value, f"custom_fields.{name}")
            else:
                # Inside line_items the column's name would say nothing to who wrote `amount`.
                yield from _named(value, field or _PATHS.get(name, name))
    elif isinstance(errors, list):
        for value in errors:
            yield from _named(value, field)
    elif errors:
        yield field, str(errors)
