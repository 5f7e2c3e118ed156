"""1C's OData on the wire: one session, requests one after the other, and what an answer means.

- `IBSession: start` opens a session and answers with a cookie; sent back, it saves the next
  requests from opening one each, which is slow and takes a licence. `IBSession: finish` closes it.
  A session serves one request at a time. Some publications ignore the header: then no cookie comes.
- Answers may begin with a byte order mark.
- A refusal of business code (a handler, a closed period, a lock) is HTTP 500 with
  `{"odata.error": {"code": "-1"}}`; its transaction is undone. Anything else above 499 says nothing
  of what became of a write.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import (
    AccessError,
    DoubtError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    SyncdError,
    UnavailableError,
)
from syncd.port import Flow, Request, Response

ROOT = "/odata/standard.odata/"
JSON = "application/json;odata=nometadata"

_ROUND = 100
_BOM = b"\xef\xbb\xbf"
_LOCKED = ("блокиров", "lock")
_CLOSED = ("начало сеанса", "монопольн", "обновление информационной базы", "session start")
_NO_LICENCE = ("лицензи", "license", "licence")


def basic(login: str, password: str) -> str:
    """Of UTF-8: a Cyrillic login in any other encoding is refused."""
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


class LoginError(AccessError):
    """HTTP 401: of the possible causes 1C names none."""


class Wire:
    """The requests of one connection. `now` is the server's clock at its last answer; `opened` are
    the sessions that its `requests` took so far: one without a session opens one for itself."""

    def __init__(self, sessions: bool = True) -> None:
        self._sessions = sessions
        self._many = False
        self._cookie: str | None = None
        self.now: dt.datetime | None = None
        self.requests = 0
        self.opened = 0

    def get(self, resource: str, query: Mapping[str, str] | None = None) -> Flow[Any]:
        """The decoded answer. Raises NotFoundError for an instance that is not there."""
        asked = {"$format": JSON, **(query or {})}
        response = yield from self._send(Request("GET", ROOT + resource, asked))
        return decoded(_good(response, resource))

    def rows(self, resource: str, query: Mapping[str, str] | None = None) -> Flow[list[Any]]:
        """All rows, or the `$top` that were asked for. Whether a server cuts longer answers is told
        by none of its documents: an answer of a round number of rows is looked behind."""
        found = yield from self._rows(resource, query or {})
        if "$top" not in (query or {}) and found and len(found) % _ROUND == 0:
            behind = {**(query or {}), "$skip": str(len(found)), "$top": "1"}
            if (yield from self._rows(resource, behind)):
                raise ProtocolError(
                    f"1C cuts its answer to {resource.partition('?')[0]} at {len(found)} rows, and "
                    "says nothing of the rest; its web server has to let longer ones through"
                )
        return found

    def _rows(self, resource: str, query: Mapping[str, str]) -> Flow[list[Any]]:
        answer = yield from self.get(resource, query)
        value = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(value, list):
            raise ProtocolError(f"1C answered {resource} without a list of values")
        return value

    def raw(self, resource: str, query: Mapping[str, str] | None = None) -> Flow[bytes]:
        """XML: `$metadata` has no other form."""
        headers = {"Accept": "application/xml, application/atom+xml, text/xml"}
        asked = Request("GET", ROOT + resource, query or {}, headers=headers)
        response = yield from self._send(asked)
        return _good(response, resource).body.removeprefix(_BOM)

    def call(self, function: str, query: Mapping[str, str]) -> Flow[bytes]:
        """A function of the exchange of changes. It may be repeated: it answers with what is not
        acknowledged yet, and acknowledging twice is acknowledging once."""
        headers = {"Accept": "application/atom+xml, application/xml"}
        asked = Request("POST", ROOT + function, query, headers=headers)
        response = yield from self._send(asked)
        return _good(response, function).body.removeprefix(_BOM)

    def write(
        self,
        method: str,
        resource: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Flow[Any]:
        """What the answer says was stored. Raises RejectedError where nothing was written,
        UnavailableError where it was not carried out, DoubtError where that is not known."""
        query = {"$format": JSON}
        asked = Request(method, ROOT + resource, query, body, headers or {}, write=True)
        response = yield from self._send(asked)
        if response.status in (200, 201, 204):
            if not response.body:
                return {}
            try:
                return decoded(response)
            except ProtocolError as unreadable:
                raise DoubtError(f"1C took {resource}: {unreadable}") from None
        raise refusal(response, resource)

    def many(self) -> None:
        """More requests follow: they share a session from here on, until it is finished. A single
        one opens a session of its own, and leaves none behind."""
        self._many = True

    def finish(self) -> Flow[None]:
        """Closes the session, so that its licence is free. That it cannot be closed does no
        harm."""
        self._many = False
        if self._cookie is None:
            return
        headers = {"IBSession": "finish", "Cookie": self._cookie}
        self._cookie = None
        try:
            yield Request("GET", ROOT, {"$format": JSON}, headers=headers)
        except SyncdError:
            return

    def _send(self, request: Request) -> Flow[Response]:
        """Within the session. One that is stale is answered with 400 or 500: then a new one is
        tried, once; a write that was answered so was not carried out."""
        response = yield self._within(request, judged=True)
        if self._cookie is not None and _stale(response, request.write):
            self._cookie = None
            response = yield self._within(request, judged=True)
        if response.status >= 500 and not request.write:
            if shut := closed(response):
                self._cookie = None
                raise shut
            response = yield self._within(request, judged=False)  # waited out and repeated
        cookie = response.headers.get("set-cookie", "").partition(";")[0].strip()
        self.requests += 1
        self.opened += self._cookie is None
        if cookie.startswith("ibsession="):
            self._cookie = cookie
        if "date" in response.headers:
            self.now = parsedate_to_datetime(response.headers["date"]).astimezone(dt.UTC)
        if response.status == 406:
            self._cookie = None
            raise UnavailableError("1C cannot open a session: no licence is free, or too many")
        return response

    def _within(self, request: Request, judged: bool) -> Request:
        cookie = self._cookie
        mine = {"Cookie": cookie} if cookie else {"IBSession": "start"}
        if not self._sessions or not (cookie or self._many):
            mine = {}
        return Request(
            request.method,
            request.path,
            request.query,
            request.json,
            {**request.headers, **mine},
            request.write,
            judged,
        )


def decoded(response: Response) -> Any:
    body = response.body.removeprefix(_BOM)
    return Response(response.status, response.headers, body).json()


def _stale(response: Response, write: bool) -> bool:
    """1C's own refusals say what they are about; a lost session does not. A write that was answered
    with 500 may have been carried out before the session was lost."""
    statuses = (400,) if write else (400, 500)
    return response.status in statuses and error_of(response) is None


def error_of(response: Response) -> tuple[str, str] | None:
    """Code and words of 1C's own error; None for any other answer."""
    try:
        answer = decoded(response)
    except ProtocolError:
        return None
    error = answer.get("odata.error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return None
    said = error.get("message")
    words = said.get("value") if isinstance(said, dict) else said
    return str(error.get("code")), str(words or "").strip()


class OutdatedError(UnavailableError):
    """Somebody saved the object after it was read; nothing was written. Only a 1C that minds
    `If-Match` says so."""


def refusal(response: Response, resource: str) -> SyncdError:
    """The error that the answer to a write stands for."""
    error = error_of(response)
    if response.status == 412:
        return OutdatedError("1C did not carry the write out: somebody saved the object meanwhile")
    if shut := closed(response):
        return shut
    if error is None:
        return DoubtError(f"1C answered a write with HTTP {response.status}")
    code, said = error
    if code == "20" or response.status in (401, 403):
        return AccessError(f"1C does not let this user write {resource.partition('(')[0]}")
    if code == "9":
        return NotFoundError("1C has no such object")
    if response.status >= 500 and any(one in said.lower() for one in _LOCKED):
        return UnavailableError("1C did not carry the write out: another user holds the object")
    return RejectedError(said.splitlines()[0] if said else f"1C refuses, code {code}")


def closed(response: Response) -> UnavailableError | None:
    """The base is being updated or has no licence: nothing was carried out. Said with any status
    above 499, as a page or as 1C's own error."""
    if response.status < 500:
        return None
    words = response.body[:2000].decode("utf-8", "replace").lower()
    if any(one in words for one in _NO_LICENCE):
        return UnavailableError("1C has no free licence for this session")
    if any(one in words for one in _CLOSED):
        return UnavailableError("1C is closed for now: it is being updated")
    return None


def _good(response: Response, resource: str) -> Response:
    """Raises the error that the answer to a read stands for."""
    if response.status in (200, 201, 204):
        return response
    name = resource.partition("(")[0].partition("/")[0]
    code, said = error_of(response) or ("", "")
    if code == "20" or response.status == 403:
        raise AccessError(f"1C does not let this user read {name}, or some rows of it")
    if response.status == 401:
        raise LoginError(
            "1C refuses the login: not this password, or no right «Удаленный доступ OData»"
        )
    if code == "9":
        raise NotFoundError("1C has no such object")
    if response.status == 404:
        raise ProtocolError(f"1C does not publish {name} by OData; an administrator switches it on")
    raise ProtocolError(f"1C answered HTTP {response.status} to {name}: {said or 'no reason'}")
