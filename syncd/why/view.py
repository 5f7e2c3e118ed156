"""What the store knows, as the questions of this package need it. Nothing here asks a system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from syncd.domain import Canonical, Customer, Kind, Ref, Value, Want
from syncd.image import decode, decode_fields, decode_raw
from syncd.store import links, mirror, parts
from syncd.store.mirror import Known
from syncd.store.streams import Cursor, read_cursor
from syncd.store.tables import problem, run
from syncd.sync.pair import Pair, Scene
from syncd.sync.want import items, wants_if_any

Row = sa.RowMapping


class Trouble(msgspec.Struct, frozen=True):
    """A problem as far as an answer quotes it."""

    id: int
    cause: str
    text: str


@dataclass(frozen=True)
class View:
    """One reading transaction. `now` is when the question is asked."""

    tx: sa.Connection
    pair: Pair
    streams: dict[Kind, int]
    now: dt.datetime

    @property
    def scene(self) -> Scene:
        return Scene(self.tx, self.pair, self.streams, 0)

    @property
    def currencies(self) -> frozenset[str] | None:
        """Those that the CRM knows; None: any."""
        return self.pair.crm.connector.facts.currencies

    # -- records --------------------------------------------------------------------------------

    def known(self, kind: Kind, key: str) -> Known | None:
        return mirror.known(self.tx, self.streams[kind], [key]).get(key)

    def image(self, kind: Kind, row: Known) -> Canonical | None:
        found = mirror.images(self.tx, kind, [row]).get(row.id)
        return decode(kind, found) if found is not None else None

    def canonical(self, kind: Kind, key: str) -> Canonical | None:
        row = self.known(kind, key)
        return self.image(kind, row) if row else None

    def raw(self, kind: Kind, row: Known) -> Mapping[str, object] | None:
        found = mirror.raws(self.tx, kind, [row]).get(row.id)
        return dict(decode_raw(found)) if found else None

    def error(self, row: Known) -> str:
        return mirror.error_of(self.tx, row.id) or ""

    def cursor(self, kind: Kind) -> Cursor:
        return read_cursor(self.tx, self.streams[kind])

    def customer_name(self, key: str | None) -> str:
        found = self.canonical(Kind.CUSTOMER, key) if key else None
        return found.name if isinstance(found, Customer) else ""

    # -- what it is at the CRM ------------------------------------------------------------------

    def parts(self, row: Known) -> dict[str, Row]:
        return {one["key"]: one for one in parts.rows_of(self.tx, row.id)}

    def wants(self, kind: Kind, row: Known) -> dict[str, Want]:
        """What the mapping wants, before what it hangs on is looked at."""
        [item] = items(self.scene, kind, [row])
        numbered = any(one["numbered"] for one in self.parts(row).values())
        return wants_if_any(self.scene, kind, item, numbered)

    def fields(self, kind: Kind, part_id: int) -> dict[str, Value]:
        """What the object was last agreed to have."""
        stored = parts.stored_fields(self.tx, kind, [part_id]).get(part_id)
        return decode_fields(stored)[0]

    def remote_id(self, ref: Ref) -> str | None:
        found = parts.located(self.tx, self.streams[ref.kind], [ref]).get((ref.key, ref.part))
        return found.remote_id if found else None

    def sharing(self, customer: str) -> Sequence[str]:
        """All customers of its card, the primary one first; itself alone without others."""
        pair = self.pair
        found = links.together(self.tx, pair.crm.name, pair.books.name, [customer])
        return found[customer]

    def card(self, customer: str | None) -> str | None:
        return self.remote_id(Ref(Kind.CUSTOMER, customer)) if customer else None

    # -- problems and runs ----------------------------------------------------------------------

    def trouble(self, one: int | None) -> Trouble | None:
        if one is None:
            return None
        query = sa.select(problem.c.id, problem.c.cause, problem.c.text).where(problem.c.id == one)
        row = self.tx.execute(query).one_or_none()
        return Trouble(*row) if row else None

    def opened(self, word: str) -> list[Trouble]:
        """Open problems of the pair whose cause begins with this word."""
        query = sa.select(problem.c.id, problem.c.cause, problem.c.text).where(
            problem.c.pair == self.pair.name,
            problem.c.closed.is_(None),
            problem.c.cause.like(f"{word} %"),
        )
        return [Trouble(*row) for row in self.tx.execute(query.order_by(problem.c.id))]

    def last_run_failed(self) -> str:
        """The note of the last run, if it failed."""
        query = sa.select(run.c.result, run.c.note).where(run.c.pair == self.pair.name)
        row = self.tx.execute(query.order_by(run.c.id.desc()).limit(1)).one_or_none()
        return str(row.note or "") if row and row.result == "failed" else ""
