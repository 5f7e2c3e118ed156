"""Whole passes over a source, as the engine makes them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import cast

from syncd.domain import Kind
from syncd.port import All, Keys, Page, Receiver, Record, Scope, Since
from tests.conformance.driver import BooksDriver, Run, Subject, holds

Books = Subject[BooksDriver]
LONGEST_PASS = 10_000
NEVER = dt.datetime(2900, 1, 1, tzinfo=dt.UTC)
"""No clock is there, and one that is took a typed date for its own."""


def pages(books: Books, kind: Kind, scope: Scope) -> Iterator[Page]:
    """A position that comes again would never end."""
    seen: set[str] = set()
    while True:
        page = books.run(books.connector.pull(books.driver.read(kind), scope))
        yield page
        if page.next is None:
            return
        holds(page.next not in seen, f"the pass comes to {page.next} again: it would never end")
        holds(len(seen) < LONGEST_PASS, "the pass does not end")
        seen.add(page.next)
        scope = _next(scope, page.next)


def _next(scope: Scope, position: str) -> Scope:
    if isinstance(scope, Since):
        return Since(scope.moment, position)
    holds(isinstance(scope, All), "asking for keys gives one page alone")
    return All(position)


def whole(books: Books, kind: Kind, scope: Scope) -> list[Record]:
    return [record for page in pages(books, kind, scope) for record in page.records]


def one(books: Books, kind: Kind, key: str) -> Record:
    records = whole(books, kind, Keys((key,)))
    holds([record.key for record in records] == [key], f"asking for {key} does not give it")
    return records[0]


def latest(books: Books, kind: Kind, scope: Scope, key: str) -> Record:
    records = [record for record in whole(books, kind, scope) if record.key == key]
    holds(records, f"{key} is not in what changed since")
    return records[-1]


def seeded(books: Books, kind: Kind, count: int) -> tuple[Sequence[str], Since]:
    """New records, and the moment since which there are as good as no others."""
    books.driver.wait(2)
    keys = books.driver.seed(kind, count)
    return keys, Since(one(books, kind, keys[0]).stamp)


def through(books: Books, run: Run) -> Books:
    """The same, by another transport."""
    return dataclasses.replace(books, run=run)


def caught_up(books: Books, kind: Kind, keys: Sequence[str], since: Since) -> dt.datetime | None:
    """Reads these with what changed, and tells how far the engine's cursor may be then: at the
    newest stamp that is not beyond the source's clock, or its own where the source tells none."""
    seen = list(pages(books, kind, since))
    found = [record for page in seen for record in page.records]
    missing = sorted(set(keys) - {record.key for record in found})
    holds(not missing, f"what changed since {since.moment} lacks {missing}")
    if books.connector.facts.acknowledges:
        books.run(cast(Receiver, books.connector).acknowledge())
    clock = seen[0].source_time
    stamps = [one.stamp for one in found if one.stamp and one.stamp <= (clock or NEVER)]
    return max(stamps, default=clock)
