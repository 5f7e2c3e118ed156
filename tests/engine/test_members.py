"""Several customers of one books under one card: the primary one and its members."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.memory import CrmHabits
from syncd.store import links, streams
from syncd.sync import linking
from syncd.sync.pair import Scene
from syncd.sync.suggesting import seals
from tests.engine.agreement import differences
from tests.engine.rig import Rig

PARENT, SISTER = "Пример Холдинг", "サンプル株式会社"


def decide(rig: Rig, verb: str, *words: str, primary: bool = False) -> str:
    """What a person decides about links, between two runs."""
    by = linking.By("anna", "one group")
    with rig.pair.store.transaction() as tx:
        scene = Scene(tx, rig.pair, streams.stream_ids(tx, "main"), 1)
        if verb == "accept":
            return linking.accept(scene, *words, by, primary=primary)
        if verb == "split":
            [key] = words
            card = links.linked(tx, "crm", "books", [key])[key]
            seal = seals(scene, [(key, card)])[key, card]
            return linking.split(scene, key, seal, by)
        if verb == "merge":
            return linking.merge(scene, *words, by)
        return linking.undo(scene, int(words[0]), by)


def card_of(rig: Rig, key: str) -> str:
    with rig.pair.store.reading() as tx:
        return links.linked(tx, "crm", "books", [key])[key]


def primary(rig: Rig, card: str) -> str:
    with rig.pair.store.reading() as tx:
        return links.customers_of(tx, "crm", "books", [card])[card]


def shown(rig: Rig, card: str) -> dict[str, object]:
    return dict(rig.world.crm.objects["account"][card].fields)


def busy(rig: Rig, name: str, owed: str) -> str:
    """A customer with an invoice, part of which is paid, and a credit note."""
    books = rig.world.books
    customer = books.add_customer(name)
    invoice = books.post_invoice(customer, owed)
    books.pay(customer, "30.00", allocations=[(invoice, "20.00")])
    books.post_credit_note(customer, "5.00")
    return customer


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A CRM that lets documents be moved."""
    habits = CrmHabits(moves=True)
    return Rig(tmp_path, crm=habits, crm_options=habits.honest())


@pytest.fixture
def group(rig: Rig) -> tuple[Rig, str, str, str]:
    """Live; a primary customer with a card that was written, a member of it, and the card."""
    first = busy(rig, PARENT, "120.00")
    rig.set_up()
    rig.run()
    rig.world.books.add_customer("Ohne Belege")
    second = busy(rig, SISTER, "80.00")
    rig.run(write=False)
    card = card_of(rig, first)
    decide(rig, "accept", second, card)
    rig.later()
    return rig, first, second, card


def test_a_members_documents_and_sums_land_on_the_primary_ones_card(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    assert differences(rig.world, {first: [second]}) == []
    fields = shown(rig, card)
    assert (fields["books_id"], fields["name"]) == (first, PARENT)
    assert (fields["custom_fields.receivable"], fields["custom_fields.prepaid"]) == (160, 20)
    assert rig.states() == {}
    report = rig.later(60)
    assert report.writes == 0
