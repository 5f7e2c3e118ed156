"""Bad records and bad days: the rest goes on, one sentence says what happened, problems close."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import CrmHabits
from tests.cli.desk import Desk

DAY = 24 * 60


def agreed(desk: Desk) -> bool:
    """Every invoice is at the CRM once, with its amount, and every card shows its figures."""
    crm, books = desk.world.crm, desk.world.books
    wanted = {key: Decimal(row.data["total"]) for key, row in books.tables["invoices"].items()}
    found = {
        one.fields["books_id"]: one.fields["amount"] for one in crm.objects["invoice"].values()
    }
    cards = {
        one.fields["books_id"]: one.fields["custom_fields.receivable"]
        for one in crm.objects["account"].values()
    }
    open_now = {
        key: Decimal(books.balance(key)["rows"][0]["receivable"])
        for key in books.tables["customers"]
    }
    return found == wanted and cards == open_now and not crm.doubles()


def problems(desk: Desk, *arguments: str) -> list[str]:
    return [one["text"] for one in desk.syncd("problems", "--json", *arguments).json()]


def test_a_record_without_a_required_field_waits_alone(live: Desk) -> None:
    books = live.world.books
    broken = books.post_invoice("1", "7.00")
    books.edit_invoice(broken, number=None)
    books.post_invoice("2", "8.00")
    said = live.later()
    assert said.code == 1
    assert [o.fields["books_id"] for o in live.world.crm.objects["invoice"].values()][3:] == ["5"]
    (text,) = problems(live)
    assert text == (
        "invoices cannot be read: memory_books.yaml:38:15 number is empty, and it is required. "
        "Only they wait; mend the record or the rule, then they go by themselves."
    )
    assert f"invoice:{broken}" in live.syncd("problems").out
    assert live.later().code == 0  # known, not new, not old enough to nag
    books.edit_invoice(broken, number="INV-7")
    assert live.later().code == 0
    assert problems(live) == [] and problems(live, "--closed") == [text]
    assert agreed(live)


def test_a_problem_that_gets_old_is_told_again(live: Desk) -> None:
    books = live.world.books
    books.edit_invoice(books.post_invoice("1", "7.00"), number=None)
    assert [live.later().code, live.later().code, live.later(DAY).code] == [1, 0, 1]


def test_a_currency_the_crm_refuses_holds_that_record_alone(live: Desk) -> None:
    live.world.crm.habits.currencies = ["EUR"]  # it was configured to know more when declared
    refused = live.world.books.post_invoice("1", "7.00", currency="USD")
    live.world.books.post_invoice("2", "8.00")
    assert live.later().code == 1
    assert [o.fields["books_id"] for o in live.world.crm.objects["invoice"].values()][3:] == ["5"]
    (text,) = problems(live)
    assert text.startswith('crm refuses invoices for its field currency: "USD" is not a valid')
    assert f"invoice:{refused}" in live.syncd("problems").out
    live.world.crm.habits.currencies = ["EUR", "USD"]
    assert live.later(DAY).code == 0
    assert problems(live) == []


def test_a_source_that_repeats_its_first_page_is_given_up(live: Desk) -> None:
    live.world.books.habits.repeat_first_page = True
    live.world.books.habits.page = 2
    before = len(live.world.requests)
    with live.nothing_written():
        said = live.syncd("run", "--full")
    assert said.code == 1
    assert len(live.world.requests) - before < 10
    (text,) = problems(live)
    assert text.startswith(
        "books does not answer as its documentation says: the same page of customers came again "
        "and again, and the reading was given up; nothing was concluded from it."
    )
    assert "the same page of customers" in live.syncd("status").out
    live.world.books.habits.repeat_first_page = False
    assert live.later().code == 0 and problems(live) == []
    assert agreed(live)


def test_a_crm_that_is_down_for_a_cycle_is_caught_up_with(live: Desk) -> None:
    live.world.books.post_invoice("1", "7.00")
    live.world.fault("* /crm/*", "refuse", times=99)
    said = live.later()
    assert said.code == 75
    assert "note: crm: 127.0.0.1" in said.out and "HTTP 503: Service Unavailable" in said.out
    shown = live.syncd("status")
    assert shown.code == 1 and "failed; crm: 127.0.0.1" in shown.out
    (text,) = problems(live)
    assert text.startswith("crm cannot be used now: 127.0.0.1")
    assert text.endswith("it goes on by itself.")
    live.world.faults.planned.clear()
    assert live.later().code == 0
    assert agreed(live) and problems(live) == []
    assert live.syncd("status").code == 0


def test_books_that_are_down_leave_the_cards_as_they_are(live: Desk) -> None:
    live.world.books.post_invoice("1", "7.00")
    live.world.fault("* /books/*", "refuse", times=99)
    with live.nothing_written():
        assert live.later().code == 75
    live.world.faults.planned.clear()
    assert live.later().code == 0 and agreed(live)


def test_a_short_retry_after_is_waited_out_in_the_same_run(live: Desk) -> None:
    live.world.books.post_invoice("1", "7.00")
    live.world.fault("POST /crm/*", "rate_limit", times=2, seconds=2)
    live.clock.slept.clear()
    said = live.later()
    assert (said.code, said.last) == (0, "ok, nothing waits")
    assert live.clock.slept == [2.0, 2.0]
    assert agreed(live)


@pytest.mark.parametrize("match", ["GET /crm/identity", "POST /crm/*"])
def test_a_long_retry_after_is_respected_over_many_cycles(live: Desk, match: str) -> None:
    live.world.books.post_invoice("1", "7.00")
    live.world.fault(match, "rate_limit", times=1, seconds=3600)
    assert live.later().code == 0  # asked to wait is a normal state, not an alarm
    arrived = sum("/crm/" in path for _, path in live.world.requests)
    for _ in range(3):
        said = live.later()
        assert said.code == 0 and said.out.count("asks to wait 3600 s") == 1
        assert said.last == "ok, 2 open: syncd status"
    assert sum("/crm/" in path for _, path in live.world.requests) == arrived
    shown = live.syncd("status")
    assert shown.code == 0
    assert "crm is left alone until Wed 18 Nov 13:05: 127.0.0.1" in shown.out
    assert live.later(60).last == "ok, nothing waits"
    assert agreed(live) and "is left alone" not in live.syncd("status").out


@pytest.mark.parametrize("fault", ["error", "error_after", "cut_before", "cut_after"])
def test_an_answer_that_says_nothing_is_looked_into_and_never_sent_twice(
    live: Desk, fault: str
) -> None:
    """HTML with 500, and a connection cut, each before and after the commit."""
    live.world.books.post_invoice("1", "7.00")
    live.world.fault("POST /crm/invoice*", fault, times=1)
    assert live.later().code == 0
    assert live.later().last == "ok, nothing waits"
    assert agreed(live)
    made = [e for e in live.world.crm.journal if (e.op, e.target) == ("create", "invoice")]
    assert len(made) == 4


def test_requests_in_doubt_are_told_until_they_are_settled(live: Desk) -> None:
    """A CRM that needs longer than a run waits: the next run settles what this one left open."""
    live.configure(crm={"doubt_time": "120"})
    live.world.books.post_invoice("1", "7.00")
    live.world.fault("POST /crm/invoice*", "cut_after", times=1)
    said = live.later()
    assert said.code == 0
    assert said.last == "1 request in doubt; the next run settles that"
    assert "1 request in doubt" in live.syncd("status").out
    assert live.later().last == "ok, nothing waits"
    assert agreed(live)


def test_an_outage_that_answers_html_with_500_converges(live: Desk) -> None:
    live.world.books.post_invoice("1", "7.00")
    live.world.fault("* /crm/*", "error", times=99)
    said = live.later()
    assert said.code == 75 and "answered HTTP 500: Server Error (500)" in said.out
    live.world.faults.planned.clear()
    assert live.later().code == 0 and problems(live) == []
    assert agreed(live)


@pytest.mark.parametrize("mended", [{"name": "Acme, the old one"}, {"books_id": "4"}])
def test_a_name_clash_ends_when_a_person_settles_it_in_the_crm(
    live: Desk, mended: dict[str, str]
) -> None:
    """Renamed: a card is made. Given the books key: that account is the card from now on."""
    theirs = live.world.crm.create("account", {"name": "Acme"}, {})
    live.world.books.post_invoice(live.world.books.add_customer("Acme"), "5.00")
    assert live.later().code == 1
    (text,) = problems(live)
    assert text.startswith(f"customer 4 and account {theirs.id} of crm have one name")
    accounts = live.world.crm.objects["account"]
    assert len(accounts) == 4
    assert live.later().code == 0 and len(accounts) == 4
    live.world.crm.edit("account", theirs.id, **mended)
    assert live.later().last == "ok, nothing waits"
    assert problems(live) == []
    cards = live.world.crm.marked("account", "4")
    assert [card.id == theirs.id for card in cards] == ["books_id" in mended]
    assert cards[0].fields["custom_fields.receivable"] == Decimal("5.00")


@pytest.mark.parametrize("restored", [True, False])
def test_an_object_that_somebody_deleted_comes_back_only_when_asked(
    live: Desk, restored: bool
) -> None:
    invoices = live.world.crm.objects["invoice"]
    (gone,) = live.world.crm.marked("invoice", "1")
    for payment in list(live.world.crm.marked("payment", "1")):
        live.world.crm.delete("payment", payment.id)
    live.world.crm.delete("invoice", gone.id)
    live.world.books.edit_invoice("1", due="2026-12-24")
    assert live.later().code == 1
    (text,) = problems(live)
    assert text.startswith(f"invoice {gone.id} of invoice 1 is no longer in crm.")
    assert live.later().code == 0 and len(invoices) == 2
    if restored:
        invoices[gone.id] = gone
    said = live.syncd("resync", "--key", "invoice:1", *([] if restored else ["--recreate"]))
    assert said.code == 0 and problems(live) == []
    (now,) = live.world.crm.marked("invoice", "1")
    assert (now.id == gone.id) is restored and now.fields["due_date"] == "2026-12-24"


@pytest.mark.parametrize("there", [True, False])
def test_where_syncd_cannot_search_a_person_is_asked_once_and_answers(
    tmp_path: Path, there: bool
) -> None:
    with Desk(tmp_path, crm=CrmHabits(tiers={"payment": "T4"}, answers_values=False)) as desk:
        desk.world.books.add_customer("ООО «Пример»")
        desk.live()
        invoice = desk.world.books.post_invoice("1", "7.00")
        desk.world.books.pay("1", "3.00", allocations=[(invoice, "3.00")])
        desk.world.fault("POST /crm/payment*", "cut_after" if there else "cut_before")
        assert desk.later().code == 1
        assert desk.later().code == 0  # asked once; nothing is sent meanwhile
        shown = desk.syncd("problems")
        assert "cannot be searched for it: look there, then say syncd problems resolve" in shown.out
        number = desk.syncd("problems", "--json").json()[0]["id"]
        payments = desk.world.crm.objects["payment"]
        assert len(payments) == there
        answer = ["--exists", *payments] if there else ["--absent"]
        said = desk.syncd("problems", "resolve", str(number), *answer)
        assert (said.code, said.out) == (0, f"#{number} is answered; next: syncd run\n")
        said = desk.later()
        assert problems(desk) == [] and said.last == "ok, nothing waits"
        assert agreed(desk) and len(payments) == 1
