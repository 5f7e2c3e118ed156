"""Set-up day with 1C and Megaplan: both sandboxes behind HTTP, and an empty folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from syncd.__main__ import execute
from syncd.sandbox.onec.world import PASSWORD
from syncd.sandbox.serve import Served, listen
from syncd.sandbox.serve import url as url_of
from syncd.settings import load
from tests.cli.desk import Said
from tests.megaplan.office import Office
from tests.onec.over_http import OverHttp, served

Syncd = Callable[..., Said]


@contextmanager
def megaplan(office: Office) -> Iterator[str]:
    with listen(office.served) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield url_of(server)
        server.shutdown()


def syncd(folder: Path, books: OverHttp, *words: str) -> Said:
    with CliRunner().isolation() as (out, err, _):
        code = execute(["--config", str(folder / "syncd.yaml"), *words], books.clock)
        return Said(code, out.getvalue().decode(), err.getvalue().decode())


def writes(*sides: Served) -> list[str]:
    lines = [str(one["request"]) for side in sides for one in side.log]
    return [one for one in lines if not one.startswith(("GET ", "POST /api/v3/auth/"))]


def test_from_two_addresses_to_a_plan_and_to_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "SYNCD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    with served() as (books, behind):
        crm = Office(books.clock)
        crm.company("ООО «Выбран»", "Клиент")
        with megaplan(crm) as url:
            secrets = {"books": PASSWORD, **crm.secrets(url)}
            files = {name: tmp_path / name for name in secrets}
            for name, value in secrets.items():
                files[name].write_text(value, encoding="utf-8")
            folder = tmp_path / "настройка"
            said = syncd(
                folder, books, "init", "--yes",
                "--books-system", "1С", "--books-url", books.address, "--books-login", "Обмен",
                "--books-password-file", str(files["books"]),
                "--crm-system", "Мегаплан", "--crm-url", url,
                "--crm-secret", f"username={files['username']}",
                "--crm-password-file", str(files["password"]),
                "--won-by", "deals,type.name=Клиент", "--language", "en",
            )  # fmt: skip
            assert said.code == 0, said.text
            assert "22 of 22 custom fields are there" in said.out
            assert "in a state that their program counts as a success" in said.out
            assert secrets["password"] not in said.text
            assert writes(behind, crm.served) == []
            assert load(folder / "syncd.yaml").pairs["main"].crm.system == "megaplan"
            overlay = (folder / "mappings" / "megaplan.yaml").read_text(encoding="utf-8")
            assert 'type.name == "Клиент"' in overlay and "Owes {receivable}" in overlay

            assert syncd(folder, books, "connections", "setup", "crm").code == 0
            crm.switches.prepared = False
            said = syncd(folder, books, "connections", "setup", "crm")
            assert said.code == 1 and "Make them by hand" in said.out and "“Долг”" in said.out
            crm.switches.prepared = True
            said = syncd(folder, books, "doctor", "crm")
            assert said.code == 0 and "tier T3" in said.out, said.text
            plan = syncd(folder, books, "plan")
            number = plan.out[plan.out.index("syncd apply ") :].split()[2]
            assert syncd(folder, books, "apply", number).code == 0
            assert any(crm.extra(row, "Расчёты") for row in crm.rows())
