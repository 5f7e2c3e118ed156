"""`match:` of a CRM file: how customers of the books and cards are found to be the same.

match:
  upper: 90                         # from here on linked by itself, if nothing speaks against it
  lower: 30                         # from here on a question; below there is nothing
  weights: {phone: 30, domain: 0}   # those left out stay as they are
  ignore: [info@example.com, "+7 495 123-45-67", Розничный покупатель]
"""

from __future__ import annotations

from syncd.mapping import grammar
from syncd.mapping.document import Problems, Table
from syncd.mapping.sections import only, scalar_at, scalar_of, table_at, texts_at
from syncd.matching import RULES, WORDS, Rules

MOST = 1000


def read_match(root: Table, problems: Problems) -> Rules | None:
    """None where the file has no such section."""
    table = table_at(root, grammar.MATCH, problems)
    if table is None:
        return None
    only(table, "key", grammar.TABLES[grammar.MATCH], problems)
    upper = _threshold(table, "upper", RULES.upper, problems)
    lower = _threshold(table, "lower", RULES.lower, problems)
    if lower > upper:
        entry = table.entries.get("lower") or table.entries["upper"]
        text = f"lower is {lower:g} and upper is {upper:g}; lower is not above it"
        problems.add(entry.value.place, text)
    ignored = dict.fromkeys(one.text for one in texts_at(table, "ignore", problems))
    return Rules(_weights(table, problems), upper, lower, tuple(ignored))


def _weights(table: Table, problems: Problems) -> dict[str, float]:
    found = dict(RULES.weights)
    written = table_at(table, "weights", problems)
    if written is None:
        return found
    only(written, "evidence", WORDS, problems)
    for word in WORDS:
        if (entry := written.entries.get(word)) and (one := scalar_of(entry.value, word, problems)):
            if type(one.value) is int and one.value <= MOST:
                found[word] = float(one.value)
            else:
                text = f"{word} is a whole number from 0 to {MOST}, not {one.text}"
                problems.add(one.place, text)
    return found


def _threshold(table: Table, key: str, otherwise: float, problems: Problems) -> float:
    one = scalar_at(table, key, problems)
    if one is None:
        return otherwise
    if type(one.value) is int and 1 <= one.value <= MOST:
        return float(one.value)
    problems.add(one.place, f"{key} is a whole number from 1 to {MOST}, not {one.text}")
    return otherwise
