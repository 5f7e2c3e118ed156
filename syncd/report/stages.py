"""Customers by stage, who moved in a period, and who came back.

The stage of an earlier day is worked out from the documents up to that day, by the rules of today:
versions of cards would tell only of the time since syncd came, and of every change of a rule.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from syncd.domain import Balance
from syncd.report.folder import Comparing, Folder, as_of
from syncd.report.period import Period
from syncd.report.result import GROUPS, Cell, Column, Findings, Group, Shape, Table, count, share
from syncd.report.source import Source
from syncd.store.rows import EPOCH
from syncd.sync.card import Documents, Setting, card_of

OF_NOW = frozenset({"receivable", "overdue", "open_orders_count"})
"""Facts of a stage rule that no document tells of an earlier day."""

Key = tuple[str | None, str | None]
"""(seller, stage); the seller only where the report goes by it."""


@dataclass
class Moves:
    start: Counter[Key] = field(default_factory=Counter)
    end: Counter[Key] = field(default_factory=Counter)
    came: Counter[Key] = field(default_factory=Counter)
    left: Counter[Key] = field(default_factory=Counter)
    between: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)


@dataclass
class Bought:
    """Customers that bought in the period before, in the period, and in both."""

    before: Counter[str | None] = field(default_factory=Counter)
    now: Counter[str | None] = field(default_factory=Counter)
    both: Counter[str | None] = field(default_factory=Counter)


def stages(source: Source, by: str, period: Period) -> Findings:
    moves, bought = Moves(), Bought()
    last = min(period.until, source.today)
    first = period.since - dt.timedelta(days=1)
    blind = _blind(source)
    comparing = Comparing(
        "the stage of today is the one on the card", "syncd why customer {key} stage"
    )
    for folder in source.folders():
        seller = folder.seller if by == "seller" else None
        _bought(bought, folder, seller, period)
        if folder.balance is None:
            continue
        today = stage_at(folder.docs, folder.balance, source.today, source.setting)
        comparing.look(folder, folder.card is None or folder.card.stage == today)
        end, start = today, today
        if not blind:
            start = stage_at(folder.docs, folder.balance, first, source.setting)
            if last < source.today:
                end = stage_at(folder.docs, folder.balance, last, source.setting)
        _move(moves, seller, start, end)
    tables = [*_stages(source, by, moves, not blind), _retention(by, bought, period)]
    notes = [_says(blind)] if blind else []
    if not source.setting.stages.rules:
        notes.append(f"{source.pair.writing.name}'s mapping has no stages: nobody has one")
    return Findings(tables, [comparing.check()], notes)


def stage_at(docs: Documents, balance: Balance, day: dt.date, setting: Setting) -> str | None:
    """By the same rules as the card's, from the documents up to a day."""
    then = docs if day >= setting.today else as_of(docs, day)
    return card_of(balance, EPOCH, then, None, msgspec.structs.replace(setting, today=day)).stage


def _blind(source: Source) -> list[str]:
    """Facts that the rules look at and that are known of today alone."""
    words: set[str] = set()
    for rule in source.setting.stages.rules:
        tree = ast.parse(rule.text.strip(), mode="eval")
        words |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return sorted(words & OF_NOW)


def _says(blind: Sequence[str]) -> str:
    return (
        f"a stage depends on {' and '.join(blind)}, which no document tells of an earlier day: "
        "the stages are those of today, and who moved is left out"
    )


def _move(moves: Moves, seller: str | None, start: str | None, end: str | None) -> None:
    moves.start[seller, start] += 1
    moves.end[seller, end] += 1
    if start != end:
        moves.left[seller, start] += 1
        moves.came[seller, end] += 1
        moves.between[start, end] += 1


def _stages(source: Source, by: str, moves: Moves, moved: bool) -> list[Table]:
    named = list(dict.fromkeys(rule.stage for rule in source.setting.stages.rules))
    place = {stage: index for index, stage in enumerate(named)}
    head: list[Column] = [GROUPS["seller"]] if by == "seller" else []
    counts = ("at the start", "+ came", "- left", "= at the end") if moved else ("today",)
    columns = [*head, GROUPS["stage"], *(count(word) for word in counts)]
    table = Table("customers by stage", columns)

    def position(key: Key) -> tuple[bool, str, int]:
        return key[0] is None, (key[0] or "").casefold(), place.get(key[1] or "", len(place))

    keys = {*moves.start, *moves.end} | ({(None, s) for s in named} if by == "stage" else set())
    for key in sorted(keys, key=position):
        row = (moves.start[key], moves.came[key], moves.left[key], moves.end[key])
        table.rows.append((*_cells(by, key), *(row if moved else row[3:])))
    sums = [sum(found.values()) for found in (moves.start, moves.came, moves.left, moves.end)]
    blank: Group = (None,) if by == "seller" else ()
    table.totals = [("all", *blank, *(sums if moved else sums[3:]))]
    steps = Table(
        "moves", [Column("from", Shape.STAGE), Column("to", Shape.STAGE), count("customers")]
    )
    for (start, end), some in sorted(moves.between.items(), key=lambda one: (-one[1], str(one[0]))):
        steps.rows.append((start, end, some))
    return [table, steps] if moved else [table]


def _cells(by: str, key: Key) -> tuple[Cell, ...]:
    return key if by == "seller" else key[1:]


def _bought(bought: Bought, folder: Folder, seller: str | None, period: Period) -> None:
    days = folder.bought
    before = any(day in period.before for day in days)
    now = any(day in period for day in days)
    bought.before[seller] += before
    bought.now[seller] += now
    bought.both[seller] += before and now


def _retention(by: str, bought: Bought, period: Period) -> Table:
    head: list[Column] = [GROUPS["seller"]] if by == "seller" else []
    bought_then = [count("bought before"), count("again")]
    columns = [*head, *bought_then, Column("share", Shape.SHARE), count("others")]
    title = f"bought in {period.before}, and again in {period}"
    table = Table(title, columns, sheet="bought again")
    for seller in sorted(bought.now | bought.before, key=lambda one: (one is None, one or "")):
        before, again = bought.before[seller], bought.both[seller]
        row = (before, again, share(again, before), bought.now[seller] - again)
        table.rows.append((seller, *row) if by == "seller" else row)
    return table
