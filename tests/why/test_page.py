"""docs/why.md and the closed list say the same."""

from __future__ import annotations

from pathlib import Path

from syncd.why import MEANINGS, Code
from tests.why.test_reasons import PROVOKED

PAGE = Path(__file__).parents[2] / "docs" / "why.md"


def test_the_page_lists_every_reason_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = text.partition("<!-- reasons -->\n")[2].partition("<!-- /reasons -->")[0]
    rows = [f"| `{code}` | {MEANINGS[code].sentence} | {MEANINGS[code].ends} |" for code in Code]
    assert listed.strip().splitlines() == ["| id | why | ends when |", "| --- | --- | --- |", *rows]


def test_every_reason_has_a_meaning_and_is_provoked_once() -> None:
    assert set(MEANINGS) == set(PROVOKED) == set(Code)
