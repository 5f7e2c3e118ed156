"""A server of unpleasant habits: tables behind a REST API, each habit a switch.

    GET    /<side>/about
    GET    /<side>/<table>?page=&per_page=&modified_after=&search[FIELD]=   -> {"items", "total"}
    GET    /<side>/<table>/<id>                                            -> {"item"}
    POST   /<side>/<table>          {field: value}                         -> {"ok", "item"}
    PATCH  /<side>/<table>/<id>     the same
    DELETE /<side>/<table>/<id>

`Books` and `Crm` beside it say what is in the tables, and what else happens there.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from tests.server import Answer, Call

Row = dict[str, Any]
CUT = 40
"""Characters of a text that lists and answers to writes show."""
OTHERS = 7
"""Rows of other people, that only the total counts."""


@dataclass
class Habits:
    """All off: a server as one would wish it."""

    empty_is_404: bool = False
    conflict_is_500: bool = False
    error_in_200: bool = False
    touches: bool = False
    """A write that changes nothing moves the modified time; so does a person who saves."""
    rewrites: bool = False
    """Names in title case, phones formatted, line ends of another sort, decimals rounded to 2."""
    drops_unknown: bool = False
    """Fields that it does not have are dropped; else they are refused."""
    whole_seconds: bool = False
    """A filter by time sees whole seconds, and asks for later ones."""
    accepts_duplicates: bool = False
    renumbers: bool = False
    """A draft gets its number when it is posted; before, it has another one."""
    moves_parents: bool = False
    """A payment moves status and modified time of its invoice."""
    search_lag: float = 0.0
    """Seconds until what was made is found, by its id too."""
    shifts: bool = False
    """Lists are in the order of the modified time, and records move while they are paged."""
    counts_others: bool = False
    mixed_keys: bool = False
    """A key is a number here and a text there."""
    cuts_texts: bool = False
    """Of the CRM: lists and answers to writes show the beginning of a long text."""
    bare: bool = False
    """An answer to a write has the id alone."""
    echoes: bool = False
    """An answer to a write repeats what was sent, whatever was stored."""

    @classmethod
    def all(cls, **others: Any) -> Habits:
        on = {name: True for name, one in vars(cls()).items() if one is False}
        return cls(**{**on, "search_lag": 3.0, "bare": False, "echoes": False, **others})


@dataclass(frozen=True)
class Sent:
    """One write as it arrived, and whether it was carried out."""

    op: str
    table: str
    id: str
    fields: Mapping[str, Any]
    done: bool


class RefusalError(Exception):
    """What the business forbids."""

    def __init__(self, message: str, field: str | None = None, *, quiet: bool = False) -> None:
        super().__init__(message)
        self.field, self.quiet = field, quiet


@dataclass
class System:
    side: str
    habits: Habits
    now: Callable[[], dt.datetime]
    known: Mapping[str, frozenset[str]]
    """Table -> the fields it has."""
    random: random.Random = field(default_factory=lambda: random.Random(7))
    tables: dict[str, dict[int, Row]] = field(init=False)
    sent: list[Sent] = field(default_factory=list)
    busy: bool = True
    """Somebody works there: records move."""
    shifted: int = 0
    last: int = 100

    def __post_init__(self) -> None:
        self.tables = {name: {} for name in self.known}

    # -- what is in it ----------------------------------------------------------------------------

    def add(self, table: str, **fields: Any) -> Row:
        self.last += 1
        row = {"id": self.last, "made": self.now(), **fields}
        self.tables[table][self.last] = row
        self.save(row)
        return row

    def save(self, row: Row, **fields: Any) -> None:
        """Stamps are microseconds apart, as several programs write."""
        row.update(fields)
        row["modified"] = self.now() + dt.timedelta(microseconds=self.random.randrange(1, 999))

    def rows(self, table: str) -> Iterator[Row]:
        yield from self.tables[table].values()

    def key(self, one: object) -> object:
        """A key as it stands somewhere: a number or a text."""
        return self.random.choice((str(one), int(str(one)))) if self.habits.mixed_keys else str(one)

    # -- HTTP -------------------------------------------------------------------------------------

    def respond(self, call: Call) -> Answer:
        side, table, *rest = call.path.strip("/").split("/")
        assert side == self.side, call.path
        if table == "about":
            return self._answer({"company": f"{self.side}-1", "name": f"The {self.side} Ltd"})
        key = rest[0] if rest else ""
        if call.method == "GET":
            return self._one(table, key) if key else self._list(table, dict(parse_qsl(call.query)))
        fields = msgspec.json.Decoder(float_hook=Decimal).decode(call.body) if call.body else {}
        try:
            item = self._write(call.method, table, key, fields)
        except RefusalError as error:
            self.sent.append(Sent(call.method, table, key, fields, False))
            return self._refused(error)
        except KeyError:
            return self._missing()
        self.sent.append(Sent(call.method, table, str(item["id"]), fields, True))
        return self._answer({"ok": True, "item": self._told(table, item, fields)})

    def _answer(self, body: object, status: int = 200) -> Answer:
        date = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers = {"Content-Type": "application/json", "Date": date}
        return Answer(status, headers, json.dumps(body, default=_plain).encode())

    def _missing(self) -> Answer:
        return self._answer({"error": {"code": "not_found", "message": "no such record"}}, 404)

    def _refused(self, error: RefusalError) -> Answer:
        said = {"code": "business", "message": str(error), "field": error.field}
        if error.quiet and self.habits.error_in_200:
            return self._answer({"ok": False, "error": said})
        return self._answer({"error": said}, 500 if self.habits.conflict_is_500 else 422)

    def _one(self, table: str, key: str) -> Answer:
        row = self.tables[table].get(int(key))
        row = row if row and self._indexed(row) else None
        return self._answer({"item": self.shown(table, row)}) if row else self._missing()

    def _list(self, table: str, query: Mapping[str, str]) -> Answer:
        rows = sorted(self._selected(table, query), key=self._order)
        page, size = int(query.get("page", 1)), int(query.get("per_page", 3))
        some = rows[(page - 1) * size : page * size]
        if not some and self.habits.empty_is_404:
            error = {"code": "no_records", "message": "nothing was found"}
            return self._answer({"error": error}, 404)
        total = len(rows) + (OTHERS if self.habits.counts_others else 0)
        answer = {"items": [self._cut(self.shown(table, row)) for row in some], "total": total}
        if self.habits.shifts and self.busy and len(rows) > page * size:
            self.save(rows[0])  # somebody saves the first one: all behind it move up
            self.shifted += 1
        return self._answer(answer)

    def _order(self, row: Row) -> Any:
        return row["modified"] if self.habits.shifts else row["id"]

    def _selected(self, table: str, query: Mapping[str, str]) -> Iterator[Row]:
        since = query.get("modified_after")
        searched = {n[7:-1]: v for n, v in query.items() if n.startswith("search[")}
        for row in self.rows(table):
            later = since is None or self._later(row["modified"], since)
            if (
                self._indexed(row)
                and later
                and all(str(row.get(n)) == v for n, v in searched.items())
            ):
                yield row

    def _indexed(self, row: Row) -> bool:
        lag = dt.timedelta(seconds=self.habits.search_lag)
        return self.side == "books" or row["made"] + lag <= self.now()

    def _later(self, modified: dt.datetime, since: str) -> bool:
        moment = dt.datetime.fromisoformat(since).replace(tzinfo=dt.UTC)
        if self.habits.whole_seconds:
            return modified.replace(microsecond=0) > moment.replace(microsecond=0)
        return modified >= moment

    # -- what it makes of things ------------------------------------------------------------------

    def shown(self, table: str, row: Row) -> Row:
        links = {name: self.key(one) for name, one in row.items() if name.endswith("_id")}
        return {**row, **links, "id": self.key(row["id"])}

    def _told(self, table: str, row: Row, fields: Mapping[str, Any]) -> Row:
        if self.habits.bare:
            return {"id": self.key(row["id"])}
        kept = fields if self.habits.echoes else {}
        return self._cut({**self.shown(table, row), **kept})

    def _cut(self, row: Row) -> Row:
        if not self.habits.cuts_texts or self.side == "books":
            return row
        return {name: _short(one) for name, one in row.items()}

    def _write(self, method: str, table: str, key: str, fields: Row) -> Row:
        if method == "DELETE":
            row = self.tables[table].pop(int(key))
            self.followed(table, row)
            return row
        unknown = fields.keys() - self.known[table]
        if unknown and not self.habits.drops_unknown:
            raise RefusalError("there is no such field", min(unknown))
        clean = {name: self._stored(name, one) for name, one in fields.items()}
        clean = {name: one for name, one in clean.items() if name not in unknown}
        self.judge(table, clean)
        if method == "POST":
            reference = clean.get("reference")
            if not self.habits.accepts_duplicates and any(
                row.get("reference") == reference for row in self.rows(table)
            ):
                raise RefusalError("this reference is taken", "reference")
            row = self.add(table, **clean)
        else:
            row = self.tables[table][int(key)]
            same = all(row.get(name) == one for name, one in clean.items())
            if not same or self.habits.touches:
                self.save(row, **clean)
        self.followed(table, row)
        return row

    def _stored(self, name: str, value: Any) -> Any:
        if not self.habits.rewrites:
            return value
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return rewritten(name, value) if isinstance(value, str) else value

    def judge(self, table: str, fields: Row) -> None:
        """Raises RefusalError."""

    def followed(self, table: str, row: Row) -> None:
        """What else happens after a write."""


def rewritten(name: str, text: str) -> str:
    text = text.strip()
    match name:
        case "name":
            return " ".join(text.replace("\u00a0", " ").split()).title()
        case "phone":
            digits = re.sub(r"\D", "", text)
            return f"+{digits[:2]} {digits[2:4]} {digits[4:]}".strip()
        case "street":
            return text.replace("\n", "\r\n").replace("  ", " \u00a0")
    return text


def _short(value: Any) -> Any:
    return f"{value[: CUT - 1]}…" if isinstance(value, str) and len(value) > CUT else value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else float(value)
