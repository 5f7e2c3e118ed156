"""What people decide: problems given up or tried again, won customers accepted or planned, and the
proof they ask for. The sums of every run close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cli.desk import Desk

DAY = 24 * 60


def refuse(desk: Desk) -> int:
    """An invoice in a currency the CRM does not take; its problem."""
    desk.world.crm.habits.currencies = ["EUR"]
    desk.world.books.post_invoice("1", "7.00", currency="USD")
    assert desk.later().code == 1
    [one] = desk.syncd("problems", "--json").json()
    return int(one["id"])


def report(desk: Desk, minutes: float = 5) -> Any:
    desk.clock.advance(minutes * 60)
    said = desk.syncd("run", "--json")
    found = said.json()
    for kind, tally in found["tallies"].items():
        due = tally.pop("due_at_start") + tally.pop("became_due")
        assert due == sum(tally.values()), (kind, due, tally)
    return found


def test_a_waived_problem_is_left_alone_until_its_record_changes(live: Desk) -> None:
    number = refuse(live)
    said = live.syncd("problems", "waive", str(number), "--reason", "old stock, never mind")
    assert said.code == 0 and "1 are left alone until their records change" in said.out
    assert live.syncd("problems").code == 0 and live.syncd("status").code == 0
    assert "waived    1 are left alone" in live.syncd("status").out
    with live.nothing_written():
        for _ in range(2):
            found = report(live, DAY)
            assert found["tallies"]["invoice"]["held"] == 1 and found["new_problems"] == 0
    closed = live.syncd("problems", "--closed").out
    assert "0 closed by themselves, 1 waived" in closed and ": old stock, never mind)" in closed
    [one] = live.syncd("problems", "--closed", "--json").json()
    assert "@" in one["waived_by"] and one["waived_why"] == "old stock, never mind"
    live.world.crm.habits.currencies = ["EUR", "USD"]
    live.world.books.edit_invoice("4", due="2026-12-24")
    assert report(live)["tallies"]["invoice"]["applied"] == 1
    assert len(live.world.crm.objects["invoice"]) == 4


def test_a_waived_problem_can_be_taken_up_again(live: Desk) -> None:
    number = refuse(live)
    assert live.syncd("problems", "waive", str(number), "--reason", "x").code == 0
    again = live.syncd("problems", "waive", str(number), "--reason", "y")
    assert again.code == 2 and "is closed already" in again.err
    assert live.syncd("problems", "retry", str(number)).code == 0
    assert live.syncd("problems").code == 1
    live.world.crm.habits.currencies = ["EUR", "USD"]
    assert report(live)["tallies"]["invoice"]["applied"] == 1
    assert live.syncd("problems").code == 0


def test_retry_does_not_wait_for_tomorrow_and_keeps_the_problem(live: Desk) -> None:
    number = refuse(live)
    live.later()  # the second chance of the next run; from now on daily
    writes = live.world.writes()
    assert live.later().code == 0 and live.world.writes() == writes
    said = live.syncd("problems", "retry", str(number))
    assert said.out == f"#{number}: 1 that were refused are due again; next: syncd run\n"
    assert live.later().code == 0 and live.world.writes() == writes + 1
    [one] = live.syncd("problems", "--json").json()
    assert one["id"] == number, "it is no new problem"
    live.world.crm.habits.currencies = ["EUR", "USD"]
    live.syncd("problems", "retry", str(number))
    assert live.later().last == "ok, nothing waits"


def test_one_problem_is_shown_with_what_waits_and_whose_it_is(live: Desk) -> None:
    number = refuse(live)
    out = live.syncd("problems", "show", str(number)).out
    assert "ООО «Пример»" in out and "invoice:4" in out
    assert "tried again when the record or the mapping changes, and daily" in out
    assert f"now: syncd problems retry {number}" in out
    [one] = live.syncd("problems", "--json").json()
    assert "Пример" not in one["text"], "names are joined when it is shown"


def test_a_guard_and_an_outage_cannot_be_waived(live: Desk) -> None:
    live.world.fault("* /crm/*", "refuse", times=99)
    live.later()
    said = live.syncd("problems", "waive", "1", "--reason", "x")
    assert said.code == 2 and "cannot be waived: mend the connection" in said.err


# -- won customers -------------------------------------------------------------------------------


def win(desk: Desk, closed: str | None = None, **fields: object) -> str:
    crm = desk.world.crm
    card = crm.add_account(f"Sample Build {crm.last}", **fields)
    crm.win(crm.open_deal(card, "A deal"), closed)
    return card


def test_a_proposed_customer_is_made_when_somebody_accepts_it(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(won={"mode": "propose"})
    desk.live()
    customers = desk.world.books.tables["customers"]
    first, second = win(desk), win(desk)
    assert desk.later().code == 1 and len(customers) == 3
    said = desk.syncd("links", "accept", f"https://crm.example.com/tab/Contacts/{first}")
    assert said.out == f"card {first} will be made a customer of books; now: syncd run\n"
    assert report(desk)["tallies"]["won"]["held"] >= 1
    assert len(customers) == 4
    assert desk.world.crm.objects["account"][first].fields["books_id"]
    assert not desk.world.crm.objects["account"][second].fields.get("books_id")
    assert desk.syncd("links", "accept", first).code == 0  # twice does no harm
    assert desk.syncd("links", "accept", "account-0").code == 2


def test_won_is_off_where_the_configuration_says_so(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(won={"mode": "off"})
    desk.live()
    win(desk)
    assert desk.later().code == 0 and len(desk.world.books.tables["customers"]) == 3


def test_customers_won_earlier_are_planned_and_made_by_apply(desk: Desk) -> None:
    early = [win(desk, "2026-05-04"), win(desk, "2026-06-05")]
    win(desk, "2025-01-01")
    desk.live()
    customers = desk.world.books.tables["customers"]
    assert desk.later().code == 0 and len(customers) == 3
    with desk.nothing_written():
        said = desk.syncd("resync", "--kind", "won", "--since", "2026-01-01", "--dry-run")
        assert "2 won customers since 2026-01-01 would be made in the books" in said.out, said.text
        assert all(f"  card {card}" in said.out for card in early)
        assert desk.later().code == 0  # nothing goes by itself
        said = desk.syncd("resync", "--kind", "won", "--since", "2026-01-01")
    plan = said.last.rpartition(" ")[2]
    assert said.last == f"next: syncd apply {plan}"
    assert desk.syncd("apply", plan).code == 0 and len(customers) == 5
    assert desk.syncd("status", "--json").json()["pair"]["mode"] == "live"
    assert desk.syncd("problems").code == 0
    said = desk.syncd("resync", "--kind", "won", "--since", "2026-01-01", "--json")
    assert said.json()["plan"] is None and len(customers) == 5


# -- proof ---------------------------------------------------------------------------------------


def test_prove_puts_ledger_documents_and_card_side_by_side(live: Desk) -> None:
    live.clock.advance(300)
    said = live.syncd("prove")
    assert said.code == 0 and said.last == "ledger, documents and cards agree"
    [total] = [line for line in said.out.splitlines() if line.startswith("all")]
    assert total.split() == ["all", "EUR", "210.00", "210.00", "210.00", "agrees"]
    assert "on 3 of 3 cards, 210.00 EUR" in live.syncd("status").out
    card = live.world.crm.marked("account", "2")[0].id
    live.world.crm.edit("account", card, custom_fields__receivable="80.00")
    live.clock.advance(300)
    said = live.syncd("prove", "--customer", "Sample Trade LLC")
    [asked, *_] = live.syncd("log", "--requests", "--json").json()
    assert asked["args"] == {"customer": "2"}, "no names are kept"
    assert said.code == 1 and "DIFFERS" in said.out, said.out
    assert "Sample Trade LLC: custom_fields.receivable shows 80.00, not 75.00" in said.out
    [one] = [o for o in live.syncd("prove", "--json").json()["proven"] if o["customer"] == "2"]
    assert one["card"] == one["ledger"], "it was written over at once"
