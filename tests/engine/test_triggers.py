"""What makes a card won: a deal, a value on the card itself, or either; the last one that goes
takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from syncd.domain import Kind, Ref
from syncd.store import streams
from syncd.why.records import of_record
from syncd.why.view import View
from tests.engine.rig import MAPPINGS, Rig, one_of_each, open_problems
from tests.engine.test_won import made, quiet, win

LABEL = """
label:
  read: account
  where: custom_fields.status == "Client" or "client" in custom_fields.tags
  fields: {account: id}
"""


def paired(folder: Path, more: str, *, require: str = "[name]") -> Rig:
    """A live pair whose CRM file has these sections besides."""
    mappings = folder / "mappings"
    mappings.mkdir()
    for name in ("memory_books.yaml", "memory_crm.yaml"):
        text = (
            (MAPPINGS / name).read_text("utf-8").replace("require: [name]", f"require: {require}")
        )
        (mappings / name).write_text(text + (more if "crm" in name else ""), "utf-8")
    rig = Rig(folder, mappings=mappings)
    one_of_each(rig)
    rig.set_up()
    rig.run()
    for card in rig.world.crm.objects["account"]:
        rig.world.crm.edit("account", card, **NOTHING)
    return rig


NOTHING: Mapping[str, Any] = {"custom_fields__status": None, "custom_fields__tags": []}


def add(rig: Rig, name: str, **fields: object) -> str:
    return rig.world.crm.add_account(name, **{**NOTHING, **fields})


@pytest.fixture
def both(tmp_path: Path) -> Rig:
    return paired(tmp_path, LABEL)


def mark(rig: Rig, card: str, value: object = "Client") -> None:
    rig.world.crm.edit("account", card, custom_fields__status=value)


def reason(rig: Rig, kind: Kind, key: str) -> str:
    with rig.pair.store.reading() as tx:
        ids = streams.stream_ids(tx, "main")
        return of_record(View(tx, rig.pair, ids, rig.clock.utc()), Ref(kind, key)).code


def test_a_status_on_the_card_makes_a_customer_without_any_deal(both: Rig) -> None:
    card = add(both, "鈴木商店")
    both.later()
    assert made(both) == []
    mark(both, card)
    both.later()
    assert made(both) == ["鈴木商店"]
    quiet(both)


def test_a_tag_on_the_card_does_as_well(both: Rig) -> None:
    add(both, "ООО «Пример»", custom_fields__tags=["vip", "client"])
    both.later()
    assert made(both) == ["ООО «Пример»"]


def test_a_card_with_both_is_one_customer(both: Rig) -> None:
    card = win(both, **NOTHING)
    mark(both, card)
    both.later()
    assert made(both) == ["Neue Kundin GmbH"]
    quiet(both)


def test_a_card_stays_won_until_the_last_that_says_so_is_gone(tmp_path: Path) -> None:
    rig = paired(tmp_path, LABEL, require="[name, tax_id]")
    card = win(rig, **NOTHING)
    mark(rig, card)
    rig.later()
    assert len(open_problems(rig)) == 1, "it waits for its tax id"
    [deal] = rig.world.crm.deals
    rig.world.crm.reopen(deal)
    rig.later(90_000)
    assert (len(open_problems(rig)), reason(rig, Kind.WON, card)) == (1, "won-lacks")
    mark(rig, card, "Prospect")
    rig.later()
    assert (open_problems(rig), reason(rig, Kind.WON, card)) == ([], "no-longer-won")
    rig.world.crm.edit("account", card, tax_id="ATU12345678")
    rig.later()
    assert made(rig) == []


def test_the_run_says_that_a_customer_is_no_longer_won_by_nothing_only(both: Rig) -> None:
    card = win(both, **NOTHING)
    mark(both, card)
    both.later()
    [deal] = both.world.crm.deals
    both.world.crm.reopen(deal)
    assert not [note for note in both.later(90_000).notes if "no longer" in note]


def test_a_trigger_that_leaves_the_file_makes_nobody_won(tmp_path: Path) -> None:
    rig = paired(tmp_path, LABEL, require="[name, tax_id]")
    card = add(rig, "Holz AG")
    mark(rig, card)
    rig.later()
    assert len(open_problems(rig)) == 1
    file = tmp_path / "mappings" / "memory_crm.yaml"
    file.write_text(file.read_text("utf-8").replace(LABEL, ""), "utf-8")
    rig.pair = rig.build()
    rig.later()
    assert open_problems(rig) == []
