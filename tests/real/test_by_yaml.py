"""The main job once more, with BottleCRM by YAML alone: one connector file and a mapping beside it,
tests/rest/bottlecrm.yaml. The books are the real Tryton, and the cards are compared as they are
with the connector in Python.

The tests of this module are one story and run in the order they stand.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from syncd import registry
from syncd.__main__ import execute
from syncd.clock import SystemClock
from syncd.rest.connector import RestConnector
from tests.proxy import Proxy, cut, fail, limit
from tests.real.test_main_job import Desk, changes_books, changes_crm
from tests.rest.world import HERE
from tests.world.books import Books
from tests.world.crm import Crm
from tests.world.demo import configure


class Inside(Desk):
    """In this process: twenty commands start twenty interpreters otherwise."""

    def syncd(self, *words: str, code: int = 0) -> str:
        with CliRunner().isolation() as (out, err, _):
            done = execute(["--config", str(self.config), *words], SystemClock())
            said = out.getvalue().decode() + err.getvalue().decode()
        assert done == code, f"{done}\n{said}"
        return said

    def read(self, *words: str, code: int = 0) -> Any:
        said = self.syncd(*words, "--json", code=code)
        return json.loads(said[said.index("{") : said.rindex("}") + 1])


@pytest.fixture(scope="module")
def desk(demo_books: Books, crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("by-yaml")
    config = configure(folder, demo_books, crm)
    for inside, file in (("connectors", "bottlecrm.yaml"), ("mappings", "mappings/bottlecrm.yaml")):
        (folder / inside).mkdir()
        shutil.copy(HERE / file, folder / inside)
    with (
        Proxy(demo_books.url, is_write=changes_books) as before_books,
        Proxy(crm.url, is_write=changes_crm) as before_crm,
    ):
        text = config.read_text(encoding="utf-8").replace(demo_books.url, before_books.url)
        text = text.replace(crm.url, before_crm.url) + "\nmappings: mappings\n"
        config.write_text(text, encoding="utf-8")
        yield Inside(demo_books, crm, before_books, before_crm, config)


def test_no_line_of_the_connector_in_python_is_used(desk: Desk) -> None:
    folder = desk.config.parent / registry.FOLDER
    assert isinstance(registry.connector("bottlecrm", {}, "", folder), RestConnector)
    assert "over " in desk.syncd("mapping", "check")


def test_fields_are_made_once(desk: Desk) -> None:
    assert "syncd connections setup crm" in desk.syncd("run", "--go-live", code=78)
    assert desk.writes() == (0, 0)
    told = desk.syncd("connections", "setup", "crm")
    assert "created account custom_fields.receivable (number, “Receivable”)" in told
    assert "every field that is written is there" in desk.syncd("connections", "setup", "crm")


def test_an_applied_plan_makes_both_sides_agree_to_the_cent(desk: Desk) -> None:
    desk.syncd("apply", desk.read("plan")["id"])
    assert desk.differences() == []
    assert desk.books_proxy.writes == 0, "nobody was won"
    before = desk.writes()
    report = desk.read("run")
    assert desk.writes() == before
    assert {page["new"] for page in report["pages"].values()} == {0}
    says = [one["says"] for one in desk.read("doctor", "crm")["findings"]]
    assert any(re.match(r"won: account \S+, \S+, \S+, \.\.\.; 25 in all", one) for one in says)
    assert any("may do all 4 things that can be seen" in one for one in says)


def test_what_happens_in_both_systems_reaches_the_other_once(desk: Desk) -> None:
    """A payment, a credit note, a refund, a write-off; two won deals, one with an answer of the
    books that is lost."""
    customer = desk.books.create_customer("Retouren 返品 GmbH")
    invoice = desk.books.post_invoice(customer, Decimal("200.00"))
    desk.books.credit_note(customer, "30.00")
    desk.books.advance(customer, "15.00")
    desk.books.refund(customer, "5.00")
    desk.books.write_off(desk.books.post_invoice(customer, Decimal("1.50")))
    accounts = [desk.crm.add_account(name) for name in ("Gewonnen 受注 GmbH", "Verloren 喪失 GmbH")]
    for account in accounts:
        desk.crm.win(desk.crm.open_deal(account, f"Kitchen {account}", "900.00", "EUR"))
    desk.books_proxy.on(lambda call: b"party.create" in (call.body or b""), cut)
    desk.syncd("run")
    desk.books_proxy.clear()
    desk.books.pay(invoice, Decimal("24.01"))
    desk.syncd("run")
    assert desk.differences() == []
    card = desk.crm.card_of(str(customer))["account_obj"]
    assert "Owes EUR 175.99" in card["custom_fields"]["line"]
    [note] = desk.crm.notes(card["id"])
    assert "EUR 30.00 [syncd " in note
    for account in accounts:
        parties = desk.books.search("party.party", [["code", "=", f"CRM-{account}"]])
        fields = desk.crm.card(account)["account_obj"]["custom_fields"]
        assert [str(party) for party in parties] == [fields["books_id"]]


def test_the_crm_limits_breaks_and_cuts_and_the_next_runs_put_it_right(desk: Desk) -> None:
    made_in_books = desk.books_proxy.writes
    customer = desk.books.create_customer("ООО «Обрыв» 株式会社")
    invoice = desk.books.post_invoice(customer, Decimal("99.90"))
    desk.books.pay(invoice, Decimal("10.00"))
    desk.crm_proxy.on(lambda call: call.method == "POST" and "accounts" in call.path, cut)
    desk.crm_proxy.on(lambda call: call.method == "POST" and "contacts" in call.path, limit(1))
    desk.crm_proxy.on(lambda call: call.method == "POST" and call.path.endswith("/send/"), cut)
    desk.crm_proxy.on(
        lambda call: call.method == "POST" and call.path.endswith("/payments/"),
        fail(500, "<html>Server Error</html>"),
    )
    for _ in range(3):
        desk.syncd("run")
    desk.crm_proxy.clear()
    assert desk.differences() == []
    assert desk.books_proxy.writes == made_in_books
    names = [one["name"] for one in desk.crm.accounts() if "Обрыв" in one["name"]]
    assert len(names) == 1
    before = desk.writes()
    desk.syncd("run")
    assert desk.writes() == before


def test_a_field_that_was_switched_off_is_a_problem_until_setup_switches_it_on(desk: Desk) -> None:
    overdue = desk.crm.custom_field("Account", "overdue")
    desk.crm.put(f"/api/custom-fields/{overdue['id']}/", {"is_active": False})
    told = desk.syncd("mapping", "check", "--live", code=78)
    assert "custom_fields.overdue of account is not there yet" in told
    told = desk.syncd("connections", "setup", "crm")
    assert "created account custom_fields.overdue" in told
    assert desk.crm.custom_field("Account", "overdue")["is_active"]
    desk.syncd("mapping", "check", "--live")
