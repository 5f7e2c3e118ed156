"""People make one of two customers in the books: the survivor keeps card, documents and balance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.store import link_journal, links
from tests.engine.agreement import differences
from tests.engine.rig import Rig, open_problems

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
    return tuple(  # type: ignore[return-value]
        Decimal(str(fields[f"custom_fields.{word}"])) for word in ("receivable", "prepaid")
    )


def quiet(rig: Rig) -> None:
    for seconds in (60, 600, 90_000, 60):
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
    from syncd.store import problems

    with live.pair.store.transaction() as tx:
        [one] = problems.listed(tx, "main")
        problems.waive(tx, one.id, "eva", "they are two shops", live.clock.utc())
    live.later()
    live.later(90_000)
    assert not any("Merge these" in one for one in open_problems(live))
