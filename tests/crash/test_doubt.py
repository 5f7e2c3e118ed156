"""From when on a request of a dead owner may be looked for: its doubt time counts from the latest
moment it can have left, min(the dead owner's deadline, the moment of the takeover), and from the
start of the machine where that was another start."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from syncd.store.tables import intent
from tests.engine.agreement import differences
from tests.engine.rig import NUMBERS, Rig

LEASE = NUMBERS.lease
DOUBT = 10.0


class Dead(BaseException):
    """No cleaning up: the next owner has the pair already when this is raised."""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """One new customer to be written."""
    made = Rig(tmp_path, crm_options={"doubt_time": str(DOUBT)})
    made.set_up()
    made.world.books.add_customer("株式会社サンプル")
    return made


def follow(rig: Rig) -> None:
    """Somebody else takes the pair, as after a kill, and runs once."""
    (rig.folder / "state.sqlite.main.lock").unlink()
    rig.build()
    rig.run()


def die(rig: Rig, silent: float) -> None:
    """The owner dies before its first send; `silent` seconds later the next one takes over."""

    def checkpoint(point: str) -> None:
        if point == "committed":
            rig.clock.advance(silent)
            follow(rig)
            raise Dead

    rig.build(checkpoint)
    with pytest.raises(Dead):
        rig.run()


def looks(rig: Rig) -> int:
    return rig.world.requests.count(("GET", "/crm/account"))


def creates(rig: Rig) -> int:
    return rig.world.requests.count(("POST", "/crm/account"))


@pytest.mark.parametrize("silent", [0.0, 1.0, LEASE - 1])
def test_it_counts_from_the_takeover_while_the_lease_ran(rig: Rig, silent: float) -> None:
    before = looks(rig)
    die(rig, silent)
    for passed in (0.0, DOUBT / 2, DOUBT / 2 - 0.1):
        rig.clock.advance(passed)
        assert rig.run().in_doubt == 1
    assert (looks(rig), creates(rig)) == (before, 0)
    rig.clock.advance(0.1)
    assert rig.run().in_doubt == 0
    assert (looks(rig), creates(rig)) == (before + 1, 1)
    assert differences(rig.world) == []


@pytest.mark.parametrize(("silent", "left"), [(LEASE + 4, DOUBT - 4), (LEASE + DOUBT, 0.0)])
def test_it_counts_from_the_deadline_once_that_has_passed(
    rig: Rig, silent: float, left: float
) -> None:
    before = looks(rig)
    die(rig, silent)
    assert (looks(rig) > before) is (left == 0)
    if left:
        rig.clock.advance(left - 0.1)
        assert rig.run().in_doubt == 1
        assert looks(rig) == before
        rig.clock.advance(0.1)
    assert rig.run().in_doubt == 0
    assert looks(rig) == before + 1
    assert differences(rig.world) == []


@pytest.mark.parametrize("dated_before", [False, True])
def test_after_a_restart_of_the_machine_it_counts_from_the_start(
    rig: Rig, dated_before: bool
) -> None:
    """Also for what the dead owner, or one before it, had dated on the former start's clock."""

    def start_again() -> None:
        rig.clock.boot_name = "6d0f5f0e-0000-4000-8000-000000000002"
        rig.clock.up = 4.0

    if dated_before:
        die(rig, 0.0)
        start_again()
    else:
        passed = itertools.count()

        def checkpoint(point: str) -> None:
            if point == "committed" and next(passed) == 0:
                start_again()
                follow(rig)
                raise Dead

        rig.build(checkpoint)
        with pytest.raises(Dead):
            rig.run()
    assert rig.run().in_doubt == 1
    before = looks(rig)  # with the list that is read anew after a restart
    rig.clock.advance(DOUBT - 4.1)
    assert rig.run().in_doubt == 1
    assert (looks(rig), creates(rig)) == (before, 0)
    rig.clock.advance(0.1)
    assert rig.run().in_doubt == 0
    assert (looks(rig), creates(rig)) == (before + 1, 1)
    assert differences(rig.world) == []


def test_only_what_is_in_doubt_waits(rig: Rig) -> None:
    die(rig, 0.0)
    other = rig.world.books.add_customer("ООО «Ромашка»")
    rig.world.books.post_invoice(other, "10.00")
    report = rig.run()
    assert report.in_doubt == 1
    assert len(rig.world.crm.marked("account", other)) == 1
    assert not rig.world.crm.marked("account", "1")
    with rig.pair.store.reading() as tx:
        states = {row.state for row in tx.execute(intent.select())}
    assert states == {"doubt", "applied"}


def test_what_a_person_is_asked_about_is_not_sent_when_it_changes(tmp_path: Path) -> None:
    """The answer decides, and then what the books say by that time is written."""
    from connectors.memory import CrmHabits
    from syncd.store.problems import listed

    habits = CrmHabits(tier="T4", unique_names=False, answers_values=False)
    rig = Rig(tmp_path, crm=habits, crm_options=habits.honest())
    rig.set_up()
    customer = rig.world.books.add_customer("株式会社サンプル")
    rig.world.fault("POST /crm/account", "cut_after")
    rig.run()
    rig.later()
    rig.world.books.rename(customer, "サンプル商事")
    rig.later()
    rig.later()
    assert rig.states() == {"asked": 1, "owed": 2}
    assert creates(rig) == 1
    with rig.pair.store.reading() as tx:
        assert [one.cause for one in listed(tx, "main")] == [f"asked customer:{customer}"]
