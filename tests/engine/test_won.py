"""A deal is won: its card becomes a customer of the books, exactly once, or is linked to one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from connectors.memory import Fault
from syncd.domain import Kind, Ref
from syncd.store import links, parts, problems, streams
from syncd.sync import linking
from syncd.sync.order import Report
from syncd.sync.pair import Scene, WonMode, WonPolicy
from tests.engine.rig import MAPPINGS, Rig, one_of_each, open_problems

TAX_ID = "ATU12345678"


@pytest.fixture
def live(rig: Rig) -> Rig:
    """A pair that is live since this morning, with one customer."""
    one_of_each(rig)
    rig.set_up()
    rig.run()
    return rig


def win(rig: Rig, name: str = "Neue Kundin GmbH", **fields: object) -> str:
    """A card that people made, and a deal of it that was just won."""
    account = rig.world.crm.add_account(name, **fields)
    rig.world.crm.win(rig.world.crm.open_deal(account, f"Kitchen for {name}", "900", "EUR"))
    return account


def made(rig: Rig) -> list[str]:
    """Names of the customers that syncd made in the books, in order."""
    return [
        str(entry.fields["name"])
        for entry in rig.world.books.journal
        if (entry.op, entry.target) == ("create", "customers")
    ]


def link_of(rig: Rig, account: str) -> tuple[str, str] | None:
    with rig.pair.store.reading() as tx:
        found = links.to_books(tx, "crm", account)
    return (found[0].books_key, found[0].by) if found else None


def policy(rig: Rig, mode: WonMode, since: dt.date | None = None) -> None:
    rig.pair = dataclasses.replace(rig.pair, won=WonPolicy(mode, since))


def consent(rig: Rig, account: str) -> None:
    """A person says yes to this card."""
    with rig.pair.store.transaction() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.WON]
        part = parts.located(tx, stream, [Ref(Kind.WON, account)])[account, ""]
        parts.update(tx, part.id, adopted=True, state=parts.DUE, problem=None)


def quiet(rig: Rig) -> Report:
    """The next run writes nothing."""
    report = rig.later()
    assert (report.writes, rig.world.books.doubles(), rig.world.crm.doubles()) == (0, [], [])
    return report


# -- created, once -------------------------------------------------------------------------------


def test_a_won_customer_is_in_the_books_before_any_order_and_its_card_knows_it(live: Rig) -> None:
    account = win(live, email="neu@example.at", tax_id=TAX_ID)
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    [entry] = [e for e in live.world.books.journal if e.target == "customers"]
    assert entry.fields["code"] == f"CRM-{account}"
    assert (entry.fields["email"], entry.fields["tax_id"]) == ("neu@example.at", TAX_ID)
    card = live.world.crm.objects["account"][account].fields
    assert card["books_id"] == entry.id
    assert link_of(live, account) == (entry.id, "won")
    assert "Owes nothing" in str(card["custom_fields.line"])
    quiet(live)


def test_a_plan_is_of_the_card_as_it_is_when_it_is_made(rig: Rig) -> None:
    """Weeks may lie between a deal and the first plan that somebody applies."""
    one_of_each(rig)
    rig.set_up()
    rig.run(write=False)
    account = win(rig)
    rig.later(write=False)
    rig.world.crm.edit("account", account, tax_id=TAX_ID)
    rig.later(write=False, full=True)
    rig.later()
    [entry] = [e for e in rig.world.books.journal if e.target == "customers"]
    assert entry.fields["tax_id"] == TAX_ID


def test_the_first_order_of_a_won_customer_lands_on_its_card(live: Rig) -> None:
    account = win(live)
    live.later()
    [customer] = [e.id for e in live.world.books.journal if e.target == "customers"]
    live.world.books.post_invoice(customer, "250.00")
    live.later()
    assert live.world.crm.objects["account"][account].fields["custom_fields.receivable"] == 250
    assert len(live.world.crm.objects["account"]) == 2, "no second card"
    quiet(live)


def test_a_deal_that_is_only_open_makes_nobody(live: Rig) -> None:
    account = live.world.crm.add_account("Vielleicht")
    live.world.crm.open_deal(account, "Perhaps", "1", "EUR")
    live.later()
    assert made(live) == []


def test_two_deals_of_one_account_make_one_customer(live: Rig) -> None:
    account = win(live)
    live.world.crm.win(live.world.crm.open_deal(account, "And a second", "50", "EUR"))
    live.later()
    live.world.crm.win(live.world.crm.open_deal(account, "And a third", "50", "EUR"))
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    quiet(live)


def test_a_deal_won_and_lost_and_won_makes_one_customer_that_stays(live: Rig) -> None:
    account = win(live)
    [deal] = live.world.crm.deals
    live.later()
    live.world.crm.reopen(deal)
    report = live.later(90_000)
    assert any("no longer won" in note for note in report.notes), report.notes
    live.world.crm.win(deal)
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    assert link_of(live, account) is not None


def test_two_accounts_of_one_company_make_one_customer_and_a_problem_that_names_both(
    live: Rig,
) -> None:
    first = win(live, "Holz AG", tax_id=TAX_ID)
    second = win(live, "Holz AG Wien", tax_id="atu 123-456-78")
    live.later()
    live.later()
    assert made(live) == ["Holz AG"]
    [text] = open_problems(live)
    assert second in text and first in text
    quiet(live)


@pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.LATE, Fault.ERROR_AFTER])
def test_an_answer_that_gets_lost_makes_no_second_customer(live: Rig, fault: Fault) -> None:
    account = win(live)
    live.world.fault("POST /books/customers*", fault, seconds=2.0)
    live.later()
    live.later()
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    assert link_of(live, account) is not None
    quiet(live)


def test_lost_state_links_what_carries_our_marker(live: Rig, tmp_path: Path) -> None:
    account = win(live)
    live.later()
    live.pair.store.close()
    (tmp_path / "state.sqlite").rename(tmp_path / "lost.sqlite")
    live.build()
    policy(live, WonMode.CREATE, dt.date(2026, 1, 1))
    live.set_up()
    live.run()
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    assert link_of(live, account) is not None
    quiet(live)


def test_what_accounting_changes_in_the_new_customer_is_never_written_back(live: Rig) -> None:
    account = win(live)
    live.later()
    [customer] = [e.id for e in live.world.books.journal if e.target == "customers"]
    live.world.books.rename(customer, "Neue Kundin Handels-GmbH")
    live.world.crm.edit("account", account, phone="+43 1 555")
    live.later(90_000)
    assert live.world.books.tables["customers"][customer].data["name"] == "Neue Kundin Handels-GmbH"
    assert [entry.op for entry in live.world.books.journal] == ["create", "create"]


# -- linked, never created -----------------------------------------------------------------------


def test_one_tax_id_however_it_is_typed_links(live: Rig) -> None:
    known = live.world.books.add_customer("Holz AG", tax_id="ATU12345678", in_scope=False)
    account = win(live, "Holz Aktiengesellschaft", tax_id="atu 123 456 78")
    live.later()
    assert (made(live), link_of(live, account)) == ([], (known, "tax id"))
    assert live.world.crm.objects["account"][account].fields["books_id"] == known
    quiet(live)


def test_what_a_salesperson_typed_and_the_books_never_had_stays_on_the_card(live: Rig) -> None:
    known = live.world.books.add_customer("Holz AG", tax_id=TAX_ID)
    live.later()
    other = live.world.crm.marked("account", known)[0]
    live.world.crm.edit("account", other.id, phone="+43 1 777")
    live.world.books.rename(known, "Holz und Bau AG")
    live.later()
    live.run(keys=((Kind.CUSTOMER, known),), recheck=True)
    fields = live.world.crm.objects["account"][other.id].fields
    assert (fields["name"], fields["phone"]) == ("Holz und Bau AG", "+43 1 777")
    live.world.books.edit_customer(known, phone="+43 1 999")
    live.later()
    live.world.books.edit_customer(known, phone=None)
    live.later()
    assert live.world.crm.objects["account"][other.id].fields.get("phone") is None


def test_a_card_that_is_linked_keeps_what_the_books_do_not_have(live: Rig) -> None:
    live.world.books.add_customer("Holz AG", tax_id=TAX_ID, in_scope=False)
    account = win(live, "Holz Wien", tax_id=TAX_ID, phone="+43 1 555", email="o@holz.at")
    live.later()
    quiet(live)
    fields = live.world.crm.objects["account"][account].fields
    assert (fields["phone"], fields["email"]) == ("+43 1 555", "o@holz.at")


def test_an_e_mail_links_only_where_it_is_unique_on_both_sides(live: Rig) -> None:
    known = live.world.books.add_customer("Holz AG", email="office@holz.at", in_scope=False)
    account = win(live, "Holz", email="Office@Holz.at")
    live.later()
    assert (made(live), link_of(live, account)) == ([], (known, "e-mail"))


def test_an_e_mail_that_two_cards_share_decides_nothing(live: Rig) -> None:
    live.world.books.add_customer("Holz AG", email="office@holz.at", in_scope=False)
    live.world.crm.add_account("Holz Graz", email="office@holz.at")
    win(live, "Holz Wien", email="office@holz.at")
    live.later()
    assert made(live) == ["Holz Wien"]


def test_an_e_mail_does_not_link_where_the_tax_ids_disagree(live: Rig) -> None:
    live.world.books.add_customer("Holz", email="o@holz.at", tax_id="ATU1", in_scope=False)
    win(live, "Holz Neu", email="o@holz.at", tax_id="ATU2")
    live.later()
    assert made(live) == ["Holz Neu"]


def test_two_matches_are_a_problem_that_names_all_and_nothing_is_written(live: Rig) -> None:
    keys = [
        live.world.books.add_customer(f"Holz {n}", tax_id=TAX_ID, in_scope=False) for n in (1, 2)
    ]
    account = win(live, "Holz", tax_id=TAX_ID)
    before = live.world.writes()
    live.later()
    [text] = open_problems(live)
    assert all(f"customer {key}" in text for key in keys) and f"Card {account}" in text
    assert (live.world.writes(), link_of(live, account)) == (before, None)


def test_a_customer_of_another_card_is_a_problem_until_the_tax_id_is_corrected(live: Rig) -> None:
    customer = live.world.books.add_customer("Holz AG", tax_id=TAX_ID)
    live.later()
    other = live.world.crm.marked("account", customer)[0].id
    account = win(live, "Holz Tochter", tax_id=TAX_ID)
    live.later()
    [text] = open_problems(live)
    assert f"linked to card {other}" in text and f"Card {account}" in text
    live.world.crm.edit("account", account, tax_id="ATU87654321")
    live.later()
    assert (made(live), open_problems(live)) == (["Holz Tochter"], [])


# -- called as somebody in the books ---------------------------------------------------------------


def namesake(rig: Rig) -> tuple[str, str]:
    """A customer without a card, and a won card of the same name: nothing else is known of them."""
    return rig.world.books.add_customer("Holz AG", in_scope=False), win(rig, "Holz  ag")


def test_a_customer_of_its_name_that_has_no_card_is_a_question_and_no_second_one(live: Rig) -> None:
    known, account = namesake(live)
    for _ in range(2):
        live.later()
    assert (made(live), link_of(live, account)) == ([], None)
    [text] = open_problems(live)
    assert f"customer {known} of the books has its name and no card" in text
    with live.pair.store.transaction() as tx:
        scene = Scene(tx, live.pair, streams.stream_ids(tx, "main"), 1)
        linking.accept(scene, known, account, linking.By("anna", None))
    live.later()
    assert (made(live), open_problems(live)) == ([], [])
    assert len(live.world.crm.objects["account"]) == 2
    quiet(live)


def test_who_is_not_the_customer_of_that_name_is_made(live: Rig) -> None:
    known, account = namesake(live)
    live.later()
    with live.pair.store.transaction() as tx:
        scene = Scene(tx, live.pair, streams.stream_ids(tx, "main"), 1)
        linking.reject(scene, known, account, b"", linking.By("anna", None))
    live.later()
    assert made(live) == ["Holz  ag"]


@pytest.mark.parametrize(("theirs", "ours"), [("ATU1", "ATU2"), (None, None)])
def test_another_tax_id_or_a_card_of_its_own_is_another_company(
    live: Rig, theirs: str | None, ours: str | None
) -> None:
    live.world.books.add_customer("Holz AG", tax_id=theirs, in_scope=theirs is None)
    live.later()
    win(live, "Holz AG", tax_id=ours)
    live.later()
    assert made(live) == ["Holz AG"]


# -- held ----------------------------------------------------------------------------------------


@pytest.fixture
def strict(tmp_path: Path) -> Rig:
    """A live pair whose books want a tax id and an e-mail of a new customer."""
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    for name in ("memory_books.yaml", "memory_crm.yaml"):
        text = (MAPPINGS / name).read_text("utf-8")
        text = text.replace("require: [name]", "require: [name, tax_id, email]")
        (mappings / name).write_text(text, "utf-8")
    rig = Rig(tmp_path, mappings=mappings)
    one_of_each(rig)
    rig.set_up()
    rig.run()
    return rig


def test_a_missing_field_is_a_hold_and_a_note_on_the_card_that_end_by_themselves(
    strict: Rig,
) -> None:
    rig = strict
    account = win(rig)
    report = rig.later()
    card = rig.world.crm.objects["account"][account]
    hint = card.fields["custom_fields.books_hint"]
    assert hint == "Not in the books yet: tax id, email missing"
    assert (made(rig), report.tallies[Kind.WON].held) == ([], 1)
    with rig.pair.store.reading() as tx:
        [problem] = problems.listed(tx, "main")
    assert (problem.owner, problem.subjects) == ("sales", (f"won:{account}",))
    quiet(rig)
    rig.world.crm.edit("account", account, tax_id=TAX_ID, email="a@b.at")
    rig.later()
    assert (made(rig), open_problems(rig)) == (["Neue Kundin GmbH"], [])
    assert rig.world.crm.objects["account"][account].fields.get("custom_fields.books_hint") is None


def test_the_note_on_the_card_goes_when_the_deal_is_no_longer_won(strict: Rig) -> None:
    account = win(strict)
    strict.later()
    assert strict.world.crm.objects["account"][account].fields["custom_fields.books_hint"]
    [deal] = strict.world.crm.deals
    strict.world.crm.reopen(deal)
    strict.later(90_000)
    fields = strict.world.crm.objects["account"][account].fields
    assert (fields.get("custom_fields.books_hint"), open_problems(strict)) == (None, [])
    quiet(strict)


def test_in_mode_propose_accounting_consents_first(live: Rig) -> None:
    policy(live, WonMode.PROPOSE)
    account = win(live)
    live.later()
    assert made(live) == []
    assert "accounting's consent" in open_problems(live)[0]
    consent(live, account)
    live.later()
    assert (made(live), open_problems(live)) == (["Neue Kundin GmbH"], [])


def test_mode_off_does_not_even_ask(live: Rig) -> None:
    policy(live, WonMode.OFF)
    win(live)
    before = [path for _, path in live.world.requests if "deals" in path]
    live.later()
    assert made(live) == []
    assert [path for _, path in live.world.requests if "deals" in path] == before


def test_deals_won_before_the_day_of_connection_are_left_alone(rig: Rig) -> None:
    one_of_each(rig)
    account = rig.world.crm.add_account("Alte Kundin")
    deal = rig.world.crm.open_deal(account, "Long ago", "1", "EUR")
    rig.world.crm.win(deal, "2026-03-01")
    rig.set_up()
    rig.run()
    rig.later()
    assert made(rig) == []
    rig.run(won_since=dt.date(2026, 1, 1))
    assert (made(rig), len(open_problems(rig))) == ([], 1), "earlier ones wait for a person"
    consent(rig, account)
    rig.later()
    assert (made(rig), open_problems(rig)) == (["Alte Kundin"], [])


def test_a_deal_dated_back_is_taken_all_the_same(live: Rig) -> None:
    """A deal that is dragged into won keeps the day somebody once expected."""
    account = live.world.crm.add_account("Rückdatiert")
    deal = live.world.crm.open_deal(account, "Dragged", "1", "EUR")
    live.world.crm.win(deal, "2026-06-01")
    live.later(90_000)
    assert made(live) == ["Rückdatiert"]


def test_books_that_are_down_leave_a_won_customer_for_later(live: Rig) -> None:
    win(live)
    live.world.fault("POST /books/customers*", Fault.REFUSE, 1)
    live.later()
    assert made(live) == []
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    quiet(live)
