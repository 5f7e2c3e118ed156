"""A deal shows the orders that name it in the books: how many, and their sum."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.memory.faults import Faults
from syncd.domain import DealOrders, Kind, Money
from syncd.errors import UsageError
from syncd.store import mirror, streams
from syncd.sync.deals import summed
from syncd.why import why
from syncd.why.reasons import Code
from tests.engine.agreement import differences, sent_in_vain
from tests.engine.rig import Rig, open_problems


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path)
    rig.world.books.add_customer("ООО «Пример»")
    rig.world.books.add_customer("株式会社サンプル")
    account = rig.world.crm.add_account("Kunde")
    for name in ("Deal A", "Deal B"):
        rig.world.crm.open_deal(account, name)
    return rig


def deals(rig: Rig) -> list[str]:
    return list(rig.world.crm.objects["deal"])


def shown(rig: Rig, deal: str) -> tuple[Any, ...]:
    fields = rig.world.crm.objects["deal"][deal].fields
    words = ("orders_count", "orders_total", "currency", "last_order", "open_orders_total")
    return tuple(fields.get(f"custom_fields.{word}") for word in words)


def test_orders_of_several_customers_stand_on_the_deal_they_name(rig: Rig) -> None:
    a, b = deals(rig)
    rig.world.books.add_order("1", "100.10", deal=a, date="2026-11-02")
    rig.world.books.add_order("2", "20.00", deal=a, date="2026-11-09")
    rig.world.books.add_order("2", "5.00", date="2026-11-10")
    rig.set_up()
    rig.run()
    total = Decimal("120.10")
    assert shown(rig, a) == (2, total, "EUR", "2026-11-09", total)
    assert shown(rig, b) == (None,) * 5, "a deal that no order names is not touched"
    assert (differences(rig.world), rig.later().writes) == ([], 0)


def test_a_changed_order_a_moved_and_a_cancelled_one_change_their_deals(rig: Rig) -> None:
    a, b = deals(rig)
    books = rig.world.books
    first, second = books.add_order("1", "100", deal=a), books.add_order("1", "20", deal=a)
    rig.set_up()
    rig.run()
    books.edit_order(first, deal=b)
    rig.later()
    assert (shown(rig, a)[:2], shown(rig, b)[:2]) == ((1, 20), (1, 100))
    books.cancel_order(second)
    books.edit_order(first, total="101.50")
    rig.later()
    assert (shown(rig, a)[:3], shown(rig, b)[:2]) == ((0, None, None), (1, Decimal("101.50")))
    assert (differences(rig.world), sent_in_vain(rig.world)) == ([], [])


def test_two_currencies_are_not_added_up(rig: Rig) -> None:
    [a, _] = deals(rig)
    rig.world.books.add_order("1", "100", deal=a)
    rig.world.books.add_order("1", "30", currency="USD", deal=a)
    rig.set_up()
    rig.run()
    assert shown(rig, a)[:3] == (2, None, None)


def test_a_deal_is_explained_by_its_orders(rig: Rig) -> None:
    a, b = deals(rig)
    rig.world.books.add_order("1", "100.10", deal=a, date="2026-11-02")
    rig.world.books.add_order("2", "20.00", deal=a, date="2026-11-09")
    rig.world.books.add_order("2", "20.00", deal=b)
    rig.world.books.add_order("2", "20.00", deal=b, currency="USD")
    rig.set_up()
    rig.run()
    said = why(rig.pair, Kind.DEAL_ORDERS, a, "orders_total")
    assert said.field is not None
    assert [str(one.counts) for one in said.field.items] == ["20.00 EUR", "100.10 EUR"]
    assert (str(said.field.money), said.reason.code) == ("120.10 EUR", Code.THERE)
    assert said.places[0].remote_id == a
    several = why(rig.pair, Kind.DEAL_ORDERS, b, "orders_total").reason
    assert (several.code, several.detail) == (Code.SEVERAL_CURRENCIES, "EUR, USD")
    assert why(rig.pair, Kind.DEAL_ORDERS, "deal-99").reason.code is Code.NEVER_SEEN
    with pytest.raises(UsageError, match="did you mean orders_total"):
        why(rig.pair, Kind.DEAL_ORDERS, a, "order_total")


def test_an_order_that_names_no_deal_of_the_crm_is_a_question_until_it_is_mended(rig: Rig) -> None:
    [a, _] = deals(rig)
    order = rig.world.books.add_order("1", "100", deal="deal-99")
    rig.set_up()
    rig.run()
    [text] = open_problems(rig)
    assert "Orders in the books name the deal deal-99, and crm has no such deal" in text
    assert len(rig.world.crm.objects["account"]) == 3, "the customers do not wait for it"
    rig.world.books.edit_order(order, deal=a)
    rig.later()
    assert (shown(rig, a)[:2], open_problems(rig), rig.states()) == ((1, 100), [], {})


def test_nothing_is_shown_before_all_orders_were_read(rig: Rig) -> None:
    [a, _] = deals(rig)
    rig.world.books.add_order("1", "100", deal=a)
    rig.world.fault("GET /books/orders*", "refuse", 100)
    rig.set_up()
    rig.run()
    with rig.pair.store.reading() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.DEAL_ORDERS]
        assert mirror.newest(tx, stream, 1) == []
    rig.world.faults = Faults()
    rig.later()
    assert shown(rig, a)[:2] == (1, 100)


def test_an_empty_deal_has_no_sum() -> None:
    assert summed("7", []) == DealOrders(key="7")
    assert Money.of("0.00", "EUR") != summed("7", []).orders_total
