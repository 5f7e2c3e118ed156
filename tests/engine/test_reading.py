"""What a reading of the books may conclude, and what it may not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import pytest

from connectors.memory import BooksHabits
from syncd.domain import FROM_CRM, Kind
from syncd.store import direct, streams
from tests.engine.agreement import differences
from tests.engine.rig import Rig, one_of_each, open_problems


def test_absence_is_not_deletion(rig: Rig) -> None:
    _, invoice, _ = one_of_each(rig)
    for _ in range(3):
        rig.world.books.post_invoice("1", "1.00")
    rig.set_up()
    rig.run()
    before = len(rig.world.crm.journal)
    rig.world.books.delete("invoices", "4")
    rig.clock.advance(90_000)
    rig.run()
    vanished = [text for text in open_problems(rig) if "no longer has invoice 4" in text]
    assert len(vanished) == 1
    assert [e for e in rig.world.crm.journal[before:] if e.target == "invoice"] == []
    assert invoice == "1"


def test_a_newest_record_that_is_gone_for_good_is_looked_for_once(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.later()
    gone = rig.world.books.post_invoice("1", "1.00")
    rig.later()
    rig.world.books.delete("invoices", gone)

    def reads() -> int:
        before = len(rig.world.requests)
        rig.later()
        return rig.world.requests[before:].count(("GET", "/books/invoices"))

    assert [reads() for _ in range(3)] == [3, 1, 1], "all, that one by its key, then what is new"
    assert [f"no longer has invoice {gone}" in text for text in open_problems(rig)] == [True]
    rig.world.books.post_invoice("1", "2.00")
    assert reads() == 1
    assert len(rig.world.crm.objects["invoice"]) == 3


def test_an_empty_answer_proves_nothing(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.world.books.habits.empty_pages = True
    rig.clock.advance(90_000)
    report = rig.run()
    assert report.writes == 0
    assert any("nothing was concluded" in text for text in open_problems(rig))
    rig.world.books.habits.empty_pages = False
    rig.clock.advance(90_000)
    rig.run()
    assert (open_problems(rig), differences(rig.world)) == ([], [])


def test_a_source_that_repeats_its_first_page_is_given_up(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.world.books.habits.repeat_first_page = True
    rig.later()
    assert any("the same page" in text for text in open_problems(rig))


def test_a_line_edit_that_moves_no_stamp_is_found_by_the_daily_pass(tmp_path: Path) -> None:
    habits = BooksHabits(allocation_edits_stamp=False)
    rig = Rig(tmp_path, books=habits, books_options=habits.honest())
    _, invoice, payment = one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.clock.advance(3600)
    rig.world.books.allocate(payment, invoice, "10.00")
    rig.later(90_000)
    assert differences(rig.world) == []


def test_a_typed_date_of_2999_does_not_move_the_cursor(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.world.books.type_stamp("customers", customer, "2999-01-01T00:00:00+00:00")
    rig.set_up()
    rig.run()
    rig.world.books.add_customer("Später GmbH")
    rig.later()
    assert differences(rig.world) == []


def cursor_of(rig: Rig) -> dt.datetime | None:
    with rig.pair.store.reading() as tx:
        return streams.read_cursor(tx, streams.stream_ids(tx, "main")[Kind.CUSTOMER]).value


@pytest.mark.parametrize(("paging", "moved"), [("offset", False), ("keyset", True)])
def test_the_cursor_follows_pages_only_where_they_come_in_order(
    tmp_path: Path, paging: Literal["offset", "keyset"], moved: bool
) -> None:
    habits = BooksHabits(paging=paging, page=2)
    rig = Rig(tmp_path, books=habits, books_options=habits.honest())
    rig.world.books.add_customer("Первый")
    rig.run(write=False)
    rig.clock.advance(3600)
    for name in ("Ä", "Б", "社", "Ё", "Ō", "Ż"):
        rig.world.books.add_customer(name)
        rig.clock.advance(1)
    before, pages = cursor_of(rig), 0

    def checkpoint(name: str) -> None:
        nonlocal pages
        pages += name == "before commit"
        if pages == 3:
            raise KeyError("the process ends between two pages")

    rig.build(checkpoint)
    with pytest.raises(KeyError):
        rig.run(write=False)
    assert (cursor_of(rig) != before) is moved


def test_a_late_commit_is_found_by_the_overlap_long_before_the_daily_pass(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    books = rig.world.books
    books.habits.commit_lag = 240
    books.post_invoice(customer, "33.00")
    books.habits.commit_lag = 0
    rig.clock.advance(60)
    books.post_invoice(customer, "44.00")
    rig.run()
    rig.later(300)
    assert differences(rig.world) == []


def test_a_first_pass_looks_for_nothing_that_it_may_lack(rig: Rig) -> None:
    one_of_each(rig)
    asked: list[str] = []
    with rig.pair.store.reading() as tx:
        direct.driver(tx).set_trace_callback(asked.append)

    def looks() -> int:
        rig.run(write=False, full=True)
        with rig.pair.store.reading() as tx:
            ids = streams.stream_ids(tx, rig.pair.name)
        books = [f"stream = {one} " for kind, one in ids.items() if kind not in FROM_CRM]
        found = [said for said in asked if "record.asked <" in said]
        asked.clear()
        return sum(any(one in said for one in books) for said in found)

    assert looks() == 0
    assert looks() > 0
