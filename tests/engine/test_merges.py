"""People make one of two customers in the books: the survivor keeps card, documents and balance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.decisions import waive
from syncd.domain import SOMEBODY
from syncd.orders import Asking
from syncd.store import link_journal, links, problems, streams
from syncd.sync import linking
from syncd.sync.linking import By
from syncd.sync.pair import Scene
from tests.engine.agreement import differences
from tests.engine.rig import Rig, open_problems
from tests.engine.sums import due_is_what_a_fresh_look_finds

ZERO = Decimal(0)


@pytest.fixture
def live(rig: Rig) -> Rig:
    """Two customers with a card each, an invoice and a payment each, and one without any."""
    for name in ("ООО «Пример»", "株式会社サンプル"):
        key = rig.world.books.add_customer(name, email=f"{len(name)}@example.org")
        invoice = rig.world.books.post_invoice(key, "120.00")
        rig.world.books.pay(key, "70.00", allocations=[(invoice, "50.00")])
        rig.world.books.post_credit_note(key, "7.00")
    rig.world.books.add_customer("Nur Interessent", in_scope=False)
    rig.set_up()
    rig.run()
    return rig


LOSER, HEIR, STRANGER = "1", "2", "3"


def card(rig: Rig, key: str) -> str | None:
    with rig.pair.store.reading() as tx:
        return links.linked(tx, "crm", "books", [key]).get(key)


def journal(rig: Rig, key: str) -> list[tuple[str, str | None, str | None]]:
    with rig.pair.store.reading() as tx:
        changes = link_journal.of_customer(tx, "crm", "books", key)
    return [(one.what, one.before, one.after) for one in changes]


def shown(rig: Rig, account: str) -> tuple[Decimal, Decimal]:
    fields = rig.world.crm.objects["account"][account].fields
    owed, ahead = (fields[f"custom_fields.{word}"] for word in ("receivable", "prepaid"))
    return Decimal(str(owed)), Decimal(str(ahead))


def quiet(rig: Rig) -> None:
    for seconds in (60, 90_000):
        rig.later(seconds)
    assert differences(rig.world) == [], open_problems(rig)
    writes = rig.pair.crm.transport.writes
    rig.later(60)
    assert rig.pair.crm.transport.writes == writes
    assert rig.states() == {}, open_problems(rig)


def test_a_survivor_without_a_card_gets_that_of_the_loser(live: Rig) -> None:
    was = card(live, LOSER)
    contacts = set(live.world.crm.objects["contact"])
    live.world.books.merge(LOSER, STRANGER)
    live.later()
    assert card(live, STRANGER) == was and card(live, LOSER) is None
    assert open_problems(live) == []
    quiet(live)
    fields = live.world.crm.objects["account"][was or ""].fields
    assert (fields["name"], fields["books_id"]) == ("Nur Interessent", STRANGER)
    assert shown(live, was or "") == (Decimal(70), Decimal(20))
    assert set(live.world.crm.objects["contact"]) == contacts, "no second person"
    assert journal(live, LOSER)[-1] == ("merged in the books", was, None)
    assert journal(live, STRANGER) == [("merged in the books", None, was)]


def test_two_cards_are_one_question_and_what_is_owed_stands_on_one(live: Rig) -> None:
    mine, theirs = str(card(live, LOSER)), str(card(live, HEIR))
    live.world.books.merge(LOSER, HEIR)
    for seconds in (60, 90_000, 60):
        live.later(seconds)
    [said] = open_problems(live)
    assert f"{mine} and {theirs}" in said and "Merge these two cards" in said
    assert shown(live, theirs) == (Decimal(140), Decimal(40))
    assert shown(live, mine) == (ZERO, ZERO)
    assert (card(live, LOSER), card(live, HEIR)) == (mine, theirs)
    assert live.world.crm.doubles() == []


def test_a_loser_that_is_purged_from_the_books_keeps_its_card_until_the_cards_are_one(
    live: Rig,
) -> None:
    """Nothing is taken away from a card that people may still merge, whatever is judged again."""
    mine, theirs = str(card(live, LOSER)), str(card(live, HEIR))
    live.world.books.merge(LOSER, HEIR)
    live.later(full=True)
    del live.world.books.tables["customers"][LOSER]
    for _ in range(2):
        live.later(full=True)
        due_is_what_a_fresh_look_finds(live)
    [said] = open_problems(live)
    assert "Merge these two cards" in said
    live.world.crm.merge(mine, theirs)
    live.later(full=True)
    live.later(full=True)
    assert card(live, HEIR) == theirs and card(live, LOSER) is None
    due_is_what_a_fresh_look_finds(live)
    quiet(live)


@pytest.mark.parametrize("stays", [LOSER, HEIR])
def test_once_the_cards_are_merged_everything_hangs_on_the_one_that_stays(
    live: Rig, stays: str
) -> None:
    cards = {key: str(card(live, key)) for key in (LOSER, HEIR)}
    live.world.books.merge(LOSER, HEIR)
    live.later()
    goes = LOSER if stays == HEIR else HEIR
    live.world.crm.merge(cards[goes], cards[stays])
    live.later()
    live.later()
    assert card(live, HEIR) == cards[stays] and card(live, LOSER) is None
    assert open_problems(live) == []
    quiet(live)
    assert shown(live, cards[stays]) == (Decimal(140), Decimal(40))
    invoices = live.world.crm.objects["invoice"].values()
    assert {one.parents["account"] for one in invoices} == {cards[stays]}
    assert len(live.world.crm.objects["account"]) == 1


def test_a_question_that_was_waived_does_not_come_back(live: Rig) -> None:
    live.world.books.merge(LOSER, HEIR)
    live.later()
    with live.pair.store.transaction() as tx:
        [one] = problems.listed(tx, "main")
        problems.waive(tx, one.id, "eva", "they are two shops", live.clock.utc())
    live.later()
    live.later(90_000)
    assert not any("Merge these" in one for one in open_problems(live))


# -- the other way round: people make one of two cards -------------------------------------------


def merge_cards(rig: Rig, key: str, into: str) -> None:
    """And something happens that is written onto the card."""
    rig.world.crm.merge(str(card(rig, key)), into)
    rig.world.books.post_invoice(key, "10.00")
    rig.later()
    rig.later()


def test_a_card_of_nobody_that_took_a_card_in_is_followed_where_the_crm_says_so(live: Rig) -> None:
    live.world.crm.habits.tells_merges = True
    was, into = card(live, LOSER), live.world.crm.add_account("Primer, Moskau")
    merge_cards(live, LOSER, into)
    assert card(live, LOSER) == into and open_problems(live) == []
    assert journal(live, LOSER)[-1] == ("merged in the CRM", was, into)
    quiet(live)
    assert shown(live, into) == (Decimal(80), Decimal(20))


@pytest.mark.parametrize("read", ["in use", "out of use"])
def test_who_is_out_of_use_before_it_has_a_card_gets_none_until_it_is_used_again(
    live: Rig, read: str
) -> None:
    """A double that was marked for deletion is nobody's customer, whenever it was first read."""
    books = live.world.books
    double = books.add_customer("ООО «Двойник»")
    if read == "in use":
        live.later(write=False)
    books.edit_customer(double, merged_into=SOMEBODY)
    invoice = books.post_invoice(double, "5.00")
    for seconds in (300, 90_000):
        live.later(seconds)
    assert card(live, double) is None and len(live.world.crm.objects["account"]) == 2
    assert live.states() == {} and open_problems(live) == []
    due_is_what_a_fresh_look_finds(live)
    books.edit_customer(double, merged_into=None)
    live.later()
    assert card(live, double) is not None
    written = {one.fields["books_id"] for one in live.world.crm.objects["invoice"].values()}
    assert invoice in written
    quiet(live)


