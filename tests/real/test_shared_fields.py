"""Fields of a customer that belong to the CRM or to both sides, between the real Tryton and the
real BottleCRM: each edit reaches the other side, once, whatever either makes of the value.

The tests of this module are one story and run in the order they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.proxy import Proxy
from tests.real.test_by_yaml import Inside
from tests.real.test_main_job import changes_books, changes_crm
from tests.world.books import Books
from tests.world.crm import Crm
from tests.world.demo import configure

OWNERS = """extends: bottlecrm
owners:
  name: shared
  email: crm
  phone: shared
  street: shared
  city: shared
  postcode: {owner: shared, empty: null_is_value}
"""


class Both(Inside):
    """One customer of the books and its card."""

    customer: int
    account: str

    def books_say(self, *paths: str) -> tuple[Any, ...]:
        found = self.books.row("party.party", self.customer, "name", "email", "phone", "addresses")
        [address, *_] = found.pop("addresses")
        where = self.books.row("party.address", address, "street", "city", "postal_code")
        found |= {
            "address_line": where["street"],
            "city": where["city"],
            "postcode": where["postal_code"],
        }
        return tuple(found[path] for path in paths)

    def card_says(self, *paths: str) -> tuple[Any, ...]:
        found = self.crm.card(self.account)["account_obj"]
        return tuple(found[path] for path in paths)

    def card(self, **fields: Any) -> None:
        self.crm.patch(f"/api/accounts/{self.account}/", fields)

    def differ(self) -> list[str]:
        return [one["text"] for one in self.read("problems", code=1) if "differ in" in one["text"]]

    def quiet(self) -> None:
        before = self.writes()
        self.syncd("run", "--full")
        assert self.writes() == before


@pytest.fixture(scope="module")
def both(tryton: Books, crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("shared")
    config = configure(folder, tryton, crm)
    (folder / "mappings").mkdir()
    (folder / "mappings" / "bottlecrm.yaml").write_text(OWNERS, encoding="utf-8")
    with (
        Proxy(tryton.url, is_write=changes_books) as before_books,
        Proxy(crm.url, is_write=changes_crm) as before_crm,
    ):
        text = config.read_text(encoding="utf-8").replace(tryton.url, before_books.url)
        text = text.replace(crm.url, before_crm.url) + "\nmappings: mappings\n"
        config.write_text(text, encoding="utf-8")
        both = Both(tryton, crm, before_books, before_crm, config)
        both.customer = tryton.create_customer(
            "ООО «Пример»", email="buh@example.org", phone="+43 1 2345678"
        )
        tryton.post_invoice(both.customer, "100.00")
        both.syncd("connections", "setup", "crm")
        both.syncd("run", "--go-live")
        both.account = crm.card_of(str(both.customer))["account_obj"]["id"]
        both.syncd("run", "--full")
        yield both


FIELDS = ("name", "email", "phone", "address_line", "city", "postcode")


def test_what_a_salesperson_types_on_the_card_is_in_the_books(both: Both) -> None:
    print(both.books_say(*FIELDS), both.card_says(*FIELDS))
    both.quiet()
    both.card(
        name="ООО «Пример-2»",
        email="Sales@example.org",
        phone="+43 (1) 999-88-77",
        address_line="Ring 1",
        city="Linz",
        postcode="4020",
    )
    print(both.syncd("run", "--full"))
    print(both.books_say(*FIELDS), both.card_says(*FIELDS))
    assert both.books_say(*FIELDS) == both.card_says(*FIELDS)
    both.quiet()
