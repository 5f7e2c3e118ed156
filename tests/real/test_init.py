"""Set-up day with the real Tryton and the real BottleCRM: from nothing to a plan, by answering."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from syncd.__main__ import execute
from syncd.clock import SystemClock
from syncd.domain import Kind
from syncd.setup.reach import System
from tests.proxy import Proxy
from tests.real.test_main_job import READING, changes_crm
from tests.server import Call
from tests.world import company
from tests.world.books import INVOICE, Books
from tests.world.crm import Crm
from tests.world.processes import Place
from tests.world.tryton_server import TrytonServer

MORE = {"login", "version", "list", "get_access"}
"""What else is asked on set-up day, and changes nothing."""


@pytest.fixture(scope="module")
def demo_books() -> Iterator[Books]:
    """On a server of its own: Tryton keeps its list of databases as long as a session may last."""
    with Place() as place:
        yield TrytonServer(place).database(company.template())


def changes_books(call: Call) -> bool:
    method = str(json.loads(call.body or b"{}").get("method", ""))
    return method.rsplit(".", 1)[-1] not in READING | MORE


def typed(config: Path, *words: str, answers: tuple[str, ...] = ()) -> tuple[int, str]:
    with CliRunner().isolation(input="".join(f"{one}\n" for one in answers)) as (out, err, _):
        code = execute(["--config", str(config), *words], SystemClock())
        return code, out.getvalue().decode() + err.getvalue().decode()


def test_a_user_with_too_few_rights_is_told_what_would_fail(demo_books: Books) -> None:
    [accounting] = demo_books.search("res.group", [["name", "=", "Accounting"]])
    password = "Geheim-geheim-9"
    values = {
        "name": "Чтение",
        "login": "reader",
        "password": password,
        "groups": [["add", [accounting]]],
        "companies": [["add", [1]]],
        "company": 1,
    }
    demo_books.rpc("model.res.user.create", [values])
    options = {"database": demo_books.database, "login": "reader"}
    reader = System(
        "books", "tryton", SystemClock(), demo_books.url, options, {"password": password}
    )
    day = dt.date(2026, 1, 1)
    found = reader.look([day], day).discovery
    assert [one.what for one in found.rights if not one.allowed] == ["sale.sale"]
    assert found.administrator is False
    assert sorted(found.documents) == [Kind.INVOICE, Kind.PAYMENT], "what is not seen is no zero"


def test_from_nothing_to_a_plan(demo_books: Books, crm: Crm, tmp_path: Path) -> None:
    config = tmp_path / "syncd.yaml"
    crm.post(
        "/api/custom-fields/",
        {"target_model": "Account", "key": "erp_code", "label": "ERP", "field_type": "text"},
    )
    account = crm.add_account("Möbelhaus 家具", custom_fields={"erp_code": "17"})
    crm.win(crm.open_deal(account, "Kitchen", "900.00", "EUR"))
    invoices = demo_books.search(INVOICE, [["type", "=", "out"], ["number", "!=", None]])
    with (
        Proxy(demo_books.url, is_write=changes_books) as books_proxy,
        Proxy(crm.url, is_write=changes_crm) as crm_proxy,
    ):
        code, said = typed(
            config,
            "init",
            answers=(
                "tryton",
                f"{books_proxy.url}/#{demo_books.database}/model/party.party",
                "no_such_base",
                demo_books.database,
                demo_books.login,
                "wrong",
                demo_books.login,
                demo_books.password,
                "bottlecrm",
                f"{crm_proxy.url}/accounts/{account}",
                "bcrm_pat_wrong",
                crm.token,
                "",  # production
                "all",
                "ru",
                "",  # the zone found
                "",  # every stage of kind won
                "",  # propose
                *[""] * 3,  # nobody hears about problems
            ),
        )
        assert code == 0, said
        assert "tryton 8.2 answers at" in said
        assert f"there is no database no_such_base at {books_proxy.url}" in said
        assert demo_books.database in said.partition("it has: ")[2].splitlines()[0]
        assert f'! Tryton refuses the login "{demo_books.login}" with this password' in said
        assert "BottleCRM refused the token" in said
        assert f"{len(invoices)} invoices" in said and "module      sale: there" in said
        assert "custom_fields.erp_code (“ERP”) is filled on 1 of" in said
        assert "so 1 deal of the last 30 days would have counted" in said
        drawn = said[said.index("\nPlan ") :]
        customers = re.search(r"^customer +\d+ +(\d+) ", drawn, re.M)
        assert customers and customers[1] == "25", drawn
        money = re.findall(
            r"^(receivable|paid ahead) +([A-Z]{3}) +(\S+) +(\S+) +(\S+)$", drawn, re.M
        )
        assert {one[1] for one in money} == {"EUR", "RUB", "USD"}, drawn
        assert all(books == cards and gap == "0.00" for *_, books, cards, gap in money), drawn
        assert "syncd connections setup crm, then" in said
        for secret in (demo_books.password, crm.token):
            assert secret not in said

        code, checked = typed(config, "check")
        assert code == 0, checked
        code, told = typed(config, "doctor", "--json")
        found = json.loads(told)["findings"]
        assert code == 0, told
        says = {f"{one['about']} {one['what']}": one["says"] for one in found}
        assert says["books version"] == "tryton 8.2"
        assert says["books tier T2"].startswith("party: ")
        assert "account, contact, invoice, payment, note" in says["crm tier T3"]
        assert any("is an administrator" in one["says"] for one in found), "the demo's login is"
        assert (books_proxy.writes, crm_proxy.writes) == (0, 0)
        assert books_proxy.reads > 20 and crm_proxy.reads > 20
