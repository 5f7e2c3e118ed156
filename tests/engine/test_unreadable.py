"""Documents that cannot be read: what is owed is added up without them, so the card says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.domain import Kind
from syncd.why import why
from tests.engine.rig import Rig
from tests.engine.test_clock import card

DOUBT = "not proven: P-2 cannot be read"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A customer who owes 120.00, and one who owes nothing."""
    rig = Rig(tmp_path, tells_balances=False)
    customer = rig.world.books.add_customer("ООО «Пример»")
    rig.world.books.add_customer("株式会社サンプル")
    rig.world.books.post_invoice(customer, "120.00")
    rig.set_up()
    rig.run()
    return rig


def edit(rig: Rig, object: str, key: str, **changes: object) -> None:
    rig.world.books.tables[object][key].data.update(changes)
    rig.world.books.touch(object, key)


def paid_illegibly(rig: Rig, **changes: object) -> str:
    key = rig.world.books.pay("1", "50.00", number="P-2")
    edit(rig, "payments", key, **{"amount": "fifty", **changes})
    return key


def line(rig: Rig, customer: str = "1") -> str:
    return str(card(rig, customer)["line"])


def test_the_card_of_a_payment_that_was_never_readable_says_so_and_names_it(rig: Rig) -> None:
    paid_illegibly(rig)
    rig.later()
    assert line(rig).startswith(f"Owes EUR 120.00, {DOUBT}, changed")
    assert line(rig, "2").startswith("Owes nothing, changed")


def test_the_doubt_ends_with_the_record_that_is_mended(rig: Rig) -> None:
    key = paid_illegibly(rig)
    rig.later()
    edit(rig, "payments", key, amount="50.00")
    rig.later()
    assert line(rig).startswith("Owes EUR 120.00, paid ahead EUR 50.00, changed")
    assert not rig.problems()


def test_the_doubt_ends_and_the_problem_with_it_when_the_record_vanishes(rig: Rig) -> None:
    key = paid_illegibly(rig)
    rig.later()
    assert DOUBT in line(rig) and rig.problems()
    rig.world.books.delete("payments", key)
    rig.later(full=True)
    assert (line(rig).count("not proven"), rig.problems()) == (0, [])


def test_an_older_version_counts_and_the_card_says_that_it_is_older(rig: Rig) -> None:
    key = rig.world.books.pay("1", "50.00", number="P-2")
    rig.later()
    edit(rig, "payments", key, amount="sixty")
    rig.later()
    assert line(rig).startswith(f"Owes EUR 120.00, {DOUBT}, paid ahead EUR 50.00")


def test_the_doubt_goes_with_a_document_to_the_customer_it_names_now(rig: Rig) -> None:
    key = paid_illegibly(rig)
    rig.later()
    edit(rig, "payments", key, customer="2")
    rig.later()
    assert line(rig).startswith("Owes EUR 120.00, changed")
    assert line(rig, "2").startswith(f"Owes nothing, {DOUBT}, changed")


def test_while_a_document_is_being_corrected_the_doubt_is_said_too(rig: Rig) -> None:
    paid_illegibly(rig)
    edit(rig, "invoices", "1", state="draft")
    rig.later()
    assert line(rig).endswith(DOUBT)


def test_whose_document_nobody_can_tell_is_told_by_the_run_and_on_no_card(rig: Rig) -> None:
    paid_illegibly(rig, customer=None)
    report = rig.later()
    assert "not proven" not in line(rig)
    assert report.doubts and (report.doubts.nobodys, report.doubts.customers) == (1, 0)
    assert "the figures of any card may lack them" in str(report.doubts)
    edit(rig, "payments", "1", customer="1")
    report = rig.later()
    assert DOUBT in line(rig) and report.doubts and not report.doubts.nobodys


def test_why_says_which_document_a_figure_lacks_and_the_number_of_its_problem(rig: Rig) -> None:
    key = paid_illegibly(rig)
    paid_illegibly(rig, customer=None)
    rig.later()
    found = why(rig.pair, Kind.CUSTOMER, "1", "receivable").field
    assert found and f"payment:{key} cannot be read (problem #" in found.note
    assert "1 document cannot be read, nor whose it is" in found.note
    other = why(rig.pair, Kind.CUSTOMER, "2", "receivable").field
    assert other and "payment:" not in other.note


def test_books_that_tell_balances_have_no_such_doubt(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.world.books.add_customer("Acme")
    rig.set_up()
    paid_illegibly(rig, amount="50.00", state="strange")
    report = rig.later()
    assert "not proven:" not in line(rig) and report.doubts is None
