"""A client that knows nothing of syncd (megaplan-sdk) works with the Megaplan sandbox as with
Megaplan. Where it and what is documented disagree, docs/sandboxes/megaplan.md says who is right.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.sandbox.faults import Fault, Lane, Plan
from syncd.sandbox.megaplan import make
from syncd.sandbox.serve import Served, listen, switch, url
from tests.third_party.environment import environment, seen

Seen = dict[str, Any]


@pytest.fixture(scope="module", params=["status", "inside"])
def worked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """With errors as HTTP has them, and inside of the envelope alone; the login ends on the way."""
    python = environment("megaplan-sdk", "megaplan_sdk")
    folder: Path = tmp_path_factory.mktemp("sdk")
    served = Served(make(data=None, seed=1, size=None))
    limits = {"per_second": 0, "errors_inside": request.param == "inside"}
    switch(served.sandbox, limits)
    served.lane = Lane(plans=[Plan("GET *extraFields", Fault.EXPIRED)])
    with listen(served) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        hello = json.dumps(dict(served.sandbox.hello(url(server))))
        found = seen(python, "megaplan_client.py", hello, cwd=folder)
        asked = [(str(one["request"]), str(one["query"])) for one in served.log]
        yield {**found, "asked": asked}
        server.shutdown()


def test_it_logs_in_and_renews_a_login_that_ended(worked: Seen) -> None:
    logins = [line for line, _ in worked["asked"] if line.endswith("access_token")]
    assert len(logins) == 3  # by password, by the refresh token, and the stranger's
    assert worked["stranger"] == "AuthenticationError"


def test_it_turns_pages_over_both_kinds_of_cards(worked: Seen) -> None:
    ids = [id for _, id, _ in worked["contractors"]]
    assert len(ids) == len(set(ids)) == 11
    names = {name for kind, _, name in worked["contractors"] if kind == "ContractorCompany"}
    assert {"ООО «Пример»", "株式会社サンプル"} <= names
    queries = [query for line, query in worked["asked"] if line == "GET /api/v3/contractor"]
    assert json.loads(queries[1])["pageAfter"]["contentType"] in (
        "ContractorCompany",
        "ContractorHuman",
    )


def test_it_finds_extra_fields_by_their_label_and_writes_them(worked: Seen) -> None:
    assert worked["extra"]["Долг"] == ["Category183CustomFieldDolg", "MoneyField"]
    assert worked["extra"]["Просрочено с"] == ["Category183CustomFieldProsrochenoS", "DateField"]
    name, money, day = worked["changed"]
    assert (name, money["value"], money["currency"]) == ("ООО «Клиент SDK»", 25000.5, "RUB")
    assert (day["year"], day["month"], day["day"]) == (2026, 5, 7)
    assert worked["card"] == ["ООО «Клиент SDK»", 25000.5, False]


def test_it_makes_requisites_and_searches_names(worked: Seen) -> None:
    assert worked["payers"] == ["7700000030"]
    assert worked["payer"][0] == "ContractorCompany"
    assert worked["search"] == ["ООО «Клиент SDK»"]


def test_it_reads_deals_and_filters_them(worked: Seen) -> None:
    assert len(worked["deals"]) == 7
    assert ["№41", "positive", "Успех", "ContractorCompany"] in worked["deals"]
    assert worked["named"] == ["Оборудование склада"]
    assert (worked["won"], worked["many"], worked["invoices"]) == (2, True, 0)


def test_a_state_is_changed_by_a_transition_alone(worked: Seen) -> None:
    assert worked["state_ignored"] == "active"
    assert worked["transition_by_id"] == ["ValidationError", 422]
    assert worked["transition"] == "positive"


def test_it_knows_the_errors(worked: Seen) -> None:
    assert worked["errors"] == {
        "abstract": ["ServerError", 500],
        "gone": ["NotFoundError", 404],
        "invalid": ["ValidationError", 422],
        "deadline": ["ValidationError", 422],
    }
