"""The example of docs/connector-guide.md is what it is said to be: a connector that passes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.conformance import books, crm, kit
from tests.docs.kassa import Kassa
from tests.docs.pages import ROOT, blocks

GUIDE = ROOT / "docs" / "connector-guide.md"
CODE = {
    block.body.partition("\n")[0].removeprefix("# "): block
    for block in blocks(GUIDE)
    if block.mark == "python" and block.body.startswith("# ")
}
KIT = GUIDE.read_text(encoding="utf-8").partition("## The conformance kit")[2]
TABLES = [line for line in KIT.splitlines() if line.startswith("| `")]
SAID = [block.body.strip() for block in blocks(GUIDE) if block.mark == ""]


def module(file: str, change: Callable[[str], str] = str) -> ModuleType:
    """A file of the guide, importable until the end of the test run."""
    block = CODE[file]
    name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    made = sys.modules[name] = ModuleType(name)
    padding = "\n" * block.line  # so that a traceback names the line of the guide
    exec(compile(padding + change(block.body), str(GUIDE), "exec"), made.__dict__)
    return made


CONNECTOR = module("connectors/kassa/__init__.py")
DRIVER = module("tests/kassa/driver.py")
TESTS = module("tests/kassa/test_conformance.py")


@pytest.fixture
def kassa() -> Kassa:
    return Kassa()


@pytest.fixture
def connect(kassa: Kassa) -> kit.Connect:
    return kassa.connect


test_conformance = TESTS.test_conformance


def test_a_red_case_says_what_the_guide_shows() -> None:
    forgetful = module(
        "connectors/kassa/__init__.py", lambda code: code.replace(', "after": after}', "}")
    ).Kassa({"page": "3"})
    module("connectors/kassa/__init__.py")

    def subject() -> kit.Subject[Any]:
        kassa = Kassa()
        return kit.Subject(forgetful, kassa.connect(forgetful).run, DRIVER.KassaDriver(kassa))

    [case] = [one for one in kit.books_cases(forgetful.facts, {}) if one.name == "ties"]
    assert [kit.broken([case], subject)["ties-customer"]] == SAID


def test_the_guide_lists_every_case() -> None:
    listed = {name for line in TABLES for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert listed == {"identity", "stranger", "guided", *books.CHECKS, *crm.CHECKS}
