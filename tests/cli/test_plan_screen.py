"""A plan on the screen: why money is not on the cards, whom it waits for, and what it costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.cli.show import customers_of, show_plan
from syncd.domain import Kind, Money
from syncd.port import FieldDef
from syncd.store.problems import Problem
from syncd.sync.plan import Change, Line, MoneyLine, Plan
from syncd.sync.terms import credits_of
from tests.clocks import ManualClock

NOW = ManualClock().utc()


def plan(**differs: Any) -> Plan:
    values: dict[str, Any] = {
        "id": "7f3c2a", "pair": "main", "mode": "plan", "made": NOW, "books": "1C", "crm": "Zoho",
        "crm_connection": "crm", "lines": [], "money": [], "worst": [], "first_figures": 0,
        "problems": [], "missing_fields": [], "rows": 0, "notes": [], "compare_first": False,
    }  # fmt: skip
    return Plan(**{**values, **differs})


def clash(number: int) -> Problem:
    text = f"customer k{number} has a name that is taken."
    cause, subject = f"clash customer k{number}", f"customer:k{number}"
    return Problem(
        number, cause, "sales", text, NOW, 1, None, None, None, records=0, parts=1,
        subjects=(subject,),
    )  # fmt: skip


def shown(drawn: Plan, capsys: pytest.CaptureFixture[str], **names: str) -> str:
    show_plan(drawn, names)
    return capsys.readouterr().out


def test_what_is_not_on_the_cards_is_that_of_customers_held(
    capsys: pytest.CaptureFixture[str],
) -> None:
    books, cards = Money(100_500_000, "RUB"), Money(40_000_000, "RUB")
    lines = [MoneyLine("receivable", books, cards, 2), MoneyLine("overdue", cards, cards)]
    text = shown(plan(money=lines, since=dt.date(2025, 1, 1)), capsys)
    assert "documents since 2025-01-01; what is owed of earlier ones" in text
    assert "100.50         40.00      -60.50    of 2 customers held\n" in text
    assert "40.00         40.00        0.00\n" in text


def test_many_of_one_cause_are_a_few_and_a_number_and_customers_have_their_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    drawn = plan(problems=[clash(number) for number in range(1, 9)])
    assert customers_of(drawn) == [f"k{number}" for number in range(1, 9)]
    text = shown(drawn, capsys, k1="ООО «Пример»", k2="k2")
    assert "#1  [sales]  ООО «Пример»: customer k1 has" in text
    assert "#2  [sales]  customer k2 has" in text, "retention has taken the name"
    assert "#4" not in text and "\nand 5 more like #3: syncd problems\n" in text


def test_values_on_cards_have_the_same_places_before_and_after(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = "custom_fields.Receivable_Balance"
    change = Change("k1", path, Decimal("80000.0"), Decimal("0.25"))
    assert "Receivable_Balance  80,000.00 -> 0.25\n" in shown(plan(worst=[change]), capsys)


def test_a_long_list_of_fields_is_counted_by_module(capsys: pytest.CaptureFixture[str]) -> None:
    inside = [FieldDef("ERP_Orders", f"custom_fields.F{n}", "text", "F") for n in range(30)]
    module = FieldDef("ERP_Orders", "ERP_Orders", "module", "Orders")
    one = FieldDef("Accounts", "custom_fields.ERP_ID", "text", "Key")
    text = shown(plan(missing_fields=[module, one, *inside]), capsys)
    assert "to create first: 1 module with 30 fields, 1 field of Accounts\n" in text
    assert "to create first: Accounts ERP_ID\n" in shown(plan(missing_fields=[one]), capsys)


def test_what_it_costs_and_starts_in_zoho(capsys: pytest.CaptureFixture[str]) -> None:
    facts = ZohoCrm({}).facts
    credits = credits_of(facts, {"Accounts": 11, "ERP_Orders": 200})
    line = Line(Kind.ORDER, 211, 211, 0, 0, 0, 0, 0, 0, calls=3, credits=credits)
    text = shown(plan(lines=[line], terms=[facts.starts]), capsys)
    assert "no workflow, approval or blueprint starts" in text
    assert "about 3 writes, about 22 credits\n" in text
    assert "workflow, as trigger says" in ZohoCrm({"trigger": "workflow"}).facts.starts
