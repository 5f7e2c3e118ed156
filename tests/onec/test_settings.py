"""What a configuration of 1C says before anything is reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.onec import FACTS, OneC
from syncd.assembly import Assembly
from syncd.clock import SystemClock
from syncd.doctor.connection import of_facts
from syncd.doctor.findings import Notes
from syncd.errors import ConfigError
from syncd.settings import load
from tests.onec.wire import NODE

TEXT = """
state: state.sqlite
secrets: secrets
connections:
  books: {{system: onec, url: "http://127.0.0.1:1/trade", login: Обмен, zone: Europe/Moscow{more}}}
  one: {{system: bottlecrm, url: "http://127.0.0.1:1"}}
  two: {{system: bottlecrm, url: "http://127.0.0.1:1"}}
pairs:
  first: {{books: books, crm: one, books_mapping: onec_ut}}
  second: {{books: books, crm: two, books_mapping: onec_ut}}
"""


def problems(tmp_path: Path, more: str) -> list[str]:
    file = tmp_path / "syncd.yaml"
    file.write_text(TEXT.format(more=more), encoding="utf-8")
    found = Assembly(load(file), SystemClock()).check()
    return [one for one in found if "secret" not in one]


def test_two_pairs_may_compare_and_may_not_share_a_node(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == []
    found = problems(tmp_path, f", exchange_plan: CRM, exchange_node: {NODE}")
    assert len(found) == 2
    assert "a node of its own" in found[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "no exchange plan"), ({"exchange_plan": "CRM", "exchange_node": NODE}, "plan CRM")],
)
def test_doctor_says_how_changes_are_found(options: dict[str, str], said: str) -> None:
    made = OneC({"login": "a", "zone": "UTC", **options})
    told = [finding.says for finding in of_facts(Notes("books"), made.facts)]
    assert [one for one in told if said in one]


def test_every_option_is_named() -> None:
    with pytest.raises(ConfigError, match="whole number"):
        OneC({"login": "a", "zone": "UTC", "page": "none"})
    with pytest.raises(ConfigError, match="yes or no"):
        OneC({"login": "a", "zone": "UTC", "sessions": "maybe"})
    assert set(FACTS.needed) <= set(FACTS.options)
