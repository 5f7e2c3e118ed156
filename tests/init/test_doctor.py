"""Live facts: each finding is well, worth a look or wrong, says what to do, and writes nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import BooksHabits
from syncd.doctor.connection import inapplicable
from syncd.doctor.findings import Notes
from syncd.doctor.pair import pace
from syncd.domain import Kind
from syncd.port import Facts, Source
from syncd.store import calls
from syncd.store.engine import open_store
from syncd.store.runs import Run
from tests.cli.desk import Desk
from tests.engine.rig import MAPPINGS


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path, books=BooksHabits(tiers={"contacts": "T4"})) as desk:
        books = desk.world.books
        for name in ("ООО «Пример»", "株式会社サンプル"):
            key = books.add_customer(name, phone="+43 (1) 22")
            books.post_invoice(key, "120.00", currency="RUB" if "О" in name else "EUR")
        yield desk


def findings(desk: Desk, *words: str, code: int) -> dict[str, Mapping[str, Any]]:
    """By `about what`; of several the last."""
    with desk.nothing_written():
        told = desk.syncd("doctor", "--json", *words)
    assert told.code == code, told.text
    assert told.json()["exit_code"] == code
    return {f"{one['about']} {one['what']}": one for one in told.json()["findings"]}


def test_books_without_a_balance_are_named_and_so_is_what_takes_its_place(desk: Desk) -> None:
    assert "pair main balances" not in findings(desk, code=0)
    whole = (MAPPINGS / "memory_books.yaml").read_text(encoding="utf-8")
    [read] = re.findall(r"^balance:\n(?:  .*\n)+", whole, re.M)
    desk.mapping("memory_books", whole.replace(read, ""))
    found = findings(desk, code=0)["pair main balances"]
    assert found["verdict"] == "look" and "cards have no figures" in found["says"]
    assert "balance: {from: documents, currency: EUR}" in found["do"]
    desk.mapping("memory_books", whole.replace(read, "balance: {from: documents, currency: EUR}\n"))
    found = findings(desk, code=0)["pair main balances"]
    assert found["verdict"] == "ok" and "no balance to prove it by" in found["says"]


def test_a_new_pair_is_told_what_is_missing_and_what_leaves_to_where(desk: Desk) -> None:
    found = findings(desk, code=0)
    says = {name: (one["verdict"], one["says"]) for name, one in found.items()}
    assert says["machine files"][0] == "ok"
    assert says["machine state"][0] == "look"
    assert says["books identity"] == (
        "ok",
        "Books of Memory Ltd (books-1); not bound to it yet: the first run does that",
    )
    assert says["books version"] == ("ok", "memory_books 1")
    assert says["books tier T4"] == (
        "ok",
        "contacts: nothing tells whether a write without an answer arrived: a person looks, once",
    )
    assert "refused by the system" in says["books tier T2"][1]
    assert "after 1 s" in says["crm doubt"][1]
    assert "payment, note: are not listed there" in " ".join(
        one["says"] for one in desk.syncd("doctor", "--json", "crm").json()["findings"]
    )
    assert says["pair main fields"][0] == "look"
    assert found["pair main fields"]["do"] == "syncd connections setup crm"
    assert (
        says["pair main currencies"][0] == "look"
        and "refuses RUB" in found["pair main currencies"]["says"]
    )
    personal = [
        one["says"]
        for one in desk.syncd("doctor", "--json").json()["findings"]
        if one["what"] == "personal"
    ]
    assert personal[0].startswith(
        "to 127.0.0.1 (crm): name to account.name, email to account.email"
    )
    assert personal[1].startswith("to 127.0.0.1 (books): name to customers.name")
    assert "ООО" not in desk.syncd("doctor").text, "no customer is named"


def test_it_reads_alone_and_leaves_no_state_behind(desk: Desk) -> None:
    findings(desk, code=0)
    assert not desk.state.exists()
    assert desk.syncd("doctor", "--pair", "main").code == 0


def test_what_runs_have_noticed(desk: Desk) -> None:
    desk.world.crm.habits.rewrites_phone = True
    desk.live()
    desk.world.crm.add_account("Doppelt")
    clash = desk.world.books.add_customer("Doppelt")
    desk.world.books.post_invoice(clash, "1.00")
    desk.later()
    desk.later()
    told = desk.syncd("doctor", "--json")
    habits = [one for one in told.json()["findings"] if one["what"] == "habit"]
    assert [one["says"] for one in habits if one["verdict"] == "ok"] == [
        "account.phone comes back formatted on 2 of 2 since 18 Nov 2026; "
        "it is compared without that"
    ]
    [look] = [one for one in habits if one["verdict"] == "look"]
    assert look["says"] == (
        "names that another object has already: once since 18 Nov 2026, 1 of them open"
    )
    found = findings(desk, code=0)
    assert "the one it is bound to" in found["crm identity"]["says"]
    assert found["pair main fields"]["verdict"] == "ok"
    assert "one run every 5 min; 3 ended in 24 h" in found["pair main pace"]["says"]


def test_each_connection_is_held_against_its_own_limits(desk: Desk) -> None:
    desk.live()
    early = findings(desk, code=0)["crm calls"]["says"]
    assert early.startswith("too few hours to tell, ") and early.endswith("; no limit is known")
    for _ in range(3):
        desk.later(60)
    says = findings(desk, code=0)["crm calls"]["says"]
    usual, most, day = (int(one) for one in re.findall(r"\d+", says)[:3])
    assert usual < most < day, "the first run wrote every card"
    store = open_store(desk.state)
    with store.reading() as tx:
        assert calls.last_day(tx, "crm", desk.clock.utc()).all == day
    store.close()

    for hourly, verdict in ((usual - 1, "wrong"), (most - 1, "look"), (9_000, "ok")):
        desk.configure(crm={"hourly": hourly})
        found = findings(desk, code=1 if verdict == "wrong" else 0)
        assert found["crm calls"]["verdict"] == verdict, found["crm calls"]["says"]
        assert f"allowed: {hourly:,} an hour" in found["crm calls"]["says"]
        assert found["books calls"]["says"].endswith("no limit is known"), "the other has its own"
    for budget, verdict in ((day - 1, "wrong"), (day * 2 - 1, "look"), (day * 2, "ok")):
        desk.configure(crm={"budget": budget})
        found = findings(desk, "crm", code=1 if verdict == "wrong" else 0)
        assert found["crm calls"]["verdict"] == verdict, found["crm calls"]["says"]
        assert f"allowed: {budget:,} in 24 h" in found["crm calls"]["says"]


def test_the_pace_is_that_of_the_pair(desk: Desk) -> None:
    desk.pair["every"] = 60
    desk.configure()
    desk.live()
    desk.later()
    assert findings(desk, code=0)["pair main pace"]["says"] == (
        "one run every 60 s; 2 ended in 24 h, the longest took 0 s"
    )
    desk.clock.advance(2 * 86400)
    pace = findings(desk, code=0)["pair main pace"]
    assert (pace["verdict"], pace["says"]) == ("look", "no run ended in the last 24 hours")


def test_a_run_that_takes_longer_than_its_pair_waits_is_worth_a_look() -> None:
    began = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
    runs = [
        Run(n, "main", 1, "run", "live", began, began + dt.timedelta(minutes=n), "ok", None, 1, 0)
        for n in (1, 7, 9)
    ]
    found = pace(Notes("pair main"), runs, 300)
    assert (found.verdict, found.says) == (
        "look",
        "one run every 5 min; 3 ended in 24 h, the longest took 9 min; half of them took longer "
        "than that",
    )
    assert pace(Notes("pair main"), runs, 600).verdict == "ok"


def test_where_the_settings_stand_that_nobody_misses_until_they_are_needed(desk: Desk) -> None:
    found = findings(desk, code=0)
    says = {name: (one["verdict"], one["says"]) for name, one in found.items()}
    assert says["machine alerts"] == ("look", "who hears of problems: nobody")
    assert says["machine listen"] == ("ok", "nowhere: no /healthz, no /metrics")
    assert says["machine retention"][1].endswith("runs 400, the default")
    assert says["pair main calendar"][1].startswith("none: ")
    assert "crm quiet" not in says

    desk.secret("alerts", "mailto://a:geheim@example.com", name="accounting")
    desk.secret("alerts", "json://example.com/geheim", name="sysadmin")
    accounting = {"language": "ru", "mail_at": "08:30"}
    desk.more = {
        "alerts": {"accounting": accounting},
        "listen": "127.0.0.1:9273",
        "retention": {"runs": 90},
    }
    desk.pair["calendar"] = {"country": "RU", "weekend": ["sat", "sun"], "days": ["2027-03-05"]}
    desk.configure(crm={"quiet": "22:00-02:00 Europe/Moscow"})
    found = findings(desk, code=0)
    says = {name: (one["verdict"], one["says"]) for name, one in found.items()}
    assert says["machine alerts"] == (
        "look",
        "who hears of problems: accounting (mailto, ru, daily 08:30), not sysadmin",
    )
    assert says["machine listen"][1] == "/healthz and /metrics on 127.0.0.1 port 9273"
    assert says["machine retention"][1].endswith("runs 90")
    assert says["crm quiet"] == ("ok", "is left alone 22:00-02:00 Europe/Moscow")
    assert says["pair main calendar"] == (
        "ok",
        "nothing is expected on: RU, weekend sat sun, 5 March",
    )

    desk.more["alerts"] = {"accounting": accounting, "sysadmin": {}}
    desk.configure()
    found = findings(desk, code=0)
    assert found["machine alerts"]["verdict"] == "ok"
    assert "sysadmin (json, en, at once); no watcher" in found["machine alerts"]["says"]
    desk.more["alerts"] = {"sysadmin": {"at_once": False}}
    desk.configure()
    found = findings(desk, code=0)
    assert found["machine alerts"]["verdict"] == "look", "neither at once nor daily is never"
    assert "geheim" not in str(found)


def test_rights_that_are_too_few_and_too_many(desk: Desk) -> None:
    desk.world.sides.books.hidden = ("orders",)
    desk.world.sides.crm.administrator = True
    said = desk.syncd("doctor")
    assert said.code == 78
    assert "wrong rights      syncd may not read orders: order records would fail" in said.out
    assert "-> give syncd the right to read orders" in said.out
    assert "look  rights      syncd is an administrator, which is more than syncd needs" in said.out
    assert said.last.endswith("1 wrong, 5 to look at")


def test_clocks_that_differ(desk: Desk) -> None:
    desk.world.books.habits.skew, desk.world.crm.habits.skew = 90.0, -3600.0
    found = findings(desk, code=0)
    assert found["books clock"]["says"] == "is 90 s ahead of this machine's"
    assert found["crm clock"]["says"] == "is 60 min behind this machine's"
    assert found["pair main clocks"]["says"] == "that of books is 62 min ahead of that of crm"
    desk.world.books.habits.date_header = False
    assert findings(desk, "books", code=0)["books clock"]["says"] == "it does not tell its time"


def test_another_company_behind_the_address(desk: Desk) -> None:
    desk.live()
    desk.world.sides.books.id, desk.world.sides.books.label = "books-2", "Restored copy"
    found = findings(desk, code=78)
    assert found["books identity"]["says"] == (
        "Restored copy (books-2), and the state is bound to Books of Memory Ltd (books-1)"
    )


def test_a_system_that_is_away_and_a_credential_that_is_refused(desk: Desk) -> None:
    desk.world.sides.crm.token = "another"
    found = findings(desk, code=78)
    assert found["crm reached"]["says"] == "the token is not valid."
    assert found["books identity"]["verdict"] == "ok", "the other one is looked at all the same"
    desk.take_down()
    found = findings(desk, "books", code=75)
    assert "refuses the connection. The machine is there" in found["books reached"]["says"]
    assert "books tier T2" in found, "what is declared needs no answer"


def test_files_are_part_of_it_and_wrong_names_are_told(desk: Desk) -> None:
    desk.secret("crm", "x", mode=0o644)
    found = findings(desk, code=78)
    assert "others may read this secret" in found["machine files"]["says"]
    assert desk.syncd("doctor", "cmr").err == "syncd: unknown connection cmr; did you mean crm?\n"
    assert desk.syncd("doctor", "crm", "--pair", "main").code == 2
    (desk.folder / "secrets" / "crm.token").unlink()
    found = findings(desk, code=78)
    assert "has no secret token" in found["crm set-up"]["says"]


def test_what_a_fact_leaves_unchecked_is_listed() -> None:
    [silent, unread] = inapplicable(Facts("kassa", {Kind.DEAL: Source("deals", stamped=False)}))
    assert silent.startswith("a wrong credential, and a login that ends")
    assert unread.startswith("whether an edit moves the stamp of deal")
    assert inapplicable(Facts("kassa", {Kind.DEAL: Source("deals")}, secrets=("key",))) == []
