"""What init and doctor learn of a system by its file alone, and that a file is offered."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd import registry
from syncd.domain import Kind
from syncd.errors import ProtocolError
from syncd.guide import Discovery
from syncd.setup.reach import System
from tests.cli.desk import TOKEN
from tests.clocks import ManualClock
from tests.flows import Answer, drive
from tests.init.conftest import table
from tests.init.table import Table
from tests.rest.shop import shop
from tests.rest.world import HERE

__all__ = ["table"]

BOOKS = """\
auth: {bearer: "{secret.key}"}
read:
  customer:
    object: customers
    list: {get: /customers, query: {page: "{page}"}}
    paging: {type: page, total: count}
    records: rows
    stamp: at
    time: {format: "%Y-%m-%d %H:%M", zone: Europe/Moscow}
    by_key: /customers/{key}
  invoice:
    object: invoices
    list: {get: /invoices, query: {after: "{after}"}}
    paging: {type: keyset}
    by_key: /invoices/{key}
  payment:
    object: payments
    within: {list: /invoices}
    list: /invoices/{parent}/payments
    by_key: /invoices/{parent}/payments/{key}
write:
  party: {tier: T4, fields: {name: text}, create: {post: /p}, by_id: "/p/{id}", list: /parties}
"""
DATE = {"date": "Wed, 18 Nov 2026 12:00:00 GMT"}
ME = Answer(200, {"id": 3, "name": "Магазин"})


def told(*answers: Answer) -> Discovery:
    day = dt.date(2026, 1, 1)
    return drive(shop(BOOKS).discover([day], day), ME, *answers)[1]


def customers(at: str = "2026-11-18 14:59") -> Answer:
    return Answer(200, {"count": 1204, "rows": [{"id": 7, "at": at}, {"id": 9, "at": at}]}, DATE)


ROW = Answer(200, [{"id": 1}])
NONE = Answer(200, [])


def test_first_records_their_number_rights_and_the_zone_are_told() -> None:
    found = told(customers(), ROW, ROW, NONE, Answer(403))
    assert (found.company, found.customers, found.zone) == ("Магазин", 1204, "Europe/Moscow")
    assert found.at == dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
    assert found.records == (
        "customer: customers 7, 9, ...; 1204 in all; newest of the first page 2026-11-18 11:59 UTC",
        "invoice: invoices 1, ...; how many is not told",
        "payment: none yet in payments",
    )
    assert found.odd == ()
    allowed = {f"{one.op} {one.what}": one.allowed for one in found.rights}
    assert allowed == {
        "read customers": True,
        "read invoices": True,
        "read payments": True,
        "read party": False,
        "write party": None,
    }
    assert found.documents == {}, "how many there are since a day cannot be asked"


def test_a_stamp_ahead_of_the_systems_clock_asks_for_the_zone() -> None:
    found = told(customers("2026-11-18 18:00"), NONE, NONE, NONE)
    [odd] = found.odd
    assert "customer: a stamp is 3.0 h ahead of the system's own clock" in odd and "`zone`" in odd


def test_what_cannot_be_read_is_told_and_is_no_right_that_lacks() -> None:
    found = told(Answer(200, {"rows": "x"}, DATE), NONE, NONE, NONE)
    assert found.odd == ("customer: the answer has no records at rows",)
    assert "read customers" not in [f"{one.op} {one.what}" for one in found.rights]
    found = told(customers("18.11.2026"), NONE, NONE, NONE)
    assert "a time is not as" in found.odd[0]


@pytest.mark.parametrize("answer", [ME, Answer(401), Answer(403, b"<html>"), Answer(400, {})])
def test_what_answers_in_json_or_asks_for_a_credential_is_an_api(answer: Answer) -> None:
    asked, _ = drive(shop(BOOKS).greet(), answer)
    assert asked[0].path == "/me" and not asked[0].headers


@pytest.mark.parametrize("answer", [Answer(200, b"<html>"), Answer(404, {}), Answer(404, b"<h1>")])
def test_what_does_neither_is_none(answer: Answer) -> None:
    with pytest.raises(ProtocolError):
        drive(shop(BOOKS).greet(), answer)


SYSTEMS = {"kasse": "memory_books", "karten": "memory_crm"}


@pytest.fixture
def place(table: Table) -> Iterator[Table]:
    """The memory world's files under names of their own, in the folder of the configuration."""
    folder = table.config.parent
    for name, of in SYSTEMS.items():
        for inside, source in (("connectors", HERE), ("mappings", registry.shipped("mappings"))):
            (folder / inside).mkdir(parents=True, exist_ok=True)
            text = (source / f"{of}.yaml").read_text(encoding="utf-8").replace(of, name)
            text = text.replace("{secret.token}", "{secret.key}")
            (folder / inside / f"{name}.yaml").write_text(text, encoding="utf-8")
    yield table


