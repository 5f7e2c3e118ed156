"""What is read once of an account: its currencies, and its subsidiaries where it has several."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from syncd.errors import ConfigError
from syncd.port import Flow

from .clock import Wall
from .wire import HiddenError, Wire

SETTING = "subsidiaries"


_ANEW = dt.timedelta(hours=1)


class Gone(NamedTuple):
    """Ids of transactions that were deleted since a moment, with the time; as of `asked`."""

    since: dt.datetime
    asked: dt.datetime
    keys: Mapping[str, dt.datetime]


@dataclass
class Account:
    """`currencies` by id, `own` the base currency. `subsidiaries` by id: None where there is one
    company alone, and no table of them. `chosen` are those that are read; None: all."""

    wire: Wire
    wall: Wall
    currencies: Mapping[str, str]
    own: str
    subsidiaries: Mapping[str, str] | None = None
    company: str = ""
    chosen: frozenset[str] | None = None
    book: str = ""
    """The primary accounting book, where there are several: each has lines of its own."""
    deletions: bool = True
    """The log of deletions may be read, as far as is known."""
    gone: Gone | None = None
    """What it said last."""
    opened: dt.datetime | None = None

    def is_old(self) -> bool:
        """New subsidiaries are rare, and not never."""
        now = self.wire.now
        return self.opened is None or now is None or now - self.opened > _ANEW

    def outside(self, subsidiary: str | None) -> bool:
        return self.chosen is not None and subsidiary not in self.chosen

    def currency(self, id: str | None) -> str:
        """ISO code. What is in no currency is in the base currency."""
        return self.currencies.get(str(id), self.own) if id else self.own


def split(text: str) -> tuple[str, ...]:
    return tuple(sorted({one.strip() for one in text.split(";")} - {""}))


def scope(named: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(named).encode()).hexdigest()[:16] if named else ""


def open_account(wire: Wire, wall: Wall, named: Sequence[str]) -> Flow[Account]:
    """`named` are the subsidiaries that are read, by name or id. ConfigError for one that is not
    there."""
    currencies, own = yield from read_currencies(wire)
    account = Account(wire, wall, currencies, own, opened=wire.now)
    try:
        rows = yield from wire.rows("SELECT id, name, parent FROM subsidiary ORDER BY id")
    except HiddenError:
        rows = []
    if rows:
        account.subsidiaries = {str(row["id"]): str(row["name"]) for row in rows}
        roots = [str(row["name"]) for row in rows if not row.get("parent")]
        account.company = (roots or [str(rows[0]["name"])])[0]
    try:
        books = yield from wire.rows("SELECT id FROM accountingbook WHERE isprimary = 'T'")
    except HiddenError:
        books = []
    account.book = str(books[0]["id"]) if books else ""
    account.chosen = _chosen(account.subsidiaries, named)
    return account


def read_currencies(wire: Wire) -> Flow[tuple[Mapping[str, str], str]]:
    """By id, and the base currency."""
    rows = yield from wire.rows("SELECT id, symbol, isbasecurrency FROM currency ORDER BY id")
    currencies = {str(row["id"]): str(row["symbol"]) for row in rows if row.get("symbol")}
    base = [str(row["id"]) for row in rows if row.get("isbasecurrency") == "T"]
    if not base:
        raise ConfigError("NetSuite shows no base currency: give the role the permission Currency")
    return currencies, currencies[min(base, key=int)]


def _chosen(there: Mapping[str, str] | None, named: Sequence[str]) -> frozenset[str] | None:
    if not named:
        return None
    if there is None:
        raise ConfigError(
            f"the setting {SETTING} names some, and NetSuite shows none: this account has one "
            "company, or the role lacks the permission Subsidiaries"
        )
    ids = {name: id for id, name in there.items()} | {id: id for id in there}
    if unknown := [one for one in named if one not in ids]:
        raise ConfigError(
            f"the setting {SETTING} names {', '.join(unknown)}; NetSuite has: "
            f"{'; '.join(sorted(there.values()))}"
        )
    return frozenset(ids[one] for one in named)
