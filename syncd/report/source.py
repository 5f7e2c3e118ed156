"""The mirror as reports read it: a batch of customers at a time, in one reading transaction."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from syncd.domain import (
    Balance,
    Canonical,
    Card,
    Customer,
    Deal,
    Invoice,
    Kind,
    Order,
    Payment,
    State,
)
from syncd.image import decode
from syncd.report.folder import Folder, Settler
from syncd.report.period import Period
from syncd.report.result import Basis, Proofs
from syncd.store import links, mirror, proofs, streams
from syncd.store.mirror import COUNTED, FILTERED, KEPT, LIVE, UNMAPPABLE, Known
from syncd.store.proofs import ProofRow
from syncd.store.tables import change, record, settles, touched
from syncd.sync.card import Documents, Setting, card_of
from syncd.sync.derive import SOURCES, documents_of, proof_of, setting_of
from syncd.sync.pair import Pair, Scene

TELL_EVERY = 10
"""Batches between two words about how far it is."""
READ_AGAIN = ("mapping", "correction time over")
"""Causes of a version with which nobody in the books had to do."""


class Won(msgspec.Struct, frozen=True):
    """A deal that was won. `customer` is linked to its card; `closed` is as typed by people, else
    the day on which it was first seen."""

    deal: str
    card: str
    customer: str | None
    closed: dt.date


@dataclass(frozen=True)
class Source:
    """`tell` hears now and then how many customers were read, of how many."""

    tx: sa.Connection
    pair: Pair
    streams: Mapping[Kind, int]
    now: dt.datetime
    tell: Callable[[int, int], None] = lambda _done, _all: None
    setting: Setting = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "setting", setting_of(self._scene, self.now))

    @property
    def _scene(self) -> Scene:
        return Scene(self.tx, self.pair, dict(self.streams), 0)

    @property
    def today(self) -> dt.date:
        return self.setting.today

    @property
    def zone(self) -> dt.tzinfo:
        return self.pair.reading.zone or dt.UTC

    def reads(self, kind: Kind) -> bool:
        return self.pair.inbound(kind) is not None

    # -- customers -------------------------------------------------------------------------------

    def folders(self) -> Iterator[Folder]:
        """Every customer that the mapping does not leave out, in the order it was first read."""
        last = done = number = 0
        count = sa.select(sa.func.count()).where(record.c.stream == self.streams[Kind.CUSTOMER])
        every = self.tx.scalar(count) or 0
        while batch := mirror.batch(self.tx, self.streams[Kind.CUSTOMER], last):
            last = batch[-1].id
            yield from self._batch([row.key for row in batch if row.state != FILTERED])
            done, number = done + len(batch), number + 1
            if number % TELL_EVERY == 0 and done < every:
                self.tell(done, every)

    def _batch(self, keys: Sequence[str]) -> Iterator[Folder]:
        docs = documents_of(self._scene, keys)
        invoices, orders = self._sold(docs.values())
        cards = self._of(Kind.CARD, keys)
        balances = self._of(Kind.BALANCE, keys)
        crm, books = self.pair.crm.name, self.pair.books.name
        together = links.together(self.tx, crm, books, keys)
        waiting = self._touched(sorted({one for some in together.values() for one in some}))
        proven = proofs.of(self.tx, self.pair.name, keys)
        for key in keys:
            row, card = cards.get(key, (None, None))
            _, balance = balances.get(key, (None, None))
            over = row is not None and row.next_review is not None and row.next_review <= self.now
            if len(together[key]) > 1 and isinstance(balance, Balance):
                # The card is of all of them; as if this one had a card of its own.
                proof = proof_of(self.pair, [proven.get(key)])
                card = card_of(balance, self.now, docs[key], proof, self.setting)
            yield Folder(
                key,
                docs[key],
                balance if isinstance(balance, Balance) else None,
                card if isinstance(card, Card) else None,
                over or not waiting.isdisjoint(together[key]),
                invoices,
                orders,
            )

    def _sold(self, batch: Iterable[Documents]) -> tuple[dict[str, Invoice], dict[str, Order]]:
        """Invoices and orders by key, and those of other customers that these settle."""
        invoices: dict[str, Invoice] = {}
        orders: dict[str, Order] = {}
        named: set[str] = set()
        for docs in batch:
            invoices |= {one.key: one for one in docs.invoices}
            orders |= {one.key: one for one in docs.orders}
            settlers: tuple[Settler, ...] = (
                *docs.payments,
                *docs.credit_notes,
                *docs.adjustments,
            )
            named |= {part.invoice for one in settlers for part in one.allocations}
        for row, image in self._images(Kind.INVOICE, sorted(named - invoices.keys())):
            counts = row.state in COUNTED
            if counts and isinstance(image, Invoice) and image.state is State.EFFECTIVE:
                invoices[row.key] = image
        of = {one.order for one in invoices.values() if one.order}
        for row, image in self._images(Kind.ORDER, sorted(of - orders.keys())):
            if isinstance(image, Order):
                orders[row.key] = image
        return invoices, orders

    def _of(self, kind: Kind, keys: Sequence[str]) -> dict[str, tuple[Known, Canonical]]:
        """Customer -> its record of a kind that it has one of."""
        states = KEPT if kind is Kind.BALANCE else (LIVE,)
        found = self._images(kind, keys)
        return {row.key: (row, image) for row, image in found if row.state in states}

    def _images(self, kind: Kind, keys: Sequence[str]) -> Iterator[tuple[Known, Canonical]]:
        rows = list(mirror.known(self.tx, self.streams[kind], keys).values()) if keys else []
        images = mirror.images(self.tx, kind, rows)
        for row in rows:
            if row.id in images:
                yield row, decode(kind, images[row.id])

    def _touched(self, keys: Sequence[str]) -> set[str]:
        if not keys:
            return set()
        query = sa.select(touched.c.customer).where(
            touched.c.stream == self.streams[Kind.CARD], touched.c.customer.in_(keys)
        )
        return set(self.tx.scalars(query))

    def names(self, keys: Sequence[str]) -> dict[str, str]:
        """As long as retention has left them."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), mirror.CHUNK):
            for row, image in self._images(Kind.CUSTOMER, keys[start : start + mirror.CHUNK]):
                if isinstance(image, Customer):
                    found[row.key] = image.name
        return found

    def paid_on(self, invoices: Sequence[str]) -> dict[str, dt.date]:
        """Invoice -> the day of the last payment on it, for those that have one."""
        found: dict[str, dt.date] = {}
        for start in range(0, len(invoices), mirror.CHUNK):
            some = invoices[start : start + mirror.CHUNK]
            query = sa.select(settles.c.record, settles.c.invoice).where(
                settles.c.invoice.in_(some)
            )
            settled: dict[int, list[str]] = {}
            for one, invoice in self.tx.execute(query):
                settled.setdefault(one, []).append(invoice)
            for one, day in self._paid(sorted(settled)):
                for invoice in settled[one]:
                    found[invoice] = max(found.get(invoice, day), day)
        return found

    def _paid(self, ids: Sequence[int]) -> Iterator[tuple[int, dt.date]]:
        """Of these records the payments that count, with their days."""
        query = sa.select(record.c.id).where(
            record.c.id.in_(ids), record.c.stream == self.streams[Kind.PAYMENT]
        )
        rows = mirror.by_id(self.tx, list(self.tx.scalars(query)))
        counted = [row for row in rows if row.state in COUNTED]
        for one, image in mirror.images(self.tx, Kind.PAYMENT, counted).items():
            payment = decode(Kind.PAYMENT, image)
            if isinstance(payment, Payment) and payment.state is State.EFFECTIVE:
                yield one, payment.date

    # -- over time -------------------------------------------------------------------------------

    def proofs(self) -> dict[str, ProofRow]:
        return {row.customer: row for row in proofs.every(self.tx, self.pair.name)}

    def cards_over_time(self) -> Iterator[list[tuple[dt.date, Canonical]]]:
        """Of each card its versions, oldest first, by the day they were made, as far as retention
        has left them."""
        last = 0
        while batch := mirror.batch(self.tx, self.streams[Kind.CARD], last):
            last = batch[-1].id
            query = (
                sa.select(change.c.record, change.c.at, change.c.image)
                .where(change.c.record.in_([row.id for row in batch]))
                .order_by(change.c.record, change.c.ver)
            )
            for _, rows in itertools.groupby(self.tx.execute(query), lambda row: row.record):
                yield [(self._day(row.at), decode(Kind.CARD, row.image)) for row in rows]

    def corrections(self, period: Period) -> Iterator[tuple[dt.date, Order | Invoice]]:
        """Orders and invoices of which the books were seen to change the customer, the date or the
        amount, or to cancel them, with the day on which that was seen."""
        old = change.alias()
        query = (
            sa.select(record.c.stream, change.c.at, change.c.image, old.c.image.label("old"))
            .join(change, change.c.record == record.c.id)
            .join(old, sa.and_(old.c.record == record.c.id, old.c.ver == change.c.ver - 1))
            .where(
                record.c.stream.in_([self.streams[Kind.ORDER], self.streams[Kind.INVOICE]]),
                record.c.ver > 1,
                change.c.at >= self._midnight(period.since),
                change.c.at < self._midnight(period.until + dt.timedelta(days=1)),
                change.c.cause != READ_AGAIN[0],
            )
        )
        kinds = {stream: kind for kind, stream in self.streams.items()}
        for row in self.tx.execute(query.execution_options(yield_per=1000)):
            new, was = decode(kinds[row.stream], row.image), decode(kinds[row.stream], row.old)
            assert isinstance(new, Order | Invoice) and isinstance(was, Order | Invoice)
            if _corrected(was, new):
                yield self._day(row.at), new

    def order(self, key: str | None) -> Order | None:
        """Cancelled or not."""
        found = (image for _, image in self._images(Kind.ORDER, [key] if key else []))
        return next((one for one in found if isinstance(one, Order)), None)

    def won(self) -> list[Won]:
        """Deals that are won now."""
        stream, found, last = self.streams[Kind.DEAL], [], 0
        while batch := mirror.batch(self.tx, stream, last):
            last = batch[-1].id
            images = mirror.images(self.tx, Kind.DEAL, batch)
            seen = mirror.first_seen(self.tx, [row.id for row in batch])
            for row in batch:
                deal = decode(Kind.DEAL, images[row.id]) if row.id in images else None
                if row.state == LIVE and isinstance(deal, Deal):
                    day = deal.closed or self._day(seen.get(row.id, self.now))
                    found.append((deal, day))
        of = {
            link.card_id: link.books_key
            for link in links.each(self.tx, self.pair.crm.name, self.pair.books.name)
            if link.is_primary
        }
        return [Won(deal.key, deal.account, of.get(deal.account), day) for deal, day in found]

    def _day(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.zone).date()

    def _midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)

    # -- what it is made of ----------------------------------------------------------------------

    def basis(self) -> Basis:
        kinds = [kind for kind in (Kind.CUSTOMER, *SOURCES, Kind.BALANCE) if self.reads(kind)]
        cursors = {kind: streams.read_cursor(self.tx, self.streams[kind]) for kind in kinds}
        read = [cursor.complete_at for cursor in cursors.values()]
        return Basis(
            self.today,
            str(self.pair.reading.zone or "UTC"),
            min((at for at in read if at), default=None) if all(read) else None,
            tuple(kind.value for kind, cursor in cursors.items() if cursor.swept_at is None),
            self.setting.history,
            self._outside(),
            self._unreadable(),
            self._proofs(),
        )

    def _proofs(self) -> Proofs | None:
        rows = proofs.every(self.tx, self.pair.name)
        if not rows:
            return None
        return Proofs(max(row.at for row in rows), len(rows), sum(row.agreed for row in rows))

    def _documents(self, *where: sa.ColumnElement[bool]) -> int:
        ids = [self.streams[kind] for kind in SOURCES]
        query = sa.select(sa.func.count()).where(record.c.stream.in_(ids), *where)
        return self.tx.scalar(query) or 0

    def _outside(self) -> int:
        """Documents that would count, of customers that are left out or were never read."""
        customers = record.alias()
        inside = (
            sa.select(sa.literal(1))
            .where(
                customers.c.stream == self.streams[Kind.CUSTOMER],
                customers.c.key == record.c.customer,
                customers.c.state != FILTERED,
            )
            .exists()
        )
        return self._documents(record.c.state.in_(COUNTED), record.c.ver > 0, sa.not_(inside))

    def _unreadable(self) -> int:
        """Documents that the mapping could never digest."""
        return self._documents(record.c.state == UNMAPPABLE, record.c.ver == 0)


def _corrected(was: Order | Invoice, new: Order | Invoice) -> bool:
    if was.state is not State.EFFECTIVE:
        return False  # what comes back was counted when it was cancelled
    told = (new.customer, new.date, new.total) != (was.customer, was.date, was.total)
    return told or new.state is State.VOID
