"""A state that is brought back is noticed, and neither doubles nor loses anything."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from syncd.store import problems
from tests.engine.agreement import differences
from tests.engine.rig import open_problems
from tests.state.lives import Life

WAYS = ("backup", "file", "machine", "lost")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("how", WAYS)
def test_whatever_happened_since_nothing_is_doubled_and_all_agrees_after_a_yes(
    how: str, seed: int, tmp_path: Path
) -> None:
    life = Life(tmp_path, random.Random(f"{how} {seed}"), "T1" if seed == 2 else "T3")
    life.live_on(4)
    if seed == 1:
        life.die_in_a_run()  # open intents are in the copy
    kept = life.copy(how) if how != "lost" else None
    if seed == 2:
        life.set_mode("plan")
        life.later()
        life.set_mode("live")
    life.live_on(8)
    if seed == 0:
        life.die_in_a_run()
    life.work()
    life.clock.advance(7200)
    life.bring_back(kept)
    writes, made = life.world.writes(), life.made()
    assert life.typed("run") == "plan"
    assert (life.world.writes(), life.made()) == (writes, made), "nothing is written before a yes"
    told = [text for text in open_problems(life) if "older than what was written" in text]
    assert bool(told) is (how != "lost")
    assert life.typed("apply") == "live"
    life.later()
    life.later(90_000)
    life.later()
    assert differences(life.world) == []
    assert (life.states(), open_problems(life)) == ({}, [])
    assert (life.world.crm.doubles(), life.world.books.doubles()) == ([], [])
    before = life.world.writes()
    life.later()
    assert life.world.writes() == before


def test_where_nothing_can_be_searched_a_person_is_asked_about_each_create(tmp_path: Path) -> None:
    life = Life(tmp_path, random.Random(4), "T4")
    kept = life.copy("backup")
    written = life.world.books.post_invoice("1", "10.00")
    life.later()
    unwritten = life.world.books.post_invoice("1", "20.00")
    life.bring_back(kept)
    made = life.made()
    life.typed("apply")
    life.later()
    assert life.made() == made
    with life.pair.store.reading() as tx:
        asked = {
            subject: one.id
            for one in problems.listed(tx, "main")
            for subject in one.subjects
            if "cannot be searched" in one.text
        }
    assert set(asked) == {f"invoice:{written}", f"invoice:{unwritten}"}
    [there] = [one.id for one in life.world.crm.journal[-5:] if one.target == "invoice"]
    life.answer(asked[f"invoice:{written}"], there)
    life.answer(asked[f"invoice:{unwritten}"], None)
    life.later()
    assert life.made() == made + 1, "what a person says is missing is made, without asking again"
    life.later()
    assert (differences(life.world), life.states()) == ([], {})


def test_what_people_type_onto_a_card_is_no_sign_of_a_lost_time(tmp_path: Path) -> None:
    """A books key by hand, a value that both sides got: nobody but syncd writes figures."""
    life = Life(tmp_path, random.Random(5))
    account = life.world.crm.add_account("Von Hand verknüpft")
    key = life.world.books.add_customer("Von Hand verknüpft GmbH")
    life.world.books.post_invoice(key, "10.00")
    life.world.crm.edit("account", account, books_id=key)
    life.witness.unlink()
    life.clock.advance(7 * 24 * 3600)
    assert life.typed("run") == "live"
    life.later()
    assert (differences(life.world), life.states(), open_problems(life)) == ([], {}, [])


def test_a_long_rest_or_another_machine_is_no_sign_either(tmp_path: Path) -> None:
    life = Life(tmp_path, random.Random(6))
    life.live_on(3)
    life.later()
    for _ in range(2):
        life.clock.boot_name = f"{life.clock.boot_name[:-1]}2"
        life.clock.advance(3 * 24 * 3600)
        life.work()
        life.witness.unlink()
        assert life.typed("run") == "live"


def test_a_new_state_without_a_witness_is_a_first_one_though_customers_were_won(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, random.Random(5))
    account = life.world.crm.add_account("Gewonnen 受注", email="kueche@example.org")
    life.world.crm.win(life.world.crm.open_deal(account, "Küche", "900", "EUR"))
    life.later()
    life.later()
    made = life.made()
    assert life.world.books.journal[-1].op == "create", "won, and made in the books"
    life.bring_back(None)
    life.witness.unlink()
    assert life.typed("apply") == "live", "one plan is enough"
    life.later()
    assert (life.made(), open_problems(life)) == (made, [])
    assert differences(life.world) == []
