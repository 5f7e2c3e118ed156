"""A changed mapping is one plan, drawn from the mirror; a path never read is read first."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.memory import Fault
from syncd.domain import Kind
from syncd.store import mirror, problems, streams
from syncd.sync.cycle import run as run_cycle
from syncd.sync.difference import differences as rows
from syncd.sync.order import Order
from syncd.sync.plan import approved_parts, draw, mark_applied
from tests.engine.agreement import differences
from tests.engine.rig import MAPPINGS, Rig, open_problems

NAMES = ("ООО «Пример»", "株式会社サンプル", *(f"Kunde {number}" for number in range(10)))


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A dozen customers, live; records hold what the mapping reads of them and nothing else."""
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    options = {"select": "asked"}
    rig = Rig(tmp_path, mappings=tmp_path / "mappings", books_options=options)
    for name in NAMES:
        rig.world.books.add_customer(name)
    rig.set_up()
    rig.run()
    assert differences(rig.world) == []
    return rig


def edit(rig: Rig, old: str, new: str, file: str = "memory_books.yaml") -> None:
    mapping = rig.mappings / file
    text = mapping.read_text(encoding="utf-8")
    assert text.count(old) == 1
    mapping.write_text(text.replace(old, new), encoding="utf-8")
    rig.pair.store.close()
    rig.build()


def names(rig: Rig) -> set[str]:
    return {str(one.fields["name"]) for one in rig.world.crm.objects["account"].values()}


UPPER = ("name:     name | trim\n    code", "name:     name | trim | upper\n    code")


def test_what_a_changed_mapping_alone_would_write_waits_and_everything_else_goes_on(
    rig: Rig,
) -> None:
    edit(rig, *UPPER)
    books = rig.world.books
    books.post_invoice("3", "12.00")
    books.add_customer("Neu")
    rig.later()
    assert names(rig) == {*NAMES, "NEU"}, "a new customer is no change of an old one"
    assert len(rig.world.crm.objects["invoice"]) == 1
    [text] = open_problems(rig)
    assert "by that alone 11 records would be written otherwise (11 customer)" in text
    rig.later()
    assert (names(rig), open_problems(rig)) == ({*NAMES, "NEU"}, [text]), "one plan, one problem"
    [plan] = re.findall(r"syncd apply ([0-9a-f]{6})", text)
    approved = approved_parts(rig.pair, plan)
    run_cycle(rig.pair, Order("apply", write=True, approved=approved, consented=True))
    mark_applied(rig.pair, plan)
    assert names(rig) == {name.upper() for name in (*NAMES, "NEU")}
    rig.later()
    assert (open_problems(rig), rig.states()) == ([], {})


def test_a_new_field_reaches_every_card_though_no_figure_changed(rig: Rig) -> None:
    old = "    receivable: custom_fields.receivable  "
    edit(rig, old, "    receivable: custom_fields.owed  ", "memory_crm.yaml")
    rig.pair.crm.ask(rig.pair.crm.connector.setup(rig.pair.writing.custom_fields, True))
    rig.later()
    [text] = open_problems(rig)
    assert "12 records would be written otherwise (12 card)" in text
    approved = approved_parts(rig.pair, re.findall(r"syncd apply ([0-9a-f]{6})", text)[0])
    run_cycle(rig.pair, Order("apply", write=True, approved=approved, consented=True))
    owed = [one.fields["custom_fields.owed"] for one in rig.world.crm.listed("account")]
    assert owed == [0] * 12


def test_a_mapping_put_right_again_ends_it_and_nothing_was_sent(rig: Rig) -> None:
    edit(rig, *UPPER)
    rig.later()
    edit(rig, *reversed(UPPER))
    report = rig.later()
    assert (report.writes, names(rig), open_problems(rig)) == (0, set(NAMES), [])


def test_a_plan_from_the_mirror_asks_neither_system(rig: Rig) -> None:
    edit(rig, *UPPER)
    before = len(rig.world.requests)
    plan = draw(rig.pair, rig.run(write=False, offline=True), [])
    found = [(one.ref, one.field, one.wanted) for one in rows(rig.pair)]
    assert len(rig.world.requests) == before
    assert [(line.read, line.update) for line in plan.lines if line.update] == [(12, 11)]
    assert ("customer:1", "name", "ООО «ПРИМЕР»") in found and len(found) == 22
    assert len(open_problems(rig)) == 1
    approved = approved_parts(rig.pair, plan.id)
    run_cycle(rig.pair, Order("apply", write=True, approved=approved, consented=True))
    assert (names(rig), open_problems(rig)) == ({name.upper() for name in NAMES}, [])


@pytest.mark.parametrize("commit", [1, 2, 3, 8])
def test_a_process_killed_while_it_maps_again_lets_nothing_slip_through(
    rig: Rig, commit: int
) -> None:
    """Before the mapping is applied, amid it, and after the customers are mapped again."""
    edit(rig, *UPPER)
    left = iter(range(commit))

    def between(_scene: object) -> None:
        if next(left, None) is None:
            raise Killed

    with pytest.raises(Killed):
        run_cycle(replace(rig.pair, between=between), Order("run", write=True))
    rig.pair.store.close()
    rig.build()
    rig.later()
    assert names(rig) == set(NAMES)
    assert "11 records" in open_problems(rig)[0]


ACTIVE = ("where: in_scope ", "where: in_scope and active ")


def test_a_path_that_was_never_read_is_read_before_anything_is_mapped_by_it(rig: Rig) -> None:
    """An expression refuses a name that a record does not have: mapped from the mirror, all twelve
    could no longer be read."""
    edit(rig, *ACTIVE)
    plan = draw(rig.pair, rig.run(write=False, offline=True), [])
    assert "customers read a path that the mirror does not hold" in plan.notes[0]
    rig.world.fault("GET /books/customers", Fault.REFUSE)
    rig.later()
    rig.world.books.edit_customer("2", phone="+43 1 234567")
    rig.later()
    with rig.pair.store.reading() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.CUSTOMER]
        known = mirror.newest(tx, stream, 50)
        closed = [one.cause for one in problems.listed(tx, "main", closed=True)]
    assert {row.state for row in known} == {mirror.LIVE}
    assert not any("unmappable" in cause for cause in closed)
    assert (differences(rig.world), open_problems(rig), rig.states()) == ([], [], {})
