"""A company's books and its CRM in one process: the tests' world.

`World.handle` is the whole system behind one function: it answers a `port.Request` with a
`port.Response`, or raises what a transport would raise where a fault says so. It has no clock of
its own. `LocalTransport` drives a connector's flows against it without any network.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, TypeVar

import msgspec

from syncd.errors import (
    AccessError,
    DoubtError,
    RateLimitedError,
    SyncdError,
    UnavailableError,
)
from syncd.port import Connector, Flow, Grant, Request, Response

from . import about, books_api, crm_api
from .books import Books
from .crm import Crm
from .faults import Fault, Faults
from .habits import BooksHabits, CrmHabits
from .wire import Refusal, answer, decode, encode

T = TypeVar("T")
HTML = {"content-type": "text/html"}
SORRY = Response(500, HTML, b"<html><h1>Server Error (500)</h1></html>")


@dataclass
class Side:
    """What one of the two systems says it is; change `id` to play another company."""

    id: str
    label: str
    token: str | None = None
    """What a client must show; None: nothing."""
    user: str = "syncd"
    administrator: bool = False
    zone: str | None = "Europe/Vienna"
    hidden: tuple[str, ...] = ()
    """Lists that the token may not read."""


@dataclass
class Sides:
    books: Side = field(default_factory=lambda: Side("books-1", "Books of Memory Ltd"))
    crm: Side = field(default_factory=lambda: Side("crm-1", "CRM of Memory Ltd"))


class World:
    def __init__(
        self,
        now: Callable[[], dt.datetime],
        books: BooksHabits | None = None,
        crm: CrmHabits | None = None,
    ) -> None:
        """`now` gives aware UTC moments."""
        self.clock = now
        self._then: dt.datetime | None = None
        self.sides = Sides()
        self.books = Books(self.now, books or BooksHabits())
        self.crm = Crm(self.now, crm or CrmHabits())
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        """(method, path) of everything that arrived, in order."""
        self._late: list[tuple[dt.datetime, Request]] = []
        self._identities = 0

    def now(self) -> dt.datetime:
        """Of what is carried out late, the moment that it was carried out."""
        return self._then or self.clock()

    def fault(self, match: str, kind: Fault | str, times: int = 1, *, seconds: float = 0.0) -> None:
        """`match` is a pattern over "METHOD path", like `POST /crm/account*`."""
        self.faults.plan(match, Fault(kind), times, seconds)

    def writes(self) -> int:
        """How many requests that may change something have arrived."""
        return sum(method != "GET" for method, _ in self.requests)

    def handle(self, request: Request) -> Response:
        """Raises UnavailableError, RateLimitedError or DoubtError where a fault is planned."""
        self.settle()
        self.requests.append((request.method, request.path))
        planned = self.faults.take(request.method, request.path)
        if planned is None:
            return self._answer(request)
        match planned.kind:
            case Fault.REFUSE:
                raise UnavailableError("connection refused")
            case Fault.RATE_LIMIT:
                raise RateLimitedError("too many requests", planned.seconds)
            case Fault.ERROR:
                return SORRY
            case Fault.ERROR_AFTER:
                self._answer(request)
                return SORRY
            case Fault.CUT_AFTER:
                self._answer(request)
            case Fault.LATE:
                self._late.append((self.now() + dt.timedelta(seconds=planned.seconds), request))
        raise DoubtError("the connection was cut before the answer")

    def settle(self) -> None:
        """Lets happen what was due by now: late commits in the books, late writes in the CRM."""
        self.books.settle()
        now = self.now()
        due = [(at, request) for at, request in self._late if at <= now]
        self._late = [(at, request) for at, request in self._late if at > now]
        for at, request in sorted(due, key=lambda one: one[0]):
            self._then = at
            self._answer(request)
        self._then = None

    def dump(self) -> dict[str, Any]:
        """All state as JSON can hold it, amounts as text, to be looked at from another process."""
        books = self.books
        state = {
            "now": self.now(),
            "sides": asdict(self.sides),
            "books": {name: list(rows.values()) for name, rows in books.tables.items()},
            "books_journal": books.journal,
            "waiting_commits": books.queue,
            "books_sums": {key: books.sums(key) for key in books.tables["customers"]},
            "figures": {key: books.figures(key) for key in books.tables["customers"]},
            "crm": self.crm.dump(),
            "late_writes": [(at, request.method, request.path) for at, request in self._late],
            "requests": self.requests,
        }
        return {name: plain(value) for name, value in state.items()}

    def _answer(self, request: Request) -> Response:
        try:
            return self._respond(request)
        except Refusal as refusal:
            return answer(refusal.body(), refusal.status)

    def _respond(self, request: Request) -> Response:
        # Through JSON and back, so that a process between makes no difference.
        body = {} if request.json is None else decode(encode(request.json))
        _, side, path = (*request.path.split("/", 2), "")[:3]
        if side not in ("books", "crm"):
            raise Refusal(404, "missing", f"there is nothing at {request.path}")
        said: Side = getattr(self.sides, side)
        if path == "hello":
            return answer({"version": "1"})
        if said.token and request.headers.get("authorization") != f"Bearer {said.token}":
            raise Refusal(401, "forbidden", "the token is not valid")
        if path == "identity":
            return answer({"id": self._identity(side, said), "label": said.label})
        if path == "about":
            return self._about(side, said, request.query)
        if path in said.hidden:
            raise Refusal(403, "forbidden", f"the token may not read {path}")
        if side == "books":
            return books_api.respond(self.books, request.method, path, request.query, body)
        return crm_api.respond(self.crm, request.method, path, request.query, body)

    def _about(self, side: str, said: Side, query: Mapping[str, str]) -> Response:
        """With the system's own clock, unless it tells none."""
        party: Books | Crm = self.books if side == "books" else self.crm
        told = (
            about.of_books(self.books, query) if side == "books" else about.of_crm(self.crm, query)
        )
        told |= {"company": said.label, "user": said.user, "zone": said.zone}
        date = {"date": format_datetime(party.clock(), usegmt=True)}
        headers = date if party.habits.date_header else {}
        return answer({**told, "administrator": said.administrator}, headers=headers)

    def _identity(self, side: str, said: Side) -> str:
        habits = self.books.habits if side == "books" else self.crm.habits
        self._identities += habits.identity_drifts
        return f"{said.id}-{self._identities}" if habits.identity_drifts else said.id


