"""Clients that know nothing of syncd work with the 1C sandbox as with 1C: python-1c-odata, and the
readers of onecdc, which read changes by an exchange plan. Where they and what is known of 1C
disagree, docs/sandbox-onec.md says who is right.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from syncd.sandbox.onec.world import Onec
from syncd.sandbox.serve import Served, listen, url
from tests.third_party.environment import environment, seen

Seen = dict[str, Any]
NOON = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
REGISTER = "AccumulationRegister_РасчетыСКлиентами"


@contextmanager
def sandbox() -> Iterator[str]:
    served = Served(Onec(lambda: NOON))
    with listen(served) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield json.dumps(dict(served.sandbox.hello(url(server))))
        server.shutdown()


@pytest.fixture(scope="module")
def python() -> Path:
    return environment("onec", "python_1c_odata, onecdc")


@pytest.fixture(scope="module")
def client(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    with sandbox() as hello:
        found: Seen = seen(python, "onec_client.py", hello, cwd=tmp_path_factory.mktemp("client"))
        return found


@pytest.fixture(scope="module")
def reader(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    with sandbox() as hello:
        found: Seen = seen(python, "onec_reader.py", hello, cwd=tmp_path_factory.mktemp("reader"))
        return found


def test_the_client_understands_the_metadata(client: Seen) -> None:
    reads = client["reads"]
    assert {"Document_ЗаказКлиента", "Document_ЗаказКлиента_Товары", REGISTER} <= {*reads["sets"]}
    assert {"Ref_Key", "Контрагент_Key", "Автор_Type", "Товары"} <= {*reads["properties"]}


def test_the_client_reads_and_turns_pages(client: Seen) -> None:
    reads = client["reads"]
    assert (reads["page"], reads["count"], reads["nodes"]) == ([3, 12], 1, 2)
    assert reads["pages"] == [20, 20]  # a unique order: nothing lost, nothing twice
    assert reads["one"]
    assert reads["presented"][:2] == ["Description", "Партнер____Presentation"]


def test_the_client_filters(client: Seen) -> None:
    assert client["filters"] == {
        "japanese": 1,
        "start": 2,
        "not": 12,
        "date": 6,
        "both": 5,
        "path": 5,
        "any": 2,
        "cast": 1,
        "uncast": 0,
        "quote": 0,
    }


def test_the_client_reads_virtual_tables(client: Seen) -> None:
    registers = client["registers"]
    assert registers["balance"] == [17, 1348165.75]
    assert registers["condition"] == [15, True]
    assert (registers["before"], registers["turnovers"]) == (0, True)
    assert (registers["rates"], registers["sets"]) == (3, 2)


def test_the_client_writes_posts_and_deletes(client: Seen) -> None:
    writes = client["writes"]
    assert writes["made"] == ["0a1b2c3d-0000-5000-8000-000000000001", "AAAAAAAAAAA="]
    assert writes["again"] == ["ODataError", 400, "15"]
    assert writes["changed"] == ["7700000009", "AAAAAAAAAAE="]  # though If-Match was another one
    assert writes["replaced"] == ["ООО «Другой»", ""]
    assert writes["posted"]["Posted"] and writes["posted"]["СуммаДокумента"] == 1000
    assert writes["marked"] == writes["post_marked"] == ["ODataError", 500, "-1"]
    assert writes["unposted"] == [False, True]
    assert writes["gone"] == ["EntityNotFound", 404, "9"]


def test_the_client_knows_each_error(client: Seen) -> None:
    assert client["errors"] == {
        "stale": ["ConcurrencyError", 412, "-1"],
        "wrong": ["ODataError", 401],
        "no_set": ["EntityNotFound", 404, "8"],
        "no_key": ["EntityNotFound", 404, "9"],
        "no_field": ["ODataError", 400, "6"],
        "bad_filter": ["ODataError", 400, "14"],
        "bad_guid": ["ODataError", 400, "1"],
        "no_method": ["ODataError", 400, "6"],
    }


def test_the_client_works_in_atom_too(client: Seen) -> None:
    assert client["atom"] == {
        "rows": 2,
        "lines": "str",  # it makes one text of a part; onecdc reads the same entry as rows
        "made": "ООО «Атом»",
        "missing": ["EntityNotFound", 404, "9"],
    }


def test_the_reader_tells_dimensions_from_resources(reader: Seen) -> None:
    assert reader["keys"] == ["Recorder", "LineNumber", "Recorder_Type"]
    dimensions, resources = reader["register"]
    assert dimensions == ["АналитикаУчетаПоПартнерам_Key", "ОбъектРасчетов_Key", "Валюта_Key"]
    assert "Сумма" in resources
    assert {"Document_ЗаказКлиента_Товары", "Catalog_Контрагенты"} <= {*reader["objects"]}


def test_the_reader_reads_pages_and_recordsets(reader: Seen) -> None:
    assert (reader["read"], reader["recordsets"]) == ([4, 4], 2)


def test_the_reader_gets_all_and_again_until_it_says_received(reader: Seen) -> None:
    assert reader["nodes"] == ["CRM"]
    first = reader["first"]
    assert first["number"] == 1
    assert first["rows"]["Document_ЗаказКлиента"] == 20
    assert first["rows"]["Document_ЗаказКлиента_Товары"] == 20
    assert reader["repeated"] == first
    assert reader["empty"] == {"number": 2, "entries": 0, "rows": {}}


def test_the_reader_gets_what_was_posted_and_what_was_unposted(reader: Seen) -> None:
    posted, unposted = reader["posted"]["rows"], reader["unposted"]["rows"]
    assert (posted["Document_ЗаказКлиента"], posted[REGISTER]) == (1, 1)
    assert (unposted["Document_ЗаказКлиента"], unposted[REGISTER]) == (1, 1)


def test_the_reader_does_not_see_what_was_deleted(reader: Seen) -> None:
    """A tombstone is in the package; it counts entries alone."""
    assert reader["deleted"]["number"] == 4
    assert reader["deleted"]["entries"] == 0
    assert reader["received"] == 3
