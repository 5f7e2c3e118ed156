"""Zoho's query language, as far as it is needed: pages by ascending id, which no row escapes.

An offset would lose what moves while a pass is under way. A `where` is required, more than two
conditions need brackets in pairs, and an `in` takes fifty values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncd.port import Flow

from .answers import ask

IN = 50
"""Values of one `in`."""
PRICES = (200, 1000, 2000)
"""Rows of one answer at most, for one, two and three credits (vendor: "API limits")."""
CHEAP = PRICES[0]

Row = Mapping[str, Any]


def rows(select: Sequence[str], module: str, where: Sequence[str], limit: int) -> Flow[list[Row]]:
    """The first rows by id for which every condition holds. The limit decides what it costs, and
    not how many rows there are."""
    text = (
        f"select {', '.join(select)} from {module} where {_all(where)} order by id asc "
        f"limit {limit}"
    )
    cost = next(number for number, most in enumerate(PRICES, 1) if limit <= most)
    body = yield from ask("POST", "/coql", body={"select_query": text}, cost=cost)
    found: list[Row] = body["data"] if body else []
    return found


def every(select: Sequence[str], module: str, where: Sequence[str]) -> Flow[list[Row]]:
    """All rows for which every condition holds, where few are expected."""
    found: list[Row] = []
    while True:
        last = [after(str(found[-1]["id"]))] if found else []
        some = yield from rows(select, module, [*where, *last], CHEAP)
        found += some
        if len(some) < CHEAP:
            return found


def after(last: str | None) -> str:
    """The condition of the next page."""
    return f"id > {quoted(last)}" if last else "id is not null"


def one_of(name: str, values: Sequence[str]) -> str:
    return f"{name} in ({', '.join(map(quoted, values))})"


def quoted(text: str) -> str:
    """As the vendor's own examples have it: a quote is doubled, a backslash is only a backslash."""
    return "'" + text.replace("'", "''") + "'"


def chunks(values: Sequence[str], size: int = IN) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _all(conditions: Sequence[str]) -> str:
    whole, *others = conditions
    for one in others:
        whole = f"({whole} and {one})"
    return whole
