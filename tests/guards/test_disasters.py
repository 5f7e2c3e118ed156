"""Each disaster that people bring about in the books, and what it does to forty cards that were
right; those of the CRM are in test_crm_disasters.

The name of a test says what becomes of it: it stops, and how a person gets out of that; or it goes
through, because it is harmless.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import BooksHabits
from syncd.domain import Kind
from syncd.errors import IdentityError
from tests.guards.office import DAY, Office


def nothing_was_written(office: Office, before: object, writes: int) -> bool:
    return office.shown() == before and office.world.writes() == writes


# -- 1 another company ---------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["books", "crm"])
def test_the_wrong_company_behind_a_connection_stops_everything(office: Office, side: str) -> None:
    """Stops before anything is read. Out of it: the right address."""
    before, writes = office.shown(), office.world.writes()
    said = getattr(office.world.sides, side)
    right, said.id = said.id, "a copy for tests"
    office.world.books.swap_currency("EUR", "USD")
    with pytest.raises(IdentityError, match="nothing was written"):
        office.full()
    assert nothing_was_written(office, before, writes)
    said.id = right
    office.world.books.swap_currency("USD", "EUR")
    office.full()
    assert (office.wrong(), office.shown()) == ([], before)


# -- 2 an emptied source -------------------------------------------------------------------------


def test_empty_lists_stop_every_conclusion(office: Office) -> None:
    """Stops: a pass that shows nothing is not believed. It closes itself within the hour in which
    the records are there again."""
    before = office.shown()
    office.world.books.habits.empty_pages = True
    for wait in (300, DAY):
        assert office.later(wait).writes == 0
    assert office.causes() == [
        f"implausible {kind}" for kind in ("balance", "customer", "invoice", "order", "payment")
    ]
    assert office.shown() == before
    office.world.books.habits.empty_pages = False
    office.later(3600)
    assert (office.wrong(), office.shown()) == ([], before)


def test_a_ledger_that_answers_zero_stops_at_the_figures(office: Office) -> None:
    """Stops, although every document is there. Documents go on meanwhile; mended, it closes
    itself."""
    books, before = office.world.books, office.field("custom_fields.receivable")
    owed = {key: books.figures(key)["EUR"].receivable for key in office.ids}
    books.habits.ledger_off = {key: -amount for key, amount in owed.items()}
    invoice = books.post_invoice("1", "11.00")
    tallies = office.full().tallies
    assert (tallies[Kind.CARD].held, tallies[Kind.CARD].deferred) == (40, 0), "for a person's yes"
    assert tallies[Kind.INVOICE].held == 0
    assert office.causes() == ["guard money"]
    assert "40 customers owe in EUR would move by 100%" in office.problem("guard money").text
    assert office.field("custom_fields.receivable") == before
    assert office.world.crm.marked("invoice", invoice), "a new document is no part of it"
    books.habits.ledger_off = {}
    office.full()
    assert office.wrong() == []


# -- 3 a swapped currency ------------------------------------------------------------------------


def test_a_swapped_currency_stops_documents_and_figures(office: Office) -> None:
    """Stops, although ledger and documents agree. Mended, it closes itself."""
    before = office.shown()
    office.world.books.swap_currency("EUR", "USD")
    office.full()
    assert office.causes() == ["guard cards", "guard documents"], "figures are in its plan too"
    assert "ever sold in EUR" in office.problem("guard documents").text
    assert office.shown() == before
    office.world.books.swap_currency("USD", "EUR")
    office.full()
    assert office.wrong() == []


def test_a_swapped_currency_stops_where_the_crm_shows_figures_alone(
    opened: Office, tmp_path: Path
) -> None:
    """Stops: no document at the CRM would tell, but sales of the old currency would be gone.
    Out of it: a person applies the plan, if the company really changed its currency."""
    office = Office(tmp_path / "own", mappings=figures_alone(tmp_path))
    office.open()
    before = office.shown()
    office.world.books.swap_currency("EUR", "USD")
    office.full()
    assert (office.causes(), office.shown()) == (["guard money"], before)
    office.apply(office.plan_of("money"))
    assert office.causes() == []
    assert office.field("custom_fields.line")[0].startswith("Owes USD 150.00")


def figures_alone(folder: Path) -> Path:
    """Mappings that write cards without documents."""
    from tests.engine.rig import MAPPINGS

    (folder / "own" / "mappings").mkdir(parents=True)
    for file in ("memory_books.yaml", "memory_crm.yaml"):
        text = (MAPPINGS / file).read_text()
        if file == "memory_crm.yaml":
            begin, end = text.index("\ninvoice:"), text.index("\ncard:")
            text = text[:begin] + text[end:]
            text = text.replace("    currency: currency\n", "")
        (folder / "own" / "mappings" / file).write_text(text)
    return folder / "own" / "mappings"


# -- 4 fields shifted by one ---------------------------------------------------------------------


def test_customers_shifted_by_one_field_stop_at_the_cards(office: Office) -> None:
    """Stops: every name would be a tax id. New customers wait too. Mended, it closes itself."""
    before = office.shown()
    office.world.books.habits.shifted = True
    office.world.books.add_customer("Neu GmbH", email="n@example.com", phone="1", tax_id="ATU9")
    office.full()
    assert (office.causes(), office.shown()) == (["guard cards"], before)
    assert "40 of 40 cards would get another name" in office.problem("guard cards").text
    office.world.books.habits.shifted = False
    office.full()
    assert office.wrong() == []


def test_two_swapped_lines_of_customers_wait_as_a_changed_mapping(office: Office) -> None:
    """Stops. Out of it: the lines are put right, and nothing was ever sent."""
    before = office.shown()
    wrong = {
        "old": "    phone:    phone | trim\n    tax_id:   tax_id | trim\n    currency",
        "new": "    phone:    tax_id | trim\n    tax_id:   phone | trim\n    currency",
    }
    office.remap("memory_books", **wrong)
    tally = office.later().tallies[Kind.CUSTOMER]
    assert (tally.held > 0, tally.deferred) == (True, 0)
    assert (office.causes(), office.shown()) == (["guard mapping"], before)
    office.remap("memory_books", old=wrong["new"], new=wrong["old"])
    assert office.later().writes == 0
    assert (office.wrong(), office.shown()) == ([], before)


def test_two_swapped_lines_of_invoices_wait_with_the_figures_made_of_them(office: Office) -> None:
    """Stops: what is due would be overdue on forty cards. Mended, it closes itself."""
    before = office.shown()
    wrong = {
        "old": "    date:     date | date\n    due:      due | date",
        "new": "    date:     due | date\n    due:      date | date",
    }
    office.clock.advance(DAY)
    office.remap("memory_books", **wrong)
    office.later()
    assert (office.causes(), office.shown()) == (["guard mapping"], before)
    office.remap("memory_books", old=wrong["new"], new=wrong["old"])
    office.later()
    assert (office.wrong(), office.shown()) == ([], before)


# -- 5 a restored copy ---------------------------------------------------------------------------


def after_a_restore(office: Office) -> tuple[str, object]:
    """A backup, a day of work on it, and the backup again."""
    books = office.world.books
    backup = books.snapshot()
    office.clock.advance(3600)
    for key in office.ids[:6]:
        books.rename(key, f"Umbenannt {key}")
        books.edit_invoice(str(2 * int(key)), total="95.00")
    new = books.post_invoice("7", "77.00")
    office.later()
    assert office.wrong() == []
    before = office.shown()
    office.right_books = books.savepoint()
    office.clock.advance(3600)
    books.restore(backup)
    return new, before


def test_a_restored_backup_stops_everything_until_the_right_books_answer(office: Office) -> None:
    """Stops: records went back in time. When the right books answer again it closes itself."""
    books = office.world.books
    _, before = after_a_restore(office)
    books.post_invoice("9", "99.00")  # people do not notice, and work in it
    office.later()
    assert "restored customer" in office.causes()
    assert office.later().writes == 0
    assert office.shown() == before
    books.rollback(office.right_books)
    office.later()
    assert office.wrong() == []


def test_a_single_record_that_went_back_goes_through(office: Office) -> None:
    """Harmless: that is no restored backup. What the books say now is the truth."""
    books = office.world.books
    backup = books.snapshot()
    office.clock.advance(3600)
    books.rename("1", "Umbenannt")
    office.later()
    assert office.field("name")[0] == "Umbenannt"
    books.restore(backup)
    office.full()
    assert (office.field("name")[0], office.wrong(), office.ever()) == ("Kunde 00 GmbH", [], [])


def test_a_restored_backup_is_taken_in_once_a_person_says_so(office: Office) -> None:
    """Goes through after a waiver: cards show the older state; what exists no longer is left
    alone, as a problem of its own."""
    new, before = after_a_restore(office)
    office.later()
    assert office.shown() == before
    office.waive("restored")
    office.later()
    assert office.causes() == ["vanished invoice"]
    assert office.field("name")[:6] == [f"Kunde {number:02} GmbH" for number in range(6)]
    assert office.world.crm.marked("invoice", "2")[0].fields["amount"] == Decimal("80.00")
    assert office.world.crm.marked("invoice", new)[0].fields["state"] == "open"
    assert office.world.crm.doubles() == []


def test_a_waiver_holds_for_one_restore_alone(office: Office) -> None:
    """Stops again: what a person said of one backup says nothing of the next."""
    after_a_restore(office)
    office.later()
    office.waive("restored")
    office.later()
    office.later()
    _, before = after_restoring_again(office)
    office.later()
    assert "restored customer" in office.causes()
    assert office.shown() == before


def after_restoring_again(office: Office) -> tuple[str, object]:
    books = office.world.books
    backup = books.snapshot()
    office.clock.advance(3600)
    for key in office.ids[10:16]:
        books.rename(key, f"Anders {key}")
    office.later()
    before = office.shown()
    assert "Anders 11" in office.field("name")
    office.clock.advance(3600)
    books.restore(backup)
    return backup, before


# -- 6 and 7 a busy day --------------------------------------------------------------------------


def test_posting_everything_again_goes_through_as_reads_alone(office: Office) -> None:
    """Harmless: 160 documents with new stamps and equal content, and 1,000 more invoices of one
    customer out of scope, are read, and neither a version nor a write comes of it."""
    books = office.world.books
    other = books.add_customer("Viel GmbH", in_scope=False)
    for _ in range(1000):
        books.post_invoice(other, "1.00")
    office.later()
    before, versions = office.shown(), office.versions()
    office.clock.advance(3600)
    for table in ("orders", "invoices", "payments"):
        for key in books.tables[table]:
            books.touch(table, key)
    report = office.later()
    assert sum(page.read for page in report.pages.values()) >= 1160
    assert sum(page.new for page in report.pages.values()) == 0
    assert (report.writes, office.versions(), office.shown()) == (0, versions, before)
    assert office.ever() == []


def test_a_bank_file_that_pays_everything_goes_through(office: Office) -> None:
    """Harmless: documents explain it. All 80 invoices are paid in one run, all cards change."""
    books = office.world.books
    office.clock.advance(3600)
    for key in office.ids:
        first, second = str(2 * int(key) - 1), str(2 * int(key))
        books.pay(key, "150.00", allocations=[(first, "70.00"), (second, "80.00")])
    office.later()
    assert (office.wrong(), office.ever()) == ([], [])
    assert set(office.field("custom_fields.receivable")) == {Decimal(0)}


# -- 10 a blanked column -------------------------------------------------------------------------


def test_what_a_mapping_blanks_waits(office: Office) -> None:
    """Waits: the books know no such field and do not tell. Out of it: the line is put right."""
    before = office.shown()
    office.remap("memory_books", old="phone | trim\n    tax", new="fone | trim\n    tax")
    office.later()
    assert (office.causes(), office.shown()) == (["guard mapping"], before)
    office.remap("memory_books", old="fone | trim\n    tax", new="phone | trim\n    tax")
    office.later()
    assert (office.wrong(), office.shown()) == ([], before)


@pytest.mark.parametrize("way", ["null", "absent"])
def test_a_column_that_the_books_no_longer_fill_stops(office: Office, way: str) -> None:
    """Stops: somebody took the right to see it away. Mended, it closes itself."""
    before = office.shown()
    office.world.books.habits.blank = {"invoices.due": way}  # type: ignore[dict-item]
    office.full()
    assert (set(office.causes()) >= {"guard blanks"}, office.shown()) == (True, before)
    office.world.books.habits.blank = {}
    office.full()
    assert office.wrong() == []


# -- 11 clocks that differ -----------------------------------------------------------------------


@pytest.mark.parametrize("skew", [-600.0, 600.0])
@pytest.mark.parametrize("dated", [True, False])
def test_clocks_ten_minutes_apart_go_through(office: Office, skew: float, dated: bool) -> None:
    """Harmless: nothing is lost, nothing doubled, and nobody is asked."""
    books = office.world.books
    books.habits.skew, books.habits.date_header = skew, dated
    for number in range(4):
        one = books.add_customer(f"Neu {number}")
        invoice = books.post_invoice(one, "20.00")
        books.edit_customer(office.ids[number], phone=f"+43 2 {number}")
        office.later()
        books.pay(one, "20.00", allocations=[(invoice, "20.00")])
        office.later()
    office.later(1200)
    assert (office.wrong(), office.ever()) == ([], [])


# -- 12 the first page for ever ------------------------------------------------------------------


def test_the_first_page_for_ever_stops_the_reading(office: Office) -> None:
    """Stops: the reading is given up after a few pages and concludes nothing. Mended, it closes
    itself."""
    before = office.shown()
    office.world.books.habits.repeat_first_page = True
    report = office.full()
    assert (report.failed, report.writes, report.reads < 15) == (True, 0, True)
    assert (office.causes(), office.shown()) == (["connection books"], before)
    office.world.books.habits.repeat_first_page = False
    office.world.books.post_invoice("1", "9.00")
    office.full()
    assert office.wrong() == []


def test_habits_are_honest_where_a_test_says_nothing(office: Office) -> None:
    assert office.world.books.habits == BooksHabits()
    assert office.world.books.tables["payments"].keys() >= {"1", "40"}
    assert {kind for kind, count in office.versions().items() if count} >= {Kind.CARD, Kind.ORDER}