def words(table: Table) -> tuple[str, ...]:
    secret = f"key={table.secret()}"
    return (
        *("--books-system", "kasse", "--books-url", table.url, "--books-secret", secret),
        *("--crm-system", "karten", "--crm-url", table.url, "--crm-secret", secret),
        *("--language", "ru", "--zone", "Europe/Moscow", "--won", "off", "--yes"),
    )


def test_a_system_whose_file_lies_there_is_set_up_to_a_first_plan(place: Table) -> None:
    own = place.config.parent / "mappings" / "karten.yaml"
    before = own.read_text(encoding="utf-8")
    said = place.init(*words(place))
    assert said.code == 0, said.text
    assert "records     invoice: invoices " in said.out
    assert "not told" in said.out and "at least" in said.out
    assert own.read_text(encoding="utf-8") == before
    chosen = own.with_name("karten_chosen.yaml").read_text(encoding="utf-8")
    assert chosen.startswith("extends: karten\n") and 'zone: "Europe/Moscow"' in chosen
    config = place.config.read_text(encoding="utf-8")
    assert "crm_mapping: karten_chosen" in config and "system: kasse" in config
    [again] = [line for line in said.out.splitlines() if line.strip().startswith("syncd --config")]
    secrets = [word for word in shlex.split(again) if word.startswith("key=")]
    assert secrets == [
        f"key={place.config.parent / 'secrets' / name}.key" for name in ("books", "crm")
    ]
    assert "customer" in said.out.partition("Plan ")[2]
    assert place.world.writes() == 0
    told = place.syncd("doctor", "--json")
    assert '"records"' in told.out and "seen only by the first write" in told.out


def test_one_is_offered_and_its_key_is_asked_for(place: Table) -> None:
    answers = ["kasse", place.url, TOKEN]
    said = place.init("--folder", str(place.config.parent), answers=answers)
    assert "(tryton, onec, netsuite, kasse)" in said.out
    assert re.search("kasse +address, key", said.out)
    assert "Key (not shown)" in said.out and f"kasse answers at {place.url}" in said.out


def test_settings_come_before_the_address_that_they_are_a_part_of(place: Table) -> None:
    file = place.config.parent / "connectors" / "kasse.yaml"
    text = file.read_text(encoding="utf-8").replace("{get: /identity", '{get: "/{option.door}"')
    file.write_text(f"{text}options: {{door: what the API calls itself}}\n", encoding="utf-8")
    answers = ["kasse", "identity", place.url, TOKEN]
    said = place.init("--folder", str(place.config.parent), answers=answers)
    assert "door (what the API calls itself): identity" in said.out
    assert f"kasse answers at {place.url}" in said.out and "company     Books of" in said.out


def test_a_file_with_mistakes_is_named_and_not_offered(place: Table) -> None:
    file = place.config.parent / "connectors" / "kasse.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "reed: {}\n", encoding="utf-8")
    said = place.init("--folder", str(place.config.parent), answers=["kasse"])
    assert "! kasse is not offered: 1 mistakes in its connector file" in said.out
    assert "unknown line of the file reed" in said.out and "(tryton, onec, netsuite)" in said.out


def test_a_file_without_a_mapping_says_so(place: Table) -> None:
    (place.config.parent / "mappings" / "karten.yaml").unlink()
    said = place.init(*words(place))
    assert said.code == 78 and "karten.yaml has no mapping: write" in said.text
    assert not place.config.exists()


def test_the_facts_of_a_file_say_what_to_have_ready() -> None:
    facts = shop(BOOKS).facts
    assert facts.guides and facts.ready == "address, key" and Kind.CUSTOMER in facts.sources


def test_a_folder_of_spreadsheets_is_an_address_too(tmp_path: Path) -> None:
    file = tmp_path / "exports.yaml"
    file.write_text(
        "connector: exports\nkind: table\nversion: 1\n"
        "read:\n  customer: {file: customers.csv, key: Code}\n",
        encoding="utf-8",
    )
    system = System("books", "exports", ManualClock(), folder=tmp_path)
    assert system.find(" file:///srv/exports/ ").url == "file:///srv/exports"
