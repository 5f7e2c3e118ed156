"""NetSuite's REST services of one account, behind one function, without a clock of its own and
without input or output."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

from syncd.clock import SystemClock
from syncd.sandbox.faults import Fault
from syncd.sandbox.netsuite import query
from syncd.sandbox.netsuite.company import settle_in
from syncd.sandbox.netsuite.jobs import ROOT as JOBS
from syncd.sandbox.netsuite.jobs import Jobs
from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.login import CERTIFICATE, CLIENT_ID, TOKEN, Login
from syncd.sandbox.netsuite.operations import Operations
from syncd.sandbox.netsuite.pages import page
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
from syncd.sandbox.netsuite.wire import Json, Refused, here, reply
from syncd.sandbox.port import Answer, Asked

LIMITS = "/services/rest/system/v1/governanceLimits"
TOKEN_INFO = "/rest/tokeninfo"
DISCOVERY = "/rest/datacenterurls"
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
        self.jobs = Jobs()
        self.operations = Operations(self.people, self.ledger, self.login)
        self._seed, self._size = seed, size
        self._filled = False

    def fill(self) -> None:
        """At first use, when all switches stand."""
        if self._filled:
            return
        self._filled = True
        self.store.settle_zone()
        self.people.prepare()
        with self.store.at_once():
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
        if path == DISCOVERY:  # the only service without a login
            names = ("restDomain", "webservicesDomain", "systemDomain")
            return _plain(dict.fromkeys(names, here(asked)))
        self._enter(asked)
        if path == LIMITS:
            return self._limits()
        if path == query.PATH:
            _only(asked, "POST")
            return self.queries.answer(asked)
        if path.startswith(JOBS):
            return self.jobs.answer(asked, path.removeprefix(JOBS).split("/"))
        if path.startswith(RECORD):
            below = path.removeprefix(RECORD)
            if "respond-async" in asked.headers.get("prefer", "") and asked.method != "GET":
                return self.jobs.start(asked, lambda: self.records.answer(asked, below))
            return self.records.answer(asked, below)
        if path == TOKEN_INFO:
            return _plain({"companyId": self.switches.account, "roleName": "Integration"})
        raise Refused("INVALID_URL", "The requested resource was not found.", 404)

    def _enter(self, asked: Asked) -> None:
        scheme, _, text = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self.login.token(text)
        elif scheme.lower() == "oauth":
            self.tba.check(asked, text)
        else:
            raise self.login.invalid()
        if asked.open + self.switches.others > self.switches.concurrency:
            raise self.login.invalid() if self.switches.busy_is_401 else too_many()

    def _limits(self) -> Answer:
        """Of the whole account; a role without administration does not see it."""
        whole = self.switches.concurrency
        return reply(
            {
                "accountConcurrencyLimit": whole,
                "accountUnallocatedConcurrencyLimit": max(0, whole - self.switches.others),
                "integrationConcurrencyLimit": 0,
                "integrationLimitType": "accountUnallocated",
            }
        )

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
        self.fill()
        return page(self.store, self.records.written, path)

    def operate(self, name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        self.fill()
        self.store.settle_zone()
        return self.operations.run(name, values)


def too_many() -> Refused:
    return Refused(
        "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.", 429
    )


def _plain(body: Json) -> Answer:
    return Answer(200, {"content-type": "application/json"}, json.dumps(body).encode())


def _only(asked: Asked, method: str) -> None:
    if asked.method != method:
        raise Refused("METHOD_NOT_ALLOWED", f"Method {asked.method} is not allowed.", 405)
