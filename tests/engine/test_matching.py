"""Customers of the books and cards are compared before either is made on the other side."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from connectors.memory import CrmHabits
from syncd.domain import Kind, Won
from syncd.matching import RULES, Index, Rules
from syncd.store import links, mirror, parts, problems, streams
from syncd.store.tables import person, record
from syncd.sync import linking, matched
from syncd.sync.pair import Scene
from syncd.sync.parties import cards, customers, party
from syncd.sync.plan import draw
from syncd.sync.suggesting import seals
from tests.engine.rig import Rig

TAX_ID, OTHER = "ATU13585627", "ATU66889218"
HOLZ = "Holzbau Huber GmbH"
WHO: Mapping[str, Any] = {"tax_id": TAX_ID, "email": "office@holz-huber.at"}


def switch(rig: Rig, *, on: bool = True, rules: Rules = RULES) -> None:
    writing = msgspec.structs.replace(rig.pair.writing, match=rules if on else None)
    rig.pair = dataclasses.replace(rig.pair, writing=writing)


@pytest.fixture
def matching(tmp_path: Path) -> Rig:
    """Compares, and has read nothing yet; names need not be unique."""
    rig = Rig(tmp_path, crm=CrmHabits(unique_names=False), crm_options={"names": "free"})
    switch(rig)
    return rig


def accounts(rig: Rig) -> list[str]:
    return list(rig.world.crm.objects["account"])


def made(rig: Rig) -> list[str]:
    """Cards and customers that syncd made."""
    books, crm = rig.world.books.journal, rig.world.crm.journal
    main = ("account", "customers")
    return [one.target for one in (*books, *crm) if one.op == "create" and one.target in main]


def link(rig: Rig, key: str) -> tuple[str, str] | None:
    with rig.pair.store.reading() as tx:
        found = [one for one in links.each(tx, "crm", "books") if one.books_key == key]
    return (found[0].card_id, found[0].by) if found else None


def decide(rig: Rig, verb: str, key: str, card: str) -> None:
    by = linking.By("anna", None)
    with rig.pair.store.transaction() as tx:
        scene = Scene(tx, rig.pair, streams.stream_ids(tx, "main"), 1)
        if verb == "accept":
            linking.accept(scene, key, card, by)
        else:
            seal = seals(scene, [(key, card)])[key, card]
            linking.reject(scene, key, card, seal, by)


def kept(rig: Rig) -> list[str]:
    with rig.pair.store.reading() as tx:
        rows = mirror.batch(tx, streams.stream_ids(tx, "main")[Kind.WON], 0)
        assert all(row.state == mirror.FILTERED and not row.ver for row in rows)
        assert parts.of_records(tx, [row.id for row in rows]) == {}
    return [row.key for row in rows]


def owing(rig: Rig, name: str = HOLZ, **who: Any) -> str:
    customer = rig.world.books.add_customer(name, **(who or WHO))
    rig.world.books.post_invoice(customer, "120.00")
    return customer


# -- books -> CRM --------------------------------------------------------------------------------


def test_a_customer_whose_card_is_there_gets_no_second_one(matching: Rig) -> None:
    card = matching.world.crm.add_account("Holzbau Huber", phone="+43 1 234", **WHO)
    customer = owing(matching)
    matching.set_up()
    matching.run()
    assert (accounts(matching), link(matching, customer)) == ([card], (card, "match"))
    shown = matching.world.crm.objects["account"][card].fields
    assert (shown["books_id"], shown["custom_fields.receivable"]) == (customer, 120)
    assert shown["phone"] == "+43 1 234", "what the books do not know stays"
    assert (matching.problems(), matching.later().writes) == ([], 0)


def test_a_plan_links_in_the_state_alone_and_says_how_many(matching: Rig) -> None:
    matching.world.crm.add_account(HOLZ, **WHO)
    for name in ("Eins AG", "Zwei AG"):
        matching.world.crm.add_account(name, tax_id=OTHER, email="kasse@zwei.at")
    owing(matching)
    owing(matching, "Zwei AG", tax_id=OTHER, email="kasse@zwei.at")
    owing(matching, "Pâtisserie Dupont", email="a@dupont.fr")
    report = matching.run(write=False, full=True)
    assert matching.world.crm.journal == []
    notes = draw(matching.pair, report, []).notes
    assert notes == [
        "of the customers without a card, 1 was linked to a card that was there (by match), 1 "
        "waits for a person, for 1 a card is made"
    ]


def test_two_cards_that_fit_are_a_question_and_a_person_answers_it(matching: Rig) -> None:
    first, second = (matching.world.crm.add_account(HOLZ, **WHO) for _ in range(2))
    customer = owing(matching)
    matching.set_up()
    matching.run()
    assert made(matching) == []
    [text] = matching.problems()
    assert f"syncd links accept {customer} {first}" in text and second in text
    decide(matching, "accept", customer, second)
    matching.later()
    assert matching.world.crm.objects["account"][second].fields["books_id"] == customer
    assert "books_id" not in matching.world.crm.objects["account"][first].fields
    assert (matching.problems(), len(accounts(matching))) == ([], 2)


def test_a_rejected_pair_is_asked_once_and_then_a_card_is_made(matching: Rig) -> None:
    """A legal id that differs is never beyond doubt, whatever else speaks for it."""
    card = matching.world.crm.add_account(HOLZ, **{**WHO, "tax_id": OTHER})
    customer = owing(matching)
    matching.set_up()
    matching.run()
    [text] = matching.problems()
    assert f"syncd links reject {customer} {card}" in text
    assert matching.later().writes == 0
    decide(matching, "reject", customer, card)
    matching.later()
    assert made(matching) == ["account"] and link(matching, customer) is not None
    assert (matching.problems(), matching.later(90_000).writes) == ([], 0)


def test_other_weights_judge_in_the_next_cycle_what_waits(matching: Rig) -> None:
    """Who lowers the threshold waits for no daily pass."""
    card = matching.world.crm.add_account(HOLZ, tax_id=TAX_ID)
    customer = owing(matching, HOLZ, tax_id=TAX_ID)
    switch(matching, rules=msgspec.structs.replace(RULES, upper=200))
    matching.set_up()
    matching.run()
    assert len(matching.problems()) == 1 and matching.later().writes == 0
    switch(matching)
    matching.later()
    assert (link(matching, customer), matching.problems()) == ((card, "match"), [])


def test_a_tax_id_without_a_country_is_of_the_books_or_as_the_mapping_says(matching: Rig) -> None:
    one = Won(key="c", name="A", tax_id="7700000009")
    assert party(matching.pair, one).legal_ids == (":7700000009",)
    switch(matching, rules=msgspec.structs.replace(RULES, home="RU"))
    assert party(matching.pair, one).legal_ids == ("RU:7700000009",)
    facts = dataclasses.replace(matching.pair.books.connector.facts, country="AT")
    vars(matching.pair.books.connector)["facts"] = facts
    assert party(matching.pair, one).country == "RU", "the mapping's own counts first"
    switch(matching)
    assert party(matching.pair, one).country == "AT"


def test_two_customers_that_fit_one_card_are_a_question(matching: Rig) -> None:
    """One tax id with two КПП."""
    matching.world.crm.add_account(HOLZ, **WHO)
    owing(matching)
    owing(matching)
    matching.set_up()
    matching.run()
    assert (made(matching), len(matching.problems())) == ([], 2)


def test_a_card_that_belongs_to_another_customer_is_a_question(matching: Rig) -> None:
    first = owing(matching)
    matching.set_up()
    matching.run()
    [card] = accounts(matching)
    second = owing(matching)
    matching.later(full=True)
    assert (accounts(matching), link(matching, second)) == ([card], None)
    [text] = matching.problems()
    assert f"card {card} belongs to customer {first} already" in text


def test_a_customer_that_is_like_another_is_no_question_of_the_card_that_syncd_made(
    matching: Rig,
) -> None:
    """In two runs as in one."""
    owing(matching, HOLZ, email="office@holz-huber.at")
    matching.set_up()
    matching.run()
    owing(matching, HOLZ, email="graz@holz-huber.at")
    matching.later(full=True)
    assert (len(accounts(matching)), matching.problems()) == (2, [])


def test_a_card_that_people_made_another_company_of_keeps_its_customer(matching: Rig) -> None:
    first = owing(matching, "Pâtisserie Dupont", email="a@dupont.fr")
    matching.set_up()
    matching.run()
    [card] = accounts(matching)
    matching.world.crm.edit("account", card, name=HOLZ, **WHO)
    second = owing(matching)
    matching.later(full=True)
    assert (link(matching, second), link(matching, first)) == (None, (card, "syncd"))
    [text] = matching.problems()
    assert f"card {card} belongs to customer {first} already" in text


def test_what_fits_no_card_gets_one_and_what_waited_goes_when_the_cards_change(
    matching: Rig,
) -> None:
    stranger = matching.world.crm.add_account("Fleischerei Moser", email="moser@example.at")
    double = [matching.world.crm.add_account(HOLZ, **WHO) for _ in range(2)]
    customer, new = owing(matching), owing(matching, "鈴木商店", email="hanako@suzuki.example.jp")
    matching.set_up()
    matching.run()
    assert made(matching) == ["account"] and link(matching, new) is not None
    matching.world.crm.delete("account", double[0])
    matching.later(90_000)
    assert link(matching, customer) == (double[1], "match")
    assert stranger in accounts(matching) and matching.problems() == []


def test_no_card_is_made_before_all_cards_were_read(matching: Rig) -> None:
    switch(matching, on=False)
    matching.set_up()
    switch(matching)
    card = matching.world.crm.add_account(HOLZ, **WHO)
    customer = owing(matching)
    matching.run(keys=((Kind.CUSTOMER, customer),))
    assert made(matching) == []
    matching.later()
    assert (accounts(matching), link(matching, customer)) == ([card], (card, "match"))


# -- the mirror of cards -------------------------------------------------------------------------


def test_cards_that_nobody_won_are_kept_and_nothing_is_made_of_them(matching: Rig) -> None:
    some = [matching.world.crm.add_account(f"Nobody {n}", **WHO) for n in range(3)]
    matching.set_up()
    report = matching.run(full=True)
    page = report.pages[Kind.WON]
    assert (page.read, page.filtered, page.new) == (3, 3, 0)
    assert report.tallies[Kind.WON].closes and report.open == 0
    assert (kept(matching), made(matching)) == (some, [])
    report = matching.later(90_000)
    assert report.pages[Kind.WON].filtered == 3 and report.writes == 0


def test_another_mapping_makes_no_customers_of_cards_that_nobody_won(matching: Rig) -> None:
    card = matching.world.crm.add_account(HOLZ, **WHO)
    matching.set_up()
    writing = msgspec.structs.replace(matching.pair.writing, version="another")
    inbound = msgspec.structs.replace(writing.inbound[Kind.WON], version="another")
    inbounds = {**writing.inbound, Kind.WON: inbound}
    writing = msgspec.structs.replace(writing, inbound=inbounds)
    matching.pair = dataclasses.replace(matching.pair, writing=writing)
    matching.later()
    assert (kept(matching), made(matching)) == ([card], [])


def test_a_card_that_cannot_be_read_is_named_and_not_passed_over(matching: Rig) -> None:
    """Else its customer gets a second one, and nobody knows why."""
    crm = matching.world.crm
    some = [crm.add_account(f"Nobody {n}") for n in range(3)]
    for key in some[1:]:
        crm.edit("account", key, name=None)
    matching.set_up()
    [text] = matching.problems()
    assert text.startswith("Cards of crm cannot be compared with the customers of the books: ")
    with matching.pair.store.reading() as tx:
        [one] = problems.listed(tx, "main")
    assert one.cause.startswith("uncompared memory_crm.yaml:")
    assert one.subjects == tuple(f"won:{key}" for key in some[1:])
    for key in some[1:]:
        crm.edit("account", key, name="Named")
    matching.later(90_000)
    assert matching.problems() == []


def test_a_card_that_is_gone_is_forgotten_by_a_pass_that_is_believed_alone(matching: Rig) -> None:
    crm = matching.world.crm
    some = [crm.add_account(f"Nobody {n}") for n in range(30)]
    matching.set_up()
    for one in some[2:]:
        crm.delete("account", one)
    matching.later(90_000)
    assert kept(matching) == some
    [text] = matching.problems()
    assert "shows only 2 of 30 cards" in text
    for one in some[2:]:
        crm.objects["account"][one] = dataclasses.replace(crm.objects["account"][some[0]], id=one)
    crm.delete("account", some[0])
    matching.later(90_000)
    assert (kept(matching), matching.problems()) == (some[1:], [])
    with matching.pair.store.reading() as tx:
        persons = tx.scalar(sa.select(sa.func.count()).select_from(person))
        assert persons == tx.scalar(sa.select(sa.func.count()).select_from(record)) == 29


def test_a_pass_that_is_made_again_because_it_was_not_believed_makes_nobody_a_customer(
    tmp_path: Path,
) -> None:
    """Where cards tell when they changed, it begins with a read of what changed."""
    rig = Rig(tmp_path, crm=CrmHabits(tells_who=True), crm_options={"tells_who": "yes"})
    switch(rig)
    some = [rig.world.crm.add_account(f"Nobody {n}") for n in range(30)]
    rig.set_up()
    for one in some[2:]:
        rig.world.crm.delete("account", one)
    rig.later(90_000)
    rig.later(7200)
    assert (made(rig), kept(rig)) == ([], some)


def test_what_is_kept_goes_when_cards_are_no_longer_compared(matching: Rig) -> None:
    matching.world.crm.add_account(HOLZ, **WHO)
    matching.set_up()
    switch(matching, on=False)
    matching.later()
    assert kept(matching) == []


def test_both_sides_are_read_out_of_the_mirror_whatever_where_says(matching: Rig) -> None:
    card = matching.world.crm.add_account(HOLZ, **WHO)
    customer = matching.world.books.add_customer("Never bought", **WHO)
    matching.set_up()
    with matching.pair.store.reading() as tx:
        scene = Scene(tx, matching.pair, streams.stream_ids(tx, "main"), 1)
        assert [one.key for one in cards(scene)] == [card]
        assert [one.key for one in customers(scene)] == [customer]


# -- CRM -> books --------------------------------------------------------------------------------


def win(rig: Rig, card: str) -> None:
    rig.world.crm.win(rig.world.crm.open_deal(card, "Kitchen", "900", "EUR"))


def test_a_won_card_is_linked_to_the_customer_that_is_there(matching: Rig) -> None:
    customer = matching.world.books.add_customer(HOLZ, **WHO)
    card = matching.world.crm.add_account(HOLZ, **WHO)
    matching.set_up()
    win(matching, card)
    matching.later()
    assert (made(matching), link(matching, customer)) == ([], (card, "match"))
    assert matching.world.crm.objects["account"][card].fields["books_id"] == customer


def test_a_won_card_that_may_be_a_customer_waits_and_one_that_is_none_is_made(
    matching: Rig,
) -> None:
    matching.world.books.add_customer(HOLZ, **WHO)
    card = matching.world.crm.add_account(HOLZ, **{**WHO, "tax_id": OTHER})
    new = matching.world.crm.add_account("鈴木商店", email="hanako@suzuki.example.jp")
    matching.set_up()
    win(matching, card)
    win(matching, new)
    matching.later()
    assert made(matching) == ["customers"]
    [text] = matching.problems()
    assert f"syncd links accept 1 {card}" in text and "the tax ids differ" in text
    decide(matching, "reject", "1", card)
    matching.later()
    assert sorted(made(matching)) == ["account", "customers", "customers"]
    assert matching.problems() == []


def test_who_waits_costs_no_comparison_until_something_is_new(
    matching: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    matching.world.books.add_customer(HOLZ, **WHO)
    card = matching.world.crm.add_account(HOLZ, **{**WHO, "tax_id": OTHER})
    matching.set_up()
    win(matching, card)
    matching.later()
    built = list[object]()

    class Counted(Index):
        def __init__(self, *args: Any, **more: Any) -> None:
            built.append(self)
            super().__init__(*args, **more)

    monkeypatch.setattr(matched.matching, "Index", Counted)
    assert (matching.later().writes, built) == (0, [])
    matching.world.books.edit_customer("1", tax_id=OTHER)
    matching.later()
    assert built and link(matching, "1") == (card, "match") and matching.problems() == []


def test_what_a_card_says_after_it_was_won_changes_nothing_in_the_books(matching: Rig) -> None:
    card = matching.world.crm.add_account(HOLZ, **WHO)
    matching.set_up()
    win(matching, card)
    matching.later()
    matching.world.crm.edit("account", card, phone="+43 9 999")
    report = matching.later(90_000)
    assert report.writes == 0 and made(matching) == ["customers"]
    assert report.tallies[Kind.WON].closes
    with matching.pair.store.reading() as tx:
        won = streams.stream_ids(tx, "main")[Kind.WON]
        assert mirror.known(tx, won, [card])[card].state == mirror.LIVE