class LocalTransport:
    """Runs flows of one connector against a world in the same process, as the real one would."""

    def __init__(
        self, connector: Connector, handle: Callable[[Request], Response], token: str = "secret"
    ) -> None:
        self._connector = connector
        self._handle = handle
        self._secrets = {"token": token}
        self._headers: Mapping[str, str] | None = None

    def run(self, flow: Flow[T]) -> T:
        if self._headers is None:
            given = self._drive(self._connector.authenticate(self._secrets), {})
            self._headers = given.headers if isinstance(given, Grant) else given
        return self._drive(flow, self._headers)

    def _drive(self, flow: Flow[T], headers: Mapping[str, str]) -> T:
        try:
            request = next(flow)
            while True:
                try:
                    response = self._send(request, headers)
                except SyncdError as error:
                    request = flow.throw(error)
                else:
                    request = flow.send(response)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _send(self, request: Request, headers: Mapping[str, str]) -> Response:
        sent = Request(
            request.method,
            request.path,
            request.query,
            request.json,
            {**headers, **request.headers},
            request.write,
        )
        response = self._handle(sent)
        if response.status == 401:
            raise AccessError("the system refuses the credential")
        if response.status >= 500:
            text = f"HTTP {response.status} from {request.path}"
            raise DoubtError(text, answered=True) if request.write else UnavailableError(text)
        return response


def plain(value: object) -> object:
    """As JSON can hold it: amounts and moments as text, dataclasses as objects."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, msgspec.Struct):
        return plain(msgspec.structs.asdict(value))
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
