"""Stamps that are not what a reader expects: older than the last read, or far ahead of any."""

from __future__ import annotations

import datetime as dt

from syncd.domain import Kind
from syncd.port import All, Since
from tests.conformance.driver import holds
from tests.conformance.passes import NEVER, Books, caught_up, latest, one, pages, seeded, whole

OVERLAP = dt.timedelta(minutes=10)
"""How far behind its cursor the engine reads."""
LATE = dt.timedelta(minutes=5)
FAR = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


def late_commit(books: Books, about: str) -> None:
    """What is visible only after a read, and stamped before it, is in the overlap of the next."""
    kind = Kind(about)
    books.driver.wait(2 * OVERLAP.total_seconds())  # so that little else is in it
    early, since = seeded(books, kind, 1)
    cursor = caught_up(books, kind, early, since)
    [key] = books.driver.seed(kind, 1)
    stamped = books.connector.facts.sources[kind].stamped
    if cursor and (stamped or "stamp" in books.driver.can.get(kind, ())):
        books.driver.stamp(kind, key, cursor - LATE)
    lower = cursor and cursor - OVERLAP
    seen = [record.key for record in whole(books, kind, Since(lower))]
    holds(key in seen, f"committed late, and the next read, from {lower}, lacks it")


def far_future(books: Books, about: str) -> None:
    """It is read like any other, hides nothing, and is nobody's clock."""
    kind = Kind(about)
    (ahead, other), since = seeded(books, kind, 2)
    old = one(books, kind, other)
    books.driver.stamp(kind, ahead, FAR)
    for scope in (since, All()):
        seen: list[str] = []
        for page in pages(books, kind, scope):
            clock = page.source_time
            holds(clock is None or clock < NEVER, f"a date of 2999 makes the source's time {clock}")
            seen += (record.key for record in page.records)
        holds(ahead in seen, "a record of 2999 is not read")
        holds(other in seen, "a record is hidden by one of 2999")
    cursor = caught_up(books, kind, (ahead, other), since)
    books.driver.wait(2)
    books.driver.edit(kind, other)
    later = books.driver.seed(kind, books.driver.page + 1)
    holds(latest(books, kind, Since(cursor), other).data != old.data, "an edit is hidden by 2999")
    lacking = sorted(set(later) - {record.key for record in whole(books, kind, Since(cursor))})
    holds(not lacking, f"a record of 2999 hides {lacking}")
