"""Two systems and the truth about them out of CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.match.spoiled import Population
from syncd.domain import Customer, Extra, Won

_WORDS = set(Won.__struct_fields__) - {"extras", "currency"}


def given(books: Path, cards: Path, truth: Path) -> Population:
    """Columns: `key`, and of both what they have of the canonical words or of their own; the truth
    has `books` and `card`. KeyError where a needed column is not there."""
    customers = tuple(Customer(**_said(row)) for row in _rows(books))
    won = tuple(Won(**_said(row)) for row in _rows(cards))
    legal = {f"books:{one.key}": one.tax_id or "" for one in customers}
    legal |= {f"card:{one.key}": one.tax_id or "" for one in won}
    pairs = ((row["books"], row["card"]) for row in _rows(truth))
    there = {one.key for one in customers}, {one.key for one in won}
    true = frozenset((a, b) for a, b in pairs if a in there[0] and b in there[1])
    return Population(customers, won, true, legal)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _said(row: dict[str, str]) -> dict[str, Any]:
    own = {word: text for word, text in row.items() if text}
    extras = tuple(Extra(word, "text", own[word]) for word in own if word not in _WORDS)
    known = {word: own[word] for word in own if word in _WORDS}
    return {"key": row["key"], "name": "", **known, "extras": extras}
