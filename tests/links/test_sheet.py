"""The decision sheet: made, decided in by hand, imported; nothing in it is ever carried out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openpyxl import load_workbook

from tests.links.conftest import Full
from tests.links.test_decisions import links, suggested

NAMED = '=HYPERLINK("https://x.example")'


def made(full: Full) -> Path:
    file = full.desk.folder / "links.xlsx"
    said = full.done("links", "suggest", "--xlsx", str(file), "--force")
    assert "personal data and expires on 2026-12-18" in said
    return file


def decide(file: Path, words: Mapping[tuple[str, str], str]) -> None:
    """(customer, card) -> what somebody types there; the other rows are left open."""
    book = load_workbook(file)
    sheet = book["Links"]
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        found = {head: cell for head, cell in zip(heads, row, strict=True)}
        pair = (str(found["customer"].value), str(found["card"].value))
        found["decision"].value = words.get(pair)
    book.save(file)


def test_what_is_decided_in_the_sheet_is_done_and_each_row_is_told(full: Full) -> None:
    file = made(full)
    key, card = full.customers["ООО «Пример»"], full.cards["Primer"]
    other = full.cards["Primer Zwei"]
    decide(file, {(key, card): "Yes", (key, other): "нет"})
    with full.desk.nothing_written():
        dry = full.done("links", "import", str(file), "--dry-run")
        assert links(full) == {}
        said = full.done("links", "import", str(file))
    assert dry.removesuffix("dry run: nothing was changed\n") == said
    assert f"customer {key}, card {card}: linked" in said
    assert f"customer {key}, card {other}: rejected" in said
    assert "1 linked, 1 rejected, 0 split, 0 skipped" in said
    assert links(full)[key][0] == card
    again = full.done("links", "import", str(file))
    assert "are linked already" in again and "were rejected already" in again
    changes = full.syncd("links", "show", "--json").json()
    assert {one["why"] for one in changes} == {"links.xlsx"}


def test_names_are_text_however_they_begin(full: Full) -> None:
    sheet = load_workbook(made(full))["Links"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == NAMED for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}, "no formula"


def test_a_sheet_expires(full: Full) -> None:
    file = made(full)
    pair = (full.customers["ООО «Пример»"], full.cards["Primer"])
    decide(file, {pair: "yes"})
    full.desk.clock.advance(31 * 86_400)
    said = full.done("links", "import", str(file))
    assert "is taken for 30 days" in said and "nothing to link" in said
    assert links(full) == {}


def test_a_row_of_which_the_evidence_changed_is_not_taken(full: Full) -> None:
    file = made(full)
    pair = (full.customers["ООО «Пример»"], full.cards["Primer"])
    decide(file, {pair: "yes"})
    full.desk.world.crm.edit("account", pair[1], tax_id="7707083893")
    full.desk.clock.advance(90_000)
    full.syncd("run")
    said = full.done("links", "import", str(file))
    assert "what speaks for it has changed" in said
    assert pair not in {(key, card) for key, (card, _) in links(full).items()}


def test_what_was_rejected_since_is_not_linked_by_an_older_sheet(full: Full) -> None:
    file = made(full)
    pair = (full.customers["ООО «Пример»"], full.cards["Primer"])
    decide(file, {pair: "yes"})
    full.done("links", "reject", *pair, "--why", "seen")
    assert "somebody rejected this pair" in full.done("links", "import", str(file))
    assert pair not in suggested(full)


def test_a_word_that_is_neither_yes_nor_no_is_told_with_its_row(full: Full) -> None:
    file = made(full)
    decide(file, {(full.customers["ООО «Пример»"], full.cards["Primer"]): "maybe"})
    assert "the decision 'maybe' is neither yes nor no" in full.done("links", "import", str(file))
    other = full.desk.folder / "other.csv"
    other.write_text("a;b\n1;2\n", encoding="utf-8")
    refused = full.syncd("links", "import", str(other))
    assert refused.code == 2 and "no column decision, customer, card" in refused.err
