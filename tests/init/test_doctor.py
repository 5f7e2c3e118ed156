"""Live facts: each finding is well, worth a look or wrong, says what to do, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import BooksHabits
from tests.cli.desk import Desk


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
        "account.phone is written in the CRM's own way on 2 objects"
    ]
    [look] = [one for one in habits if one["verdict"] == "look"]
    assert look["says"] == "names that another object has already: 1 times, 1 of them open"
    found = findings(desk, code=0)
    assert "the one it is bound to" in found["crm identity"]["says"]
    assert found["pair main fields"]["verdict"] == "ok"
    assert "runs in 24 h: 3" in found["pair main calls"]["says"]
    assert "neither system is known to have a limit" in found["pair main calls"]["says"]


def test_calls_are_held_against_the_limit(desk: Desk) -> None:
    desk.live()
    for _ in range(2):
        desk.later()
    for hourly, verdict in ((10, "wrong"), (200, "look"), (9_000, "ok")):
        desk.configure(crm={"hourly": hourly})
        found = findings(desk, code=1 if verdict == "wrong" else 0)["pair main calls"]
        assert found["verdict"] == verdict, found["says"]
        assert f"{hourly} are allowed" in found["says"]


def test_rights_that_are_too_few_and_too_many(desk: Desk) -> None:
    desk.world.sides.books.hidden = ("orders",)
    desk.world.sides.crm.administrator = True
    said = desk.syncd("doctor")
    assert said.code == 78
    assert "wrong rights      syncd may not read orders: order records would fail" in said.out
    assert "-> give syncd the right to read orders" in said.out
    assert "look  rights      syncd is an administrator, which is more than syncd needs" in said.out
    assert said.last.endswith("1 wrong, 4 to look at")


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
