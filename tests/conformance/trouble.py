"""A system that limits the rate, and a login that ends, in the middle of a flow: nothing is lost,
nothing is there twice, and nobody knocks earlier than told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from syncd.domain import Kind
from syncd.errors import AccessError, DoubtError, RateLimitedError, TransientError
from syncd.port import Outcome, Response, Since, T, Tier, Write
from tests.conformance.desk import Crm, Desk, desk, new_marker, number
from tests.conformance.driver import MOST_ANSWERS, holds
from tests.conformance.line import Line, line
from tests.conformance.passes import Books, seeded, through, whole

LIMITS = (
    (Response(429, {"retry-after": "7"}, b"Too many requests"), 7.0),
    (Response(429, {}, b""), 1.0),
)
"""With the seconds that the transport waits at least before it sends the request again."""
LONG = 3600.0
LATER = Response(429, {"retry-after": f"{LONG:g}"}, b"Too many requests")
"""More than the transport waits itself: the engine comes back then."""


def limited_reading(books: Books, about: str) -> None:
    kind = Kind(about)
    keys, since = seeded(books, kind, books.driver.page + 1)

    def page() -> Sequence[str]:
        return _keys(at, books, kind, since)

    with line(books.wire, books.connector) as at:
        for answer, least in LIMITS:
            at.refuse_each(answer)
            _complete(through(books, at.run), kind, keys, since)
            _has_waited(at, least)
        first = page()
        for found in _interrupted(at, page):
            holds(found in (None, first), f"limited, and the page has {found}, not {first}")
            again = page()
            holds(again == first, f"limited before, and the page has {again}, not {first}")
        _complete(books, kind, keys, since)


def expired_reading(books: Books, about: str) -> None:
    kind = Kind(about)
    keys, since = seeded(books, kind, books.driver.page + 1)

    def page() -> Sequence[str]:
        return _keys(at, books, kind, since)

    with line(books.wire, books.connector) as at:
        first = page()
        for found in _ended(at, page):
            holds(found == first, f"the login ended, and the page has {found}, not {first}")
        _ended_for_good(at, page)
        _complete(through(books, at.run), kind, keys, since)


def limited_writing(crm: Crm, target: str) -> None:
    at = desk(crm, target)
    with line(crm.wire, crm.connector) as on:
        maker = Maker(at, on)
        for answer, least in LIMITS:
            on.refuse_each(answer)
            maker.made(maker.push())
            _has_waited(on, least)
        for outcomes in _interrupted(on, maker.push):
            maker.made(outcomes or maker.finish())


def expired_writing(crm: Crm, target: str) -> None:
    """What was taken before the login ended is not sent again with the request that was refused."""
    at = desk(crm, target)
    with line(crm.wire, crm.connector) as on:
        on.run(crm.connector.identity())
        maker = Maker(at, on)
        for outcomes in _ended(on, maker.push):
            maker.made(outcomes)
        _ended_for_good(on, maker.push)
        maker.made(maker.finish())


@dataclass
class Maker:
    """Creates one object after the other over a line."""

    at: Desk
    on: Line
    write: Write = field(init=False)

    def push(self) -> Sequence[Outcome]:
        """A new one."""
        fields = self.at.crm.driver.fields(self.at.target, number())
        self.write = self.at.create(new_marker(), fields)
        return self._send()

    def _send(self) -> Sequence[Outcome]:
        return self.on.run(self.at.crm.connector.push([self.write]))

    def finish(self) -> Sequence[Outcome]:
        """The last one, whose flow was broken off: it is looked for, where the tier allows it, and
        made if it is not there."""
        if self.at.crm.connector.facts.targets[self.at.target].tier in (Tier.T2, Tier.T3):
            self.at.settle()
            if found := self.at.find(marker=self.write.marker):
                return [Outcome(found[0].remote_id)]
        return self._send()

    def made(self, outcomes: Sequence[Outcome]) -> None:
        [outcome] = outcomes
        holds(outcome.error is None, f"a good {self.at.target} was refused: {outcome.error}")
        count = self.at.crm.driver.count(self.at.target, self.write.marker, self.at.parents)
        holds(count == 1, f"one {self.at.target} was wanted, and there are {count}")


def _keys(at: Line, books: Books, kind: Kind, since: Since) -> Sequence[str]:
    page = at.run(books.connector.pull(books.driver.read(kind), since))
    return [record.key for record in page.records]


def _complete(books: Books, kind: Kind, keys: Sequence[str], since: Since) -> None:
    lacking = sorted(set(keys) - {record.key for record in whole(books, kind, since)})
    holds(not lacking, f"limited or refused in the middle, and the pass lacks {lacking}")


def _has_waited(at: Line, least: float) -> None:
    """Where several requests may be under way, the next ones keep a distance as well."""
    waits = at.clock.slept
    if at.facts.in_flight > 1:
        waits = sorted(waits)[-at.refused :]
    holds(at.refused, "no request came to be limited")
    holds(len(waits) == at.refused, f"limited {at.refused} times, and waited {len(waits)} times")
    holds(min(waits) >= least, f"told to wait {least:g} s, and waited {min(waits):g} s")
    at.open()


def _interrupted(at: Line, attempt: Callable[[], T]) -> Iterator[T | None]:
    """Each request of it is limited in its turn; None where that ended the attempt, as it has to
    where the wait is too long for the transport."""
    for answer in (LATER, *at.wire.limited):
        for nth in range(MOST_ANSWERS):
            at.refuse(answer, nth)
            found: T | None = None
            try:
                found = attempt()
            except DoubtError:  # a step before it was carried out
                pass
            except TransientError as error:
                told = isinstance(error, RateLimitedError) and error.retry_after == LONG
                holds(answer is not LATER or told, f"told to wait {LONG:g} s, and says: {error}")
            if not at.refused:
                break
            at.open()
            yield found
            early = found is not None and answer is LATER
            holds(not early, f"told to wait {LONG:g} s, and asked again at once")


def _ended(at: Line, attempt: Callable[[], T]) -> Iterator[T]:
    """The login ends before each request of it in its turn."""
    for nth in range(MOST_ANSWERS):
        at.refuse(at.wire.expired, nth)
        before = at.logins
        found = attempt()
        if not at.refused:
            break
        logins = at.logins - before
        holds(logins == 1, f"the login ended once, and there were {logins} new ones")
        yield found


def _ended_for_good(at: Line, attempt: Callable[[], object]) -> None:
    """The next login is refused like the last one: that is told, and nobody goes on trying."""
    at.refuse_all(at.wire.expired)
    before = at.logins
    try:
        found = attempt()
    except AccessError:
        logins = at.logins - before
        holds(logins == 1, f"each login is refused, and there were {logins} new ones")
        at.open()
        return
    holds(False, f"each login is refused, and that is taken for an answer: {found}")
