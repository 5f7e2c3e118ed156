"""The oracle: after every run of months by chance, each report says what the world says."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import CrmHabits
from syncd.domain import Money
from syncd.report import Result
from syncd.report.period import last_months, month_of
from tests.engine.rig import Rig
from tests.report.asking import ask, rows, sums
from tests.report.truth import Months

RUNS = 7


class Oracle:
    def __init__(self, sim: Months) -> None:
        self.sim, self.rig = sim, sim.rig
        self.seen: Counter[str] = Counter()

    def all(self) -> None:
        for month in self.sim.random.sample(list(last_months(self.sim.today, 7).months)[2:], 2):
            self.settlements(month.since, month.until)
            self.commissions(month.since, month.until)
            self.orders(month.since, month.until)
        self.settlements(self.sim.today.replace(day=1), self.sim.today)
        self.months()
        self.ageing()
        self.stages()
        self.loose()

    def _holds(self, found: Result) -> None:
        """Its check says so; where it does not yet, a document is being corrected."""
        for check in found.checks:
            assert check.holds, check
            assert check.later <= len(self.sim.corrected()), check
            self.seen["compared"] += check.compared

    def _amounts(self, name: str, found: dict[Any, Any], true: dict[Any, Any]) -> None:
        assert found == true, name
        self.seen[name] += len(true)

    def settlements(self, since: dt.date, until: dt.date) -> None:
        found = ask(self.rig, "settlements", since=f"{since}", until=f"{until}")
        self._holds(found)
        open_ = ("receivable", "prepaid", "credits")
        shown = sums(found.tables[0], "customer", "currency", but=open_)
        self._amounts("turnover", shown, self.sim.turnover(since, until))
        split = ask(self.rig, "settlements", "organisation", since=f"{since}", until=f"{until}")
        shown = sums(split.tables[0], "organisation", "currency")
        self._amounts("split", shown, self.sim.turnover(since, until, "organisation"))
        if until < self.sim.today:
            return
        shown = sums(found.tables[0], "customer", "currency")
        ledger = {
            (key, code, word): getattr(figure, word)
            for key in self.sim.books.tables["customers"]
            if self.sim.in_scope(key)
            for code, figure in self.sim.books.figures(key).items()
            for word in open_
            if getattr(figure, word)
        }
        mine = {key: value for key, value in shown.items() if key[-1] in open_}
        self._amounts("open", mine, ledger)

    def months(self) -> None:
        """What is owed after a month is what was owed before the next one; seller by seller the
        sums are those of the customers."""
        found = ask(self.rig, "settlements", "month")
        self._holds(found)
        after: dict[str, Decimal] = {}
        for row in rows(found.tables[0]):
            assert row["opening"] == after.get(row["currency"], row["opening"])
            after[row["currency"]] = row["closing"]
        last = [ask(self.rig, "settlements", by) for by in ("customer", "seller", "stage")]
        assert last[0].tables[0].totals == last[1].tables[0].totals == last[2].tables[0].totals
        totals = {row[1]: row[7] for row in last[0].tables[0].totals}
        for code, closing in after.items():
            left = totals.get(code)
            assert (left.amount if isinstance(left, Money) else Decimal(0)) == closing

    def ageing(self) -> None:
        found = ask(self.rig, "ageing")
        self._holds(found)
        spans = ("overdue", "other", "receivable")
        shown = sums(found.tables[0], "customer", "currency", but=spans)
        self._amounts("ages", shown, self.sim.ages())
        for row in rows(found.tables[0]):
            parts = sum(row[span] for span in ("1-30", "31-60", "61-90", "over 90"))
            assert parts == row["overdue"]
            assert row["overdue"] + row["not due"] + row["other"] == row["receivable"]
            figure = self.sim.books.figures(row["customer"]).get(row["currency"])
            assert row["receivable"] == (figure.receivable if figure else 0)
        assert ask(self.rig, "ageing", "seller").tables[0].totals == found.tables[0].totals

    def orders(self, since: dt.date, until: dt.date) -> None:
        found = ask(self.rig, "average-order", since=f"{since}", until=f"{until}")
        self._holds(found)
        true = self.sim.ordered(since, until)
        shown = {(row["seller"], row["currency"]): row for row in rows(found.tables[0])}
        assert shown.keys() == true.keys()
        for key, totals in true.items():
            row = shown[key]
            assert (row["orders"], row["ordered"]) == (len(totals), sum(totals))
            digits = Decimal(1) if key[1] == "JPY" else Decimal("0.01")
            assert abs(row["average"] - sum(totals) / len(totals)) <= digits / 2
            assert row["average"] == row["average"].quantize(digits)
        self.seen["orders"] += len(true)

    def commissions(self, since: dt.date, until: dt.date) -> None:
        found = ask(self.rig, "commissions", month=f"{since:%Y-%m}")
        self._holds(found)
        base, apart = self.sim.received(since, until)
        shown = sums(found.tables[0], "seller", "currency", but=("credited",))
        self._amounts("base", shown, {(*key, "base"): value for key, value in base.items()})
        rest = sums(found.tables[1], "currency", but=("received", "refunded"))
        self._amounts("apart", rest, {(*key, "sum"): value for key, value in apart.items()})
        by_customer = ask(self.rig, "commissions", "customer", month=f"{since:%Y-%m}")
        paid = Counter[str]()
        for one in (found, by_customer):
            total: Counter[str] = Counter()
            for table in one.tables[:2]:
                for (*_, code, word), value in sums(table, *_group(table), "currency").items():
                    total[code] += value if word in ("base", "sum") else 0
            assert not paid or total == paid
            paid = total

    def stages(self) -> None:
        """The moves of three months in a row lead from one to the next, and end today."""
        before: dict[Any, int] = {}
        for month in list(last_months(self.sim.today, 3).months):
            found = ask(self.rig, "stages", month=f"{month.since:%Y-%m}")
            self._holds(found)
            start = month.since - dt.timedelta(1)
            end = min(month.until, self.sim.today)
            customers = [
                key for key in self.sim.books.tables["customers"] if self.sim.in_scope(key)
            ]
            then, now = ([self.sim.stage(key, day) for key in customers] for day in (start, end))
            table = {row["stage"]: row for row in rows(found.tables[0])}
            for stage, row in table.items():
                assert (
                    row["at the start"] == then.count(stage) == before.get(stage, then.count(stage))
                )
                assert row["at the end"] == now.count(stage)
                assert row["at the start"] + row["came"] - row["left"] == row["at the end"]
            moved = Counter((a, b) for a, b in zip(then, now, strict=True) if a != b)
            steps = rows(found.tables[1])
            assert {(row["from"], row["to"]): row["customers"] for row in steps} == moved
            before = {stage: row["at the end"] for stage, row in table.items()}
            self.seen["moves"] += moved.total()
            self._again(found, month_of(start), month)

    def _again(self, found: Result, before: Any, now: Any) -> None:
        bought: dict[Any, set[str]] = {before: set(), now: set()}
        for table in ("orders", "invoices"):
            for _, data in self.sim.standing(table):
                for period, some in bought.items():
                    if dt.date.fromisoformat(data["date"]) in period and not data.get("order"):
                        some.add(data["customer"])
        both = bought[before] & bought[now]
        shown = rows(found.tables[2])
        expected = (len(bought[before]), len(both), len(bought[now] - both))
        seen = (
            (shown[0]["bought before"], shown[0]["again"], shown[0]["others"])
            if shown
            else (0,) * 3
        )
        assert seen == expected
        self.seen["again"] += len(both)

    def loose(self) -> None:
        found = ask(self.rig, "money-without-order")
        self._holds(found)
        corrected = self.sim.corrected()
        ahead: Counter[tuple[str, str]] = Counter()
        for row in rows(found.tables[0]):
            if row["customer"] not in corrected:
                ahead[row["customer"], row["currency"]] += row["without an order"]
        true = {
            (key, code): figure.prepaid
            for key in self.sim.books.tables["customers"]
            if self.sim.in_scope(key) and key not in corrected
            for code, figure in self.sim.books.figures(key).items()
            if figure.prepaid
        }
        self._amounts("ahead", dict(ahead), true)
        dates = [row["date"] for row in rows(found.tables[0])]
        assert dates == sorted(dates)


def _group(table: Any) -> list[str]:
    first = table.columns[0].word
    return [] if first == "currency" else [first]


@pytest.mark.parametrize("seed", [3, 8])
def test_every_report_says_what_the_world_says(seed: int, tmp_path: Path) -> None:
    rig = Rig(tmp_path, crm_options={**CrmHabits().honest(), "doubt_time": "5"})
    sim = Months(rig, seed)
    oracle = Oracle(sim)
    rig.set_up()
    for _ in range(RUNS):
        for _ in range(4):
            sim.verbs()
        sim.run(write=True)
        oracle.all()
    names = {
        "turnover",
        "split",
        "open",
        "ages",
        "orders",
        "base",
        "apart",
        "moves",
        "again",
        "ahead",
    }
    assert names <= {name for name, count in oracle.seen.items() if count >= 2}, oracle.seen
