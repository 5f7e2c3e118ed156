"""Disasters that people bring about in the CRM; those of the books are in test_disasters."""

from __future__ import annotations

import pytest

from syncd.store import problems
from tests.guards.office import Office

# -- 8 a bulk edit of deals ----------------------------------------------------------------------


def won_in_bulk(office: Office) -> list[str]:
    crm = office.world.crm
    leads = [crm.add_account(f"Lead {number:02}") for number in range(40)]
    deals = [crm.open_deal(lead, "Angebot") for lead in leads]
    office.later()
    for deal in deals:
        crm.win(deal)
    return deals


def test_a_bulk_edit_that_wins_every_deal_stops_before_the_books(office: Office) -> None:
    """Stops: no customer is made. Out of it: a person applies the plan, and each is made once."""
    books = office.world.books
    won_in_bulk(office)
    office.later()
    assert office.causes() == ["guard won"]
    assert "40 won customers" in office.problem("guard won").text
    assert (len(books.tables["customers"]), books.journal) == (40, [])
    office.apply(office.plan_of("won"))
    assert (len(books.tables["customers"]), books.doubles()) == (80, [])
    office.later()
    assert (office.causes(), len(books.tables["customers"])) == ([], 80)


def test_a_bulk_edit_of_deals_that_is_taken_back_closes_itself(office: Office) -> None:
    """Stops; and when the deals are open again, nothing waits any more."""
    crm, deals = office.world.crm, won_in_bulk(office)
    office.later()
    assert office.causes() == ["guard won"]
    for deal in deals:
        crm.reopen(deal)
    office.full()
    assert (office.causes(), office.states(), office.world.books.journal) == ([], {}, [])
    for deal in deals[:2]:
        crm.win(deal)
    office.full()
    assert (office.causes(), len(office.world.books.tables["customers"])) == ([], 42)


def test_deals_won_by_customers_of_the_books_go_through(office: Office) -> None:
    """Harmless: they are linked already, and there is nothing to make."""
    crm = office.world.crm
    for card in list(crm.objects["account"]):
        crm.win(crm.open_deal(card, "Nachbestellung"))
    office.full()
    assert (office.wrong(), office.ever(), office.world.books.journal) == ([], [], [])


# -- 9 an emptied CRM ----------------------------------------------------------------------------


def busy(office: Office) -> None:
    """Something to write to every card, and new documents on each."""
    books = office.world.books
    office.clock.advance(3600)
    for key in office.ids:
        if int(key) <= 8:
            books.edit_customer(key, email=f"neu{key}@example.com")
        invoice = books.post_invoice(key, "10.00")
        books.pay(key, "10.00", allocations=[(invoice, "10.00")])


def test_an_emptied_crm_stops_after_a_few_objects(office: Office) -> None:
    """Stops: one problem, nothing is made again, and hardly anything is asked. When the objects
    are back it goes on and closes itself."""
    crm, kept = office.world.crm, office.world.crm.savepoint()
    crm.empty()
    busy(office)
    journal = len(crm.journal)
    first = office.later()
    assert office.ever() == ["emptied crm"]
    assert office.problem("emptied crm").owner == problems.SYSADMIN
    assert (len(crm.journal), first.writes <= 3) == (journal, True)
    again = office.later()
    assert (again.writes, office.ever(), len(crm.journal)) == (0, ["emptied crm"], journal)
    assert not any(crm.objects.values())
    assert office.states().keys() <= {"due", "owed"}, "nothing is held: it all goes by itself"
    crm.objects = kept[0]
    office.later()
    assert (office.wrong(), office.ever()) == ([], ["emptied crm"])


@pytest.mark.parametrize("bulk", [1, 20])
def test_an_emptied_crm_is_noticed_by_documents_alone(office: Office, bulk: int) -> None:
    """Stops too where no card is written, but only what hangs on one."""
    crm, kept = office.world.crm, office.world.crm.savepoint()
    crm.habits.bulk = bulk
    office.crm_options |= {"batch": str(bulk)}
    office.pair.store.close()
    office.build()
    crm.empty()
    for key in office.ids:
        office.world.books.post_invoice(key, "10.00")
    assert office.later().writes <= 3
    assert (office.ever(), any(crm.objects.values())) == (["emptied crm"], False)
    crm.objects = kept[0]
    office.later()
    assert office.wrong() == []


def test_a_payment_is_not_taken_for_removed_where_all_is_gone(office: Office) -> None:
    """A payment that is replaced is removed first. That it is not there says nothing then: back
    from a backup, it would stand beside its successor."""
    crm, kept = office.world.crm, office.world.crm.savepoint()
    crm.empty()
    office.clock.advance(3600)
    office.world.books.allocate("1", "1", "20.00")
    office.later()
    assert office.ever() == ["emptied crm"]
    crm.objects = kept[0]
    office.later()
    assert office.wrong() == []


@pytest.mark.parametrize("how", ["prove", "resync"])
def test_an_emptied_crm_is_one_problem_for_whoever_looks(office: Office, how: str) -> None:
    """Stops: neither a proof nor a resync makes one problem for each card, or asks for each."""
    office.world.crm.empty()
    office.clock.advance(300)
    orders = {"prove": {"prove": True}, "resync": {"full": True, "recheck": True}}
    report = office.run(**orders[how])  # type: ignore[arg-type]
    assert (office.ever(), report.writes) == (["emptied crm"], 0)
    assert report.reads < 30


def test_an_emptied_crm_is_filled_again_if_a_person_says_so(office: Office) -> None:
    """Out of it: resync --all --recreate makes everything anew, once."""
    office.world.crm.empty()
    busy(office)
    office.later()
    office.clock.advance(300)
    office.run(full=True, recheck=True, recreate=True)
    office.later()
    assert office.wrong() == []


def test_a_card_that_somebody_deleted_goes_through_as_its_own_problem(office: Office) -> None:
    """Harmless: the others are there, so one deleted card stops nothing."""
    crm = office.world.crm
    busy(office)
    crm.delete("account", crm.marked("account", "1")[0].id)
    office.later()
    assert "gone account 1" in office.causes()
    assert not any(cause.startswith("emptied") for cause in office.ever())
    assert office.field_of("8", "email") == "neu8@example.com"
