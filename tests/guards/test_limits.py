"""What trips a guard and what does not, what it stops, and how its plan is applied."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from syncd.store import direct, streams
from syncd.sync.cycle import run as run_cycle
from syncd.sync.guard import measure
from syncd.sync.order import Order
from syncd.sync.pair import Scene
from tests.guards.office import DAY, Office


def correct(office: Office, first: int, last: int, total: str) -> None:
    """Somebody corrects the second invoice of these customers."""
    office.clock.advance(60)
    for number in range(first, last + 1):
        office.world.books.edit_invoice(str(2 * number), total=total)


def amounts(office: Office, first: int, last: int) -> set[Decimal]:
    numbers = range(first, last + 1)
    marked = [office.world.crm.marked("invoice", str(2 * number))[0] for number in numbers]
    return {one.fields["amount"] for one in marked}


@pytest.fixture(scope="session")
def opened_long_ago(opened: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office after ten runs, in each of which one invoice was corrected."""
    office = opened.moved(tmp_path_factory.mktemp("taught") / "mine")
    for number in range(10):
        correct(office, 1, 1, f"{81 + number}.00")
        office.later()
    assert (office.wrong(), office.ever()) == ([], [])
    office.pair.store.close()
    return office


@pytest.fixture
def taught(opened_long_ago: Office, tmp_path: Path) -> Office:
    return opened_long_ago.moved(tmp_path / "taught")


# -- what is usual -------------------------------------------------------------------------------


def test_nothing_trips_on_the_first_load(office: Office) -> None:
    """Forty customers and 160 documents were written to an empty CRM."""
    assert (office.ever(), office.wrong()) == ([], [])


def test_a_plan_trips_nothing(office: Office) -> None:
    """It is what a person looks at, and it writes nothing."""
    for key in office.ids:
        office.world.books.rename(key, f"Anders {key}")
    office.clock.advance(300)
    office.run(write=False)
    assert office.ever() == []


def test_ten_runs_teach_what_is_usual(office: Office, taught: Office) -> None:
    """15 of 120 documents: less than the share for a new pair, and far more than was usual."""
    for one in (office, taught):
        correct(one, 11, 25, "85.00")
        one.later()
    assert (office.ever(), amounts(office, 11, 25)) == ([], {Decimal("85.00")})
    assert (taught.causes(), amounts(taught, 11, 25)) == (["guard documents"], {Decimal("80.00")})


def test_three_times_the_most_that_was_usual_goes_through(taught: Office) -> None:
    correct(taught, 2, 10, "85.00")
    taught.later()
    correct(taught, 11, 38, "85.00")
    taught.later()
    assert taught.causes() == ["guard documents"], "28 where nine were the most"
    correct(taught, 38, 38, "80.00")
    taught.later()
    assert (taught.causes(), amounts(taught, 11, 37)) == ([], {Decimal("85.00")})


def test_what_a_person_applied_teaches_nothing(taught: Office) -> None:
    """Neither does the run that tripped: the next disaster of that size is asked about again."""
    for total in ("85.00", "86.00"):
        correct(taught, 11, 25, total)
        taught.world.books.rename("1", f"Anders {total}")
        assert taught.later().writes == 2, "it wrote something, and teaches nothing all the same"
        assert taught.causes() == ["guard documents"]
        taught.apply(taught.plan_of("documents"))
        assert (taught.causes(), amounts(taught, 11, 25)) == ([], {Decimal(total)})
        taught.later()


def test_a_month_end_and_a_bank_day_go_through(office: Office, taught: Office) -> None:
    """Forty credit notes and forty payments in one run, on a new pair and on one that knows quiet
    days alone."""
    for one in (office, taught):
        books = one.world.books
        one.clock.advance(3600)
        for key in one.ids:
            first = str(2 * int(key) - 1)
            books.post_credit_note(key, "20.00", allocations=[(first, "20.00")])
            books.pay(key, "50.00", allocations=[(first, "50.00")])
        one.later()
        assert (one.wrong(), one.ever()) == ([], [])


