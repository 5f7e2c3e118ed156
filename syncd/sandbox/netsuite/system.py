"""NetSuite's REST services of one account, behind one function, without a clock of its own and
without input or output."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from urllib.parse import unquote

from syncd.clock import SystemClock
from syncd.sandbox.faults import Fault
from syncd.sandbox.netsuite import query
from syncd.sandbox.netsuite.company import settle_in
from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.login import CERTIFICATE, CLIENT_ID, TOKEN, Login
from syncd.sandbox.netsuite.people import People
from syncd.sandbox.netsuite.query import Queries
from syncd.sandbox.netsuite.records import RECORD, Records
from syncd.sandbox.netsuite.sample import large, small
from syncd.sandbox.netsuite.store import Store
from syncd.sandbox.netsuite.switches import Switches
from syncd.sandbox.netsuite.tba import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    TOKEN_ID,
    TOKEN_SECRET,
    Tba,
)
from syncd.sandbox.netsuite.wire import Refused
from syncd.sandbox.port import Answer, Asked

BUSY = "<html><head><title>Service Unavailable</title></head><body>NetSuite</body></html>"


class NetSuite:
    """`size` None: the small company. What is switched before the first use shapes the company."""

    def __init__(
        self,
        clock: Callable[[], dt.datetime] | None = None,
        seed: int = 1,
        size: int | None = None,
    ) -> None:
        self.switches = Switches()
        self.store = Store(self.switches, clock or SystemClock().utc)
        self.login = Login(self.store, seed)
        self.tba = Tba(self.store)
        self.people = People(self.store)
        self.ledger = Ledger(self.store)
        """New documents, and changes of what is there."""
        self.queries = Queries(self.store)
        self.records = Records(self.store, self.people, self.ledger)
        self._seed, self._size = seed, size
        self._filled = False

    def fill(self) -> None:
        """At first use, when all switches stand."""
        if self._filled:
            return
        self._filled = True
        self.store.settle_zone()
        self.people.prepare()
        settle_in(self.people)
        if self._size is None:
            small(self.people, self.ledger)
        else:
            large(self.people, self.ledger, self._size, self._seed)

    def hello(self, url: str) -> Mapping[str, str]:
        self.fill()
        return {
            "url": url,
            "account": self.switches.account,
            "client_id": CLIENT_ID,
            "certificate_id": CERTIFICATE,
            "private_key": self.login.private_key,
            "consumer_key": CONSUMER_KEY,
            "consumer_secret": CONSUMER_SECRET,
            "token_id": TOKEN_ID,
            "token_secret": TOKEN_SECRET,
        }

    def answer(self, asked: Asked) -> Answer:
        self.fill()
        self.store.settle_zone()
        try:
            done = self._answer(asked)
        except Refused as refused:
            done = refused.answer
        date = format_datetime(self.store.now(), usegmt=True)
        return Answer(done.status, {"date": date, **done.headers}, done.body)

    def _answer(self, asked: Asked) -> Answer:
        path = unquote(asked.path)
        if path == TOKEN:
            return self.login.answer(asked)
        self._enter(asked)
        if path == query.PATH:
            _only(asked, "POST")
            return self.queries.answer(asked)
        if path.startswith(RECORD):
            return self.records.answer(asked, path.removeprefix(RECORD))
        raise Refused("INVALID_URL", "The requested resource was not found.", 404)

    def _enter(self, asked: Asked) -> None:
        scheme, _, text = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self.login.token(text)
        elif scheme.lower() == "oauth":
            self.tba.check(asked, text)
        else:
            raise self.login.invalid()

    def refuse(self, fault: str, asked: Asked) -> Answer | None:
        if fault == Fault.RATE_LIMITED:
            return too_many().answer
        if fault == Fault.ERROR:
            return Refused(
                "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: sandbox", 500
            ).answer
        if fault == Fault.UNAVAILABLE:
            return Answer(503, {"content-type": "text/html;charset=utf-8"}, BUSY.encode())
        if fault == Fault.EXPIRED and unquote(asked.path) != TOKEN:
            self.login.end(asked.headers.get("authorization", "").partition(" ")[2])
            return self.login.invalid().answer
        return None

    def page(self, path: str) -> str | None:
        return None


def too_many() -> Refused:
    return Refused(
        "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.", 429
    )


def _only(asked: Asked, method: str) -> None:
    if asked.method != method:
        raise Refused("METHOD_NOT_ALLOWED", f"Method {asked.method} is not allowed.", 405)
