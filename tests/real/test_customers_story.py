"""The story of customers, once, between the real Tryton and the real BottleCRM, with SIGKILL in the
middle of its creates: customers who are there on both sides already, new ones, won ones, people who
edit meanwhile, answers that are lost."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import set_offset
from tests.crash.stand import Forks
from tests.crash.test_at_random import doubles
from tests.proxy import Proxy, cut
from tests.real.test_main_job import changes_books, changes_crm
from tests.server import Call
from tests.world.books import Books
from tests.world.compare import compare
from tests.world.crm import Crm
from tests.world.demo import configure

MAPPING = """extends: bottlecrm
match: {}
owners: {email: crm, phone: shared, street: shared, city: shared}
"""
NUMBERS = "\nmappings: mappings\nnumbers: {lease: 10, request_timeout: 10, wait_for_doubt: 0}\n"
TAX, OTHER_TAX = "ATU13585627", "ATU10223006"
OLD, OTHER, THIRD = "+43 1 2345678", "+43 316 777666", "+43 1 9998887"
WON = "+43 662 333222"


@dataclass
class Story:
    books: Books
    crm: Crm
    before_books: Proxy
    before_crm: Proxy
    folder: Path
    forks: Forks
    offset: float = 0.0

    def syncd(self, *words: str, kill: tuple[str, int] | None = None) -> tuple[int, str]:
        """One process; its end (minus the signal), and what it said."""
        out = self.folder / "out"
        command: dict[str, object] = {
            "arguments": ["--config", str(self.folder / "syncd.yaml"), *words],
            "clock": str(self.folder / "clock"),
            "out": str(out),
            "pid_file": str(self.folder / "pid"),
            "kill": kill,
            "environment": {},
        }
        code = self.forks.ask({"wait": self.forks.ask(command)["pid"]})["code"]
        return code, out.read_text(encoding="utf-8")

    def dies(self, kill: tuple[str, int] | None = None) -> None:
        code, said = self.syncd("run", "--go-live", kill=kill)
        assert code == -signal.SIGKILL, f"it was to be killed, and ended with {code}\n{said}"
        self.later()

    def run(self, code: int = 0) -> dict[str, Any]:
        """One cycle that is left alone; its sums close."""
        ended, said = self.syncd("run", "--go-live", "--json")
        assert ended == code, said
        report: dict[str, Any] = json.loads(said)
        for kind, tally in report["tallies"].items():
            due = tally.pop("due_at_start") + tally.pop("became_due")
            assert due == sum(tally.values()), (kind, due, tally)
        self.later()
        return report

    def later(self) -> None:
        """The time passes in which a request of a dead process might still be at work."""
        self.offset += 60
        set_offset(self.folder / "clock", self.offset)

    def kills(self, proxy: Proxy, call: Call) -> None:
        """Between what was sent, which is carried out, and its answer."""
        proxy.forward(call)
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)

    # -- people ---------------------------------------------------------------------------------

    def customer(self, name: str, tax_id: str | None = None, **ways: str) -> int:
        number = {"type": "eu_vat", "code": tax_id}
        numbers = [["create", [number]]] if tax_id else []
        return self.books.create_customer(name, identifiers=numbers, **ways)

    def move(self, party: int, **values: str) -> None:
        address, *_ = self.books.search("party.address", [["party", "=", party]])
        self.books.write("party.address", address, **values)

    def call(self, party: int, number: str) -> None:
        ways = [["party", "=", party], ["type", "=", "phone"]]
        [way] = self.books.search("party.contact_mechanism", ways)
        self.books.write("party.contact_mechanism", way, value=number)

    def edit(self, account: str, **fields: str) -> None:
        self.crm.patch(f"/api/accounts/{account}/", fields)

    def win(self, name: str, tax_id: str | None = None, **fields: str) -> str:
        custom = {"custom_fields": {"tax_id": tax_id}} if tax_id else {}
        account = self.crm.add_account(name, **fields, **custom)
        self.crm.win(self.crm.open_deal(account, f"Kitchen for {name}", "900.00", "EUR"))
        return account

    # -- what both sides say ----------------------------------------------------------------------

    def of_books(self, party: int) -> dict[str, str | None]:
        row = self.books.row("party.party", party, "name", "email", "phone", "addresses")
        said = {name: row[name] for name in ("name", "email", "phone")}
        said |= {"street": None, "city": None}
        for address in row["addresses"][:1]:
            where = self.books.row("party.address", address, "street", "city")
            said |= {"street": where["street"], "city": where["city"]}
        return {name: value or None for name, value in said.items()}

    def of_card(self, account: str) -> dict[str, str | None]:
        row = self.crm.card(account)["account_obj"]
        said = {name: row[name] for name in ("name", "email", "phone", "city")}
        return {
            name: value or None for name, value in {**said, "street": row["address_line"]}.items()
        }

    def links(self) -> dict[int, str]:
        cards = self.crm.accounts()
        marks = {one["id"]: one["custom_fields"].get("books_id") for one in cards}
        twice = [key for key, times in Counter(filter(None, marks.values())).items() if times > 1]
        assert twice == []
        return {int(key): card for card, key in marks.items() if key}


@pytest.fixture
def story(tryton: Books, crm: Crm, tmp_path: Path) -> Iterator[Story]:
    config = configure(tmp_path, tryton, crm)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "bottlecrm.yaml").write_text(MAPPING, encoding="utf-8")
    forks = Forks()
    with (
        Proxy(tryton.url, is_write=changes_books) as before_books,
        Proxy(crm.url, is_write=changes_crm) as before_crm,
    ):
        text = config.read_text(encoding="utf-8").replace(tryton.url, before_books.url)
        config.write_text(text.replace(crm.url, before_crm.url) + NUMBERS, encoding="utf-8")
        yield Story(tryton, crm, before_books, before_crm, tmp_path, forks)
    forks.stop()


def creates(what: str) -> Any:
    return lambda call: (
        call.method == "POST"
        and (call.path == f"/api/{what}/" or f"{what}.create".encode() in (call.body or b""))
    )


@pytest.mark.timeout(900)  # about 40 s alone, and many processes among others
def test_customers_of_both_sides_through_kills_edits_and_lost_answers(story: Story) -> None:
    crm, books = story.crm, story.books
    assert story.syncd("connections", "setup", "crm")[0] == 0

    # Both sides have Huber, nobody linked it; the others are in the books alone.
    huber = story.customer("Tischlerei Huber GmbH", TAX, phone=OLD)
    there = crm.add_account(
        "Huber Tischlerei", phone=OLD, email="huber@example.org", custom_fields={"tax_id": TAX}
    )
    new = [
        story.customer(name, phone=OLD) for name in ("ООО «Ромашка»", "株式会社", "Novák s.r.o.")
    ]
    stock = story.customer("Holz AG", OTHER_TAX, phone=OLD)  # in the address book: bought nothing
    books.post(*(books.draft_invoice(party, "100.00") for party in (huber, *new)))

    # Killed between the link of Huber and the adoption of its card; then a salesperson edits it.
    story.dies(kill=("linked", 1))
    assert story.links() == {}
    story.edit(there, address_line="Ring 1")
    # Killed between a create at the CRM and its answer; accounting edits that customer meanwhile.
    story.before_crm.on(creates("accounts"), story.kills)
    story.dies()
    made = [one for one in crm.accounts() if one["id"] != there]
    assert len(made) == 1
    first = int(made[0]["custom_fields"]["books_id"])
    story.move(first, city="Санкт-Петербург", street="Невский пр., 7")
    # Killed when the next creates are journalled, and nothing of them was sent.
    story.dies(kill=("committed", 2))
    story.run()
    story.run()
    linked = story.links()
    assert set(linked) == {huber, *new} and linked[huber] == there

    # Won: a new customer, one whom the books have, one whose answer is lost.
    won = story.win("Gewonnen 受注 GmbH", phone="+43 6 1112223", city="Linz")
    known = story.win("Holz AG", OTHER_TAX, phone=OLD)
    story.before_books.on(creates("party.party"), story.kills)
    story.dies()
    lost = story.win("Verloren 喪失 GmbH", phone="+43 7 4445556")
    story.edit(won, phone=WON)
    story.before_books.on(creates("party.party"), cut)
    for _ in range(4):
        story.run()
    linked = story.links()
    parties = {card: party for party, card in linked.items()}
    assert len(linked) == 7
    assert parties[known] == stock, "linked, and not made a second time"
    assert {books.code(parties[one]) for one in (won, lost)} == {f"CRM-{won}", f"CRM-{lost}"}
    assert story.of_books(parties[won])["phone"] == WON

    # Killed with an edit sent and not answered, in either direction; two people edit one field.
    story.call(new[2], "+43 699 2222")
    story.before_crm.on(lambda call: call.method == "PATCH", story.kills)
    story.dies()
    story.edit(linked[new[1]], phone="+43 699 1111")
    story.before_books.on(lambda call: b"party.party.write" in (call.body or b""), story.kills)
    story.dies()
    story.call(huber, OTHER)
    story.edit(there, phone=THIRD)
    books.post(*(books.draft_invoice(party, "64.00") for party in (stock, parties[won])))
    story.run(code=1)
    assert (story.of_books(huber)["phone"], story.of_card(there)["phone"]) == (OTHER, THIRD)
    _, said = story.syncd("problems", "--json")
    [asked] = json.loads(said)
    assert f"Customer {huber} and its card differ in phone" in asked["text"]
    assert story.syncd("problems", "resolve", str(asked["id"]), "--take", "books")[0] == 0
    story.run()
    assert story.run()["writes"] == 0

    # No duplicate, no edit lost, both sides agree, the sums close.
    assert doubles(crm) == []
    assert len(crm.accounts()) == len(story.links()) == 7
    names = [row["name"] for row in books.rows("party.party", ["name"])]
    assert sorted(name for name, times in Counter(names).items() if times > 1) == []
    assert story.of_card(there) == {
        "name": "Tischlerei Huber GmbH",
        "email": "huber@example.org",
        "phone": OTHER,
        "street": "Ring 1",
        "city": "Wien",
    }
    assert story.of_card(linked[first])["street"] == "Невский пр., 7"
    assert story.of_books(new[1])["phone"] == "+43 699 1111"
    assert story.of_card(linked[new[2]])["phone"] == "+43 699 2222"
    for party, card in story.links().items():
        assert story.of_books(party) == story.of_card(card)
    assert compare(books, crm).differences == []