def test_a_customer_counts_once_however_many_objects_it_is(office: Office) -> None:
    """Ten renamed customers are ten accounts and ten contacts."""
    for key in office.ids[:10]:
        office.world.books.rename(key, f"Anders {key}")
    office.later()
    assert (office.wrong(), office.ever()) == ([], [])


def test_eleven_of_forty_customers_are_more_than_a_few(office: Office) -> None:
    for key in office.ids[:11]:
        office.world.books.rename(key, f"Anders {key}")
    office.later()
    assert office.causes() == ["guard cards"]


# -- what a guard stops --------------------------------------------------------------------------


def test_stopped_cards_let_documents_and_figures_go(office: Office) -> None:
    books, crm = office.world.books, office.world.crm
    for key in office.ids:
        books.rename(key, f"Anders {key}")
    invoice = books.post_invoice("1", "10.00")
    office.later()
    assert office.causes() == ["guard cards"]
    assert office.field("name")[0] == "Kunde 00 GmbH"
    assert crm.marked("invoice", invoice)
    assert office.field_of("1", "custom_fields.receivable") == Decimal("160.00")


def test_stopped_documents_let_customers_go_and_nothing_that_hangs_on_documents(
    office: Office,
) -> None:
    """New documents, their payments and the figures that are made of them wait, and go with the
    next run after it was settled."""
    books, crm = office.world.books, office.world.crm
    correct(office, 1, 40, "85.00")
    books.rename("1", "Anders")
    new = books.add_customer("Neu GmbH")
    invoice = books.post_invoice(new, "10.00")
    books.pay(new, "4.00", allocations=[(invoice, "4.00")])
    office.later()
    assert office.causes() == ["guard documents"]
    assert (office.field_of("1", "name"), len(crm.marked("account", new))) == ("Anders", 1)
    assert not crm.marked("invoice", invoice) and len(crm.objects["payment"]) == 40
    assert set(office.field("custom_fields.receivable")) == {Decimal("150.00")}
    office.apply(office.plan_of("documents"))
    office.later()
    assert office.wrong() == []


# -- its plan ------------------------------------------------------------------------------------


def test_applying_a_guards_plan_sends_exactly_its_rows(office: Office) -> None:
    """Although the guard would trip again, and although there is more to send meanwhile."""
    books, crm = office.world.books, office.world.crm
    for key in office.ids:
        books.rename(key, f"Anders {key}")
    office.later()
    plan = office.plan_of("cards")
    office.clock.advance(60)
    books.rename("40", "Noch anders")
    new = books.add_customer("Neu GmbH")
    invoice = books.post_invoice("1", "10.00")
    office.clock.advance(60)
    office.apply(plan)
    assert office.field("name")[:39] == [f"Anders {key}" for key in office.ids[:39]]
    assert office.field("name")[39] == "Kunde 39 GmbH", "another name than a person saw"
    assert not crm.marked("account", new) and not crm.marked("invoice", invoice)
    assert office.causes() == [], "one name is no disaster"
    office.later()
    assert office.wrong() == []


def test_the_plan_keeps_its_id_while_the_problem_is_open(office: Office) -> None:
    """And only so long: what tripped a year ago is not offered again."""
    books = office.world.books
    ids = set()
    for number in range(3):
        for key in office.ids[: 20 + number]:
            books.rename(key, f"Anders {key}")
        books.post_invoice("1", "10.00")
        office.later()
        ids.add((office.problem("guard cards").id, office.plan_of("cards")))
    assert len(ids) == 1
    for number, key in enumerate(office.ids):
        books.rename(key, f"Kunde {number:02} GmbH")
    office.later()
    assert (office.causes(), office.wrong()) == ([], [])
    for key in office.ids:
        books.rename(key, f"Ganz anders {key}")
    office.later()
    assert (office.problem("guard cards").id, office.plan_of("cards")) not in ids
    office.apply(office.plan_of("cards"))
    office.later()
    assert office.wrong() == []


