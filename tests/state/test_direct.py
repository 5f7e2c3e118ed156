"""Statements asked of SQLite itself answer as SQLAlchemy's own way does."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.store import direct
from syncd.store.bulk import among, listed, many
from syncd.store.engine import Store, open_store
from syncd.store.tables import link, run

NOON = dt.datetime(2026, 11, 26, 12, 0, 0, 123456, dt.UTC)
_RUN = sa.insert(run)
_END = sa.update(run).where(run.c.id == sa.bindparam("one"))
_BEGAN = sa.select(run.c.id, run.c.began, run.c.ended).where(
    run.c.began >= sa.bindparam("since"), run.c.command == "run"
)
_LINK = sa.insert(link)
_LINKS = sa.select(link.c.books_key, link.c.is_primary, link.c.at).order_by(link.c.id)
_SOME = sa.select(link.c.books_key).where(among(link.c.books_key, "some"))
NAMES = ("Пример", "株式会社例", "O'Neill «?» :name %s")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "syncd.sqlite")
    yield made
    made.close()


def begun(tx: sa.Connection, at: dt.datetime, command: str = "run") -> int:
    said = {"pair": "main", "epoch": 1, "command": command, "mode": "plan", "began": at}
    return direct.insert(tx, _RUN, **said)


def with_links(tx: sa.Connection) -> None:
    one = {"crm": "crm", "books": "books", "by": "syncd", "at": NOON, "numbered": False}
    rows = [
        {**one, "card_id": str(n), "books_key": name, "is_primary": not n}
        for n, name in enumerate(NAMES)
    ]
    many(tx, _LINK, rows)


def test_a_time_is_utc_aware_to_the_microsecond_and_may_be_missing(store: Store) -> None:
    with store.transaction() as tx:
        first, second = begun(tx, NOON), begun(tx, NOON + dt.timedelta(hours=1))
        begun(tx, NOON, "plan")
        assert second == first + 1
        assert direct.change(tx, _END, one=first, ended=NOON) == 1
        assert direct.change(tx, _END, one=99, ended=NOON) == 0
        found = direct.rows(tx, _BEGAN, since=NOON)
        assert found == [(first, NOON, NOON), (second, NOON + dt.timedelta(hours=1), None)]
        assert found == [tuple(row) for row in tx.execute(_BEGAN, {"since": NOON})]
        assert direct.row(tx, _BEGAN, since=NOON + dt.timedelta(days=1)) is None
        with pytest.raises(AssertionError, match="2 rows"):
            direct.row(tx, _BEGAN, since=NOON)


def test_a_truth_is_a_bool_and_names_of_all_the_world_are_values(store: Store) -> None:
    with store.transaction() as tx:
        with_links(tx)
        found = direct.rows(tx, _LINKS)
        assert found == [(name, not n, NOON) for n, name in enumerate(NAMES)]
        assert {type(primary) for _, primary, _ in found} == {bool}
        assert direct.value(tx, _LINKS) == NAMES[0]
        assert sorted(direct.column(tx, _SOME, some=listed(NAMES[1:]))) == sorted(NAMES[1:])
        assert direct.value(tx, _SOME, some=listed([])) is None


def test_a_list_that_is_a_constant_stands_among_what_is_given(store: Store) -> None:
    query = sa.select(link.c.books_key).where(
        link.c.at <= sa.bindparam("until"),
        link.c.books_key.in_((NAMES[2], NAMES[0])),
        link.c.at.in_((NOON,)),
        link.c.crm == sa.bindparam("crm"),
    )
    with store.transaction() as tx:
        with_links(tx)
        assert {*direct.column(tx, query, until=NOON, crm="crm")} == {NAMES[0], NAMES[2]}
        assert direct.column(tx, query, until=NOON, crm="books") == []


@pytest.mark.parametrize("given", [{}, {"since": NOON, "until": NOON}])
def test_what_a_statement_does_not_ask_for_is_a_mistake(
    store: Store, given: dict[str, object]
) -> None:
    with store.reading() as tx, pytest.raises(AssertionError, match="given"):
        direct.rows(tx, _BEGAN, **given)


def test_it_sees_the_transaction_it_is_in_and_leaves_with_it(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as tx:
        with_links(tx)
        assert tx.scalar(sa.select(sa.func.count()).select_from(link)) == len(NAMES)
        with_links(tx)  # twice the same
    with store.reading() as tx:
        assert direct.rows(tx, _LINKS) == []
        begun(tx, NOON)
    with store.reading() as tx:
        assert direct.rows(tx, _BEGAN, since=NOON) == [], "nothing is written through a read"
        before = direct.rows(tx, _LINKS)
        with store.transaction() as other:
            with_links(other)
        assert direct.rows(tx, _LINKS) == before, "a view stays as it was"
