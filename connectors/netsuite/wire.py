"""NetSuite on the wire: SuiteQL for reading, the record API for writing, and what an answer means.

- A query is a POST with `Prefer: transient`, and changes nothing. Every value of its answer is a
  text, what is empty is left out, and names are in small letters.
- Pages have no snapshot behind them and may shift. So each query here ends with one page: the next
  one begins behind the last id, or asks for fewer keys.
- A refusal is `o:errorDetails` with a code and a sentence, in English whatever the user's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    SyncdError,
    UnavailableError,
)
from syncd.port import Flow, Request, Response

QUERY = "/services/rest/query/v1/suiteql"
RECORDS = "/services/rest/record/v1"
MOST = 1000
"""Rows in one answer, and items of one IN."""
KEYS = 500
"""Asked for at once, where each may have several rows."""

Row = Mapping[str, Any]

_DUPLICATE = ("already exists", "already been used", "has already been")
_LOGIN = (
    "NetSuite refuses the login: see Setup > Users/Roles > User Management > View Login Audit Trail"
)


class HiddenError(AccessError):
    """A table or field that is not there, or that the role may not see: NetSuite says the same."""


class Answer(NamedTuple):
    rows: list[Row]
    more: bool
    total: int


class Wire:
    """The requests of one connection. `now` is the server's clock at its last answer, `host` where
    its answers say that they are."""

    def __init__(self) -> None:
        self.now: dt.datetime | None = None
        self.links: str = ""

    def query(self, text: str, limit: int = MOST) -> Flow[Answer]:
        """The first page of the answer. HiddenError, AccessError, ProtocolError."""
        response = yield from self._send(
            Request(
                "POST",
                QUERY,
                {"limit": str(limit), "offset": "0"},
                {"q": text},
                headers={"Prefer": "transient"},
            )
        )
        if response.status != 200:
            raise _unread(response)
        body = response.json()
        items = body.get("items") if isinstance(body, dict) else None
        if not isinstance(items, list) or not isinstance(body.get("hasMore"), bool):
            raise ProtocolError("NetSuite answered a query without items")
        self.links = next((str(one.get("href")) for one in body.get("links") or ()), self.links)
        total = body.get("totalResults")
        rows: list[Row] = [{n: v for n, v in one.items() if n != "links"} for one in items]
        return Answer(rows, body["hasMore"], int(total) if total is not None else len(rows))

    def rows(self, text: str) -> Flow[list[Row]]:
        """Of a query whose answer fits one page. ProtocolError where it does not."""
        answer = yield from self.query(text)
        if answer.more:
            raise ProtocolError(f"NetSuite has more than {MOST} rows for one: {_table(text)}")
        return answer.rows

    def by_keys(self, keys: Sequence[str], text: Callable[[str], str]) -> Flow[list[Row]]:
        """The rows of all these keys; `text` makes the query of a list for IN. What does not fit
        one page is asked for in two."""
        found: list[Row] = []
        for start in range(0, len(keys), KEYS):
            found += yield from self._of(keys[start : start + KEYS], text)
        return found

    def _of(self, keys: Sequence[str], text: Callable[[str], str]) -> Flow[list[Row]]:
        answer = yield from self.query(text(", ".join(keys)))
        if not answer.more:
            return answer.rows
        if len(keys) == 1:
            raise ProtocolError(f"NetSuite has more than {MOST} rows for one: {_table(text('?'))}")
        half = len(keys) // 2
        first = yield from self._of(keys[:half], text)
        return [*first, *(yield from self._of(keys[half:], text))]

    def read(self, path: str, query: Mapping[str, str] | None = None) -> Flow[Row | None]:
        """A record, or None where there is none."""
        response = yield from self._send(Request("GET", RECORDS + path, query or {}))
        if response.status == 404:
            if code(response)[0] != "NONEXISTENT_ID":
                raise ProtocolError(f"HTTP 404 to {path.partition('/eid')[0]}, and no reason")
            return None
        if response.status != 200:
            raise _unread(response)
        body = response.json()
        if not isinstance(body, dict):
            raise ProtocolError(f"HTTP {response.status} to a record, and no JSON object")
        return body

    def schema(self, record: str) -> Flow[Row]:
        """The JSON schema of a record. It may lack its properties the first time."""
        path = f"{RECORDS}/metadata-catalog/{record}"
        for _ in range(2):
            asked = Request("GET", path, headers={"Accept": "application/schema+json"})
            response = yield from self._send(asked)
            if response.status != 200:
                raise _unread(response)
            body = response.json()
            if isinstance(body, dict) and isinstance(body.get("properties"), dict):
                return body
        raise ProtocolError(f"NetSuite does not describe the record {record}")

    def write(self, method: str, path: str, body: object, *, repeatable: bool) -> Flow[str | None]:
        """The id of what was written, where the answer tells one. Raises RejectedError where
        nothing was written, DoubtError where that is not known."""
        asked = Request(
            method, RECORDS + path, json=body, write=True, judged=True, repeatable=repeatable
        )
        response = yield from self._send(asked)
        if response.status == 204:
            place = response.headers.get("location", "").rstrip("/").rpartition("/")[2]
            return place if place.isascii() and place.isdecimal() else None
        raise refusal(response)

    def _send(self, request: Request) -> Flow[Response]:
        response = yield request
        if "date" in response.headers:
            self.now = parsedate_to_datetime(response.headers["date"]).astimezone(dt.UTC)
        return response


def code(response: Response) -> tuple[str, str, str]:
    """NetSuite's code, its sentence and the path of the field; empty for any other answer."""
    try:
        body = response.json()
    except ProtocolError:
        return "", "", ""
    details = body.get("o:errorDetails") if isinstance(body, dict) else None
    if not isinstance(details, list) or not details or not isinstance(details[0], dict):
        return "", "", ""
    one = details[0]
    return (
        str(one.get("o:errorCode") or ""),
        str(one.get("detail") or ""),
        str(one.get("o:errorPath") or ""),
    )


def refusal(response: Response) -> SyncdError:
    """The error that the answer to a write stands for."""
    name, said, path = code(response)
    if response.status == 401:
        return AccessError(_LOGIN)
    if not name or response.status >= 500:
        return DoubtError(f"NetSuite answered a write with HTTP {response.status}", answered=True)
    if response.status == 403 or name == "INSUFFICIENT_PERMISSION":
        return AccessError(f"the role of the login may not write this record: {said}")
    if response.status == 404 or name == "NONEXISTENT_ID":
        return NotFoundError("NetSuite has no such record")
    if name == "RCRD_HAS_BEEN_CHANGED" or response.status == 409:
        return UnavailableError("NetSuite did not carry the write out: somebody saved the record")
    if any(one in said.casefold() for one in _DUPLICATE):
        return DuplicateError(said, path or "companyName")
    error = RejectedError(said or f"NetSuite refuses, {name}", path or None)
    error.status = response.status
    return error


def _unread(response: Response) -> SyncdError:
    """The error that the answer to a read stands for."""
    name, said, _ = code(response)
    if response.status == 401:
        return AccessError(_LOGIN)
    if response.status == 403:
        return AccessError(f"the role of the login lacks a permission: {said or 'no reason'}")
    cause = said.partition("error occurred: ")[2] or said
    if "was not found" in cause or "Unknown identifier" in cause or "Invalid search type" in said:
        return HiddenError(
            f"NetSuite does not know, or does not show the role of the login: {cause}"
        )
    return ProtocolError(
        f"NetSuite answered HTTP {response.status}: {cause or name or 'no reason'}"
    )


def _table(text: str) -> str:
    return text.partition(" FROM ")[2].partition(" ")[0]
