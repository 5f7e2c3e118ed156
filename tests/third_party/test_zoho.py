"""Clients that know nothing of syncd work with the Zoho sandbox as with Zoho CRM: the vendor's own
(zohocrmsdk) and a reader that is in wide use (Airbyte's). Where they and the vendor's pages
disagree, docs/sandboxes/zoho_crm.md says who is right.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from syncd.sandbox.serve import Served, listen, url
from syncd.sandbox.zoho_crm import make
from tests.third_party.environment import environment, seen

Seen = dict[str, Any]


@contextmanager
def sandbox(size: int | None = None) -> Iterator[tuple[Served, str]]:
    served = Served(make(data=None, seed=1, size=size))
    with listen(served) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield served, json.dumps(dict(served.sandbox.hello(url(server))))
        server.shutdown()


@pytest.fixture(scope="module")
def sdk() -> Path:
    return environment("zoho-sdk", "zohocrmsdk")


@pytest.fixture(scope="module")
def worked(sdk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("sdk")
    with sandbox() as (served, hello):
        served.sandbox.switches.credits = 60  # more than half of them are used on the way
        found = seen(sdk, "zoho_sdk.py", hello, str(folder), cwd=folder)
        used = served.sandbox.limits.used
        yield {**found, "used": used, "calls": [str(one["request"]) for one in served.log]}


@pytest.fixture(scope="module")
def failed(sdk: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("errors")
    with sandbox() as (_, hello):
        found: Seen = seen(sdk, "zoho_sdk_errors.py", hello, str(folder), cwd=folder)
        return found


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("airbyte")
    python = environment("zoho-airbyte", "source_zoho_crm.source")
    with sandbox(size=450) as (served, hello):
        found = seen(python, "zoho_airbyte.py", hello, cwd=folder)
        asked = [(str(one["request"]), one["query"], one["status"]) for one in served.log]
        return {**found, "asked": asked}


def test_the_vendors_client_logs_in_and_stays_here(worked: Seen) -> None:
    """It would go to a host of the vendor's that a token names."""
    assert worked["calls"].count("POST /oauth/v2/token") == 1
    assert worked["user"] == "integration@example.com"


def test_the_vendors_client_reads_and_turns_pages(worked: Seen) -> None:
    first = worked["list"]["rows"][0]
    assert (worked["list"]["status"], len(worked["list"]["rows"])) == (200, 6)
    assert first["Account_Name"] == "ООО «Новый клиент»"
    assert first["Modified_Time"] == "2026-09-01T06:07:00+00:00"  # sent as 09:07+03:00
    assert [len(one) for one in worked["pages"]] == [4, 2]
    assert len({id for page in worked["pages"] for id in page}) == 6


def test_the_vendors_client_asks_for_what_changed(worked: Seen) -> None:
    assert (worked["not_modified"], worked["modified"]) == (304, 6)
    assert worked["no_fields"]["code"] == "REQUIRED_PARAM_MISSING"


def test_the_vendors_client_writes(worked: Seen) -> None:
    def codes(name: str) -> tuple[int, list[tuple[str, str, str | None]]]:
        elements = worked[name]["elements"]
        found = [(one["class"], one["code"], one["action"]) for one in elements]
        return worked[name]["status"], found

    done, wrong = "SuccessResponse", "APIException"
    assert codes("upsert_new") == (200, [(done, "SUCCESS", "insert")])
    assert codes("upsert_same") == (
        207,
        [(done, "SUCCESS", "update"), (wrong, "INVALID_DATA", None)],
    )
    assert codes("insert") == (201, [(done, "SUCCESS", None)])
    assert codes("insert_bad") == (400, [(wrong, "MANDATORY_NOT_FOUND", None)])
    assert codes("insert_double") == (400, [(wrong, "DUPLICATE_DATA", None)])
    assert codes("update") == (200, [(done, "SUCCESS", None)])
    assert str(worked["insert_double"]["elements"][0]["id"]) == worked["id"]


