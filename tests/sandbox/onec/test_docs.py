"""What docs/sandboxes/onec.md lists is what there is."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox.onec.switches import table

PAGE = Path(__file__).parents[3] / "docs" / "sandboxes" / "onec.md"


def test_the_table_of_switches_is_the_module_that_has_them() -> None:
    """`python3 -m tests.sandbox.onec.switches` prints it."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition("<!-- switches -->\n")[2].partition("<!-- /switches -->")[0] == table()
