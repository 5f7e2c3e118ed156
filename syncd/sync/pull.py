"""Reads one kind: what changed, some keys, or everything once a day.

A page, the records it changes and the cursor are one commit. The cursor never passes what is
stored, nor the source's own clock.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import msgspec
import sqlalchemy as sa

from syncd.domain import TRIGGERS, Kind
from syncd.errors import ProtocolError
from syncd.image import decode_raw
from syncd.mapping import Inbound
from syncd.mapping.words import DOCUMENTS
from syncd.port import OUTSIDE, UNREADABLE, All, Keys, Page, Record, Scope, Since
from syncd.store import links, merges, mirror, noticed, problems, runs, streams, touched
from syncd.sync import cards, typed_over
from syncd.sync.accepted import VANISHED, quarantined
from syncd.sync.forgotten import forget
from syncd.sync.observe import OF_CUSTOMERS, Noticing, Reading, observe
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.want import follow

REPEATS_ALLOWED = 5
"""A source may start a pass again when its rows moved under it; not for ever."""

NOTICED = frozenset({Kind.CUSTOMER, *DOCUMENTS})
"""Kinds whose records people make and save; of others a newer time says nothing of a habit."""

FEW = 10
MOST = 0.2
"""A pass that lacks more than a few records and more than this share of them is not believed."""

BELIEVED_AFTER = 3600
"""Seconds after which a pass that was not believed is made again."""

WON_WINDOW = dt.timedelta(days=30)
"""How far back the day is that deals are asked for by: people type it, and date it back."""

BACK_IN_TIME = 3
"""So many records older than they were already seen are no accident: a backup was restored."""


class Pull(msgspec.Struct):
    """One pass over one kind. `keys` limits it; `sweep` reads everything."""

    session: Session
    kind: Kind
    command: str
    keys: Sequence[str] = ()
    sweep: bool = False
    cards: bool = False
    """Keeps cards as they are, won or not."""
    restored: list[str] = msgspec.field(default_factory=list)
    """Keys of records whose stamps went back in time."""
    accepted: bool = False
    """An older state is the truth now: a person said so since the last full pass, or it is that
    of single records."""
    started: dt.datetime | None = None
    high: dt.datetime | None = None
    read: int = 0
    first_asked: int = 0
    anew: bool = False
    """Nothing of this kind was known before: nothing can be missing."""
    positions: Counter[str] = msgspec.field(default_factory=Counter)
    noticing: Noticing | None = None

    def run(self) -> None:
        """Transport errors go to the caller; what was committed before them stands."""
        pair, owner = self.session.pair, self.session.owner
        with pair.store.reading() as tx:
            cursor = streams.read_cursor(tx, self.session.streams[self.kind])
            since = cursor.swept_at or streams.LONG_AGO
            self.accepted |= problems.waived(tx, pair.name, self._cause, since)
            self.anew = self.sweep and not mirror.any_of(tx, self.session.streams[self.kind])
        back = WON_WINDOW if self._by_day else _seconds(pair.numbers.overlap)
        lower = cursor.value - back if cursor.value else None
        self.first_asked = owner.asked + 1
        if not self.keys and self.kind in NOTICED:
            self.noticing = Noticing(cursor.value, self.first_asked)
        for asked, page in self._pages(lower, None if self._by_day else cursor.value):
            pair.checkpoint("before commit")
            if page.next is None and self.sweep and not self.keys and not self._scoped:
                self._look_for_skipped(page)
            with self.session.commit() as scene:
                self._take_in(scene, page, asked)
        if self.sweep and 0 < len(self.restored) < BACK_IN_TIME:
            keys = list(self.restored)
            Pull(self.session, self.kind, self.command, keys, accepted=True).run()
        if self.sweep and not self.keys and self._scoped:
            self._conclude()
        if self.keys or self.sweep:
            return
        full = None
        if self._lost_its_newest(cursor):
            full = Pull(self.session, self.kind, self.command, sweep=True, cards=self.cards)
            full.run()
            self._step_back(cursor, full)
        self._note_missed(cursor, full)

    def _look_for_skipped(self, last: Page) -> None:
        """A list that is paged while its records move may skip one: the few that it lacks are asked
        for by their keys, before anything is concluded from that."""
        if self.kind in TRIGGERS or self.anew:
            return
        shown = {record.key for record in last.records}
        states = (mirror.FILTERED,) if self.cards else mirror.THERE
        with self.session.pair.store.reading() as tx:
            stream = self.session.streams[self.kind]
            gone = mirror.missing_since(tx, stream, self.first_asked, states)
            known = mirror.count_in(tx, stream, states)
        lacking = [row.key for row in gone if row.key not in shown]
        if 0 < len(lacking) <= FEW and len(lacking) < known:  # an empty list is not believed
            cards = self.cards
            Pull(self.session, self.kind, self.command, lacking, sweep=True, cards=cards).run()

    def _step_back(self, cursor: streams.Cursor, full: Pull) -> None:
        """The newest record is gone for good, as far as a believed pass tells: the overlap looks
        for the newest one there is from now on, or everything would be read every time."""
        pair = self.session.pair
        with pair.store.reading() as tx:
            causes = (self._cause, f"implausible {self.kind}")
            doubted = any(problems.since(tx, pair.name, cause) for cause in causes)
        if cursor.value and not doubted and not full.shows(cursor.value):
            with self.session.commit() as scene:
                streams.move_cursor(scene.tx, self.session.streams[self.kind], value=full.high)

    def _note_missed(self, cursor: streams.Cursor, full: Pull | None) -> None:
        """A full pass that shows the newest record, where what changed does not have it, tells
        that reads of what changed leave something out; else it may be gone for good."""
        newest = cursor.value
        missed = bool(full and newest and full.shows(newest) and not self.shows(newest))
        if missed is not bool(cursor.missed_since):
            since = self.session.pair.clock.utc() if missed else None
            with self.session.commit() as scene:
                stream = self.session.streams[self.kind]
                streams.move_cursor(scene.tx, stream, missed_since=since)

    def shows(self, newest: dt.datetime) -> bool:
        return self.high is not None and self.high >= newest

    def _lost_its_newest(self, cursor: streams.Cursor) -> bool:
        """The overlap shows the newest record again, unless it is gone or a backup was restored:
        then everything is read at once, and again until that is over. So does the whole of a
        source without stamps."""
        pair = self.session.pair
        facts = pair.reader(self.kind).connector.facts.sources[self.kind]
        with pair.store.reading() as tx:
            restored = problems.since(tx, pair.name, self._cause)
            lacking = problems.since(tx, pair.name, f"implausible {self.kind}")
        if restored or (lacking and sweep_is_due(cursor, pair.clock.utc(), BELIEVED_AFTER)):
            return True
        if not cursor.value:
            return not self.read and cursor.swept_at is not None and self._known()
        return facts.stamped and not self.shows(cursor.value)

    def _known(self) -> bool:
        with self.session.pair.store.reading() as tx:
            return mirror.count_live(tx, self.session.streams[self.kind]) > 0

    def _pages(
        self, lower: dt.datetime | None, newest: dt.datetime | None
    ) -> Iterator[tuple[int, Page]]:
        """Each with its number. Where the system takes several requests at once, the next one is
        asked for while the last one is taken in."""
        owner, side = self.session.owner, self.session.pair.reader(self.kind)
        ahead = side.connector.facts.in_flight > 1
        with ThreadPoolExecutor(1) if ahead else nullcontext() as pool:
            position: str | None = None
            asked, fetch = owner.next_asked(), self._fetch(Since(lower, position, newest))
            while True:
                page = fetch()
                self._note(page)
                here, position = asked, page.next
                if position is not None:
                    asked, fetch = owner.next_asked(), self._fetch(Since(lower, position, newest))
                    fetch = pool.submit(fetch).result if pool else fetch
                yield here, page
                if position is None:
                    return

    def _fetch(self, since: Since) -> Callable[[], Page]:
        pair = self.session.pair
        scope: Scope = since
        if self.keys:
            scope = Keys(self.keys)
        elif self.sweep:
            scope = All(since.position)
        inbound, side = pair.inbound(self.kind), pair.reader(self.kind)
        assert inbound is not None
        return lambda: side.ask(side.connector.pull(inbound.read, scope))

    def _note(self, page: Page) -> None:
        """How far the pass has come."""
        self.read += len(page.records)
        self.started = self.started or page.source_time or self.session.pair.clock.utc()
        stamps = [r.stamp for r in page.records if r.stamp and r.stamp <= self.started]
        self.high = max([*stamps, *([self.high] if self.high else [])], default=None)
        if page.next is not None:
            self.positions[page.next] += 1
            if self.positions[page.next] > REPEATS_ALLOWED:
                raise ProtocolError(
                    f"the same page of {self.kind}s came again and again, and the reading was "
                    "given up; nothing was concluded from it"
                )

    def _take_in(self, scene: Scene, page: Page, asked: int) -> None:
        pair, stream = self.session.pair, self.session.streams[self.kind]
        assert self.started is not None
        inbound = pair.inbound(self.kind)
        assert inbound is not None
        if self.cards:
            self._keep(scene, inbound, page, asked)
            return
        reading = Reading(
            self.kind,
            inbound,
            asked,
            self.started,
            self.command,
            pair.reader(self.kind).connector.facts.sources[self.kind].stamped and not self.accepted,
            self.sweep,
            restored=self.restored,
            lost=self.session.lost,
            noticing=self.noticing,
        )
        count = observe(scene, reading, page.records)
        if self.kind is Kind.WON:
            typed_over.look(scene, inbound, page.records)
        runs.add_page(scene.tx, scene.run, stream, asked, count)
        if page.next is None and self.noticing:
            self._note_habits(scene, self.noticing)
        if not self.keys:
            self._move_cursor(scene.tx, stream, page, news=count.new > 0)
            if page.next is None and self.sweep:
                self._check_restored(scene)
                # A deal that is no longer won is in no list.
                if self.kind not in TRIGGERS and not self._scoped and not self.anew:
                    self._paid(scene, stream, reading)
                    self._quarantine(scene, stream)

    def _keep(self, scene: Scene, inbound: Inbound, page: Page, asked: int) -> None:
        """The same, of cards."""
        stream = self.session.streams[self.kind]
        count, news = cards.keep(scene, inbound, asked, page.records, sweep=self.sweep)
        typed_over.look(scene, inbound, page.records)
        self.session.new_cards |= news
        now = scene.pair.clock.utc()
        ahead = (page.source_time or now) - now
        stamps = {one.key: one.stamp - ahead for one in page.records if one.stamp}
        self.session.touched.update(stamps)
        runs.add_page(scene.tx, scene.run, stream, asked, count)
        if not self.keys:
            self._move_cursor(scene.tx, stream, page, news=news)
            if page.next is None and self.sweep:
                cards.conclude(scene, self.first_asked, FEW, MOST)

    def _paid(self, scene: Scene, stream: int, reading: Reading) -> None:
        """Where a list has what is open alone, who is not in it owes nothing; unless so much is
        missing that the list is not believed."""
        part = scene.pair.reader(self.kind).connector.facts.sources[self.kind].open_rows
        missing = mirror.missing_since(scene.tx, stream, self.first_asked) if part else []
        if not missing:
            return
        raws = mirror.raws(scene.tx, self.kind, missing)
        found = {row: decode_raw(raws[row.id]) for row in missing if row.id in raws}
        found = {row: data for row, data in found.items() if UNREADABLE not in data}
        owing = [row for row, data in found.items() if data.get(part)]
        known = mirror.count_live(scene.tx, stream) - len(found) + len(owing)
        if owing and not _plausible(len(owing), known):
            return
        zero = [Record(row.key, {**data, part: []}) for row, data in found.items()]
        observe(scene, reading, zero)

    def _note_habits(self, scene: Scene, seen: Noticing) -> None:
        """At the end of the pass, with the cursor: what is read again after a crash counts once."""
        for habit, count in (
            (noticed.RESTAMPED, seen.restamped),
            (noticed.REPEATED, seen.repeated),
            (noticed.RENUMBERED, seen.renumbered),
        ):
            if count:
                now = scene.pair.clock.utc()
                noticed.note(scene.tx, scene.pair.name, habit, self.kind, now, count)

    @property
    def _scoped(self) -> bool:
        return bool(self.session.pair.scope(self.kind))

    def _conclude(self) -> None:
        """Where a part of a system is read, what a full pass lacks may have left that part: it is
        asked for by its key before anything is concluded. What left it before is not missing."""
        stream, asked = self.session.streams[self.kind], self.session.owner.asked
        with self.session.pair.store.reading() as tx:
            missing = mirror.missing_since(tx, stream, self.first_asked)
        for start in range(0, len(missing), mirror.CHUNK):
            some = missing[start : start + mirror.CHUNK]
            with self.session.commit() as scene:
                left = self._left(scene, some)
                mirror.touch(scene.tx, sorted(left), asked)
            if keys := [row.key for row in some if row.id not in left]:
                Pull(self.session, self.kind, self.command, keys, sweep=True).run()
        with self.session.commit() as scene:
            self._quarantine(scene, stream)
            now = self.session.pair.clock.utc()
            streams.move_cursor(scene.tx, stream, swept_at=now)

    @property
    def _cause(self) -> str:
        return f"restored {self.kind}"

    @property
    def _by_day(self) -> bool:
        """Deals of a CRM that tells no time of change are asked for by the day they were closed."""
        sources = self.session.pair.reader(self.kind).connector.facts.sources
        return self.kind in TRIGGERS and not sources[self.kind].stamped

    @property
    def _told(self) -> bool:
        """What changed is told as of a moment, and not by stamps."""
        inbound, sources = self.session.pair.inbound(self.kind), self.session.pair.reader(self.kind)
        source = sources.connector.facts.sources[self.kind]
        return self.cards and source.told and source.tells(inbound.read.paths if inbound else ())

    def _check_restored(self, scene: Scene) -> None:
        """Records older than they were seen before: another state of the same books answers."""
        if len(self.restored) < BACK_IN_TIME:
            problems.close(scene.tx, scene.pair.name, self._cause, scene.pair.clock.utc())
            return
        keys = ", ".join(self.restored[:5]) + (", ..." if len(self.restored) > 5 else "")
        self._raise(
            scene,
            self._cause,
            f"{scene.pair.books.name} went back in time: {len(self.restored)} {self.kind}s are "
            f"older than they were seen before ({keys}). A backup was restored, or a copy answers. "
            "Nothing is written until somebody decides: point the connection at the right books, "
            "or, if this is the truth now, syncd problems waive ID --reason R.",
            owner=problems.SYSADMIN,
        )

    def _move_cursor(self, tx: sa.Connection, stream: int, page: Page, *, news: bool) -> None:
        """It follows each page where they come in order, else only the whole pass. Stamps beyond
        the source's clock are typed dates: they are stored and move nothing."""
        values: dict[str, object] = {}
        last = page.next is None
        if last and (self._by_day or self._told):
            self.high = self.started
        current = streams.read_cursor(tx, stream).value
        if self.high and (last or page.ordered) and (current is None or self.high > current):
            values["value"] = self.high
        now = self.session.pair.clock.utc()
        if news:
            values["news_at"] = now
        if last:
            values |= {"complete_at": now, "source_time": self.started}
            if self.sweep and not self._scoped:
                values["swept_at"] = now
        if values:
            streams.move_cursor(tx, stream, **values)

    def _quarantine(self, scene: Scene, stream: int) -> None:
        """Absence is not deletion: what a complete pass lacks waits for a person's word, and a
        pass that lacks too much proves nothing at all."""
        missing = mirror.missing_since(scene.tx, stream, self.first_asked)
        void = [row for row in missing if row.state == mirror.VOID]
        left = self._left(scene, void)
        gone = self._unmerged(scene, [row for row in missing if row.id not in left])
        known = mirror.count_live(scene.tx, stream)
        books = scene.pair.reader(self.kind).name
        read = [row for row in gone if row.ver]
        all_read = bool(read) and len(read) == mirror.count_live(scene.tx, stream, read=True)
        if gone and (all_read or len(gone) > max(FEW, MOST * known)):
            self._raise(
                scene,
                f"implausible {self.kind}",
                f"A complete read of {books} shows only {known - len(gone)} of {known} "
                f"{self.kind}s. That is not believed: nothing was concluded from it and the cards "
                "stay as they are. Somebody lost rights, or another base is connected.",
            )
            return
        now = scene.pair.clock.utc()
        problems.close(scene.tx, scene.pair.name, f"implausible {self.kind}", now)
        forget(scene, self.kind, [row for row in gone if not row.ver])
        touched.add(scene.tx, scene.streams[Kind.CARD], (row.customer for row in gone))
        if not read:
            return
        text = quarantined(books, self.kind, [row.key for row in read])
        problem = self._raise(scene, f"{VANISHED} {self.kind}", text)
        mirror.vanish(scene.tx, [row.id for row in read], problem)
        if self.kind is Kind.CUSTOMER:  # whoever is not there hears nothing of its card
            follow(scene, self.kind, [row.key for row in read])

    def _left(self, scene: Scene, rows: Sequence[mirror.Known]) -> set[int]:
        """Those that the system itself said are outside, or deleted: they are not missing."""
        found: set[int] = set()
        for start in range(0, len(rows), mirror.CHUNK):
            raws = mirror.raws(scene.tx, self.kind, rows[start : start + mirror.CHUNK])
            found |= {one for one, raw in raws.items() if decode_raw(raw).get(OUTSIDE) is True}
        return found

    def _unmerged(self, scene: Scene, gone: list[mirror.Known]) -> list[mirror.Known]:
        """Without what is gone with a customer that was merged into another. One that has a card
        still is wanted until the cards are one too."""
        merged = merges.survivors(merges.each(scene.tx, scene.pair.name))
        mine = [row for row in gone if self.kind in OF_CUSTOMERS and row.key in merged]
        of = (scene.pair.crm.name, scene.pair.books.name)
        has_card = links.linked(scene.tx, *of, [row.key for row in mine])
        for row in mine:
            if self.kind is not Kind.CUSTOMER or row.key not in has_card:
                mirror.set_state(scene.tx, row.id, mirror.FILTERED)
        return [row for row in gone if row not in mine]

    def _raise(self, scene: Scene, cause: str, text: str, owner: str = problems.ACCOUNTING) -> int:
        return problems.raise_problem(
            scene.tx,
            pair=scene.pair.name,
            cause=cause,
            owner=owner,
            text=text,
            run=scene.run,
            at=scene.pair.clock.utc(),
        )


def _plausible(gone: int, known: int) -> bool:
    return gone < known and gone <= max(FEW, MOST * known)


def sweep_is_due(cursor: streams.Cursor, now: dt.datetime, every: float) -> bool:
    return cursor.swept_at is None or cursor.swept_at + _seconds(every) <= now


def _seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)
