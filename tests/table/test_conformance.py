"""Files keep the promises of every connector; those that rest on a stamp of each record are left
out by the declared fact that rows have none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import kit
from tests.table.driver import LINES, TableDriver
from tests.table.exports import HEAD, OPTIONS, described

FACTS = described(HEAD + LINES).connector(OPTIONS).facts


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[kit.Subject[TableDriver]]:
    driver = TableDriver(tmp_path)
    exports = driver.exports
    wire = kit.Wire(lambda connector, clock: exports.connect(clock, connector))
    yield kit.Subject(exports.connector, exports.transport.run, driver, wire=wire)
    exports.transport.close()


@pytest.mark.parametrize("case", kit.books_cases(FACTS, TableDriver.can), ids=str)
def test_conformance(case: kit.Case[TableDriver], subject: kit.Subject[TableDriver]) -> None:
    case(subject)


def test_what_is_left_out() -> None:
    left = kit.not_applicable(FACTS, TableDriver.can)
    assert {name: left[name] for name in sorted(left)} == {
        "child-customer": "cannot child",
        "child-invoice": "cannot child",
        **{f"expired-{kind}": "no secrets" for kind in FACTS.sources},
        **{f"far_future-{kind}": "not stamped" for kind in FACTS.sources},
        "guided": "no guide",
        "stranger": "no secrets",
        **{f"voided-{kind}": "cannot void" for kind in FACTS.sources},
    }
