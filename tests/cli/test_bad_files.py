"""What is wrong in a file is said at once, with its place, before any system is asked."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from syncd.domain import Kind
from syncd.registry import shipped
from tests.cli.desk import Desk

COMMANDS = (("check",), ("run",), ("plan",), ("connections", "test"))


def line_of(desk: Desk, text: str) -> int:
    """Of the configuration, counted from 1."""
    lines = desk.config.read_text(encoding="utf-8").splitlines()
    return next(no for no, line in enumerate(lines, 1) if line.startswith(text))


def refused(desk: Desk, *command: str) -> list[str]:
    """The lines of the one message; nothing was asked of any system."""
    asked = len(desk.world.requests)
    said = desk.syncd(*command)
    assert said.code == 78 and said.out == ""
    assert len(desk.world.requests) == asked
    return said.err.splitlines()


def books_mapping(old: str, new: str) -> str:
    text = (shipped("mappings") / "memory_books.yaml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_configuration_says_how_one_is_made(desk: Desk, command: tuple[str, ...]) -> None:
    desk.config.unlink()
    (line,) = refused(desk, *command)
    assert line == (
        f"syncd: {desk.config}: there is no such file. Name yours with --config FILE or "
        "SYNCD_CONFIG, or make one: syncd init"
    )


def test_an_unknown_system_gets_a_suggestion(desk: Desk) -> None:
    desk.configure(crm={"system": "bottlecmr"})
    for command in ("check", "run"):
        (line,) = refused(desk, command)
        place = f":{line_of(desk, '  crm:') + 1}:5"
        assert line.endswith(f"{place} unknown system bottlecmr; did you mean bottlecrm?")


def test_an_unknown_setting_of_a_connection_lists_the_known_ones(desk: Desk) -> None:
    desk.configure(crm={"bulk": "5"})
    (line,) = refused(desk, "check")
    assert "unknown setting bulk of a memory_crm connection; it has: batch, currencies" in line


def test_duplicate_keys_of_the_configuration_are_refused(desk: Desk) -> None:
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text + "state: other.sqlite\n", encoding="utf-8")
    (line,) = refused(desk, "run")
    last = len(text.splitlines()) + 1
    assert line == f"syncd: {desk.config}:{last}:1 duplicate key state, first on line 1"


def test_010_and_no_stay_text(desk: Desk) -> None:
    """YAML alone would read 8, false and a date: keys of lookups and names are text."""
    table = "state: {010: draft, NO: draft, 2026-11-18: void, posted: effective}"
    rule = "state: {draft: draft, posted: effective, cancelled: void}"
    desk.mapping("memory_books", books_mapping(rule, table))
    books = desk.world.books
    numbered = books.post_invoice("1", "10.00")
    books.edit_invoice(numbered, state="010")
    norway = books.post_invoice("1", "10.00")
    books.edit_invoice(norway, state="NO")
    said = desk.syncd("run", "--json")
    assert said.code == 0, said.text
    invoices = said.json()["pages"][Kind.INVOICE]
    assert (invoices["filtered"], invoices["unmappable"]) == (2, 0)


def test_three_mistakes_of_a_mapping_are_told_together_with_their_places(desk: Desk) -> None:
    text = books_mapping("name | trim", "name | trimm")
    text = text.replace("where: in_scope", "wher: in_scope")
    text = text.replace("due:      due | date", "deu:      due | date")
    desk.mapping("memory_books", text)
    expected = [
        f"{place(text, 'wher:')} unknown key wher; did you mean where?",
        f"{place(text, 'trimm')} unknown transform trimm; did you mean trim?",
        f"{place(text, 'deu:')} unknown word deu; did you mean due?",
    ]
    for command in (*COMMANDS[:3], ("mapping", "check", "mappings/memory_books.yaml")):
        with contextlib.chdir(desk.folder):
            assert refused(desk, *command) == expected


def place(text: str, word: str) -> str:
    before = text[: text.index(word)]
    column = len(before) - (before.rindex("\n") + 1) + 1
    return f"memory_books.yaml:{before.count(chr(10)) + 1}:{column}"


def test_an_unknown_transform_gets_a_suggestion(desk: Desk) -> None:
    desk.mapping("memory_books", books_mapping("email | trim | lower", "email | trim | lowre"))
    (line,) = refused(desk, "run")
    assert line.endswith("unknown transform lowre; did you mean lower?")


def test_duplicate_keys_of_a_mapping_are_refused(desk: Desk) -> None:
    text = books_mapping("  where: in_scope", "  read: customers\n  where: in_scope")
    desk.mapping("memory_books", text)
    (line,) = refused(desk, "run")
    assert line == "syncd: memory_books.yaml:11:3 duplicate key read, first on line 10"


def test_a_mapping_that_is_not_there_gets_a_suggestion(desk: Desk) -> None:
    text = desk.config.read_text(encoding="utf-8")
    changed = text.replace("    crm: crm\n", "    crm: crm\n    crm_mapping: memory_cmr\n")
    desk.config.write_text(changed, encoding="utf-8")
    (line,) = refused(desk, "run")
    assert "there is no mapping memory_cmr.yaml in" in line
    assert line.endswith("did you mean memory_crm?")


def test_a_folder_of_mappings_that_the_configuration_does_not_name_is_told(desk: Desk) -> None:
    desk.mapping("own", "extends: memory_books")
    text = desk.config.read_text(encoding="utf-8").replace("mappings: mappings\n", "")
    desk.config.write_text(
        text.replace("    crm: crm\n", "    crm: crm\n    books_mapping: own\n"), encoding="utf-8"
    )
    (line,) = refused(desk, "check")
    assert line.endswith(f"; to look in {desk.folder}/mappings too, write `mappings: mappings`")


def test_a_missing_secret_names_the_file_it_belongs_into(desk: Desk) -> None:
    (desk.folder / "secrets" / "crm.token").unlink()
    for command in ("check", "run"):
        (line,) = refused(desk, command)
        assert "connection crm has no secret token" in line
        assert f"{desk.folder}/secrets/crm.token (chmod 600)" in line


def test_an_empty_secret_is_a_missing_one(desk: Desk) -> None:
    desk.secret("crm", "")
    (line,) = refused(desk, "check")
    assert "connection crm has no secret token" in line


def test_a_secret_that_is_refused_is_told_with_its_file(desk: Desk) -> None:
    file = desk.secret("crm", "wrong")
    said = desk.syncd("connections", "test", "crm")
    assert said.code == 78
    assert f"Its secret: {file}; its other settings: {desk.config}:" in said.err
    assert str(file) in desk.syncd("doctor", "crm").out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ":1:1 a configuration is a table of `key: value` lines"),
        ("numbers:\n\tlease: 60\n", ":2:1 a tab begins the line"),
    ],
)
def test_what_is_no_configuration_is_told_as_that(desk: Desk, text: str, told: str) -> None:
    desk.config.write_text(text, encoding="utf-8")
    (line,) = refused(desk, "check")
    assert f"{desk.config}{told}" in line


def test_a_secret_that_others_may_read_is_a_mistake(desk: Desk) -> None:
    file = desk.secret("crm", "anything", mode=0o640)
    (line,) = refused(desk, "check")
    assert line == f"syncd: {file}: others may read this secret; chmod 600 {file}"


def test_a_state_of_a_newer_version_is_left_alone(live: Desk) -> None:
    with sqlite3.connect(live.state) as state:
        state.execute("update alembic_version set version_num = '9999'")
    state.close()
    before = live.state.read_bytes()
    for command in ("run", "status", "plan"):
        (line,) = refused(live, command)
        assert "this state was written by a newer syncd (revision 9999)" in line
    assert live.state.read_bytes() == before


def test_a_file_that_is_no_state_is_left_alone(desk: Desk) -> None:
    desk.state.write_text("notes of a person\n" * 100, encoding="utf-8")
    (line,) = refused(desk, "run")
    assert f"{desk.state}: not a syncd state file" in line
    assert desk.state.read_text(encoding="utf-8").startswith("notes of a person")


def test_a_folder_in_the_place_of_the_state_is_told_as_that(desk: Desk) -> None:
    desk.state.mkdir()
    (line,) = refused(desk, "run")
    assert f"{desk.state} is a folder" in line


def test_a_lock_is_for_syncds_user_alone(live: Desk) -> None:
    (lock,) = live.folder.glob("state.sqlite.*.lock")
    assert lock.stat().st_mode & 0o077 == 0
