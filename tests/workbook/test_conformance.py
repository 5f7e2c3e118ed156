"""What every target promises, checked on a workbook in a folder, through the transport."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.workbook import Workbook
from connectors.workbook.facts import FACTS, KINDS
from tests.clocks import ManualClock
from tests.conformance import kit
from tests.workbook.desk import connect
from tests.workbook.driver import NEEDED, WorkbookDriver

ALIKE = ("Orders", "Payments", "Credit_notes", "Adjustments")
"""Documents that share their facts and their code with invoices."""


class Small(Workbook):
    """A batch in which the kit can have a look at each row; the code knows no size."""

    facts = replace(FACTS, targets={one: replace(t, batch=4) for one, t in FACTS.targets.items()})


@pytest.fixture
def subject(tmp_path: Path) -> kit.Subject[kit.CrmDriver]:
    folder = tmp_path / "карточки 顧客"
    folder.mkdir()
    connector = Small({"file": "карточки #1.xlsx"})
    run = connect(folder)(connector, ManualClock()).run
    run(connector.setup(NEEDED, True))
    driver = WorkbookDriver(folder / "карточки #1.xlsx")
    return kit.Subject(connector, run, driver, wire=kit.Wire(connect(folder)))


@pytest.mark.parametrize(
    "case", [case for case in kit.crm_cases(FACTS) if case.about not in ALIKE], ids=str
)
def test_conformance(case: kit.Case[kit.CrmDriver], subject: kit.Subject[kit.CrmDriver]) -> None:
    case(subject)


def test_what_is_left_out_is_left_out_by_a_declared_fact() -> None:
    reasons = {"fixed": "no fixed field", "unique": "no unique field", "expired": "no secrets"}
    left_out = {f"{case}-{one}": why for one in FACTS.targets for case, why in reasons.items()}
    assert kit.not_applicable(FACTS) == {
        **left_out,
        "stranger": "no secrets",
        "guided": "no guide",
    }
    assert set(ALIKE) < set(KINDS)
