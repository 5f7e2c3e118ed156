"""Whatever people type into a field that both sides may change, and wherever the process dies."""

from __future__ import annotations

import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.memory import Fault
from tests.engine.linked import GRAZ, LINZ, RULES, VIENNA, linked
from tests.engine.rig import Killed, Rig


def die(point: str) -> None:
    if point in ("committed", "answered"):
        raise Killed


STEPS = ("books", "crm", "both", "run", "lost in books", "lost in crm", "killed")
PHONES = (VIENNA, LINZ, GRAZ, "+7 495 123-45-67")


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(STEPS),
            st.sampled_from(PHONES),
            st.sampled_from(PHONES),
        ),
        max_size=8,
    )
)
def test_after_any_history_both_sides_agree_or_a_person_is_asked(
    steps: list[tuple[str, str, str]],
) -> None:
    """No edit is overwritten by the other side's older value, and nothing is written twice."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        one = linked(Rig(Path(folder)))
        edits = 0
        for what, mine, theirs in steps:
            one.rig.clock.advance(90_000)
            edits += what in ("books", "crm") or 2 * (what == "both")
            if what in ("books", "both"):
                one.books(phone=mine)
            if what in ("crm", "both"):
                one.crm(phone=theirs)
            if what.startswith("lost"):
                side = what.removeprefix("lost in ")
                one.rig.world.fault(f"PATCH /{side}/*", Fault.CUT_AFTER, 1)
            if what == "killed":
                one.rig.build(die)
                one.rules(**RULES)
                with contextlib.suppress(Killed):
                    one.later()
                one.rig.build()
                one.rules(**RULES)
            if what == "run":
                one.later()
        for _ in range(4):
            one.rig.clock.advance(90_000)
            one.later()
        books, crm = one.says()
        asks = any("differ in phone" in text for text in one.rig.problems())
        assert asks or books == crm
        assert len(one.writes()) <= 2 * edits
        one.quiet()