def test_where_the_crm_says_nothing_the_documents_show_where_the_card_went(live: Rig) -> None:
    was, into = card(live, LOSER), live.world.crm.add_account("Primer, Moskau")
    merge_cards(live, LOSER, into)
    [said] = open_problems(live)
    assert f"syncd links merge {was} {into} --why R" in said
    assert card(live, LOSER) == was and len(live.world.crm.objects["account"]) == 2


def test_two_cards_of_customers_are_one_question_until_the_books_merge_them(live: Rig) -> None:
    into = str(card(live, HEIR))
    merge_cards(live, LOSER, into)
    for _ in range(2):
        live.later(90_000)
    [said] = open_problems(live)
    assert f"Merge the customers {LOSER} and {HEIR} in books" in said
    live.world.books.merge(LOSER, HEIR)
    live.later()
    live.later()
    assert open_problems(live) == [] and card(live, HEIR) == into
    quiet(live)
    assert shown(live, into) == (Decimal(150), Decimal(40))


@pytest.mark.parametrize(("unused", "stays"), [(LOSER, HEIR), (HEIR, LOSER)])
def test_of_two_cards_whose_customer_is_out_of_use_the_question_asks_what_became_of_it(
    live: Rig, unused: str, stays: str
) -> None:
    """The books cannot merge it any more."""
    into = str(card(live, HEIR))
    live.world.books.edit_customer(unused, merged_into=SOMEBODY)
    live.later()
    merge_cards(live, LOSER, into)
    live.later(90_000)
    [said] = open_problems(live)
    assert "Merge the customers" not in said
    assert f"syncd links merge --books {unused} {stays} --why R" in said
    with live.pair.store.transaction() as tx:
        scene = Scene(tx, live.pair, streams.stream_ids(tx, "main"), 0)
        linking.merge_customers(scene, unused, stays, By("eva", "told by phone"))
    live.later()
    live.later()
    assert card(live, stays) == into and card(live, unused) is None
    assert open_problems(live) == []


