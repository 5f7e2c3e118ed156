"""The main job between the real Tryton and the real BottleCRM, with a counting proxy before each.

The tests of this module are one story and run in the order they stand.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.proxy import Proxy, cut, fail, limit
from tests.server import Call
from tests.world.books import Books
from tests.world.compare import compare
from tests.world.crm import Crm
from tests.world.demo import configure

# Methods of Tryton's JSON-RPC that syncd uses; whatever else it called would count as a write.
READING = {"search", "search_read", "search_count", "read", "fields_get", "get_preferences"}


def changes_books(call: Call) -> bool:
    method = str(json.loads(call.body or b"{}").get("method", ""))
    return method.rsplit(".", 1)[-1] not in READING | {"login", "version"}


def changes_crm(call: Call) -> bool:
    return call.method != "GET"


@dataclass
class Desk:
    books: Books
    crm: Crm
    books_proxy: Proxy
    crm_proxy: Proxy
    config: Path

    def syncd(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "syncd", "--config", str(self.config), *words],
            env={key: value for key, value in os.environ.items() if "SYNCD" not in key},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def read(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.syncd(*words, "--json", code=code))

    def writes(self) -> tuple[int, int]:
        return self.books_proxy.writes, self.crm_proxy.writes

    def differences(self) -> list[str]:
        return list(compare(self.books, self.crm).differences)


@pytest.fixture(scope="module")
def desk(demo_books: Books, crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("main-job")
    config = configure(folder, demo_books, crm)
    with (
        Proxy(demo_books.url, is_write=changes_books) as before_books,
        Proxy(crm.url, is_write=changes_crm) as before_crm,
    ):
        text = config.read_text(encoding="utf-8")
        assert demo_books.url in text and crm.url in text
        text = text.replace(demo_books.url, before_books.url).replace(crm.url, before_crm.url)
        config.write_text(text, encoding="utf-8")
        yield Desk(demo_books, crm, before_books, before_crm, config)


def test_a_live_run_stops_where_the_crm_lacks_its_fields(desk: Desk) -> None:
    told = desk.syncd("run", "--go-live", code=78)
    assert "syncd connections setup crm" in told
    assert desk.writes() == (0, 0)


def test_a_new_pair_writes_to_neither_system(desk: Desk) -> None:
    desk.syncd("connections", "setup", "crm")
    made = desk.writes()
    told = desk.syncd("run")
    assert "mode PLAN" in told and "syncd plan" in told
    desk.syncd("plan")
    assert desk.writes() == made
    assert desk.read("status")["pair"]["mode"] == "plan"


def test_an_applied_plan_makes_both_sides_agree_to_the_cent(desk: Desk) -> None:
    plan = desk.read("plan")
    by_kind = {line["kind"]: line for line in plan["lines"]}
    assert by_kind["customer"]["create"] == 25
    for line in plan["lines"]:
        parted = ("create", "update", "unchanged", "held", "owed", "failed", "filtered")
        assert line["read"] == sum(line[name] for name in parted)
    desk.syncd("apply", plan["id"])
    assert desk.differences() == []
    assert desk.books_proxy.writes == 0, "nobody was won"


def test_a_second_run_writes_nothing_and_adds_no_change(desk: Desk) -> None:
    before = desk.writes()
    report = desk.read("run")
    assert desk.writes() == before
    assert {page["new"] for page in report["pages"].values()} == {0}


def test_a_payment_reaches_the_card(desk: Desk) -> None:
    customer = desk.books.create_customer("ООО «Новый»")
    invoice = desk.books.post_invoice(customer, Decimal("64.00"))
    desk.syncd("run")
    assert desk.differences() == []
    desk.books.pay(invoice, Decimal("24.01"))
    desk.syncd("run")
    assert desk.differences() == []
    card = desk.crm.card_of(str(customer))
    assert "Owes EUR 39.99" in card["account_obj"]["custom_fields"]["line"]


def test_a_credit_note_a_refund_and_a_write_off_reach_the_card(desk: Desk) -> None:
    customer = desk.books.create_customer("Retouren 返品 GmbH")
    desk.books.post_invoice(customer, Decimal("200.00"))
    desk.books.credit_note(customer, "30.00")
    desk.books.advance(customer, "15.00")
    desk.books.refund(customer, "5.00")
    desk.books.write_off(desk.books.post_invoice(customer, Decimal("1.50")))
    desk.syncd("run")
    assert desk.differences() == []
    card = desk.crm.card_of(str(customer))["account_obj"]
    figures = {key: card["custom_fields"][key] for key in ("receivable", "prepaid", "credits")}
    assert figures == {"receivable": 200, "prepaid": 10, "credits": 30}
    [note] = desk.crm.notes(card["id"])
    assert "EUR 30.00" in note
    before = desk.writes()
    desk.syncd("run")
    assert desk.writes() == before


def test_another_name_and_another_e_mail_make_no_second_account(desk: Desk) -> None:
    """BottleCRM keeps names of accounts unique: one customer takes the name another had."""
    books = desk.books
    first, second = (books.create_customer(f"Umbenannt {n}", email=f"{n}@x.test") for n in (1, 2))
    for customer in (first, second):
        books.post_invoice(customer, Decimal("3.00"))
    desk.syncd("run")
    before = {one: desk.crm.card_of(str(one))["account_obj"]["id"] for one in (first, second)}
    books.rename(first, "改名 1")
    books.rename(second, "Umbenannt 1")
    [mail] = books.search(
        "party.contact_mechanism", [["party", "=", first], ["type", "=", "email"]]
    )
    books.write("party.contact_mechanism", mail, value="2@x.test")
    desk.syncd("run")
    desk.syncd("run")
    after = {one: desk.crm.card_of(str(one))["account_obj"]["id"] for one in (first, second)}
    assert after == before
    assert desk.differences() == []


def test_a_won_deal_makes_one_customer_in_the_books_and_links_it(desk: Desk) -> None:
    account = desk.crm.add_account("Gewonnen 受注 GmbH", email="won@example.test")
    desk.crm.win(desk.crm.open_deal(account, "Kitchen", "900.00", "EUR"))
    before = desk.books_proxy.writes
    desk.syncd("run")
    party = desk.books.one("party.party", ["code", "=", f"CRM-{account}"])
    fields = desk.crm.card(account)["account_obj"]["custom_fields"]
    assert (fields["books_id"], desk.books_proxy.writes - before) == (str(party), 1)
    desk.syncd("run")
    assert desk.books_proxy.writes - before == 1


def test_an_answer_of_tryton_that_is_lost_makes_no_second_customer(desk: Desk) -> None:
    account = desk.crm.add_account("Verloren 喪失 GmbH")
    desk.crm.win(desk.crm.open_deal(account, "Lost answer", "10.00", "EUR"))
    desk.books_proxy.on(lambda call: b"party.create" in (call.body or b""), cut)
    desk.syncd("run")
    desk.books_proxy.clear()
    desk.syncd("run")
    parties = desk.books.search("party.party", [["code", "=", f"CRM-{account}"]])
    fields = desk.crm.card(account)["account_obj"]["custom_fields"]
    assert [str(party) for party in parties] == [fields["books_id"]]


def test_ledger_documents_and_cards_are_proven_to_agree(desk: Desk) -> None:
    told = desk.syncd("prove")
    assert "DIFFERS" not in told
    assert desk.differences() == []
    before = desk.writes()
    desk.syncd("prove")
    assert desk.writes() == before, "once a day"


def test_reports_hold_and_say_what_the_books_say(desk: Desk) -> None:
    """Every check but one: Tryton sets an opening debt off against what was paid ahead."""
    reports = ("settlements", "average-order", "stages", "commissions", "agreement")
    for name in (*reports, "pipeline-times"):
        assert all(not check["differ"] for check in desk.read("report", name)["checks"])
    ages = {
        (row["customer"], Decimal(row["overdue"]["amount"]))
        for row in desk.read("report", "ageing")["tables"][0]["rows"]
    }
    late = {
        (key, customer.overdue)
        for key, customer in compare(desk.books, desk.crm).books.items()
        if customer.overdue
    }
    assert late and late <= ages


def test_the_crm_limits_breaks_and_cuts_and_the_next_runs_put_it_right(desk: Desk) -> None:
    customer = desk.books.create_customer("ООО «Обрыв» 株式会社")
    invoice = desk.books.post_invoice(customer, Decimal("99.90"))
    desk.books.pay(invoice, Decimal("10.00"))
    desk.crm_proxy.on(lambda call: call.method == "POST" and "accounts" in call.path, cut)
    desk.crm_proxy.on(lambda call: call.method == "POST" and "contacts" in call.path, limit(1))
    desk.crm_proxy.on(
        lambda call: call.method == "POST" and call.path.endswith("/payments/"),
        fail(500, "<html>Server Error</html>"),
    )
    desk.syncd("run")
    desk.syncd("run")
    desk.crm_proxy.clear()
    assert desk.differences() == []
    names = [one["name"] for one in desk.crm.accounts() if "Обрыв" in one["name"]]
    assert len(names) == 1
    before = desk.writes()
    desk.syncd("run")
    assert desk.writes() == before


def test_lost_state_is_read_back_and_nothing_is_made_twice(desk: Desk) -> None:
    """A new state file finds its links by the marker; every object is recognised."""
    state = desk.config.parent / "state.sqlite"
    for file in desk.config.parent.glob("**/*.sqlite*"):
        state = file
        file.unlink()
    assert not state.exists()
    before = desk.writes()
    desk.syncd("apply", desk.read("plan")["id"])
    assert desk.differences() == []
    # `changed` is another moment now, so the line of each card is written anew, and nothing else.
    assert desk.writes()[1] - before[1] <= len(desk.crm.accounts())


def test_a_field_of_the_books_comes_to_the_card_by_one_line_in_each_overlay(desk: Desk) -> None:
    overlays = desk.config.parent / "mappings"
    overlays.mkdir()
    (overlays / "tryton.yaml").write_text(
        "extends: tryton\n"
        "customer.rating: full_name | text\n"
        "customer.in_use: active | flag\n"
        "customer.known_since: create_date | date\n",
        encoding="utf-8",
    )
    (overlays / "bottlecrm.yaml").write_text(
        "extends: bottlecrm\n"
        "customer.rating: custom_fields.rating\n"
        "customer.in_use: custom_fields.in_use\n"
        "customer.known_since: custom_fields.known_since\n",
        encoding="utf-8",
    )
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(f"{text}\nmappings: mappings\n", encoding="utf-8")
    assert "over " in desk.syncd("mapping", "check")
    desk.syncd("connections", "setup", "crm")
    customer = desk.books.create_customer("ООО «Рейтинг» 格付")
    desk.books.post_invoice(customer, Decimal("5.00"))
    desk.syncd("run", code=1)
    [plan] = re.findall(r"syncd apply (\w+)", desk.syncd("problems", code=1))
    desk.syncd("apply", plan)
    desk.syncd("run")
    fields = desk.crm.card_of(str(customer))["account_obj"]["custom_fields"]
    assert (fields["rating"], fields["in_use"]) == ("ООО «Рейтинг» 格付", True)
    assert dt.date.fromisoformat(fields["known_since"]) <= dt.datetime.now(dt.UTC).date()
    assert desk.differences() == []
    before = desk.writes()
    desk.syncd("run")
    assert desk.writes() == before
