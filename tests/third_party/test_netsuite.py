"""Clients that know nothing of syncd work with the NetSuite sandbox as with NetSuite: three that
sign every request, Authlib with a signed assertion, one that was generated from a real account's
metadata, and Airbyte's reader. Where they and the help disagree, docs/sandboxes/netsuite.md says
who is right.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from syncd.sandbox.netsuite import NetSuite
from syncd.sandbox.netsuite.login import Token
from syncd.sandbox.serve import Served, listen, url
from tests.third_party.environment import environment, seen

Seen = dict[str, Any]


@contextmanager
def sandbox() -> Iterator[tuple[Served, NetSuite, dict[str, str]]]:
    netsuite = NetSuite()
    served = Served(netsuite)
    with listen(served) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield served, netsuite, dict(netsuite.hello(url(server)))
        server.shutdown()


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    python = environment("netsuite", "netsuite, netsuite_oauth, restsuite, authlib")
    key = rsa.generate_private_key(65537, 3072)
    pem, der = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, der, serialization.NoEncryption()).decode()
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    with sandbox() as (served, netsuite, hello):
        netsuite.switches.concurrency = 5
        kid = netsuite.login.map(key.public_key().public_bytes(pem, public).decode())
        folder = tmp_path_factory.mktemp("clients")
        found = seen(python, "netsuite_clients.py", json.dumps(hello), private, kid, cwd=folder)
        asked = [(str(one["request"]), one["query"]) for one in served.log]
        return {**found, "asked": asked, "papers": netsuite.store.rows(
            'SELECT id FROM "transaction" ORDER BY id')}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    python = environment("netsuite-records", "netsuite.swagger_client")
    with sandbox() as (_, netsuite, hello):
        netsuite.login.live.append(Token("t", netsuite.store.now() + timedelta(hours=1)))
        found: Seen = seen(
            python, "netsuite_records.py", hello["url"], "t", cwd=tmp_path_factory.mktemp("records")
        )
        return found


@pytest.fixture(scope="module", params=["M/D/YYYY", "DD.MM.YYYY"])
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    python = environment("netsuite-airbyte", "source_netsuite.source")
    with sandbox() as (served, netsuite, hello):
        netsuite.switches.date_format = request.param
        netsuite.switches.empty_schema_first = True
        start = netsuite.store.now() - timedelta(days=400)
        words = (json.dumps(hello), start.strftime("%Y-%m-%dT%H:%M:%SZ"))
        folder: Path = tmp_path_factory.mktemp("airbyte")
        found = seen(python, "netsuite_airbyte.py", *words, cwd=folder)
        refused = [one for one in served.log if one["status"] == 400]
        return {**found, "format": request.param, "refused": len(refused)}


def test_signed_requests_query_and_page(worked: Seen) -> None:
    page = worked["netsuite"]["page"]
    assert [one["altname"] for one in page["items"]] == ["株式会社サンプル", "Пётр Примеров"]
    assert [one["currency"] for one in page["items"]] == ["Japanese Yen", "Russian Rouble"]
    assert (page["offset"], page["hasMore"], page["totalResults"]) == (2, True, 7)
    assert worked["oauth"] == {"count": [{"links": [], "n": "8"}], "listed": 1}


def test_a_client_that_follows_the_links_reads_everything_once(worked: Seen) -> None:
    """It signs the next page's whole address."""
    assert worked["restsuite"] == [str(one["id"]) for one in worked["papers"]]
    pages = [query for _, query in worked["asked"] if query.startswith("limit=5")]
    assert pages == ["limit=5", *(f"limit=5&offset={at}" for at in (5, 10, 15, 20))]


def test_signed_requests_write(worked: Seen) -> None:
    found = worked["netsuite"]
    assert found["put"] == [None, None]
    assert (found["read"]["phone"], found["read"]["externalId"]) == ("+7 495 000-00-77", "CRM-1")
    after = {name: text for name, text in found["after"].items() if name != "links"}
    assert after == {"companyName": "ООО «Клиент»", "comments": "山田"}
    assert found["location"].rpartition("/")[2].isdigit()
    assert {"companyName", "custentity_syncd_receivable", "addressBook"} <= set(found["schema"])
    assert found["openapi"] == ["customer", "invoice"]


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("gone", 404, "NONEXISTENT_ID"),
        ("bad_query", 400, "INVALID_PARAMETER"),
        ("bad_offset", 400, "INVALID_PARAMETER"),
        ("unknown", 400, "NONEXISTENT_FIELD"),
        ("secret", 401, "INVALID_LOGIN"),
        ("account", 401, "INVALID_LOGIN"),
    ],
)
def test_a_client_reads_why_it_was_refused(worked: Seen, what: str, status: int, code: str) -> None:
    told, detail = worked["netsuite"][what]
    assert (told, detail["o:errorCode"]) == (status, code)


def test_who_comes_while_others_take_all_the_account_allows_is_told_so(worked: Seen) -> None:
    assert worked["netsuite"]["taken"] == [429, "CONCURRENCY_LIMIT_EXCEEDED"]


def test_authlib_logs_in_with_both_kinds_of_keys(worked: Seen) -> None:
    """Its assertion is good for exactly an hour, and has claims that nobody asked for."""
    found = worked["authlib"]
    for alg in ("ES256", "PS256", "PS512"):
        assert found[alg] == [200, "bearer", "3600"]
    assert found["RS256"].startswith("OAuthError: invalid_client")
    assert found["certificate"].startswith("OAuthError: invalid_grant")
    assert found["scope"].startswith("OAuthError: invalid_scope")


def test_models_of_a_real_account_fit(recorded: Seen) -> None:
    id, name, balance, currency, inactive, _, limit = recorded["first"]
    assert (id, name, balance, limit) == ("7", "ООО «Пример»", 37300, 100000)
    assert (currency, inactive) == ("Russian Rouble", False)
    assert recorded["listed"] == [2, True, 7, 2]


def test_models_of_a_real_account_write(recorded: Seen) -> None:
    assert recorded["made"] == ["株式会社サンプル", "+81-3-0000-0000", "CRM-2", "Lead"]
    assert recorded["changed"] == ["ok", "a@example.jp", "+81-3-0000-0000"]
    assert recorded["contact"] == ["花子 山田", "株式会社サンプル"]
    assert recorded["missing"] == [404, "NONEXISTENT_ID"]


def test_airbyte_checks_and_discovers(read: Seen) -> None:
    assert (read["check"], read["wrong"]) == (True, False)
    assert read["streams"] == {
        "customer": "IncrementalNetsuiteStream",
        "currency": "NetsuiteStream",
        "invoice": "IncrementalNetsuiteStream",
    }
    assert read["schema"]["format"] == "date-time"


def test_airbyte_reads_records_with_what_is_below_them(read: Seen) -> None:
    assert read["ids"] == ["7", "9", "10", "11", "12", "13", "14"]
    assert read["addresses"][0] == 1
    assert (read["currencies"], read["invoices"]) == (["USD", "RUB", "EUR", "JPY"], 8)


def test_airbyte_finds_the_accounts_format_and_resumes(read: Seen) -> None:
    """It tries four forms of a date until one is not refused."""
    assert (read["refused"] > 0) == (read["format"] != "M/D/YYYY")
    assert read["since"][-1] == "14"
