"""The reading half of a cycle: both systems into the mirror, and what follows from it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from syncd.domain import DERIVED_KINDS, FROM_CRM, TRIGGERS, Kind
from syncd.mapping import Inbound
from syncd.mapping.words import IN_BOOKS
from syncd.port import Receiver
from syncd.store import mirror, outstanding, streams
from syncd.sync import adopt, cards, lost, merged, remapping, won
from syncd.sync.course import Phase
from syncd.sync.derive import derive
from syncd.sync.observe import remap
from syncd.sync.pair import Pair, Scene, WonMode
from syncd.sync.pull import Pull, sweep_is_due
from syncd.sync.unread import changes
from syncd.sync.want import evaluate, items

REVIEWED = 500
"""Documents looked at again in one commit, because their time of correction is over."""


def reads_first(pair: Pair) -> str:
    """What a run does first, for others who wait for the pair: it begins with these words, so that
    a short one needs no commit for them."""
    return _reads(next((kind for kind in IN_BOOKS if pair.inbound(kind)), Kind.CUSTOMER))


def _reads(kind: Kind) -> str:
    return f"reading {kind}s"


@dataclass
class Reading(Phase):
    """`unread` are kinds whose mapping reads what the mirror does not hold: they are read, not
    mapped again."""

    unread: set[Kind] = field(default_factory=set)
    followed: set[Kind] = field(default_factory=set)
    """Kinds of which all that changed was read in this cycle, and is stored."""
    decided: bool = False
    """Whether it is known of every won card who it is in the books."""

    def remap(self) -> None:
        """A changed mapping is applied to the mirror, without asking either system."""
        with self.pair.store.reading() as tx:
            scene = Scene(tx, self.pair, self.session.streams, self.session.run)
            cursors = streams.cursors(tx, list(self.session.streams.values()))
            changed = changes(scene, cursors)
        if changed:
            self.unread = remapping.begin(self.session, {one.kind for one in changed if one.unread})
        for kind, stream in self.session.streams.items():
            if kind not in DERIVED_KINDS:  # worked out again, not mapped again
                self._remap(kind, cursors[stream])
        if changed:
            derive(self.session)
            remapping.finish(self.session, complete=not self.unread)

    def _remap(self, kind: Kind, cursor: streams.Cursor) -> None:
        stream, inbound = self.session.streams[kind], self.pair.inbound(kind)
        reading, writing = self.pair.mapped_by(kind), self.pair.wanted_by(kind)
        if kind in self.unread:
            reading = cursor.mapped_by or reading
        elif cursor.mapped_by not in (None, reading) and inbound:
            self._each_batch(kind, functools.partial(_remap_batch, kind, inbound))
        if cursor.wanted_by not in (None, writing):
            self._each_batch(kind, functools.partial(_judge_batch, kind))
        if (cursor.mapped_by, cursor.wanted_by) != (reading, writing):
            with self.session.commit() as scene:
                streams.move_cursor(scene.tx, stream, mapped_by=reading, wanted_by=writing)
                outstanding.wake_failed(scene.tx, [stream], None)

    def _was_read(self, kind: Kind) -> None:
        """All of a kind is in the mirror with what the mapping reads of it."""
        self.unread.discard(kind)
        with self.session.commit() as scene:
            stream, mapping = self.session.streams[kind], self.pair.mapped_by(kind)
            streams.move_cursor(scene.tx, stream, mapped_by=mapping)
            outstanding.wake_failed(scene.tx, [stream], None)

    def _each_batch(
        self, kind: Kind, work: Callable[[Scene, Sequence[mirror.Known]], None]
    ) -> None:
        last = 0
        while True:
            with self.session.commit() as scene:
                batch = mirror.batch(scene.tx, self.session.streams[kind], last)
                if not batch:
                    return
                work(scene, batch)
                last = batch[-1].id

    def read(self) -> None:
        """Everything, from both sides; then what follows from it, without asking anybody."""
        books, crm = self.pair.books, self.pair.crm
        for kind in IN_BOOKS:
            if self.pair.inbound(kind):
                self.course.progress(_reads(kind))
                self.course.attempt(books, functools.partial(self._pull, kind))
        self.course.attempt(books, self._acknowledge)
        self._review()
        self._follow_merges()
        self.course.attempt(crm, self._read_cards)
        if self.pair.won.mode is not WonMode.OFF and self.pair.inbound(Kind.WON):
            self.course.attempt(crm, self._read_won)
        self.bind()
        adopt.look_again(self.session)
        derive(self.session)
        remapping.finish(self.session, complete=not self.unread)

    def _follow_merges(self) -> None:
        """What the books made one of, and what of that people have done in the CRM since."""
        if self.session.lost:
            return
        read = functools.partial(merged.read, self.session, self.order.command)
        self.course.attempt(self.pair.books, read)
        gone: list[str] = []
        self.course.attempt(self.pair.crm, lambda: gone.extend(self._gone_of_two()))
        merged.follow(self.session, gone)
        self.course.attempt(self.pair.crm, functools.partial(lost.look, self.session))

    def _gone_of_two(self) -> list[str]:
        """Of the cards of customers that the books made one."""
        return [card for card in merged.in_question(self.session) if self._is_gone(card)]

    def _is_gone(self, card: str) -> bool:
        outbound = self.pair.outbound(Kind.CUSTOMER)
        target = dict(outbound.targets)[""] if outbound else None
        presence = self.course.presence
        if target is None or presence.there(target, card, {}):
            return False
        return not presence.emptied(target, [card])

    def bind(self) -> None:
        """Linked customers and their cards come together."""
        with self.pair.store.reading() as tx:
            if not adopt.unbound(tx, self.session):
                return
        command = self.order.command
        self.course.attempt(
            self.pair.books,
            functools.partial(adopt.read_linked, self.session, command),
        )
        self.course.attempt(self.pair.crm, functools.partial(adopt.adopt_linked, self.session))

    def _read_cards(self) -> None:
        """All cards, won or not, where customers are compared with them: what changed, if they say
        when that was, else the whole of them once a day."""
        kind = Kind.WON
        if self.pair.writing.match is None and not self.pair.writing.owners.rules:
            cards.forget_all(self.session)
            return
        inbound = self.pair.inbound(kind)
        if self.order.keys is not None or inbound is None:
            return
        with self.pair.store.reading() as tx:
            cursor = streams.read_cursor(tx, self.session.streams[kind])
            none = not mirror.newest(tx, self.session.streams[kind], 1)
        sweep = self.order.full or kind in self.unread or self._sweep_is_due(cursor) or none
        source = self.pair.reader(kind).connector.facts.sources[kind]
        told = not source.told or source.tells(inbound.read.paths)
        if sweep or (cursor.value is not None and told):
            self.course.progress("reading cards")
            Pull(self.session, kind, self.order.command, sweep=sweep, cards=True).run()
        if kind in self.unread and self.pair.won.mode is WonMode.OFF:
            self._was_read(kind)

    def _read_won(self) -> None:
        if self.order.keys is not None and self.order.won_since is None:
            return
        read = [kind for kind in TRIGGERS if self.pair.inbound(kind)]
        ids = self.session.streams
        with self.pair.store.reading() as tx:
            cursors = streams.cursors(tx, [ids[kind] for kind in (Kind.CUSTOMER, *read)])
        if cursors[ids[Kind.CUSTOMER]].swept_at is None:
            return  # who is in the books already is not known before they were read completely
        unread = self.unread & set(FROM_CRM)
        whole = self.order.full or self.order.won_since is not None
        sweeps = {
            kind: whole or kind in unread or self._sweep_is_due(cursors[ids[kind]]) for kind in read
        }
        command = self.order.command
        self.course.systems.notes += won.read_deals(self.session, command, sweeps)
        again = whole or Kind.WON in unread  # a plan is of what is there now
        made = again or any(sweeps.values())
        won.read_cards(self.session, command, self.order.won_since, again=again, made=made)
        for kind in unread:
            self._was_read(kind)
        won.decide(self.session)
        self.decided = True

    def _pull(self, kind: Kind) -> None:
        keys = [key for one, key in self.order.keys or () if one is kind]
        if self.order.keys is not None and not keys:
            return
        with self.pair.store.reading() as tx:
            cursor = streams.read_cursor(tx, self.session.streams[kind])
        unread = kind in self.unread
        sweep = not keys and (self.order.full or unread or self._sweep_is_due(cursor))
        if sweep:
            self.session.owner.bound = None  # once a day all of it is looked at
        Pull(self.session, kind, self.order.command, keys, sweep).run()
        if not keys and not sweep:
            self.followed.add(kind)
        if unread and sweep:
            self._was_read(kind)

    def _acknowledge(self) -> None:
        """The books hear that what they handed out is stored, once that is so of every kind. Killed
        before, they hand it out again, and nothing equal is stored twice."""
        connector = self.pair.books.connector
        wanted = {kind for kind in IN_BOOKS if self.pair.inbound(kind)}
        if connector.facts.acknowledges and wanted <= self.followed:
            self.pair.checkpoint("before acknowledge")
            self.pair.books.ask(cast(Receiver, connector).acknowledge())

    def _sweep_is_due(self, cursor: streams.Cursor) -> bool:
        return sweep_is_due(cursor, self.course.began, self.pair.numbers.sweep_every)

    def _review(self) -> None:
        """Documents that were unposted, and did not come back in time, are void now."""
        for kind in IN_BOOKS:
            inbound = self.pair.inbound(kind)
            while inbound and (rows := self._reviewable(kind)):
                with self.session.commit() as scene:
                    remap(scene, kind, inbound, "correction time over", rows)
                if len(rows) < REVIEWED:
                    break

    def _reviewable(self, kind: Kind) -> list[mirror.Known]:
        with self.pair.store.reading() as tx:
            now = self.pair.clock.utc()
            return mirror.reviewable(tx, self.session.streams[kind], now, REVIEWED)


def _remap_batch(kind: Kind, inbound: Inbound, scene: Scene, batch: Sequence[mirror.Known]) -> None:
    remap(scene, kind, inbound, "mapping", batch)


def _judge_batch(kind: Kind, scene: Scene, batch: Sequence[mirror.Known]) -> None:
    evaluate(scene, kind, items(scene, kind, batch))
