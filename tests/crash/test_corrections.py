"""Killed in the middle of corrections: a payment that must be removed and made anew, an invoice
that loses its payment and is cancelled, a new name, a new customer. Once at every point the run
passes, and once at every write, before and after it is carried out."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from connectors.memory.faults import Match
from tests.crash.stand import DOUBT_TIME, Forks, Snapshot, Stand
from tests.engine.agreement import differences, sent_in_vain

LEAST = 8
"""So many different deaths, or the history has become too short to show anything."""

Kill = Callable[[Stand, int], int]


@pytest.fixture(scope="session")
def synchronised(
    forks: Forks, empty_pair: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    folder = tmp_path_factory.mktemp("synchronised")
    with Stand(folder, forks, "T3", empty_pair) as stand:
        books = stand.world.books
        customer = books.add_customer("ООО «Ромашка»")
        first, second = (books.post_invoice(customer, total) for total in ("100.00", "60.00"))
        books.pay(customer, "90.00", allocations=[(first, "40.00")])
        books.pay(customer, "10.00", allocations=[(second, "10.00")])
        stand.run()
        assert differences(stand.world) == []
    return Snapshot(folder / "state.sqlite", stand.world)


def correct(stand: Stand) -> None:
    books = stand.world.books
    books.allocate("1", "1", "75.00")
    books.cancel_invoice("2")
    books.rename("1", "ООО «Ромашка-2»")
    books.post_invoice(books.add_customer("株式会社サンプル"), "5000", currency="JPY")


def at_point(stand: Stand, nth: int) -> int:
    return stand.syncd("run", kill=("*", nth)).code


class NthWrite(Match):
    """The write that comes as the nth."""

    def takes(self, method: str, path: str) -> bool:
        self.times -= method != "GET"
        return method != "GET" and self.times == 0


def at_write(when: str, *, carried_out: bool) -> Kill:
    def kill(stand: Stand, nth: int) -> int:
        stand.trap(NthWrite("", nth), when, drop=not carried_out)
        return stand.syncd("run").code

    return kill


def deaths(folder: Path, forks: Forks, begin: Snapshot, kill: Kill) -> Iterator[Stand]:
    """The same corrections again and again, and each time the run dies a step later."""
    for nth in count(1):
        place = folder / str(nth)
        place.mkdir()
        with Stand(place, forks, "T3", begin, page=3) as stand:
            correct(stand)
            code = kill(stand, nth)
            if code == 0:
                return
            assert code == -signal.SIGKILL
            yield stand


@pytest.mark.parametrize(
    "kill",
    [
        at_point,
        at_write("before", carried_out=False),
        at_write("after", carried_out=True),
    ],
    ids=["at every point", "before every write", "after every write"],
)
def test_whatever_step_it_dies_at_the_next_runs_finish(
    tmp_path: Path, forks: Forks, synchronised: Snapshot, kill: Kill
) -> None:
    died = 0
    for died, stand in enumerate(deaths(tmp_path, forks, synchronised, kill), 1):
        if died % 2:
            stand.run()  # what is in doubt waits, the rest goes on
        stand.advance(DOUBT_TIME + 1)
        stand.run()
        report = stand.run()
        assert (report["writes"], report["open_problems"]) == (0, 0), died
        assert differences(stand.world) == [], died
        assert stand.world.crm.doubles() == [], died
        assert sent_in_vain(stand.world) == [], died
    assert died >= LEAST
