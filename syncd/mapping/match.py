"""`match:` of a CRM file: how customers of the books and cards are found to be the same.

match:
  upper: 90                         # from here on linked by itself, if nothing speaks against it
  lower: 35                         # from here on a question; below there is nothing
  weights: {phone: 30, domain: 0}   # those left out stay as they are
  ignore: [info@example.com, "+7 495 123-45-67", Розничный покупатель]
  home: RU                          # the country of phones and tax ids that name none
  make: never                       # no card is made: another pair does that, or a person
"""

from __future__ import annotations

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.document import Problems, Table
from syncd.mapping.inbound import Rules as InboundRules
from syncd.mapping.outbound import Plan
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
    home = _home(table, problems)
    make = _make(root, table, problems)
    return Rules(_weights(table, problems), upper, lower, tuple(ignored), home, make)


def _make(root: Table, table: Table, problems: Problems) -> bool:
    """Without cards that are read nobody would ever get one."""
    one = scalar_at(table, "make", problems)
    if one is None:
        return True
    if one.text != "never":
        problems.add(one.place, "make is `never`, or left out: then cards are made")
    elif Kind.WON not in root.entries:
        problems.add(one.place, "make: never is for files that read cards: `won` is missing")
    return False


def _home(table: Table, problems: Problems) -> str:
    one = scalar_at(table, "home", problems)
    if one is None:
        return ""
    from phonenumbers import SUPPORTED_REGIONS  # slow to import, and seldom needed

    if one.text.upper() not in SUPPORTED_REGIONS:
        problems.add(one.place, f"home is a country in two letters, as RU or DE, not {one.text}")
    return one.text.upper()


def check_cards(
    root: Table, plan: Plan | None, rules: InboundRules | None, problems: Problems
) -> None:
    """Cards are compared as `won:` reads them: it has to read what customers are written to."""
    table, won = table_at(root, grammar.MATCH, problems), table_at(root, Kind.WON, problems)
    read = scalar_at(won, "read", problems) if won else None
    main = next((part.target for part in plan.parts if not part.name), None) if plan else None
    if table is None or rules is None or read is None or main is None or read.text == main:
        return
    problems.add(
        read.place,
        f"won reads {read.text} and customers are written to {main}: match compares customers "
        f"with cards, so both are the same; or switch it off, `match: none`",
    )


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
