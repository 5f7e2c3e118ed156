"""What both sides changed: shown with its three values, and settled by a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk

VIENNA, LINZ, GRAZ = "+43 1 234567", "+43 732 7654321", "+43 316 998877"


def overlay(desk: Desk, name: str, text: str) -> str:
    folder = desk.folder / "mappings"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize("side", ["books", "crm"])
def test_a_person_says_whose_value_it_is(tmp_path: Path, side: str) -> None:
    with Desk(tmp_path) as desk:
        own = overlay(desk, "own_crm", "extends: memory_crm\nowners.phone: shared\n")
        desk.more["mappings"] = "mappings"
        desk.pair["crm_mapping"] = own
        desk.configure()
        key = desk.world.books.add_customer("ООО «Пример»", phone=VIENNA)
        desk.live()
        [account] = desk.world.crm.objects["account"]
        desk.syncd("run", "--full")
        desk.world.books.edit_customer(key, phone=GRAZ)
        desk.world.crm.edit("account", account, phone=LINZ)
        desk.clock.advance(300)
        assert desk.syncd("run", "--full").code == 1, "a new problem"
        [problem] = desk.syncd("problems", "--json").json()
        number = str(problem["id"])
        shown = desk.syncd("problems", "show", number).out
        assert all(value in shown for value in (VIENNA, LINZ, GRAZ))
        assert desk.syncd("problems", "resolve", number).code == 2
        said = desk.syncd("problems", "resolve", number, "--take", side)
        assert said.code == 0 and f"{side} decides phone of 1 customer" in said.out, said.text
        desk.clock.advance(300)
        assert desk.syncd("run", "--full").code == 0
        taken = {"books": GRAZ, "crm": LINZ}[side]
        assert desk.world.crm.objects["account"][account].fields["phone"] == taken
        assert desk.world.books.intake.get("customers", key).fields["phone"] == taken
        assert desk.syncd("problems").code == 0


def test_a_field_that_the_books_have_no_line_for_is_named(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.more["mappings"] = "mappings"
        overlay(desk, "own_books", "extends: memory_books\nwon.phone: none\n")
        overlay(desk, "own_crm", "extends: memory_crm\nowners.phone: shared\n")
        desk.pair |= {"crm_mapping": "own_crm", "books_mapping": "own_books"}
        desk.configure()
        said = desk.syncd("check")
        assert said.code == 78
        assert "the books do not own phone alone, and own_books has no line" in said.text
