"""Killed in the middle of corrections: a payment that must be removed and made anew, an invoice
that loses its payment and is cancelled, a new name, a new customer; and payments and credit notes
that take each other's place, where there is no room for both. Once at every point the run passes,
and once at every write, before and after it is carried out."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from connectors.memory.faults import Match
from tests.crash.conftest import MakeStand
from tests.crash.stand import DOUBT_TIME, Forks, Snapshot, Stand
from tests.engine.agreement import differences, sent_in_vain

LEAST, LEAST_OF_CREDIT = 8, 5
"""So many different deaths, or the history has become too short to show anything."""

TIERS = ("T1", "T2", "T3", "T4")
Kill = Callable[[Stand, int], int]
History = Callable[[Stand], None]


@pytest.fixture(scope="session")
def synchronised(forks: Forks, empty_pair: Snapshot, places: Callable[[], Path]) -> Snapshot:
    folder = places()
    with Stand(folder, forks, "T3", empty_pair) as stand:
        books = stand.world.books
        customer = books.add_customer("ООО «Ромашка»")
        first, second = (books.post_invoice(customer, total) for total in ("100.00", "60.00"))
        books.pay(customer, "90.00", allocations=[(first, "40.00")])
        books.pay(customer, "10.00", allocations=[(second, "10.00")])
        third = books.post_invoice(customer, "100.00")
        books.post_credit_note(customer, "50.00", allocations=[(third, "50.00")])
        stand.run()
        assert differences(stand.world) == []
    return Snapshot(folder / "state.sqlite", stand.world)


def correct(stand: Stand) -> None:
    books = stand.world.books
    books.allocate("1", "1", "75.00")
    books.cancel_invoice("2")
    books.rename("1", "ООО «Ромашка-2»")
    books.post_invoice(books.add_customer("株式会社サンプル"), "5000", currency="JPY")


def credit(stand: Stand) -> None:
    """A note takes the place of the second payment, and a payment that of a part of the other note:
    what was there has to be gone before, or the CRM refuses what comes."""
    books = stand.world.books
    books.void_payment("2")
    books.post_credit_note("1", "120.00", allocations=[("1", "60.00"), ("2", "60.00")])
    books.allocate_credit("1", "3", "20.00")
    books.pay("1", "80.00", allocations=[("3", "80.00")])


INTENTS = "SELECT count(*) FROM intent"


def while_reading(stand: Stand, nth: int) -> int:
    """0 where it was through with that, and had decided a request."""
    before = stand.rows(INTENTS)
    code = stand.syncd("run", kill=("*", nth)).code
    return code if stand.rows(INTENTS) == before else 0


def while_sending(stand: Stand, nth: int) -> int:
    return stand.syncd("run", kill=("*", nth, "committed")).code


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


def deaths(
    folder: Path, forks: Forks, begin: Snapshot, history: History, kill: Kill
) -> Iterator[Stand]:
    """The same corrections again and again, and each time the run dies a step later."""
    for nth in count(1):
        place = folder / str(nth)
        place.mkdir()
        with Stand(place, forks, "T3", begin, page=3) as stand:
            history(stand)
            code = kill(stand, nth)
            if code == 0:
                return
            assert code == -signal.SIGKILL
            yield stand


KILLS: dict[str, tuple[History, Kill]] = {
    "at every point of reading": (correct, while_reading),
    "at every point of sending": (correct, while_sending),
    "before every write": (correct, at_write("before", carried_out=False)),
    "after every write": (correct, at_write("after", carried_out=True)),
    "credit, at every point of sending": (credit, while_sending),
    "credit, before every write": (credit, at_write("before", carried_out=False)),
    "credit, after every write": (credit, at_write("after", carried_out=True)),
}


@pytest.mark.parametrize("name", KILLS)
def test_whatever_step_it_dies_at_the_next_runs_finish(
    place: Path, forks: Forks, synchronised: Snapshot, name: str
) -> None:
    history, kill = KILLS[name]
    died = 0
    for died, stand in enumerate(deaths(place, forks, synchronised, history, kill), 1):
        if died % 2:
            stand.run()  # what is in doubt waits, the rest goes on
        stand.advance(DOUBT_TIME + 1)
        stand.run()
        report = stand.run()
        assert (report["writes"], report["open_problems"]) == (0, 0), died
        assert differences(stand.world) == [], died
        assert stand.world.crm.doubles() == [], died
        assert sent_in_vain(stand.world) == [], died
    assert died >= (LEAST if history is correct else LEAST_OF_CREDIT)


@pytest.mark.parametrize("history", [correct, credit])
def test_left_alone_it_is_refused_nothing(
    place: Path, forks: Forks, synchronised: Snapshot, history: History
) -> None:
    """What is taken away goes before what takes its place, whatever kind either is of."""
    with Stand(place, forks, "T3", synchronised, page=3) as stand:
        history(stand)
        report = stand.run()
        assert (report["new_problems"], stand.run()["writes"]) == (0, 0)
        assert stand.rows("SELECT op, target FROM intent WHERE state = 'rejected'") == []
        assert differences(stand.world) == []


@pytest.mark.parametrize("tier", TIERS)
def test_killed_between_a_credit_note_and_its_payments(stand_of: MakeStand, tier: str) -> None:
    """They are objects of one record: the note stands alone in the history until they follow."""
    stand = stand_of(tier, page=10)
    books, crm = stand.world.books, stand.world.crm
    customer = books.add_customer("ООО «Ромашка»")
    for _ in range(2):
        books.post_invoice(customer, "50.00")
    stand.run()
    books.post_credit_note(customer, "80.00", allocations=[("1", "50.00"), ("2", "30.00")])
    stand.trap("P* /crm/payment", "before", drop=True)
    assert stand.syncd("run").code == -signal.SIGKILL
    assert (len(crm.objects["note"]), len(crm.objects["payment"])) == (1, 0)
    assert stand.run()["in_doubt"] == (1 if tier == "T4" else 3)
    stand.advance(DOUBT_TIME + 1)
    stand.run()
    if tier == "T4":
        [(_, cause)] = stand.problems()
        assert cause.startswith("asked credit_note:1/settles/")
        stand.answer_problems()
    stand.run()
    report = stand.run()
    assert (report["writes"], report["in_doubt"], report["open_problems"]) == (0, 0, 0)
    assert differences(stand.world) == []
    assert len(crm.objects["payment"]) == 2
    assert sent_in_vain(stand.world) == []
