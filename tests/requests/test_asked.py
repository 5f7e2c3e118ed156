"""Two processes: what is asked of a pair while another one owns it is taken, done and answered."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from sqlite3 import connect
from typing import Any

from tests.crash.stand import Process, Stand
from tests.polling import polled


def owned(stand: Stand, match: str = "GET /books/customers") -> tuple[Process, Any]:
    """A run that is held at this request, and the hold."""
    hold = stand.hold(match, "before")
    owner = stand.start("run")
    assert hold.reached.wait(20)
    return owner, hold


def until(stand: Stand, query: str) -> list[Any]:
    """The rows, as soon as there are any."""
    return polled(lambda: stand.rows(query), query)


def until_said(process: Process, text: str) -> None:
    polled(lambda: text in process.said(), text)


def test_a_request_made_during_a_run_is_taken_done_and_answered(stand: Stand) -> None:
    owner, hold = owned(stand)
    asker = stand.start("resync", "--all")
    until(stand, "SELECT 1 FROM request WHERE taken IS NULL")
    [(going,)] = stand.rows("SELECT max(id) FROM run")
    until_said(asker, "request 1: queued behind run")
    hold.released.set()
    assert owner.end().code == 0
    ended = asker.end()
    assert ended.code == 0, ended.said
    assert f"request 1: queued behind run {going} (run: reading customers)" in ended.said
    assert f"run {going + 1}   mode LIVE" in ended.said
    [row] = stand.rows("SELECT verb, run, exit_code, who, taken <= done FROM request")
    assert row[:3] == ("resync", going + 1, 0) and "@" in row[3] and row[4]
    epochs = stand.rows("SELECT DISTINCT epoch FROM run WHERE id >= " + str(going))
    assert len(epochs) == 1, "both runs had one owner"


def test_a_plan_is_drawn_by_who_owns_the_pair(stand: Stand) -> None:
    owner, hold = owned(stand)
    asker = stand.start("plan")
    until(stand, "SELECT 1 FROM request WHERE verb = 'plan'")
    hold.released.set()
    assert owner.end().code == 0
    ended = asker.end()
    assert ended.code == 0 and "Nothing has been written." in ended.said, ended.said
    [(plan,)] = stand.rows("SELECT id FROM plan ORDER BY made DESC LIMIT 1")
    assert f"Plan {plan}" in ended.said


def test_a_quick_verb_is_done_in_the_next_commit_of_a_run(stand: Stand) -> None:
    """Paused in the middle: the run goes on reading, and sends nothing."""
    owner, first = owned(stand)
    second = stand.hold("GET /books/balances", "before")
    asker = stand.start("pause", "main", "--until", "2h", "--reason", "stocktaking")
    until(stand, "SELECT 1 FROM request")
    first.released.set()
    ended = asker.end()
    assert ended.code == 0 and "pair main is paused until" in ended.said
    assert not second.released.is_set(), "answered while the run was still at it"
    assert second.reached.wait(20)
    second.released.set()
    said = owner.end()
    assert said.code == 0, said.said
    assert "note: somebody paused the pair or changed its mode: sending was ended" in said.said
    assert not stand.world.crm.objects["account"]
    ended = stand.syncd("run")
    assert ended.code == 0 and "is paused until" in ended.said and "(stocktaking)" in ended.said
    assert not stand.world.crm.objects["account"]
    assert stand.syncd("resume", "main").code == 0
    assert stand.syncd("run").code == 0
    assert len(stand.world.crm.objects["account"]) == 1


def test_who_waits_goes_on_by_itself_when_the_owner_is_killed(stand: Stand) -> None:
    owner, hold = owned(stand)
    asker = stand.start("resync", "--all", "--json")
    until(stand, "SELECT 1 FROM request")
    os.kill(owner.pid, signal.SIGKILL)
    owner.end()
    hold.released.set()
    ended = asker.end()
    assert ended.code == 0, ended.said
    assert stand.rows("SELECT exit_code FROM request") == [(0,)]
    assert len(stand.world.crm.objects["account"]) == 1


def test_what_a_dead_owner_had_taken_is_done_by_the_next_one_at_its_start(stand: Stand) -> None:
    owner, hold = owned(stand)
    ended = stand.syncd("resync", "--all", "--no-wait")
    assert (ended.code, "request 1: queued behind run" in ended.said) == (0, True), ended.said
    late = stand.hold("GET /books/balances", "before")
    hold.released.set()
    assert late.reached.wait(20)
    assert stand.rows("SELECT taken IS NOT NULL, done FROM request") == [(1, None)]
    os.kill(owner.pid, signal.SIGKILL)
    owner.end()
    late.released.set()
    assert stand.syncd("run").code == 0
    [(run, done, code)] = stand.rows("SELECT run, done, exit_code FROM request")
    assert done and code == 0
    commands = stand.rows(f"SELECT command FROM run WHERE id >= {run} ORDER BY id")
    assert commands == [("resync",), ("run",)]


def test_ctrl_c_leaves_it_queued_and_says_so(stand: Stand) -> None:
    owner, hold = owned(stand)
    asker = stand.start("resync", "--all")
    until_said(asker, "request 1: queued behind run")
    os.kill(asker.pid, signal.SIGINT)
    ended = asker.end()
    assert ended.code == 130
    assert "stopped waiting; request 1 stays queued" in ended.said
    hold.released.set()
    assert owner.end().code == 0
    assert stand.rows("SELECT exit_code FROM request") == [(0,)]


def test_what_is_refused_is_refused_with_the_same_words_and_code(stand: Stand) -> None:
    owner, hold = owned(stand)
    askers = [
        (stand.start("resync", "--key", "invoice:999"), 2, "invoice:999: the books have no such"),
        (stand.start("problems", "waive", "7", "--reason", "x"), 2, "there is no problem 7"),
        (stand.start("apply", "abcdef"), 2, "there is no plan abcdef"),
        (stand.start("problems", "resolve", "1", "--absent"), 2, "problem 1 asks nothing"),
    ]
    until(stand, "SELECT 1 FROM request WHERE id = 4")
    hold.released.set()
    assert owner.end().code == 0
    for asker, code, told in askers:
        ended = asker.end()
        assert ended.code == code and f"syncd: {told}" in ended.said, ended.said


def test_a_request_of_a_verb_nobody_knows_is_answered_and_ends(stand: Stand) -> None:
    """An older version owns the pair, or a newer one asked."""
    owner, hold = owned(stand)
    ended = stand.syncd("resync", "--all", "--no-wait")
    assert ended.code == 0
    with closing(connect(stand.folder / "state.sqlite", timeout=20)) as state:
        state.execute("UPDATE request SET verb = 'invent'")
        state.commit()
    hold.released.set()
    assert owner.end().code == 0
    [(code, answer)] = stand.rows("SELECT exit_code, answer FROM request")
    assert code == 2 and b"does not know invent" in answer
