"""What has had its time goes, in batches that keep nobody waiting; what is needed stays."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.domain import Kind
from syncd.image import encode
from syncd.store import plans, retention, streams
from syncd.store.engine import Store, open_store
from syncd.store.expiry import Keep
from syncd.store.tables import change, intent, part, person_change, plan_row, record, run
from tests.cli.desk import Desk
from tests.clocks import ManualClock
from tests.engine.rig import Rig
from tests.state.large import fill

NOW = ManualClock().utc()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "state.sqlite")


def versions(store: Store, one: int, table: sa.Table = change) -> list[int]:
    with store.reading() as tx:
        return list(tx.scalars(sa.select(table.c.ver).where(table.c.record == one)))


def test_the_newest_the_delivered_and_what_is_named_stay(store: Store) -> None:
    """Ten versions, 200 days each: those replaced more than 400 days ago go."""
    fill(store, 4_000, NOW)
    approval = plans.Approval("old", "m", NOW, [])
    with store.transaction() as tx:
        _, planned = plans.store(tx, approval, {})
        tx.execute(sa.insert(plan_row).values(plan=planned, part=2, ver=3, want=b"1"))
        for one, state in ((3, "doubt"), (4, "applied")):
            values = {"id": one, "pair": "old", "epoch": 1, "run": 1, "op": "update"}
            values |= {"target": "invoice", "mapping": "m", "parts": encode([(one, 2)])}
            values |= {"opened": NOW - dt.timedelta(days=600), "state": state}
            tx.execute(sa.insert(intent).values(values))
    told: list[tuple[str, int]] = []
    done = retention.purge(store, Keep(), ManualClock(), tell=lambda *one: told.append(one))
    assert versions(store, 1) == [4, 7, 8, 9, 10]
    assert versions(store, 2) == [3, 4, 7, 8, 9, 10], "a plan that waits names it"
    assert versions(store, 3) == [2, 4, 7, 8, 9, 10], "a write in doubt names it"
    assert versions(store, 4) == [4, 7, 8, 9, 10]
    assert done.rows["versions"] == 400 * 5 - 2 and done.rows["writes"] == 0
    batches = [rows for what, rows in told if what == "versions"]
    steps = [after - before for before, after in zip([0, *batches], batches, strict=False)]
    assert max(steps) <= retention.BATCH
    assert set(retention.count(store, Keep(), NOW).values()) == {0}


def test_between_two_batches_a_run_has_its_turn(store: Store) -> None:
    """A purge never holds the state while it rests, and rests as long as it worked."""
    fill(store, 4_000, NOW)
    turns = 0

    class Resting(ManualClock):
        def sleep(self, seconds: float) -> None:
            nonlocal turns
            assert seconds >= retention.REST
            with store.transaction() as tx:  # waits for ever if the purge holds the write lock
                tx.execute(sa.update(record).where(record.c.id == 1).values(asked=turns))
            turns += 1
            super().sleep(seconds)

    clock: Clock = Resting()
    with store.reading() as tx:
        pages = int(tx.exec_driver_sql("PRAGMA page_count").scalar() or 0)
    done = retention.purge(store, Keep(changes=1), clock)
    assert turns >= done.rows["versions"] / retention.BATCH
    with store.reading() as tx:
        after = int(tx.exec_driver_sql("PRAGMA page_count").scalar() or 0)
    assert done.pages and after < pages * 0.7, "room is given back to the disk"


def test_it_is_done_once_a_day_and_not_for_longer_than_it_may(store: Store) -> None:
    fill(store, 20_000, NOW)
    clock = ManualClock()
    first = retention.daily(store, Keep(), clock, seconds=0.03)
    assert first and not first.finished
    second = retention.daily(store, Keep(), clock)
    assert second and second.finished and second.rows["versions"] > 0
    assert retention.daily(store, Keep(), clock) is None
    clock.advance(24 * 3600)
    third = retention.daily(store, Keep(), clock)
    assert third and sum(third.rows.values()) == 0


def test_a_year_and_a_half_later_why_and_log_say_that_older_versions_were_removed(
    live: Desk,
) -> None:
    books = live.world.books
    for total in ("100.00", "110.00", "120.50"):
        live.clock.advance(24 * 3600)
        books.edit_invoice("1", total=total)
        books.rename("1", f"ООО «Пример {total}»")
        assert live.later().code == 0
    live.clock.advance(500 * 24 * 3600)
    assert live.later().code == 0  # its purge is the daily one
    with open_store(live.state).reading() as tx:
        ids = streams.stream_ids(tx, "main")
        left = sa.select(record.c.ver).where(record.c.stream == ids[Kind.CUSTOMER])
        newest = tx.scalar(left.where(record.c.key == "1"))
        named = sa.select(person_change.c.ver).join(record, record.c.id == person_change.c.record)
        assert list(tx.scalars(named.where(record.c.key == "1"))) == [newest]
        assert tx.scalar(sa.select(sa.func.count()).select_from(run)) == 1
        assert tx.scalar(sa.select(sa.func.count()).select_from(part)) > 0
    log = live.syncd("log", "invoice:1")
    assert "version 4" in log.out and "3 older versions removed: their time was over" in log.out
    why = live.syncd("why", "customer", "1", "receivable")
    assert why.code == 0 and "75.50" in why.out
    assert "older versions were removed" in why.out
    assert live.syncd("db", "check").code == 0


def test_the_settings_name_every_kind_of_retention(live: Desk) -> None:
    text = live.config.read_text(encoding="utf-8")
    live.config.write_text(text + "retention: {changes: soon, versions: 3}\n", encoding="utf-8")
    said = live.syncd("check")
    assert said.code == 78
    assert "changes is a number of 0 or more" in said.text
    assert "unknown number of days versions" in said.text


def test_a_purge_leaves_a_pair_that_agrees_as_it_is(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    key = rig.world.books.add_customer("株式会社サンプル")
    invoice = rig.world.books.post_invoice(key, "120.00")
    rig.set_up()
    rig.run()
    for total in ("130.00", "140.00"):
        rig.world.books.edit_invoice(invoice, total=total)
        rig.later()
    rig.clock.advance(1000 * 24 * 3600)
    retention.purge(rig.pair.store, Keep(), rig.clock)
    rig.run()
    assert (rig.states(), rig.later().writes) == ({}, 0)