@pytest.mark.parametrize("tells", [False, True])
def test_whose_card_was_merged_is_not_asked_about_twice(live: Rig, tells: bool) -> None:
    """What became of the customer is a question already; its card is another customer's by now."""
    books, crm = live.world.books, live.world.crm
    crm.habits.tells_merges = tells
    new = books.add_customer("ООО «Пример Плюс»")
    live.later()
    crm.merge(str(card(live, LOSER)), str(card(live, new)))
    books.merge(LOSER, HEIR, tells=False)
    for seconds in (300, 300, 90_000):
        live.later(seconds)
        said = [one for one in open_problems(live) if "hang on another" not in one]
        assert len(said) <= 1, said
    assert f"links merge --books {LOSER} {HEIR}" in said[0]


def test_a_deleted_card_is_asked_about_once_and_made_again_when_a_person_says_so(
    live: Rig,
) -> None:
    live.world.crm.delete("account", str(card(live, LOSER)))
    live.world.books.post_invoice(LOSER, "10.00")
    for seconds in (60, 60, 90_000):
        live.later(seconds)
    [said] = open_problems(live)
    assert "no longer in crm" in said and "--recreate" in said and "links merge" in said
    assert len(live.world.crm.objects["account"]) == 1


def test_a_card_that_was_restored_is_found_by_itself(live: Rig) -> None:
    was = str(card(live, LOSER))
    kept = live.world.crm.objects["account"][was]
    live.world.crm.delete("account", was)
    live.world.books.rename(LOSER, "ООО «Другое»")
    live.later()
    assert len(open_problems(live)) == 1
    live.world.crm.objects["account"][was] = kept
    live.later(90_000)
    quiet(live)
    assert open_problems(live) == []


@pytest.mark.parametrize("goes", [LOSER, HEIR])
def test_nobody_is_asked_to_merge_a_card_that_is_gone(live: Rig, goes: str) -> None:
    """People made the two cards one before the books heard of it."""
    stays = str(card(live, HEIR if goes == LOSER else LOSER))
    live.world.crm.merge(str(card(live, goes)), stays)
    live.world.books.merge(LOSER, HEIR)
    live.later()
    assert open_problems(live) == []
    live.later()
    assert (card(live, LOSER), card(live, HEIR)) == (None, stays)
    quiet(live)


# -- books that do not say who is left ------------------------------------------------------------


