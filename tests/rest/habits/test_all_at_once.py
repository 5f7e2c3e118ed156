"""Two systems of every unpleasant habit at once, people who work there, answers that get lost: in
the end both sides say the same, nothing is lost or doubled, and a quiet cycle writes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rest.habits.desk import Desk, differences
from tests.rest.habits.story import Story
from tests.rest.habits.system import Habits

CYCLES = 10
DAY = 90_000.0
"""Seconds: later than the next full read."""


@pytest.mark.parametrize(("seed", "echoes"), [(1, False), (2, False), (3, True)])
def test_both_sides_agree_and_it_ends(tmp_path: Path, seed: int, echoes: bool) -> None:
    with Desk(tmp_path, Habits.all(echoes=echoes), seed=seed) as desk:
        story = Story(desk, random.Random(seed))
        story.begin()
        desk.clock.advance(5)
        desk.set_up()
        for number in range(CYCLES):
            story.day(story.random.randrange(6))
            if number % 2:
                story.break_off()
            desk.later()
        story.mend()
        desk.books.busy = desk.crm.busy = False
        desk.proxy.clear()
        for _ in range(3):
            desk.later()
        assert desk.later().writes == 0
        told = desk.later(DAY, prove=True).writes
        assert told <= len(desk.crm.tables["company"]) + desk.states().get("failed", 0)
        assert [desk.later().writes for _ in range(2)] == [0, 0]
        before = len(desk.crm.sent)
        desk.later(DAY, prove=True)
        again = {name for one in desk.crm.sent[before:] for name in one.fields}
        assert again <= {"line", "city"}, "a card is dated, and what is dropped is tried once a day"
        assert list(differences(desk)) == []
        assert set(desk.states()) <= {"failed"}
        assert all("does not keep city" in one for one in desk.problems())
        assert desk.books.shifted and story.cuts
        sent = sum(one.op in ("POST", "PATCH") for one in desk.crm.sent)
        assert sent <= 4 * (story.edits + len(desk.crm.tables["company"]))
        rewritten = sum(1 for _ in desk.crm.rows("company")) if echoes else 0
        assert len(list(sent_again(desk))) <= story.cuts + rewritten


def sent_again(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """What an object was sent a second time, though it had taken it; a field that the CRM drops is
    tried again with each change of its record."""
    last: dict[tuple[str, str, str], str] = {}
    for one in desk.crm.sent:
        for name, value in one.fields.items():
            place = (one.table, one.id, name)
            if one.op == "PATCH" and name != "city" and last.get(place) == str(value):
                yield place
            if one.done:
                last[place] = str(value)