def test_applying_the_plan_of_one_guard_leaves_the_other(office: Office) -> None:
    for key in office.ids:
        office.world.books.rename(key, f"Anders {key}")
    correct(office, 1, 40, "85.00")
    office.later()
    other = office.problem("guard documents")
    office.apply(office.plan_of("cards"))
    assert office.field("name") == [f"Anders {key}" for key in office.ids]
    assert amounts(office, 1, 40) == {Decimal("80.00")}
    assert (office.causes(), office.problem("guard documents").id) == (
        ["guard documents"],
        other.id,
    )


def test_no_consent_writes_to_books_that_went_back_in_time(office: Office) -> None:
    """A plan is of the books as they were."""
    books = office.world.books
    backup = books.snapshot()
    office.clock.advance(3600)
    for key in office.ids[:5]:
        books.rename(key, f"Anders {key}")
    office.later()
    books.restore(backup)
    books.rename("40", "Heute")
    office.clock.advance(60)
    report = run_cycle(office.pair, Order("apply", write=True, full=True, consented=True))
    assert (report.writes, office.causes()) == (0, ["restored customer"])


# -- money ---------------------------------------------------------------------------------------


def test_one_ledger_that_nothing_explains_goes_through_and_the_proof_names_it(
    office: Office,
) -> None:
    office.world.books.habits.ledger_off = {"7": Decimal("5000.00")}
    office.full()
    assert office.ever() == []
    assert office.field_of("7", "custom_fields.receivable") == Decimal("5150.00")
    office.run(prove=True)
    assert office.causes() == ["differs ledger"]
    assert "customer 7 by 5,000.00 EUR" in office.problem("differs ledger").text


def test_ledgers_that_nothing_explains_stop(office: Office) -> None:
    """Out of it: a person applies the plan; the proof goes on naming them."""
    office.world.books.habits.ledger_off = dict.fromkeys(office.ids[:12], Decimal("200.00"))
    office.full()
    assert office.causes() == ["guard money"]
    assert "12 customers owe in EUR would move by 40%" in office.problem("guard money").text
    assert set(office.field("custom_fields.receivable")) == {Decimal("150.00")}
    office.apply(office.plan_of("money"))
    assert office.causes() == []
    assert set(office.field("custom_fields.receivable")[:12]) == {Decimal("350.00")}


def test_a_resync_does_not_get_round_the_guard(office: Office) -> None:
    """That a card was looked at meanwhile does not make what is about to be written usual."""
    office.world.books.habits.ledger_off = dict.fromkeys(office.ids, Decimal("200.00"))
    office.full()
    plan = office.plan_of("money")
    office.clock.advance(300)
    office.run(full=True, recheck=True)
    office.later()
    assert (office.causes(), office.plan_of("money")) == (["guard money"], plan)
    assert set(office.field("custom_fields.receivable")) == {Decimal("150.00")}


def test_money_that_documents_explain_goes_through_whatever_it_is(office: Office) -> None:
    office.clock.advance(DAY)
    for key in office.ids:
        office.world.books.post_invoice(key, "1000000.00")
    office.later()
    assert (office.wrong(), office.ever()) == ([], [])


def looks(office: Office, cards: int) -> int:
    """SELECTs of a guard when the figures of so many cards are about to change."""
    asked: list[str] = []
    correct(office, 1, cards, "70.00")
    office.run(write=False)
    with office.pair.store.reading() as tx:
        scene = Scene(tx, office.pair, streams.stream_ids(tx, office.pair.name), run=3)
        direct.driver(tx).set_trace_callback(asked.append)
        found = measure(scene, None)
        direct.driver(tx).set_trace_callback(None)
    assert (found.documents, found.shrunk_cards) == (cards, cards)
    return sum(said.startswith("SELECT") for said in asked)


def test_cards_whose_figures_change_are_looked_at_by_the_page(
    opened: Office, tmp_path: Path
) -> None:
    few, many = (looks(opened.moved(tmp_path / str(some)), some) for some in (2, 10))
    assert few == many
