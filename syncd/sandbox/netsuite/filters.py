"""`q` of a list of records (vendor: "Record Collection Filtering"): field, operator, values, with
AND, OR and brackets. Dates are bare days in the account's format.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from syncd.sandbox.netsuite.fields import Field, RecordKind, field_of
from syncd.sandbox.netsuite.store import Store, day
from syncd.sandbox.netsuite.suiteql.translate import FORMATS
from syncd.sandbox.netsuite.wire import Refused

TOKEN = re.compile(r'\s*("[^"]*"|[(),\[\]]|[^\s(),\[\]"]+)')
TEXT = ("EMPTY", "IS", "CONTAIN", "START_WITH", "END_WITH", "ANY_OF")
NUMBER = (
    "EMPTY",
    "IS",
    "ANY_OF",
    "BETWEEN",
    "EQUAL",
    "GREATER",
    "GREATER_OR_EQUAL",
    "LESS",
    "LESS_OR_EQUAL",
)
DATE = ("EMPTY", "AFTER", "BEFORE", "ON", "ON_OR_AFTER", "ON_OR_BEFORE", "WITHIN")
TAKES = {
    "text": TEXT,
    "flag": ("EMPTY", "IS"),
    "id": NUMBER,
    "number": NUMBER,
    "date": DATE,
    "time": DATE,
}
COMPARED = {
    "EQUAL": "=",
    "GREATER": ">",
    "GREATER_OR_EQUAL": ">=",
    "LESS": "<",
    "LESS_OR_EQUAL": "<=",
}
FLAGS = {"true": "T", "false": "F", "t": "T", "f": "F"}


@dataclass
class _Reading:
    store: Store
    kind: RecordKind
    tokens: list[str]
    values: list[object] = field(default_factory=list)

    def take(self) -> str:
        if not self.tokens:
            raise _wrong("The filter ends too early.")
        return self.tokens.pop(0)

    def any(self) -> str:
        """Conditions with AND and OR between; both bind as they stand, from the left."""
        found = self.one()
        while self.tokens and self.tokens[0].upper() in ("AND", "OR"):
            word = self.take().upper()
            found = f"({found} {word} {self.one()})"
        return found

    def one(self) -> str:
        if self.tokens and self.tokens[0] == "(":
            self.take()
            found = self.any()
            if self.take() != ")":
                raise _wrong("A bracket is not closed.")
            return found
        name = self.take()
        known = field_of(self.kind, self.store, name)
        if known is None:
            raise _wrong(f"Field '{name}' of record '{self.kind.api}' is unknown.")
        return self.condition(known, self.take().upper())

    def condition(self, of: Field, operator: str) -> str:
        negated = operator.endswith("_NOT")
        plain = operator.removesuffix("_NOT")
        if plain not in TAKES[of.kind]:
            raise _wrong(f"The operator '{operator}' does not fit the field '{of.name}'.")
        made = self.compared(of, f'"{of.column}"', plain)
        return f"(NOT IFNULL({made}, 0))" if negated else f"({made})"

    def compared(self, of: Field, column: str, operator: str) -> str:
        if operator == "EMPTY":
            return f"{column} IS NULL"
        if of.kind in ("date", "time"):
            return self.dated(of, column, operator)
        if operator in ("ANY_OF", "BETWEEN"):
            self.values += (given := [self.value(of, one) for one in self.listed(operator)])
            if operator == "BETWEEN":
                return f"{column} BETWEEN ? AND ?"
            return f"{column} IN ({', '.join('?' * len(given))})"
        text = str(self.value(of, self.take()))
        if operator in ("CONTAIN", "START_WITH", "END_WITH"):
            found = {"CONTAIN": "{0} <> 0", "START_WITH": "{0} = 1"}
            if operator == "END_WITH":
                self.values += [text, text]
                return f"substr(lower({column}), -length(?)) = lower(?)"
            self.values.append(text)
            return found[operator].format(f"instr(lower({column}), lower(?))")
        self.values.append(self.value(of, text))
        if of.kind == "text":
            return f"lower({column}) = lower(?)"
        return f"{column} {COMPARED.get(operator, '=')} ?"

    def dated(self, of: Field, column: str, operator: str) -> str:
        whole = [self.day(one) for one in self.listed(operator)]
        first, last = whole[0], whole[-1] + dt.timedelta(days=1)
        parts: dict[str, tuple[str, list[dt.date]]] = {
            "AFTER": ("> ?", [first]),  # of the day's first moment, as Airbyte found out
            "ON_OR_AFTER": (">= ?", [first]),
            "BEFORE": ("< ?", [first]),
            "ON_OR_BEFORE": ("< ?", [last]),
        }
        if operator in parts:
            sign, days = parts[operator]
            self.values += map(day, days)
            return f"{column} {sign}"
        self.values += [day(first), day(last)]
        return f"{column} >= ? AND {column} < ?"

    def listed(self, operator: str) -> list[str]:
        """The values of an operator: [1, 2], or bare."""
        if self.tokens and self.tokens[0] == "[":
            end = self.tokens.index("]") if "]" in self.tokens else len(self.tokens)
            inside, self.tokens = self.tokens[1:end], self.tokens[end + 1 :]
            return [one for one in inside if one != ","]
        found = [self.take()]
        while operator in ("ANY_OF", "BETWEEN", "WITHIN") and self.tokens[:1] == [","]:
            self.take()
            found.append(self.take())
        return found

    def value(self, of: Field, token: str) -> object:
        text = token.strip('"')
        if of.kind in ("id", "number"):
            if not re.fullmatch(r"-?\d+(\.\d+)?", text):
                raise _wrong(f"Invalid value '{text}' of the field '{of.name}'.")
            return float(text) if "." in text else int(text)
        if of.kind == "flag":
            if text.lower() not in FLAGS:
                raise _wrong(f"Invalid value '{text}' of the field '{of.name}'.")
            return FLAGS[text.lower()]
        return text

    def day(self, token: str) -> dt.date:
        text, form = token.strip('"'), self.store.switches.date_format
        try:
            return dt.datetime.strptime(text, FORMATS[form]).date()  # noqa: DTZ007 - a day
        except ValueError:
            raise _wrong(f"Value '{text}' failed with date format {form}.") from None


def matching(store: Store, kind: RecordKind, text: str) -> tuple[str, list[object]]:
    """A condition of SQL, and its values. Refused where NetSuite would not take it."""
    if not text.strip():
        return "1", []
    reading = _Reading(store, kind, _tokens(text))
    found = reading.any()
    if reading.tokens:
        raise _wrong(f"'{reading.tokens[0]}' was not expected.")
    return found, reading.values


def _tokens(text: str) -> list[str]:
    found = TOKEN.findall(text)
    if "".join(found) != re.sub(r"\s(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", "", text):
        raise _wrong("A quotation mark is missing.")
    return found


def _wrong(detail: str) -> Refused:
    return Refused("INVALID_PARAMETER", f"Invalid query filter. {detail}", param="q")
