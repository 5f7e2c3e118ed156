"""Which columns of a table a mapping reads, and how their values come back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.errors import ProtocolError

from .clock import FORM
from .wire import Row

DATES = frozenset({"trandate", "duedate", "closedate", "dateclosed", "firstsaledate"}) | {
    "firstorderdate", "lastorderdate", "lastsaledate", "startdate", "enddate", "shipdate",
}  # fmt: skip
"""Days; asked for in one form whatever the account's is."""
TIMES = frozenset({"lastmodifieddate", "createddate", "datecreated"})
ZERO = Decimal(0)
SHOWN = "name"
"""Behind a column that leads to something: what people see of it, as `terms.name`."""
_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)


def columns(paths: Iterable[str], virtual: Collection[str], table: str) -> list[str]:
    """What to select of `table`, for the paths that NetSuite itself answers."""
    found: dict[str, None] = {}
    for path in paths:
        name, _, behind = path.partition(".")
        if name not in virtual and _NAME.fullmatch(name):
            found[_column(name.lower(), behind == SHOWN, table)] = None
    return list(found)


def _column(name: str, shown: bool, table: str) -> str:
    if shown:
        return f"BUILTIN.DF({table}.{name}) AS {name}_{SHOWN}"
    if name in DATES:
        return f"TO_CHAR({table}.{name}, 'YYYY-MM-DD') AS {name}"
    if name in TIMES:
        return f"TO_CHAR({table}.{name}, '{FORM}') AS {name}"
    return f"{table}.{name} AS {name}"


def values(row: Row, paths: Iterable[str], virtual: Collection[str]) -> dict[str, Any]:
    """Of the paths that NetSuite itself answers; what it leaves out is None."""
    found: dict[str, Any] = {}
    for path in paths:
        name, _, behind = path.partition(".")
        if name in virtual:
            continue
        if behind == SHOWN:
            found[name] = {SHOWN: row.get(f"{name.lower()}_{SHOWN}")}
        else:
            found[name] = row.get(name.lower())
    return found


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """Numbers come as texts, below 1 perhaps as `.5`."""
    value = row.get(name)
    if value is None or value == "":
        return ZERO
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ProtocolError(f"NetSuite says {name} is no number") from None


def ids(keys: Iterable[str]) -> list[str]:
    """A key that is no number finds nothing."""
    return [key for key in keys if key.isascii() and key.isdecimal()]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def one_of(words: Sequence[str]) -> str:
    return ", ".join(quoted(word) for word in words)
