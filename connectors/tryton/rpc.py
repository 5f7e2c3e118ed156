"""Tryton's JSON-RPC on the wire (series 8): how a call is written and what an answer means.

- The body has exactly the keys id, method and params; with any other key the server answers in
  another shape. The last parameter is always the context.
- Answers above 1400 characters are labelled gzip whatever was asked for, and are gzip only if the
  request accepted it; so every request accepts it.
- Errors come with HTTP 200 and `error` in the place of `result`.
- Decimals, dates and times are objects with a `__class__`. Times are naive UTC.
- A dotted field `party.name` is answered as `"party.": {"id": 7, "name": ...}`, or as a list of
  such objects for a table; it is handed on as `party: {...}`.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import (
    AccessError,
    DoubtError,
    ProtocolError,
    RejectedError,
    UnavailableError,
)
from syncd.port import Flow, Keys, Page, Record, Request, Response, Scope

Row = dict[str, Any]
Domain = list[Any]

_REFUSALS = ("UserError", "UserWarning")
"""A person would be shown a message, or be asked to say yes, and nothing is done before that."""

_TIME = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def request(database: str, method: str, params: Sequence[Any], write: bool = False) -> Request:
    """A login changes nothing that matters, so the transport may repeat it, too."""
    return Request(
        "POST",
        f"/{database}/rpc/",
        json={"id": 1, "method": method, "params": list(params)},
        headers={"Accept-Encoding": "gzip"},
        write=write,
    )


def login(database: str, user: str, password: str) -> Flow[Mapping[str, str]]:
    """The header that carries the session. Raises AccessError with the one thing that is wrong."""
    method = "common.db.login"
    response = yield request(database, method, [user, {"password": password}, "en"])
    if response.status == 404:
        raise AccessError(f'Tryton has no database "{database}"')
    session = None if response.status in (401, 403) else result(method, response)
    if not session:
        raise AccessError(f'Tryton refuses the login "{user}" with this password')
    token = base64.b64encode(f"{user}:{session[0]}:{session[1]}".encode()).decode()
    return {"Authorization": f"Session {token}"}


class Dialogue:
    """The calls of one flow. `began` is the server's clock at its first answer."""

    def __init__(self, database: str, context: Mapping[str, Any], size: int = 100) -> None:
        self._database = database
        self._context = context
        self._size = size
        self.began: dt.datetime | None = None

    def call(self, method: str, *params: Any) -> Flow[Any]:
        response = yield request(self._database, method, [*params, self._context])
        if self.began is None and "date" in response.headers:
            self.began = parsedate_to_datetime(response.headers["date"]).astimezone(dt.UTC)
        return plain(result(method, response))

    def write(self, method: str, *params: Any) -> Flow[Any]:
        """A call that changes something. Raises RejectedError for what Tryton refused: one call is
        one transaction, and nothing of it was written; DoubtError where that is not known."""
        sent = request(self._database, method, [*params, self._context], write=True)
        response = yield sent
        try:
            answer = response.json() if response.status == 200 else None
        except ProtocolError as unreadable:
            raise DoubtError(f"Tryton took {method}: {unreadable}") from None
        kind, message = _error(answer)
        if kind in _REFUSALS:
            raise RejectedError(message)
        if kind == "ConcurrencyException":
            raise UnavailableError(f"Tryton did not carry out {method}: {message}")
        return plain(result(method, response))

    def rows(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Flow[list[Row]]:
        """Matching records by ascending id, or the last changed first; `id` is always there."""
        method, names = f"model.{model}.search_read", list(dict.fromkeys(fields))
        order = ["last_modified_at", "DESC"] if newest_first else ["id", "ASC"]
        found = yield from self.call(method, domain, 0, limit, [order], names)
        return list(found)

    def limit(self, scope: Scope) -> int | None:
        """How many records to ask for; all keys are asked for at once."""
        return None if isinstance(scope, Keys) else self._size

    def page(self, rows: Sequence[Row], records: Sequence[Record], scope: Scope) -> Page:
        """What became of these rows; a pass goes on after the last of them. `ordered` is never set:
        passes go by id."""
        full = len(rows) == self.limit(scope)
        return Page(records, str(rows[-1]["id"]) if full else None, self.began)


def result(method: str, response: Response) -> Any:
    """Raises the error that the answer stands for."""
    if response.status in (401, 403):
        raise AccessError(f"Tryton does not let this user call {method}")
    if response.status != 200:
        raise ProtocolError(f"Tryton answered HTTP {response.status} to {method}")
    answer = response.json()
    if not isinstance(answer, dict):
        raise ProtocolError(f"Tryton answered {method} with something that is no JSON-RPC")
    if "error" in answer:
        raise ProtocolError(f"Tryton refused {method}: {_message(answer['error'])}")
    return answer.get("result")


def _error(answer: Any) -> tuple[str | None, str]:
    error = answer.get("error") if isinstance(answer, dict) else None
    return (str(error[0]), _message(error)) if isinstance(error, list) and error else (None, "")


def _message(error: Any) -> str:
    """`["UserError", [message, description, domain]]`, or `["'no.such'", traceback]` for what the
    server itself did not expect, such as a name it does not know."""
    if not isinstance(error, list) or not error:
        return str(error)
    name, detail = error[0], error[1] if len(error) > 1 else ""
    if isinstance(detail, list) and detail:
        said = detail[1:] if name == "UserWarning" else detail[:2]  # it begins with the key
        return ". ".join(str(part).rstrip(".") for part in said if part)
    if str(name).startswith("'"):
        return f"it does not know {name}"
    return str(name) if not detail else f"{name}: {str(detail).splitlines()[0]}"


def plain(value: Any) -> Any:
    """Decodes `__class__` objects, and puts nested records under the names of their fields."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind is None:
        whole = {key: plain(item) for key, item in value.items() if not key.endswith(".")}
        nested = {key[:-1]: plain(item) for key, item in value.items() if key.endswith(".")}
        return whole | nested
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return dt.date(value["year"], value["month"], value["day"])
    if kind == "datetime":
        return dt.datetime(**{name: value[name] for name in _TIME}, tzinfo=dt.UTC)
    raise ProtocolError(f"Tryton sent a value of the unknown kind {kind}")


def moment(time: dt.datetime) -> Mapping[str, Any]:
    """A time as a clause of a domain has it."""
    utc = time.astimezone(dt.UTC)
    return {"__class__": "datetime"} | {name: getattr(utc, name) for name in _TIME}


def number(amount: Decimal) -> Mapping[str, Any]:
    """An amount as a clause of a domain has it."""
    return {"__class__": "Decimal", "decimal": str(amount)}


def newest(row: Any) -> dt.datetime | None:
    """The latest `last_modified_at` of a record and of everything read with it."""
    if isinstance(row, list):
        found = [newest(item) for item in row]
    elif isinstance(row, dict):
        own = row.get("last_modified_at")
        found = [own, *(newest(item) for item in row.values() if isinstance(item, dict | list))]
    else:
        return None
    return max((time for time in found if time is not None), default=None)