@pytest.mark.parametrize("answer", ["one company", "two companies", "it goes on"])
def test_a_double_whose_card_is_gone_too_is_one_question(live: Rig, answer: str) -> None:
    books, crm = live.world.books, live.world.crm
    crm.merge(str(card(live, LOSER)), crm.add_account("Niemand"))
    books.rename(LOSER, "ООО «Другое»")
    live.later()
    [said] = [one for one in open_problems(live) if "hang on another" not in one]
    assert "is no longer in crm" in said
    books.merge(LOSER, HEIR, tells=False)
    live.later()
    [said] = [one for one in open_problems(live) if "hang on another" not in one]
    assert f"links merge --books {LOSER} {HEIR}" in said
    if answer == "it goes on":
        books.edit_customer(LOSER, merged_into=None)
        books.post_invoice(LOSER, "5.00")
        live.later()
        [said] = [one for one in open_problems(live) if "hang on another" not in one]
        assert "is no longer in crm" in said
        return
    with live.pair.store.transaction() as tx:
        scene = Scene(tx, live.pair, streams.stream_ids(tx, "main"), 0)
        if answer == "one company":
            linking.merge_customers(scene, LOSER, HEIR, By("eva", "told by phone"))
        else:
            [one] = [one for one in problems.listed(tx, "main") if one.cause.startswith("merged")]
            waive(scene, Asking("waive", {"problem": one.id}, "eva", "they are two"))
    for seconds in (300, 90_000):
        live.later(seconds)
        assert [one for one in open_problems(live) if "hang on another" not in one] == []
    assert (card(live, LOSER) is None) == (answer == "one company")
    due_is_what_a_fresh_look_finds(live)


@pytest.mark.parametrize("how", ["marked", "deleted"])
def test_a_double_whose_documents_all_went_to_one_customer_is_proposed(live: Rig, how: str) -> None:
    live.world.books.merge(LOSER, HEIR, tells=False)
    if how == "deleted":
        live.world.books.edit_customer(LOSER, merged_into=None)
        live.world.books.delete("customers", LOSER)
    live.later(90_000)
    live.later(60)
    [said] = [one for one in open_problems(live) if "links merge --books" in one]
    assert f"links merge --books {LOSER} {HEIR}" in said and "3 documents name" in said
    with live.pair.store.transaction() as tx:
        ids = streams.stream_ids(tx, "main")
        scene = Scene(tx, live.pair, ids, 0)
        linking.merge_customers(scene, LOSER, HEIR, By("eva", "told by phone"))
    live.later()
    assert "Merge these two cards" in "".join(open_problems(live))
    live.world.crm.merge(str(card(live, LOSER)), str(card(live, HEIR)))
    live.later()
    quiet(live)
    assert open_problems(live) == []


@pytest.mark.parametrize("answer", ["one company", "two companies"])
def test_who_may_have_taken_its_place_gets_no_card_before_the_answer(
    live: Rig, answer: str
) -> None:
    """A second card could not be unmade; the answer may give it the one that is there."""
    was = card(live, LOSER)
    new = live.world.books.add_customer("ООО «Пример Плюс»")
    live.world.books.merge(LOSER, new, tells=False)
    for seconds in (60, 90_000):
        live.later(seconds)
        due_is_what_a_fresh_look_finds(live)
    assert card(live, new) is None
    [said] = open_problems(live)
    assert f"links merge --books {LOSER} {new}" in said
    assert f"no card is made for customer {new}" in said
    with live.pair.store.transaction() as tx:
        scene = Scene(tx, live.pair, streams.stream_ids(tx, "main"), 0)
        if answer == "one company":
            linking.merge_customers(scene, LOSER, new, By("eva", "told by phone"))
        else:
            [one] = problems.listed(tx, "main")
            waive(scene, Asking("waive", {"problem": one.id}, "eva", "they are two"))
    live.later()
    assert (card(live, new) == was) is (answer == "one company")
    assert card(live, new) is not None
    due_is_what_a_fresh_look_finds(live)
    if answer == "one company":
        quiet(live)
        assert open_problems(live) == []


def test_one_corrected_document_proposes_nothing(live: Rig) -> None:
    order = live.world.books.add_order(LOSER, "5.00")
    live.later()
    live.world.books.move_document("orders", order, HEIR)
    live.later()
    assert open_problems(live) == []
