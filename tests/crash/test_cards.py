"""Killed while cards are worked out, one a commit: the next run finishes all that were touched, and
all whose card the clock changes."""

from __future__ import annotations

import signal

import pytest

from tests.crash.conftest import MakeStand
from tests.crash.stand import DOUBT_TIME, Stand
from tests.engine.agreement import differences, overdue, sent_in_vain

CUSTOMERS = ("1", "2", "3")
DAY = 24 * 3600.0
FORTNIGHT = 14 * DAY
"""From the day of an invoice until it is due."""
CORRECTION_DELAY = 600.0


def trade(stand: Stand) -> None:
    books = stand.world.books
    for number, key in enumerate(CUSTOMERS, 1):
        assert books.add_customer(f"Кунде {number} 株式会社") == key
        invoice = books.post_invoice(key, f"{number}00.10")
        books.pay(key, "50.00", allocations=[(invoice, "20.00")])


def unfinished(stand: Stand) -> int:
    """Customers whose card is still to be worked out."""
    [(number,)] = stand.rows("SELECT count(*) FROM touched")
    return int(number)


def kill_between_cards(stand: Stand, nth: int) -> None:
    """It dies when `nth` - 1 of the cards are stored; nothing was sent by then."""
    writes = stand.world.writes()
    assert stand.syncd("run", kill=("deriving", nth)).code == -signal.SIGKILL
    assert unfinished(stand) == len(CUSTOMERS) - (nth - 1)
    assert stand.world.writes() == writes


def finish(stand: Stand) -> None:
    """Two runs: one to finish, and one that finds nothing to do."""
    stand.run()
    assert unfinished(stand) == 0
    assert differences(stand.world) == []
    report = stand.run()
    assert (report["writes"], report["in_doubt"], report["open_problems"]) == (0, 0, 0)
    assert sent_in_vain(stand.world) == []


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_the_next_run_finishes_the_cards_of_all_touched_customers(
    stand_of: MakeStand, nth: int
) -> None:
    """Their documents are read once, and do not come again."""
    stand = stand_of(page=10)
    trade(stand)
    stand.advance(2)  # stamps of the very second that the source's clock says come again
    kill_between_cards(stand, nth)
    finish(stand)


def test_killed_again_and_again_it_goes_on_where_it_was(stand_of: MakeStand) -> None:
    stand = stand_of(page=10)
    trade(stand)
    stand.advance(2)
    for left in (2, 1):
        assert stand.syncd("run", kill=("deriving", 2)).code == -signal.SIGKILL
        assert unfinished(stand) == left
    finish(stand)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_killed_at_the_midnight_at_which_cards_become_overdue(
    stand_of: MakeStand, nth: int
) -> None:
    """Nothing changes in the books that day: only the clock says which cards to look at."""
    stand = stand_of(page=10)
    trade(stand)
    stand.run()
    assert differences(stand.world) == []
    assert not any(overdue(stand.world, key) for key in CUSTOMERS)
    stand.advance(FORTNIGHT + DAY)
    assert all(overdue(stand.world, key) for key in CUSTOMERS)
    kill_between_cards(stand, nth)
    finish(stand)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_killed_when_the_time_of_correction_is_over(stand_of: MakeStand, nth: int) -> None:
    """The documents turned in a commit of their own, before any card was worked out."""
    stand = stand_of(page=10)
    trade(stand)
    stand.run()
    for key in CUSTOMERS:
        stand.world.books.unpost("invoices", key)
    stand.advance(2)
    stand.run()
    stand.advance(CORRECTION_DELAY + 1)
    kill_between_cards(stand, nth)
    finish(stand)


def test_killed_before_the_cards_after_the_time_of_correction_was_noted(
    stand_of: MakeStand,
) -> None:
    """The kill comes at the page of won deals, between the two."""
    stand = stand_of(page=10)
    trade(stand)
    stand.run()
    for key in CUSTOMERS:
        stand.world.books.unpost("invoices", key)
    stand.advance(2)
    stand.run()
    stand.advance(CORRECTION_DELAY + 1)
    stand.trap("GET /crm/deals", "before")
    assert stand.syncd("run").code == -signal.SIGKILL
    assert unfinished(stand) == len(CUSTOMERS)
    stand.advance(DOUBT_TIME + 1)
    finish(stand)
