"""What docs/sandboxes/onec.md lists is what there is."""

from __future__ import annotations

from tests.sandbox.switches import shown, table


def test_the_table_of_switches_is_the_module_that_has_them() -> None:
    """`python3 -m tests.sandbox.switches onec` prints it."""
    assert shown("onec") == table("onec")
