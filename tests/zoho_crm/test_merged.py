"""People rename cards and merge them in Zoho CRM, and customers in the books."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.store import links
from tests.engine.rig import MAPPINGS

from .shop import SHIPPED, Shop, said

PERSONS = MAPPINGS / "zoho_crm_persons.yaml"


def card_of(shop: Shop, key: str) -> str | None:
    with shop.pair.store.reading() as tx:
        return links.linked(tx, "crm", "books", [key]).get(key)


@pytest.mark.parametrize("mapping", [SHIPPED, PERSONS], ids=["accounts", "persons"])
def test_another_name_and_another_e_mail_on_either_side_make_no_second_card(
    tmp_path: Path, mapping: Path
) -> None:
    shop = Shop(tmp_path, mapping=mapping)
    module = "Accounts" if mapping is SHIPPED else "Contacts"
    books = shop.world.books
    anna, peter = (books.add_customer(name, email=f"{name}@example.com") for name in ("a", "p"))
    shop.set_up()
    shop.run()
    before = {key: card_of(shop, key) for key in (anna, peter)}
    books.edit_customer(anna, name="山田 花子", email="new@example.com")
    books.edit_customer(peter, name="a", email="a@example.com")  # what was hers
    shop.later()
    shop.later()
    if module == "Contacts":
        shop.office.change(module, str(before[peter]), Email="typed@example.com", Last_Name="Typed")
    books.edit_customer(peter, name="Пётр")
    for seconds in (60, 90_000, 60):
        shop.later(seconds, prove=seconds > 3600)
    assert {key: card_of(shop, key) for key in (anna, peter)} == before
    assert len([row for row in shop.office.rows(module) if row.values.get("ERP_ID")]) == 2
    assert said(shop) == []


def test_an_account_that_was_merged_is_asked_about_and_follows_the_books(tmp_path: Path) -> None:
    """Zoho shows the loser of a merge as deleted, and its documents on the master."""
    shop = Shop(tmp_path)
    books = shop.world.books
    loser, heir = (books.add_customer(name) for name in ("Primer", "ООО «Пример»"))
    for key in (loser, heir):
        books.pay(key, "5.00", allocations=[(books.post_invoice(key, "20.00"), "5.00")])
    shop.set_up()
    shop.run()
    cards = {key: str(card_of(shop, key)) for key in (loser, heir)}
    for module in ("ERP_Invoices", "ERP_Payments"):
        for row in shop.office.rows(module):
            if (row.values.get("Account") or {}) in ({"id": cards[loser]}, cards[loser]):
                shop.office.change(module, row.id, Account={"id": cards[heir]})
    shop.office.delete("Accounts", cards[loser])
    books.post_invoice(loser, "10.00")
    for _ in range(3):
        shop.later()
    [text] = said(shop)
    assert f"Merge the customers {loser} and {heir} in books" in text
    books.merge(loser, heir)
    for seconds in (60, 60, 90_000):
        shop.later(seconds)
    assert said(shop) == [] and shop.states() == {}
    assert card_of(shop, heir) == cards[heir] and card_of(shop, loser) is None
    assert [one for one in shop.differences() if f"customer {loser}" not in one] == []
