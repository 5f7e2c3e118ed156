"""Connectors that break one promise each, and the case that finds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from connectors.memory import LocalTransport, MemoryBooks, MemoryCrm, World
from syncd.errors import (
    AccessError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    TransientError,
    UnavailableError,
)
from syncd.guide import Discovery
from syncd.port import Flow, Grant, Outcome, Page, Read, Request, Scope, Since, Write
from tests.conformance import kit
from tests.memory.driver import Clock, MemoryBooksDriver, MemoryCrmDriver
from tests.memory.subjects import Made


class Meddler(MemoryBooks):
    """Asks who it is with a request that may write."""

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        yield Request("POST", "/books/customers", json={"fields": {"name": "x"}}, write=True)
        return (yield from super().discover(since, closed))


class Trusting(MemoryBooks):
    """Takes whatever comes for a page with nothing on it."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        try:
            return (yield from super().pull(read, scope))
        except ProtocolError:
            return Page((), None, None)


class Careless(MemoryCrm):
    """Takes an answer that it does not understand for a refusal of the record."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        try:
            return (yield from super().push(batch))
        except ProtocolError as error:
            return [Outcome(None, error=RejectedError(str(error))) for _ in batch]


class Fickle(MemoryBooks):
    """Tells another user each time."""

    _times = 0

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        self._times += 1
        return replace((yield from super().discover(since, closed)), user=f"user {self._times}")


class Ahead(MemoryBooks):
    """Never looks behind what it has seen."""

    _seen: dt.datetime | None = None

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        if isinstance(scope, Since) and scope.moment and self._seen and not scope.position:
            scope = Since(max(scope.moment, self._seen))
        page = yield from super().pull(read, scope)
        if isinstance(scope, Since):
            stamps = [one.stamp for one in page.records if one.stamp]
            self._seen = max([*stamps, *([self._seen] if self._seen else [])], default=None)
        return page


class Dated(MemoryBooks):
    """Takes the newest stamp for the time it is."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        page = yield from super().pull(read, scope)
        newest = max((one.stamp for one in page.records if one.stamp), default=None)
        return msgspec.structs.replace(page, source_time=newest)


class Blind(MemoryBooks):
    """Does not read what is not yet."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        page = yield from super().pull(read, scope)
        past = [one for one in page.records if not one.stamp or one.stamp.year < 2100]
        return msgspec.structs.replace(page, records=past)


class Calm(MemoryBooks):
    """Takes a limit for a page with nothing on it."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        try:
            return (yield from super().pull(read, scope))
        except RateLimitedError:
            return Page((), None, None)


class Vague(MemoryBooks):
    """Does not say how long to wait."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        try:
            return (yield from super().pull(read, scope))
        except RateLimitedError as error:
            raise UnavailableError(str(error)) from error


class Blaming(MemoryCrm):
    """Takes a limit for a refusal of the record."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        try:
            return (yield from super().push(batch))
        except RateLimitedError as error:
            return [Outcome(None, error=RejectedError(str(error))) for _ in batch]


class Eager(MemoryCrm):
    """Asks again by itself, whatever it is told."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        try:
            return (yield from super().push(batch))
        except (RateLimitedError, AccessError):
            return (yield from super().push(batch))


class Twice(MemoryCrm):
    """Begins anew when a step is refused, with what was taken already."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        made = yield from super().push(batch)
        try:
            yield Request("GET", "/crm/identity")
        except TransientError:
            made = yield from super().push(batch)
        return made


def unlike(words: str) -> Any:
    """Knows a login that has ended by other words than the system's."""

    def authenticate(self: Any, secrets: Mapping[str, str]) -> Flow[Grant]:
        yield from ()
        return Grant({"authorization": f"Bearer {secrets['token']}"}, over=words)

    return authenticate


class ForgetfulBooks(MemoryBooks):
    authenticate = unlike("session expired")


class ForgetfulCrm(MemoryCrm):
    authenticate = unlike("session expired")


@pytest.mark.parametrize(
    ("made", "case", "says"),
    [
        (Fickle, "guided", "nothing happened, and Discovery("),
        (Ahead, "late_commit-invoice", "committed late, and the next read, from"),
        (Dated, "far_future-invoice", "a date of 2999 makes the source's time 2999-01-01"),
        (Blind, "far_future-invoice", "a record of 2999 is not read"),
        (Calm, "limited-invoice", "limited, and the page has [], not ['1', '2']"),
        (Vague, "limited-invoice", "told to wait 3600 s, and says"),
        (Blaming, "limited-note", "a good note was refused"),
        (Eager, "limited-note", "told to wait 3600 s, and asked again at once"),
        (Twice, "limited-note", "one note was wanted, and there are 2"),
        (ForgetfulBooks, "expired-invoice", "the token is not valid"),
        (ForgetfulCrm, "expired-note", "the token is not valid"),
        (Eager, "expired-note", "each login is refused, and there were 2 new ones"),
    ],
)
def test_a_connector_that_breaks_a_promise_is_found(made: type[Any], case: str, says: str) -> None:
    connector, books = made({"page": "2"}), issubclass(made, MemoryBooks)
    cases: Sequence[kit.Case[Any]] = kit.crm_cases(connector.facts)
    if books:
        cases = kit.books_cases(connector.facts, MemoryBooksDriver.can)
    driver: Any = MemoryBooksDriver if books else MemoryCrmDriver
    clock = Clock()
    subject = Made(clock, World(clock), connector).subject(driver)
    [checked] = [one for one in cases if str(one) == case]
    assert says in kit.broken([checked], lambda: subject).get(case, "nothing is found")


def test_an_answer_that_is_none_and_a_secret_that_is_not_asked_for_are_found() -> None:
    world = World(Clock())
    trusting, careless = Trusting({}), Careless({})
    books = Made(Clock(), world, trusting).subject(MemoryBooksDriver)
    [case] = [one for one in kit.books_cases(trusting.facts, {}) if str(one) == "distrusts-invoice"]
    assert (
        "GET /books/invoices is taken for an answer" in kit.broken([case], lambda: books)[str(case)]
    )
    crm = Made(Clock(), world, careless).subject(MemoryCrmDriver)
    [case] = [one for one in kit.crm_cases(careless.facts) if str(one) == "distrusts-account"]
    assert "POST /crm/account is taken for an answer" in kit.broken([case], lambda: crm)[str(case)]
    [case] = [one for one in kit.crm_cases(careless.facts) if one.name == "stranger"]
    assert kit.broken([case], lambda: crm) == {}
    world.sides.crm.token = None
    assert "is let in" in kit.broken([case], lambda: crm)["stranger"]


def test_a_guide_that_writes_or_is_not_let_in_is_found() -> None:
    clock = Clock()
    world = World(clock)
    meddler = Meddler({})
    local = LocalTransport(meddler, world.handle)
    subject = kit.Subject(meddler, local.run, MemoryBooksDriver(world, clock))
    [guided] = [case for case in kit.books_cases(meddler.facts, {}) if case.name == "guided"]
    assert kit.broken([guided], lambda: subject) == {"guided": "POST /books/customers may write"}
    assert world.writes() == 0
    world.sides.books.hidden = ("orders",)
    honest = MemoryBooks({})
    subject = kit.Subject(honest, LocalTransport(honest, world.handle).run, subject.driver)
    assert "['orders'] is refused" in kit.broken([guided], lambda: subject)["guided"]
