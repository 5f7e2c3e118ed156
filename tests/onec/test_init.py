"""Set-up day with 1C: the address as pasted, its configuration found, a plan, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.onec import FACTS
from syncd.mapping import load_books
from syncd.sandbox.onec.world import PASSWORD
from syncd.settings import load
from tests.engine.rig import MAPPINGS
from tests.init.table import CRM, Table
from tests.onec.over_http import served


@pytest.mark.parametrize(("configuration", "mapping"), [("ut", "onec_ut"), ("bp", "onec_bp")])
def test_the_mapping_of_the_configuration_is_found(
    tmp_path: Path, configuration: str, mapping: str
) -> None:
    with Table(tmp_path) as table, served(configuration=configuration) as (office, behind):
        secret = table.desk.secret("books", PASSWORD)
        words = ["--books-system", "onec", "--books-url", f"{office.address}/ru_RU/#e1cib/app"]
        words += ["--books-login", "Обмен", "--books-password-file", str(secret), *CRM]
        words += ["--books-option", "zone=Europe/Moscow", "--zone", "Europe/Moscow"]
        words += ["--crm-url", table.url, "--crm-token-file", str(table.secret()), "--yes"]
        said = table.init(*words)
        assert said.code == 0, said.text
        assert "ООО «Пример-Опт», ООО «Пример-Торг»" in said.out
        pair = load(table.config).pairs["main"]
        assert pair.books_mapping == mapping
        assert pair.books.options["zone"] == "Europe/Moscow"
        assert not [line for line in behind.log if not str(line["request"]).startswith("GET ")]
        assert table.proxy.writes == 0


@pytest.mark.parametrize("name", ["onec_ut", "onec_bp", "onec_unf"])
def test_no_word_of_an_expression_is_read_as_a_field(name: str) -> None:
    """`None` is nothing; `none` would be a field that no base has, and stop every run."""
    inbound = load_books(MAPPINGS / f"{name}.yaml", FACTS).inbound
    assert "none" not in {path for one in inbound.values() for path in one.read.paths}
