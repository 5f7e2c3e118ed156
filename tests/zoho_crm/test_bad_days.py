"""Tokens that end, limits, broken answers: cards agree with the books afterwards, and nobody knocks
more often than Zoho allows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from syncd.sandbox.faults import Fault, Lane, Plan

from .shop import Shop, live, said


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


# -- tokens --------------------------------------------------------------------------------------


def tokens(shop: Shop) -> int:
    return shop.office.zoho.oauth.count


def test_a_new_process_uses_the_token_that_is_there(shop: Shop) -> None:
    live(shop)
    for _ in range(12):
        shop.build()
        shop.later(60)
    assert tokens(shop) == 1


def test_a_token_that_ends_in_the_middle_of_a_run_is_renewed_once(shop: Shop) -> None:
    customer = live(shop)
    for number in range(3):
        shop.world.books.post_invoice(customer, f"{number + 1}.00")
    shop.office.served.lane = Lane(plans=[Plan("POST *ERP_Invoices/upsert", Fault.EXPIRED)])
    assert shop.later().exit_code == 0
    assert (shop.differences(), tokens(shop)) == ([], 2)


def test_too_many_tokens_are_waited_for_by_every_process(shop: Shop) -> None:
    customer = live(shop)
    shop.office.zoho.switches.tokens_per_10_minutes = 0
    shop.office.zoho.oauth.live.clear()
    shop.world.books.post_invoice(customer, "5.00")
    for _ in range(2):
        shop.build()
        report = shop.later(60)
        assert not report.refused
    assert shop.asked().count("POST /oauth/v2/token") == 1
    shop.office.zoho.switches.tokens_per_10_minutes = 10
    shop.build()
    assert shop.later(900).exit_code == 0
    assert shop.differences() == []


def test_a_token_that_was_revoked_is_named_with_what_to_do(shop: Shop) -> None:
    live(shop)
    shop.office.zoho.switches.revoked = True
    report = shop.later()
    assert report.refused
    assert any("revoked" in text and "refresh_token" in text for text in said(shop))
    asked = shop.asked()
    assert asked.count("POST /oauth/v2/token") == 1
    shop.office.zoho.switches.revoked = False
    assert not shop.later().refused


def test_a_scope_that_is_missing_costs_no_token(shop: Shop) -> None:
    live(shop)
    shop.office.zoho.oauth.live.clear()
    scopes = shop.office.zoho.switches.scopes
    shop.office.zoho.switches.scopes = scopes.replace("ZohoCRM.org.ALL,", "")
    shop.build()
    for _ in range(3):
        assert shop.later().refused
    assert shop.asked().count("POST /oauth/v2/token") == 1
    assert any("lacks the scope ZohoCRM.org.READ (GET /crm/v8/org" in text for text in said(shop))


# -- limits and bad days -------------------------------------------------------------------------


def test_credits_that_are_used_up_are_waited_for(shop: Shop) -> None:
    customer = live(shop)
    shop.world.books.post_invoice(customer, "5.00")
    shop.office.zoho.switches.credits = 1
    report = shop.later()
    assert not report.failed
    shop.office.zoho.switches.credits = 64_000
    assert shop.later().exit_code == 0
    assert shop.differences() == []


def test_a_create_whose_answer_is_cut_off_is_there_once(shop: Shop) -> None:
    customer = live(shop)
    shop.world.books.post_invoice(customer, "5.00")
    shop.office.served.lane = Lane(plans=[Plan("POST *ERP_Invoices/upsert", Fault.CUT_AFTER)])
    shop.later()
    shop.later()
    assert (shop.differences(), shop.states()) == ([], {})


@pytest.mark.parametrize("seed", [1, 2])
def test_one_in_twenty_requests_goes_wrong_and_nothing_is_lost_or_doubled(
    shop: Shop, seed: int
) -> None:
    chance = random.Random(seed)
    customers = [live(shop)]
    kinds = [kind for kind in Fault if kind is not Fault.LATENCY]
    shop.office.served.lane = Lane(rate=0.05, kinds=kinds, seed=seed)
    books = shop.world.books
    invoices: list[str] = []
    for number in range(20):
        if chance.random() < 0.3:
            customers.append(books.add_customer(f"Kunde {number}"))
        one = chance.choice(customers)
        invoices.append(books.post_invoice(one, f"{chance.randint(100, 9999)}.{number:02}"))
        if chance.random() < 0.5:
            books.pay(one, "10.00")
        if chance.random() < 0.3:
            books.edit_invoice(chance.choice(invoices), total=f"{chance.randint(1, 99)}.10")
        shop.later()
    shop.office.served.lane = Lane()
    for _ in range(3):
        shop.later(1800)
    assert (shop.differences(), shop.states()) == ([], {})
