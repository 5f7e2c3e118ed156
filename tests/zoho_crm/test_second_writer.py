"""Somebody else fills a field of the books in Zoho, and Zoho says who."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from tests.engine.rig import NUMBERS

from .shop import Shop, live


def test_who_changes_a_figure_again_and_again_is_named(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    customer = live(shop)
    shop.pair = replace(shop.pair, numbers=msgspec.structs.replace(NUMBERS, overwritten=3))
    owed, user = shop.card(customer)["Receivable_Balance"], list(shop.office.crm.users)[1]
    [account] = shop.office.having("Accounts", ERP_ID=customer)
    shop.office.user = user
    for value in range(3):
        assert shop.problems() == []
        shop.clock.advance(120)
        shop.office.change("Accounts", account.id, Receivable_Balance=value)
        shop.later(180)
        assert shop.card(customer)["Receivable_Balance"] == owed
    [text] = shop.problems()
    who = shop.office.crm.users[user].name
    assert f"each time within 10 minutes of a write of syncd, by {who};" in text
    assert f"custom_fields.Receivable_Balance of customer {customer}." in text
    shop.later(3600)
    shop.asked()
    assert shop.later().writes == 0 and "GET Accounts" in (asked := shop.asked())
    assert not [line for line in asked if line.startswith("GET Accounts/5")], "nobody touched it"
