"""Logins that end, limits, rights and broken answers: cards agree with the books afterwards, and
nothing is there twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from syncd.sandbox.faults import Fault, Lane, Plan
from syncd.sandbox.serve import switch

from .shop import Shop, live

HARMFUL = [fault for fault in Fault if fault is not Fault.LATENCY]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def logins(shop: Shop) -> int:
    return shop.office.megaplan.oauth.count


def test_a_new_process_uses_the_login_that_is_there(shop: Shop) -> None:
    live(shop)
    for _ in range(5):
        shop.build()
        shop.later(60)
    assert logins(shop) == 1


def test_a_login_that_ends_in_the_middle_of_a_run_is_renewed_once_without_the_password(
    shop: Shop,
) -> None:
    customer = live(shop)
    for number in range(3):
        shop.world.books.post_invoice(customer, f"{number + 1}.00")
    shop.office.served.lane = Lane(plans=[Plan("POST *contractorCompany/*", Fault.EXPIRED)])
    assert shop.later().exit_code == 0
    assert (shop.differences(), logins(shop)) == ([], 2)
    assert list(shop.office.megaplan.oauth.refresh) == ["sandbox-refresh-000002"]


def test_a_refresh_token_that_is_spent_is_no_end_as_long_as_the_password_is_good(
    shop: Shop,
) -> None:
    customer = live(shop)
    shop.office.megaplan.oauth.live.clear()
    shop.office.megaplan.oauth.refresh.clear()
    shop.world.books.post_invoice(customer, "5.00")
    assert shop.later().exit_code == 0
    assert (shop.differences(), logins(shop)) == ([], 2)


def test_a_password_that_was_changed_is_told_with_what_to_do(shop: Shop) -> None:
    live(shop)
    shop.office.switches.revoked = True
    assert shop.later().refused
    assert any("username and password" in text for text in shop.problems())
    shop.office.switches.revoked = False
    shop.clock.advance(3600)
    assert not shop.later().refused


@pytest.mark.parametrize("inside", [False, True])
def test_a_create_whose_answer_is_lost_is_found_by_the_key_and_not_made_again(
    shop: Shop, inside: bool
) -> None:
    live(shop)
    switch(
        shop.office.megaplan,
        {"errors_inside": inside, "filter_extra": "ignore" if inside else "heed"},
    )
    shop.office.served.lane = Lane(plans=[Plan("POST *contractorCompany", Fault.CUT_AFTER)])
    shop.world.books.add_customer("Ёлка", phone="+7 495 000-00-02")
    shop.later()
    shop.later(600)
    shop.later(600)
    assert len(shop.office.named("Ёлка")) == 1
    assert (shop.differences(), shop.states(), shop.problems()) == ([], {}, [])


def test_what_an_hour_allows_is_enough_in_the_end(shop: Shop) -> None:
    for number in range(40):
        shop.world.books.post_invoice(
            shop.world.books.add_customer(f"Клиент {number}"), f"{number + 1}.25"
        )
    shop.set_up()
    shop.office.switches.per_hour = 30
    runs = [shop.later(1200) for _ in range(15)]
    assert not any(run.failed for run in runs)
    assert shop.differences() == []
    shop.later(7200)
    assert (shop.states(), shop.problems()) == ({}, [])


def test_a_tenth_of_the_hour_is_left_to_people_and_other_programs(tmp_path: Path) -> None:
    shop = Shop(tmp_path, hourly="30")
    for number in range(40):
        shop.world.books.add_customer(f"Клиент {number}")
    shop.set_up()
    asked = []
    for _ in range(10):
        shop.asked()
        assert not shop.later(1200).failed
        asked.append(len([one for one in shop.asked() if not one.startswith("POST auth")]))
    by_hour = [sum(asked[start : start + 3]) for start in range(2, 8, 3)]
    assert max(by_hour) == 27
    while shop.differences():
        shop.later(3600)
    shop.later(3600)
    assert (shop.states(), shop.problems()) == ({}, [])


def test_a_card_that_this_employee_may_not_change_waits_alone(shop: Shop) -> None:
    customer = live(shop)
    other = shop.world.books.add_customer("Ёлка", phone="+7 495 000-00-02")
    shop.later()
    shop.office.switches.locked = shop.card(customer).id
    for key in (customer, other):
        shop.world.books.post_invoice(key, "5.00")
    shop.later()
    assert shop.differences() and all(customer in one for one in shop.differences())
    [said] = shop.problems()
    assert said.startswith("crm refuses") and "Only they wait" in said
    shop.office.switches.locked = ""
    shop.later(90_000)
    assert (shop.differences(), shop.problems()) == ([], [])


def test_a_card_that_somebody_deleted_is_not_made_again_unasked(shop: Shop) -> None:
    customer = live(shop)
    shop.office.delete(shop.card(customer))
    shop.world.books.post_invoice(customer, "5.00")
    shop.later()
    assert shop.office.of_key(customer) == []
    assert shop.problems() != []


def test_a_state_that_is_lost_finds_its_cards_again(shop: Shop) -> None:
    live(shop)
    before = {row.id for row in shop.office.rows()}
    shop.pair.store.close()
    (shop.folder / "state.sqlite").unlink()
    shop.build()
    shop.set_up()
    shop.clock.advance(300)
    shop.run()
    assert {row.id for row in shop.office.rows()} == before
    assert (shop.differences(), shop.states()) == ([], {})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_in_twenty_requests_goes_wrong_and_nothing_is_lost_or_doubled(
    tmp_path: Path, seed: int
) -> None:
    shop, chance = Shop(tmp_path), random.Random(seed)
    live(shop)
    books = shop.world.books
    spoilt = 0
    for cycle in range(20):
        shop.office.served.lane = Lane(rate=0.05, kinds=HARMFUL, seed=100 * seed + cycle)
        keys = sorted(books.tables["customers"])
        for _ in range(3):
            books.post_invoice(chance.choice(keys), f"{chance.randrange(1, 90_000)}.{seed}5")
        books.rename(keys[0], f"Имя {cycle}")
        books.add_customer(f"Новый {cycle}", phone=f"+7495{cycle:07}")
        if cycle in (3, 11):
            shop.office.deal(shop.office.company(f"Выигран {cycle} 受注"))
        shop.later(600)
        spoilt += sum(1 for one in shop.office.served.log if one["fault"])
        shop.asked()
    assert spoilt >= 5, "the lane did nothing"
    shop.office.served.lane = Lane()
    for _ in range(3):
        shop.later(4000)
    shop.later(90_000)
    assert (shop.differences(), shop.states(), shop.problems()) == ([], {}, [])
    names = [str(row.data["name"]) for row in books.tables["customers"].values()]
    assert sum(name.startswith("Выигран") for name in names) == 2
