"""`syncd db`: what an operator types, and what goes wrong."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.errors import BusyError
from syncd.store.engine import MIGRATIONS, open_store
from syncd.store.locks import lock_pair
from tests.cli.desk import Desk


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as found:
        yield found


def as_of_0002(path: Path) -> None:
    """The state as the version before left it."""
    with raw(path) as state:
        later = ("state", "told", "outlet", "outcome", "call", "look", "deal_order", "seller")
        later += ("noticed", "link_change", "link_rejected", "agreed")
        for table in (*later, "overwritten", "merge", "moved"):
            state.execute(f"DROP TABLE {table}")
        for index in ("ix_run_pair_began", "ix_record_stream", "ix_part_shared"):
            state.execute(f"DROP INDEX {index}")
        for column in ("news_at", "missed_since", "compared_by"):
            state.execute(f"ALTER TABLE cursor DROP COLUMN {column}")
        for column in ("restored", "restored_sign", "looked_back"):
            state.execute(f"ALTER TABLE pair DROP COLUMN {column}")
        state.execute("UPDATE alembic_version SET version_num = '0002'")
    path.with_name(f"{path.name}.main.witness").unlink(missing_ok=True)


def test_an_older_state_is_brought_up_after_a_copy_and_not_under_anybodys_feet(live: Desk) -> None:
    as_of_0002(live.state)
    with closing(lock_pair(live.state, "main")):
        for arguments in (["status"], ["db", "upgrade"]):
            said = live.syncd(*arguments)
            assert said.code == 75 and "pair main is owned by another syncd" in said.text
    dry = live.syncd("db", "upgrade", "--dry-run")
    assert dry.code == 0 and "would add 0003" in dry.out
    said = live.syncd("db", "upgrade")
    kept = live.folder / "state.sqlite.before-0002-1"
    assert said.code == 0 and "added 0003" in said.out and str(kept) in said.out
    assert kept.stat().st_mode & 0o077 == 0
    with raw(kept) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == ("0002",)
    assert live.later().code == 0, "the same state goes on, and was not brought back"
    for _ in range(4):
        as_of_0002(live.state)
        assert live.syncd("status").code == 0  # whatever opens it first
    names = sorted(one.name for one in live.folder.glob("*.before-*"))
    assert names == [f"state.sqlite.before-0002-{number}" for number in (3, 4, 5)]


def test_every_revision_says_in_its_first_line_what_it_adds() -> None:
    for file in (MIGRATIONS / "versions").glob("0*.py"):
        assert file.read_text(encoding="utf-8").startswith('"""')


def test_a_backup_made_while_others_write_is_of_one_moment(live: Desk) -> None:
    """Two numbers that are always written together are equal in every copy."""
    store = open_store(live.state)
    with store.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE twins (a INTEGER, b INTEGER)"))
        tx.execute(sa.text("INSERT INTO twins VALUES (0, 0)"))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with store.transaction() as tx:
                tx.execute(sa.text("UPDATE twins SET a = a + 1"))
                tx.execute(sa.text("UPDATE twins SET b = b + 1"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [live.folder / "kept" / f"{number}.sqlite" for number in range(3)]
        for file in files:
            assert live.syncd("db", "backup", str(file)).code == 0
    finally:
        stop.set()
        writer.join()
        store.close()
    seen = []
    for file in files:
        assert file.stat().st_mode & 0o077 == 0 and file.parent.stat().st_mode & 0o077 == 0
        with raw(file) as copy:
            [(a, b)] = copy.execute("SELECT a, b FROM twins").fetchall()
            assert a == b
            seen.append(a)
    assert seen == sorted(seen)
    assert not list((live.folder / "kept").glob(".*")), "nothing half done is left"


def test_a_backup_replaces_nothing_and_keeps_as_many_as_wanted(live: Desk) -> None:
    file = live.folder / "письмо.sqlite"
    file.write_text("a letter")
    said = live.syncd("db", "backup", str(file))
    assert (said.code, file.read_text()) == (2, "a letter")
    assert "is there already" in said.text
    said = live.syncd("db", "backup", str(file / "within" / "a.sqlite"))
    assert said.code == 78 and "there can be no such file" in said.text
    folder = live.folder / "kept"
    for _ in range(4):
        live.clock.advance(60)
        assert live.syncd("db", "backup", str(folder), "--keep", "2").code == 0
    assert len(list(folder.iterdir())) == 2
    assert live.syncd("db", "backup", str(file), "--keep", "2").code == 2


def test_without_a_state_there_is_nothing_to_look_after(desk: Desk) -> None:
    for command in ("upgrade", "backup", "check", "size", "purge"):
        said = desk.syncd("db", command)
        assert said.code == 78 and "there is no state yet" in said.text
        assert not desk.state.exists()


DAMAGES = {
    "DELETE FROM change WHERE record IN (SELECT id FROM record WHERE key = '2')": (
        "its newest version is missing"
    ),
    "UPDATE part SET fields = x'5b5b' WHERE id IN (SELECT max(id) FROM part)": (
        "what it was last agreed to be cannot be read"
    ),
    "UPDATE part SET want = x'00' WHERE target = 'invoice' AND key = ''": (
        "what is due is not what the mapping wants"
    ),
    "UPDATE link SET books_key = '77', at = 0 WHERE books_key = '2'": ("which was never read"),
    "UPDATE tally SET applied = applied + 1": "do not close",
    "INSERT INTO intent (id, pair, epoch, run, op, target, mapping, parts, opened, state) "
    "VALUES (99, 'main', 1, 1, 'create', 'invoice', 'm', '[[4711, 1]]', 0, 'asked')": (
        "parts that are not there"
    ),
    "INSERT INTO settles VALUES (4711, '1', 1, 'EUR')": "a row names a record",
    "UPDATE change SET image = x'7b' WHERE ver = 1": "cannot be read",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_kind_of_damage_is_found_and_says_what_to_do(damage: str, live: Desk) -> None:
    assert live.syncd("db", "check").code == 0
    with raw(live.state) as state:
        assert state.execute(damage).rowcount > 0
    said = live.syncd("db", "check")
    assert said.code == 1 and DAMAGES[damage] in said.out
    assert "syncd resync" in said.out or "backup" in said.out or "report it" in said.out
    assert all(one["what"] and one["do"] for one in live.syncd("db", "check", "--json").json())


def test_a_damaged_file_is_told_by_every_command(live: Desk) -> None:
    content = bytearray(live.state.read_bytes())
    content[4096 * 2 :] = b"\x5a" * (len(content) - 4096 * 2)
    live.state.write_bytes(content)
    said = live.syncd("db", "check")
    assert said.code in (1, 78) and "damaged" in said.text and "backup" in said.text


def test_shrinking_waits_until_nobody_is_at_work(live: Desk) -> None:
    with closing(lock_pair(live.state, "main")):
        assert live.syncd("db", "purge", "--shrink").code == BusyError.exit_code
        assert live.syncd("db", "purge").code == 0
    assert live.syncd("db", "purge", "--shrink").code == 0
    assert live.syncd("db", "check").code == 0


def test_the_sizes_add_up(live: Desk) -> None:
    found = live.syncd("db", "size", "--json").json()
    tables = {one["table"]: one for one in found["tables"]}
    assert tables["record"]["rows"] == 15 and tables["record"]["bytes"] > 0
    assert 0 < sum(one["bytes"] for one in found["tables"]) <= found["bytes"]
    assert found["daily"] > 0 and found["disk_free"] > 0
