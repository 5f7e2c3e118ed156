"""Fields of a customer that belong to the CRM or to both sides, between the real Tryton and the
real BottleCRM: each edit reaches the other side with the next cycle, once, whatever either of them
makes of the value. In Tryton addresses, phones and e-mails are records of their own.

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
OLD, NEW, OTHER = "+43 1 2345678", "+43 732 999888", "+43 316 777666"
NAMES = (
    "Huber",
    "ООО «Пример»",
    "株式会社",
    "Leer",
    "Manner",
    "Zwei",
    "Gleich",
    "Gleich",
    "Hin",
    "Post",
)
ON_CARD, IN_BOOKS, TWICE, EMPTIED, MANNER, SECOND, ONE, SAME, LOOP, MAIL = range(len(NAMES))
WHERE = {"address_line": "street", "city": "city", "postcode": "postal_code"}


class Both(Inside):
    """Customers of the books and their cards."""

    keys: list[int]
    cards: list[str]

    def books_say(self, at: int) -> dict[str, Any]:
        found = self.books.row("party.party", self.keys[at], "name", "email", "phone", "addresses")
        for key in found.pop("addresses"):
            address = self.books.row("party.address", key, *WHERE.values(), "invoice")
            if address["invoice"] or "city" not in found:
                found |= {name: address[there] for name, there in WHERE.items()}
        return {name: value or None for name, value in found.items() if name != "id"}

    def card_says(self, at: int) -> dict[str, Any]:
        found = self.crm.card(self.cards[at])["account_obj"]
        return {name: found[name] or None for name in ("name", "email", "phone", *WHERE)}

    def on_card(self, at: int, **fields: Any) -> None:
        self.crm.patch(f"/api/accounts/{self.cards[at]}/", fields)

    def in_books(self, at: int, kind: str, value: str) -> None:
        [way] = self.books.search(
            "party.contact_mechanism", [["party", "=", self.keys[at]], ["type", "=", kind]]
        )
        self.books.write("party.contact_mechanism", way, value=value)

    def move(self, at: int, **values: Any) -> None:
        address, *_ = self.books.search("party.address", [["party", "=", self.keys[at]]])
        self.books.write("party.address", address, **values)

    def writes_of_a_run(self, code: int = 0) -> tuple[int, int]:
        before = self.writes()
        self.syncd("run", code=code)
        after = self.writes()
        return after[0] - before[0], after[1] - before[1]


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
        both.keys = [
            tryton.create_customer(name, email=f"k{at}@example.org", phone=OLD)
            for at, name in enumerate(NAMES)
        ]
        tryton.create(
            "party.address",
            {"party": both.keys[SECOND], "city": "Graz", "street": "Platz 1", "invoice": True},
        )
        tryton.post(*(tryton.draft_invoice(key, "10.00") for key in both.keys))
        both.syncd("connections", "setup", "crm")
        both.syncd("run", "--go-live")
        found = {one["custom_fields"]["books_id"]: one["id"] for one in crm.accounts()}
        both.cards = [found[str(key)] for key in both.keys]
        assert both.writes_of_a_run() == (0, 0)
        yield both


def test_an_edit_is_on_the_other_side_with_the_next_cycle_and_once(both: Both) -> None:
    typed = {"name": "Huber Holz", "email": "Neu@example.org", "phone": NEW}
    moved = {"address_line": "Ring 1", "city": "Linz", "postcode": "4020"}
    both.on_card(ON_CARD, **typed, **moved)
    both.in_books(IN_BOOKS, "phone", NEW)
    both.move(IN_BOOKS, street="Невский пр., 7", city="Санкт-Петербург")
    both.on_card(SECOND, address_line="Platz 2")
    both.on_card(LOOP, phone=NEW)
    both.in_books(MAIL, "email", "buch@example.org")  # what the CRM owns
    books, _ = both.writes_of_a_run()
    assert books == 4
    for at in (ON_CARD, IN_BOOKS, SECOND, LOOP):
        said = both.books_say(at)
        said |= {"email": "Neu@example.org"} if at == ON_CARD else {}
        assert said == both.card_says(at)
    assert both.books_say(ON_CARD)["email"] == "neu@example.org"
    assert both.card_says(IN_BOOKS)["city"] == "Санкт-Петербург"
    assert both.books_say(MAIL)["email"] == both.card_says(MAIL)["email"] == f"k{MAIL}@example.org"
    first, second = both.books.rows("party.address", ["street"], ["party", "=", both.keys[SECOND]])
    assert (first["street"] or "", second["street"]) == ("", "Platz 2")
    assert both.writes_of_a_run() == (0, 0)


def test_two_edits_ask_and_what_is_no_edit_moves_nothing(both: Both) -> None:
    both.in_books(TWICE, "phone", NEW)
    both.on_card(TWICE, phone=OTHER)
    both.on_card(EMPTIED, phone=None, postcode=None)
    both.on_card(MANNER, phone="+43 (1) 234-56-78", email=f"K{MANNER}@EXAMPLE.org")
    both.in_books(LOOP, "phone", OLD)
    assert both.writes_of_a_run(code=1) == (1, 1)
    assert (both.books_say(TWICE)["phone"], both.card_says(TWICE)["phone"]) == (NEW, OTHER)
    assert (both.books_say(EMPTIED)["phone"], both.card_says(EMPTIED)["phone"]) == (OLD, None)
    assert both.books_say(EMPTIED)["postcode"] is None, "null_is_value"
    assert both.books_say(MANNER)["phone"] == OLD
    one, same = both.card_says(ONE)["name"], both.card_says(SAME)["name"]
    assert (one, same) == ("Gleich", f"Gleich ({both.books.code(both.keys[SAME])})")
    assert both.books_say(SAME)["name"] == "Gleich"


def test_a_person_decides_and_the_other_side_hears_of_it(both: Both) -> None:
    problem = both.read("problems", code=1)
    assert "differ in phone" in problem["text"]
    both.syncd("problems", "resolve", str(problem["id"]), "--take", "crm")
    both.on_card(LOOP, phone=NEW)
    assert both.writes_of_a_run() == (2, 0)
    assert both.books_say(TWICE)["phone"] == both.card_says(TWICE)["phone"] == OTHER
    both.in_books(LOOP, "phone", OLD)
    both.syncd("run", code=1)
    problem = both.read("problems", code=1)
    assert f"Customer {both.keys[LOOP]} and its card differ in phone" in problem["text"]
    assert both.writes_of_a_run() == (0, 0)
