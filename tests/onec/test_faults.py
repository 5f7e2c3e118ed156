"""A line to 1C that breaks in every way, while a bookkeeper works: both ends agree afterwards."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from syncd.sandbox.faults import Lane
from tests.onec.history import History
from tests.onec.over_http import served
from tests.onec.pair import Company
from tests.onec.test_pair import made, shown, win


@pytest.mark.parametrize("plan", [False, True], ids=["polling", "plan"])
def test_a_line_that_breaks_while_people_work_loses_and_doubles_nothing(
    tmp_path: Path, plan: bool
) -> None:
    with served(plan=plan, window="1000") as (office, behind):
        company = Company(tmp_path / "old", office, over_http=True)
        company.set_up()
        company.run()
        history = History(office.desk, random.Random(3))
        behind.lane = Lane(rate=0.05, seed=11, seconds=0.0)
        accounts = []
        for _ in range(8):
            history.step()
            history.step()
            accounts.append(win(company, f"株式会社サンプル {len(accounts)}"))
            company.later()
        assert [line for line in behind.log if line["fault"]]
        behind.lane = Lane()
        for _ in range(3):
            company.later(3600)
        report = company.later(90_000, prove=True)
        assert not report.failed
        assert company.problems() == []
        assert company.world.crm.doubles() == []
        assert [made(company, f"CRM-{account}") for account in accounts] == [(1, 1)] * 8
        fresh = Company(tmp_path / "new", office)
        fresh.set_up()
        fresh.run()
        fresh.later(3600, prove=True)
        before, now = shown(company), shown(fresh)
        for key, fields in now.items():
            for path in ("custom_fields.receivable", "custom_fields.prepaid"):
                assert before[key].get(path) == fields.get(path), history.log