def test_the_vendors_client_finds_what_it_wrote(worked: Seen) -> None:
    (card,) = worked["record"]["rows"]
    assert (card["Receivable_Balance"], card["Phone"]) == (48200.01, "+7 495 000-00-77")
    assert worked["external"]["rows"][0]["id"] == card["id"]
    (order,) = worked["related"]["rows"]
    assert (order["Name"], order["Amount"]) == ("ТДЦБ-000311", 120000.0)


def test_the_vendors_client_queries(worked: Seen) -> None:
    assert [one["Account_Name"] for one in worked["coql"]["rows"]] == ["ООО «Клиент SDK»"]
    assert worked["coql_wrong"]["code"] == "SYNTAX_ERROR"
    assert worked["search_new"] == 204, "the index is behind what was just written"
    assert len(worked["search_old"]["rows"]) == 3


def test_the_vendors_client_reads_contacts_and_what_is_left_of_the_credits(worked: Seen) -> None:
    """The related list and the query tell the same persons; syncd asks the query."""
    [person] = worked["persons"]["rows"]
    assert (person["Last_Name"], person["Email"]) == ("山田", "hanako@example.jp")
    assert [one["Email"] for one in worked["coql_persons"]["rows"]] == ["hanako@example.jp"]
    assert int(worked["credits_left"]) == 60 - worked["used"] < 30
    assert worked["licence"] == [True, "enterprise", "14"]


def test_the_vendors_client_reads_and_changes_the_settings(worked: Seen) -> None:
    assert {"Accounts", "Contacts", "Deals", "ERP_Orders"} <= set(worked["modules"])
    assert worked["fields"]["Receivable_Balance"] == ["currency", True, 16]
    assert worked["field"] == {"status": 201, "codes": ["SUCCESS"]}
    assert worked["fields"]["Credit_limit_SDK"] == ["currency", True, 16]
    assert (worked["org"], worked["currencies"][:2]) == ("RUB", ["RUB", "EUR"])


def test_the_vendors_client_deletes(worked: Seen) -> None:
    assert worked["delete"]["status"] == 207
    assert [one["code"] for one in worked["delete"]["elements"]] == ["SUCCESS", "INVALID_DATA"]
    assert worked["deleted"] == [[worked["id"], "recycle"]]
    assert worked["gone"] == 204


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("expired", 401, "INVALID_TOKEN"),
        ("rate_limited", 429, "TOO_MANY_REQUESTS"),
        ("error", 500, "INTERNAL_ERROR"),
    ],
)
def test_the_vendors_client_knows_the_errors(
    failed: Seen, fault: str, status: int, code: str
) -> None:
    assert failed["right"] == {"status": 200}
    assert failed[fault] == {"status": status, "class": "APIException", "code": code}


def test_the_vendors_client_knows_why_it_gets_no_token(failed: Seen) -> None:
    told = {one: failed[one]["told"].rpartition(" - ")[2] for one in ("secret", "revoked")}
    assert told == {"secret": "invalid_client_secret", "revoked": "invalid_code"}
    assert "Access Denied" in failed["throttled"]["told"]


def test_airbyte_discovers(read: Seen) -> None:
    assert (read["check"], "access_token" in read["wrong"]) == (True, True)
    assert {"Accounts", "Deals", "ERP_Orders"} <= set(read["streams"])
    assert read["schema"]["Receivable_Balance"] == ["null", "number"]


def test_airbyte_reads_every_page_once(read: Seen) -> None:
    assert len(read["accounts"]) == len({one["id"] for one in read["accounts"]}) == 450
    pages = [query for line, query, _ in read["asked"] if line == "GET /crm/v2/Accounts"]
    assert pages == ["", "page=2", "page=3", ""]
    assert read["deals"] > 200


def test_airbyte_resumes_where_nothing_changed(read: Seen) -> None:
    """It adds a second to the newest time it saw, as the comparison takes the time itself too."""
    assert read["again"] == []
    assert read["cursor"]["Modified_Time"].endswith("+03:00")
    assert 304 in [status for line, _, status in read["asked"] if line == "GET /crm/v2/Accounts"]
