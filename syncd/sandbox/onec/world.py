"""The whole system behind one function: a server with one published base."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import unquote

from syncd.sandbox.faults import Fault
from syncd.sandbox.onec import pages
from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.configurations import CONFIGURATIONS
from syncd.sandbox.onec.exchange import Plan
from syncd.sandbox.onec.odata import service
from syncd.sandbox.onec.odata.address import ROOT
from syncd.sandbox.onec.odata.call import refused
from syncd.sandbox.onec.refusals import BUSINESS, LOCKED, Refusal
from syncd.sandbox.onec.sessions import HTML, NO_LICENCE, Sessions
from syncd.sandbox.onec.switches import Switches
from syncd.sandbox.onec.trade import BOOKS
from syncd.sandbox.onec.trade.company import large, small
from syncd.sandbox.onec.trade.desk import Desk
from syncd.sandbox.onec.trade.people import People
from syncd.sandbox.port import Answer, Asked

PUBLICATION = "/trade"
LOGIN, PASSWORD = "Обмен", "sandbox"
CLOSED = "Ведется обновление информационной базы. Начало сеанса запрещено."
IIS = (
    "<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body>"
    "<h2>Service Unavailable</h2><p>HTTP Error 503. The service is unavailable.</p></body></html>"
)
FORBIDDEN = re.compile(r"[?+\\\x00-\x1f]")
"""What IIS lets nobody send in a path, encoded or not."""
IIS_400 = "<html><head><title>Bad Request</title></head><body><h2>Bad Request</h2></body></html>"
IIS_401 = (
    "<!DOCTYPE html><html><head><title>401 - Unauthorized: Access is denied due to invalid "
    "credentials.</title></head><body><h1>Server Error</h1></body></html>"
)


@dataclass(frozen=True, slots=True)
class Books:
    """A base of one configuration, and who works in it."""

    base: Base
    desk: Desk
    plan: Plan


class Onec:
    """Pure: `now` gives aware UTC moments, and nothing else is read from outside.

    `fill` fills a new base; None: the small company, or a large one of `size` customers.
    """

    def __init__(
        self,
        now: Callable[[], dt.datetime],
        seed: int = 1,
        size: int | None = None,
        fill: Callable[[Desk], None] | None = None,
    ) -> None:
        self.switches = Switches()
        self.now = now
        self._seed = seed
        self._size = size
        self._fill = fill
        self._made: tuple[str, bool, Books] | None = None
        self.sessions = Sessions(now, self.switches, random.Random(seed))

    @property
    def books(self) -> Books:
        """Made at first use, and anew where another configuration was switched on."""
        wanted = (self.switches.configuration, self.switches.settlement_object)
        if self._made is None or self._made[:2] != wanted:
            self._made = (*wanted, self._new(wanted[0]))
        return self._made[2]

    @property
    def base(self) -> Base:
        return self.books.base

    @property
    def desk(self) -> Desk:
        """New documents and customers."""
        return self.books.desk

    @property
    def people(self) -> People:
        """Changes of what is there."""
        return People(self.base)

    def hello(self, url: str) -> Mapping[str, str]:
        _ = self.books
        return {"url": url + PUBLICATION, "login": LOGIN, "password": PASSWORD}

    def answer(self, asked: Asked) -> Answer:
        done = self._answer(asked)
        clock = self.now() + dt.timedelta(seconds=self.switches.skew)
        return Answer(
            done.status, {"date": format_datetime(clock, usegmt=True), **done.headers}, done.body
        )

    def _answer(self, asked: Asked) -> Answer:
        path = unquote(asked.path)
        before, found, below = path.partition(ROOT)
        wrong = not self.switches.odata or before != PUBLICATION
        if not found or wrong or (below and not below.startswith("/")):
            if not path.startswith(PUBLICATION):
                return Answer(404, HTML, b"<h1>Not Found</h1>")
            status = 200 if path.rstrip("/") == PUBLICATION else 404
            return Answer(status, HTML, "<h1>1С:Предприятие 8</h1>".encode())
        if FORBIDDEN.search(below):
            return Answer(400, HTML, IIS_400.encode())
        if not _may(asked.headers.get("authorization", "")):
            challenge = {"www-authenticate": 'Basic realm="1C:Enterprise 8.3"', **HTML}
            return Answer(401, challenge, IIS_401.encode())
        if self.switches.closed_for_update:
            return refused(Refusal(503, BUSINESS, CLOSED))
        entered = self.sessions.enter(asked.headers)
        if isinstance(entered, Answer):
            return entered
        root = f"http://{asked.headers.get('host', 'localhost')}{before}{ROOT}/"
        done = service.answer(self.base, self.books.plan, asked, root, below)
        return Answer(
            done.status, {"dataserviceversion": "3.0", **done.headers, **entered}, done.body
        )

    def refuse(self, fault: str, asked: Asked) -> Answer | None:
        if fault == Fault.ERROR:
            return _error(self.switches.error_form)
        if fault == Fault.UNAVAILABLE:
            return Answer(503, {"content-type": "text/html; charset=us-ascii"}, IIS.encode())
        if fault == Fault.EXPIRED:  # a password that was changed
            return Answer(401, HTML, IIS_401.encode())
        if fault == Fault.RATE_LIMITED:
            return Answer(self.switches.licence_status, HTML, f"<h1>{NO_LICENCE}</h1>".encode())
        return None

    def page(self, path: str) -> str | None:
        return pages.page(self.base, self.desk, path)

    def _new(self, configuration: str) -> Books:
        desk_of, posting = BOOKS[configuration]
        shape = CONFIGURATIONS[configuration](self.switches.settlement_object)
        base = Base(shape, posting(), self.now, self.switches, self._seed)
        desk = desk_of(base)
        plan = Plan(base)
        if self._fill:
            self._fill(desk)
        elif self._size is not None:
            large(desk, self._size, self._seed)
        else:
            small(desk)
        return Books(base, desk, plan)


def _error(form: str) -> Answer:
    """A lock conflict, as 1C, its application server or the web extension words it."""
    if form == "exception":
        chain = {
            "exception": {"descr": "Ошибка при выполнении запроса", "inner": {"descr": LOCKED}}
        }
        body = json.dumps(chain, ensure_ascii=False).encode()
        return Answer(500, {"content-type": "application/json; charset=utf-8"}, body)
    if form == "html":
        text = f"<h1>1C:Enterprise 8 application error:</h1><p>by reason: {LOCKED}</p>"
        return Answer(500, HTML, text.encode())
    return refused(Refusal(500, BUSINESS, LOCKED))


def _may(header: str) -> bool:
    scheme, _, value = header.partition(" ")
    try:
        given = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return False
    return scheme.lower() == "basic" and given == f"{LOGIN}:{PASSWORD}"
