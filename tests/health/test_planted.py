"""Failures that raise no error, planted in the memory systems, and noticed by a look."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from connectors.memory import BooksHabits
from syncd.errors import UsageError
from syncd.health import facts
from syncd.store import problems, streams
from tests.health.shop import HALF, Shop


def test_books_that_stand_still_are_noticed_once_the_silence_is_no_accident(shop: Shop) -> None:
    """A copy that nobody feeds any more: it answers, its clock runs, nothing is new."""
    shop.world.books.freeze()
    told = []
    for day in ("Tue", "Wed", "Thu"):
        for _ in range(3):
            shop.trade()
            told += [(day, cause) for cause in shop.step(8 * 3600).opened]
    assert told == [("Wed", "silence books")], "after a whole day without, and once"
    shop.world.books.copy = None
    assert shop.step().closed == ["silence books"]
    assert shop.causes() == []


def test_payments_alone_that_no_longer_come_are_accountings(shop: Shop) -> None:
    """Everything else goes on; balances move, and invoices explain them."""
    shop.world.books.freeze("payments")
    told: list[str] = []
    for _ in range(16):
        shop.trade()
        told += shop.step(12 * 3600).opened
    assert told == ["silence books payment"]
    with shop.pair.store.reading() as tx:
        [one] = problems.listed(tx, "main")
    assert one.owner == problems.ACCOUNTING and "other things do come" in one.text


def test_documents_that_rights_hide_while_balances_move_are_noticed_at_the_third_read(
    shop: Shop,
) -> None:
    shop.world.books.freeze("invoices", "payments")
    for count in range(3):
        shop.trade()
        opened = shop.step().opened
        assert opened == (["unexplained books documents"] if count == 2 else [])
    assert shop.causes() == ["unexplained books documents"]
    shop.world.books.copy = None
    assert shop.step().closed == ["unexplained books documents"]


def test_balances_that_stand_still_while_documents_come_are_noticed(shop: Shop) -> None:
    shop.world.books.freeze("balances")
    opened: list[str] = []
    for _ in range(10):
        assert not opened
        shop.trade()
        opened += shop.step().opened
    assert opened == ["unexplained books balances"]


def test_books_that_tell_no_balances_have_none_to_stand_still(tmp_path: Path) -> None:
    shop = Shop(tmp_path, tells_balances=False)
    shop.open()
    for _ in range(12):
        shop.trade()
        assert shop.step().opened == []


def test_a_read_by_time_that_is_always_empty_is_noticed_and_loses_nothing(shop: Shop) -> None:
    shop.world.books.habits.empty_since = ["invoices"]
    shop.trade()
    assert shop.step().opened == [], "the first time may be a moment's"
    assert shop.step().opened == ["hidden books invoice"]
    assert len(shop.world.crm.objects["invoice"]) == len(shop.world.books.tables["invoices"])
    shop.world.books.habits.empty_since = []
    shop.trade()
    assert shop.step().closed == ["hidden books invoice"]


def test_rights_that_hide_the_newest_row_are_noticed_by_the_next_read(shop: Shop) -> None:
    """The overlap must show it again: everything is read at once, and the row is in quarantine."""
    newest = str(max(map(int, shop.world.books.tables["invoices"])))
    shop.world.books.habits.hidden = {"invoices": [newest]}
    shop.step()
    assert shop.causes() == ["vanished invoice"], "nobody tells it twice"
    assert shop.step().opened == []
    shop.world.books.habits.hidden = {}
    shop.step()
    assert shop.causes() == []


def test_an_empty_answer_of_a_source_without_stamps_is_not_believed(tmp_path: Path) -> None:
    habits = BooksHabits(granularity="none")
    shop = Shop(tmp_path, books=habits, books_options=habits.honest())
    shop.open()
    habits.empty_pages = True
    shop.step()
    assert "implausible invoice" in shop.causes() and "implausible balance" in shop.causes()


def test_answers_out_of_a_cache_are_noticed_by_their_clock(shop: Shop) -> None:
    shop.step()
    shop.world.books.habits.clock_stands = shop.clock.utc().isoformat()
    assert [shop.step().opened, shop.step().opened] == [["frozen books"], []]
    shop.world.books.habits.clock_stands = None
    assert shop.step().closed == ["frozen books"]


def test_a_schedule_that_is_off_and_a_pause_that_nobody_ends_are_noticed(shop: Shop) -> None:
    shop.step()
    opened = [shop.step(60, run=False).opened for _ in range(60)]
    assert opened[-1] == ["schedule main"] and not any(opened[:-1])
    assert shop.step().closed == ["schedule main"]
    with shop.pair.store.transaction() as tx:
        forever = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
        streams.pause_pair(tx, "main", forever, "the books are updated")
    looks = [shop.step(12 * 3600, run=False).opened for _ in range(3)]
    assert looks == [[], [], ["paused main"]]
    with shop.pair.store.transaction() as tx:
        streams.pause_pair(tx, "main", None, None)
    assert shop.step().closed == ["paused main"]


def test_a_clock_that_jumps_does_no_harm_and_is_told(shop: Shop) -> None:
    shop.step()
    shop.clock.now += dt.timedelta(hours=5)
    assert shop.look().opened == ["clock machine"]
    assert shop.step().closed == ["clock machine"], "the books tell the same time"
    shop.clock.now -= dt.timedelta(hours=5)
    shop.world.books.habits.skew = shop.world.crm.habits.skew = 5 * 3600
    assert shop.look().opened == ["clock machine"]
    assert shop.step().opened == [], "now the books are five hours ahead"
    shop.clock.now += dt.timedelta(hours=5)
    shop.world.books.habits.skew = shop.world.crm.habits.skew = 0
    assert shop.look().closed == ["clock machine"], "set back to where it was"


def test_what_a_person_waived_stays_waived_until_it_was_over_once(shop: Shop) -> None:
    shop.world.books.freeze("invoices", "payments")
    for _ in range(3):
        shop.trade()
        shop.step()
    with shop.pair.store.transaction() as tx:
        [one] = problems.listed(tx, "main")
        problems.waive(tx, one.id, "Anna", "we know", shop.clock.utc())
    shop.trade()
    assert shop.step().opened == [] and shop.causes() == []
    shop.world.books.copy = None
    shop.trade()
    shop.step()
    shop.world.books.freeze("invoices", "payments")
    told: list[str] = []
    for _ in range(3):
        shop.trade()
        told += shop.step().opened
    assert told == ["unexplained books documents"]


def test_another_process_goes_on_where_the_last_one_looked(shop: Shop) -> None:
    """A timer runs one cycle a process: what was learned and seen is in the store."""
    shop.world.books.freeze("invoices", "payments")
    opened = []
    for _ in range(3):
        shop.trade()
        opened.append(shop.step().opened)
        shop.pair.store.close()
        shop.build()
    assert opened == [[], [], ["unexplained books documents"]]


def test_a_look_learns_once_a_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.step()

    def again(*_: object) -> None:
        raise UsageError("it was learned today already")

    monkeypatch.setattr(facts, "learned", again)
    shop.step(HALF)
    with pytest.raises(UsageError):
        shop.step(24 * 3600)
