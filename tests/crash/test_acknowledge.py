"""A source that hands out what changed until it is told: told only of what is stored, so that a
process killed in between sees the same again, and nothing is stored or written twice."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from connectors.memory import MemoryBooks, MemoryCrm
from syncd.domain import Kind
from syncd.errors import UnavailableError
from syncd.image import encode_raw
from syncd.mapping import BooksMapping, CrmMapping, load_books, load_crm
from syncd.mapping.words import IN_BOOKS
from syncd.port import All, Flow, Page, Read, Scope, Since
from syncd.store import streams
from syncd.store.engine import open_store
from syncd.sync.order import Report
from syncd.sync.pair import Pair, Side
from tests.engine.agreement import differences
from tests.engine.rig import MAPPINGS, Rig, WorldTransport, one_of_each

Shown = set[tuple[Kind, str, bytes]]


class Killed(BaseException):
    pass


class Outbox(MemoryBooks):
    """`told` is what the source was told has arrived; it outlives the process."""

    def __init__(self, told: Shown, *, refuses: bool = False) -> None:
        super().__init__({})
        self.facts = dataclasses.replace(self.facts, acknowledges=True)
        self.told, self.shown, self.refuses = told, Shown(), refuses

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        if not isinstance(scope, Since):
            return (yield from super().pull(read, scope))
        page = yield from super().pull(read, All(scope.position))
        shown = [(read.kind, one.key, encode_raw(one.data)) for one in page.records]
        fresh = [
            one for one, said in zip(page.records, shown, strict=True) if said not in self.told
        ]
        self.shown |= set(shown)
        return msgspec.structs.replace(page, records=fresh)

    def acknowledge(self) -> Flow[None]:
        yield from ()
        if self.refuses:
            raise UnavailableError("the source does not take it")
        self.told |= self.shown


@functools.cache
def mappings() -> tuple[BooksMapping, CrmMapping]:
    books, crm = MemoryBooks({}), MemoryCrm({})
    return (
        load_books(MAPPINGS / "memory_books.yaml", books.facts),
        load_crm(MAPPINGS / "memory_crm.yaml", crm.facts),
    )


class Office(Rig):
    def __init__(self, folder: Path) -> None:
        self.told = Shown()
        self.kill: tuple[str, int] | None = None
        self.refuses = False
        super().__init__(folder)

    def build(self, checkpoint: object = None) -> Pair:
        passed = 0

        def stop(name: str) -> None:
            nonlocal passed
            passed += self.kill is not None and name == self.kill[0]
            if self.kill is not None and passed == self.kill[1]:
                raise Killed

        books, crm = Outbox(self.told, refuses=self.refuses), MemoryCrm({})
        self.pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, WorldTransport(self.world, crm)),
            *mappings(),
            open_store(self.folder / "state.sqlite"),
            self.clock,
            self.numbers,
            checkpoint=stop,
        )
        return self.pair

    def cycle(self, *, kill: tuple[str, int] | None = None, refuses: bool = False) -> Report | None:
        """One cycle of a new process; None if it was killed at this passing of this point."""
        self.kill, self.refuses = kill, refuses
        self.build()
        try:
            return self.later()
        except Killed:
            return None


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    one_of_each(office)
    office.set_up()
    office.later()
    assert office.told
    return office


def keys(told: Iterable[tuple[Kind, str, bytes]]) -> set[str]:
    return {key for _, key, _ in told}


def test_killed_between_commit_and_acknowledgement_the_same_comes_again_and_nothing_twice(
    office: Office,
) -> None:
    customer = office.world.books.add_customer("株式会社サンプル")
    invoice = office.world.books.post_invoice(customer, "33.00")
    assert office.cycle(kill=("before acknowledge", 1)) is None
    assert invoice not in keys(office.told)
    report = office.cycle()
    assert report is not None
    read = {kind: report.pages[kind] for kind in IN_BOOKS}
    assert read[Kind.INVOICE].read == 1
    assert {kind: page.new for kind, page in read.items() if page.new} == {}
    assert invoice in keys(office.told)
    assert differences(office.world) == []
    assert office.world.crm.doubles() == []


@pytest.mark.parametrize("page", range(1, len(IN_BOOKS) + 1))
def test_killed_before_all_of_it_is_stored_nothing_is_acknowledged(
    office: Office, page: int
) -> None:
    customer = office.world.books.add_customer("ООО «Ромашка»")
    invoice = office.world.books.post_invoice(customer, "33.00")
    told = set(office.told)
    assert office.cycle(kill=("before commit", page)) is None
    assert office.told == told
    office.cycle()
    assert invoice in keys(office.told)
    assert differences(office.world) == []


def test_a_source_that_does_not_take_it_shows_the_same_again(office: Office) -> None:
    customer = office.world.books.add_customer("ООО «Ромашка»")
    office.cycle(refuses=True)
    assert customer not in keys(office.told)
    office.cycle()
    assert customer in keys(office.told)
    assert differences(office.world) == []


def test_a_cycle_in_which_one_kind_is_read_completely_acknowledges_nothing(
    office: Office,
) -> None:
    """What was handed out of that kind was not asked for, and kinds before it were read earlier."""
    customer = office.world.books.add_customer("ООО «Ромашка»")
    with office.pair.store.transaction() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.INVOICE]
        streams.move_cursor(tx, stream, swept_at=streams.LONG_AGO)
    office.cycle()
    assert customer not in keys(office.told)
    office.cycle()
    assert customer in keys(office.told)
