"""What docs/sandboxes/netsuite.md lists is what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from syncd.sandbox.netsuite import NetSuite
from syncd.sandbox.netsuite.operations import operations
from tests.sandbox.switches import shown, table

PAGE = Path(__file__).parents[3] / "docs" / "sandboxes" / "netsuite.md"


def test_the_table_of_switches_is_the_module_that_has_them() -> None:
    """`python3 -m tests.sandbox.switches netsuite` prints it."""
    assert shown("netsuite") == table("netsuite")


def test_every_operation_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [one for one in operations() if f"`{one}`" not in text] == []


def test_the_examples_of_operations_work() -> None:
    text, netsuite = PAGE.read_text(encoding="utf-8"), NetSuite()
    examples = re.findall(r"^curl -d '(.+)' http://\S+/_sandbox/do/(\w+)$", text, re.M)
    assert [name for _, name in examples] == ["invoice", "pay"]
    for said, name in examples:
        assert netsuite.operate(name, json.loads(said))["id"] > 0
