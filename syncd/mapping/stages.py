"""The stage of a customer: the first rule that holds, by counts, amounts and days.

    stages:
      - {stage: dormant, when: days_since_last_order > 180}
      - {stage: repeat, when: orders_count >= 2}

Days are only compared with numbers, so that it is known beforehand on which day a rule can begin or
cease to hold.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from syncd.domain import Kind
from syncd.errors import MappingError
from syncd.mapping import grammar
from syncd.mapping.code import Code, Unmappable, returns
from syncd.mapping.document import Listing, Node, Problems, Scalar, Table
from syncd.mapping.expressions import parse_expression
from syncd.mapping.sections import only, scalar_at, table_at

DAYS: Mapping[str, str] = {
    "days_since_first_order": "first_order",
    "days_since_last_order": "last_order",
    "days_since_last_payment": "last_payment",
}
"""Word -> the day it counts from."""
AMOUNTS = ("receivable", "overdue", "total_sales", "sales_12m")
"""In the company's own currency."""
WORDS = (*DAYS, *AMOUNTS, "orders_count", "open_orders_count")

MOST_DAYS = 36_500

Facts = Mapping[str, int | Decimal | None]


class Rule(msgspec.Struct, frozen=True):
    """`days` are the words about days it compares, each with the numbers of days."""

    stage: str
    meaning: str
    days: Mapping[str, frozenset[int]]
    where: str
    holds: Callable[[Facts], bool]
    text: str = ""
    """As it was typed."""


class Stages(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...] = ()

    def meaning(self) -> object:
        return [[rule.stage, rule.meaning] for rule in self.rules]

    def of(self, facts: Facts) -> str | None:
        """A rule about days since something that never was does not hold. Raises MappingError."""
        for rule in self.rules:
            if any(facts[word] is None for word in rule.days):
                continue
            try:
                if rule.holds(facts):
                    return rule.stage
            except Unmappable as failed:
                raise MappingError(rule.where, str(failed)) from None
        return None

    def turns(self, days: Mapping[str, dt.date | None]) -> Iterator[dt.date]:
        """The days on which a rule can begin or cease to hold; `days` by the word that counts."""
        for rule in self.rules:
            for word, numbers in rule.days.items():
                since = days.get(word)
                turns = {turn for number in numbers for turn in (number, number + 1)}
                for turn in turns if since else ():
                    assert since is not None
                    if turn <= (dt.date.max - since).days:
                        yield since + dt.timedelta(days=turn)


def read_stages(root: Table, problems: Problems) -> Stages:
    section = table_at(root, Kind.CARD, problems)
    entry = section.entries.get("stages") if section else None
    if entry is None:
        fields = table_at(section, "fields", problems) if section else None
        if fields and "stage" in fields.entries:
            text = "stage is written, and no `stages:` say which"
            place = fields.entries["stage"].key.place
            problems.add(section.spot("stages", place) if section else place, text)
        return Stages()
    if not isinstance(entry.value, Listing):
        problems.add(entry.value.place, "stages is a list of `{stage: name, when: expression}`")
        return Stages()
    found = (_rule(item, problems) for item in entry.value.items)
    return Stages(tuple(rule for rule in found if rule))


def _rule(item: Node, problems: Problems) -> Rule | None:
    if not isinstance(item, Table):
        problems.add(item.place, "a stage is `{stage: name, when: expression}`")
        return None
    only(item, "key", grammar.STAGE, problems)
    name, when = scalar_at(item, "stage", problems), scalar_at(item, "when", problems)
    if not name or not when:
        for key in set(grammar.STAGE) - set(item.entries):
            problems.add(item.place, f"`{key}:` is missing")
        return None
    expression = parse_expression(when, problems)
    if expression is None:
        return None
    for word in sorted(expression.reads - set(WORDS)):
        problems.unknown(when.place, "word", word, WORDS)
    days = _days(when, problems)
    code = Code()
    body = [returns(expression.build(code, "data"))]
    function: Callable[[Any], bool] = code.function("stage", ["data"], body, problems.file)
    where = problems.sources.where(when.place)
    return Rule(name.text, expression.meaning, days, where, function, expression.text)


def _days(when: Scalar, problems: Problems) -> dict[str, frozenset[int]]:
    """The numbers that words about days are compared with; a mistake for any other use of them."""
    tree = ast.parse(when.text.replace("\n", " ").strip(), mode="eval")
    found: dict[str, frozenset[int]] = {}
    compared: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            numbers = [side.value for side in sides if isinstance(side, ast.Constant)]
            whole = frozenset(number for number in numbers if type(number) is int)
            for side in sides:
                if isinstance(side, ast.Name) and len(whole) == len(sides) - 1:
                    compared.add(id(side))
                    if side.id in DAYS:
                        found[side.id] = found.get(side.id, frozenset()) | whole
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in DAYS and id(node) not in compared:
            problems.add(when.place, f"{node.id} is compared with a number of days, nothing else")
    for number in {number for numbers in found.values() for number in numbers}:
        if number > MOST_DAYS:
            problems.add(when.place, f"{number} days are too many; at most {MOST_DAYS}")
    return found
