"""A plan: what would be written, counted so that rows add up, and kept for a person's yes.

It is drawn from the store after a cycle that wrote nothing. `apply` sends only parts that are still
wanted exactly as the plan has them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil

import msgspec
import sqlalchemy as sa

from syncd.domain import Card, Customer, Kind, Money, Ref
from syncd.errors import UsageError
from syncd.image import NOTHING, decode, decode_fields
from syncd.port import FieldDef
from syncd.store import mirror, parts, plans, problems, streams
from syncd.store.problems import Problem
from syncd.store.tables import part, plan, plan_row, record, stream
from syncd.sync.order import Report
from syncd.sync.pair import Pair, Scene
from syncd.sync.terms import credits_of, remarks, terms
from syncd.sync.want import items, wants_if_any

WORST = 5


class Line(msgspec.Struct, frozen=True):
    """Records of one kind: read = create + update + unchanged + held + owed + failed + filtered.
    `calls` is the number of requests that writing them would take, `credits` what these cost where
    the CRM counts credits."""

    kind: Kind
    read: int
    create: int
    update: int
    unchanged: int
    held: int
    owed: int
    failed: int
    filtered: int
    calls: int
    credits: int | None = None


class MoneyLine(msgspec.Struct, frozen=True):
    """One figure in one currency: in the books, on the cards once the plan is applied. The
    difference is that of `waiting` customers, who are held."""

    name: str
    books: Money
    cards: Money
    waiting: int = 0


class Change(msgspec.Struct, frozen=True):
    """One value that is on a card already and would become another."""

    customer: str
    field: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """`since` is the first day of documents, None for all; `terms` are sentences about the two
    systems. `compare_first`: the state came back and was not compared with both systems yet, so
    this plan cannot be applied; the next one compares them."""

    id: str
    pair: str
    mode: str
    made: dt.datetime
    books: str
    crm: str
    crm_connection: str
    lines: Sequence[Line]
    money: Sequence[MoneyLine]
    worst: Sequence[Change]
    first_figures: int
    problems: Sequence[Problem]
    missing_fields: Sequence[FieldDef]
    rows: int
    notes: Sequence[str]
    compare_first: bool
    since: dt.date | None = None
    terms: Sequence[str] = ()


class _OpenPart(msgspec.Struct, frozen=True):
    key: str
    state: str
    remote_id: str | None
    parent: str | None
    target: str


@dataclass
class _Stuck:
    """Records that cannot be written yet, so that what hangs on them is owed."""

    refs: set[str] = field(default_factory=set)


def draw(pair: Pair, report: Report, missing: Sequence[FieldDef]) -> Plan:
    now = pair.clock.utc()
    with pair.store.transaction() as tx:
        ids = streams.stream_ids(tx, pair.name)
        scene = Scene(tx, pair, ids, report.run)
        stuck = _Stuck()
        lines = [_line(scene, kind, stuck) for kind in Kind if kind in ids]
        money = _money(scene, stuck)
        worst, first = _worst(scene, stuck)
        state = streams.pair_state(tx, pair.name)
        rows, one = plans.store(tx, _approval(scene, now), {"lines": lines, "money": money})
        drawn = Plan(
            one,
            pair.name,
            state.mode if state else streams.PLAN,
            now,
            _label(tx, pair.books.name),
            _label(tx, pair.crm.name),
            pair.crm.name,
            lines,
            money,
            worst,
            first,
            problems.listed(tx, pair.name),
            list(missing),
            rows,
            [*report.notes, *remarks(scene)],
            state is not None and bool(state.restored_sign) and state.looked_back is None,
            pair.writing.history,
            terms(pair),
        )
    return drawn


def approved_parts(pair: Pair, typed: str) -> Callable[[parts.Part], bool]:
    """Whether a part is still as the plan has it. UsageError for a plan that cannot be applied."""
    with pair.store.reading() as tx:
        found = tx.execute(
            sa.select(plan.c.id, plan.c.pair, plan.c.mapping).where(plan.c.id.startswith(typed))
        ).all()
    if len(found) != 1:
        many = "several plans begin with" if found else "there is no plan"
        raise UsageError(f"{many} {typed}; make one with: syncd plan")
    one = found[0]
    if one.pair != pair.name:
        raise UsageError(f"plan {typed} belongs to pair {one.pair}, not to {pair.name}")
    if one.mapping != _mapping(pair):
        raise UsageError(f"the mappings changed since plan {typed}; make a new one: syncd plan")
    query = sa.select(sa.literal(1)).where(
        plan_row.c.plan == one.id,
        plan_row.c.part == sa.bindparam("part"),
        plan_row.c.want == sa.bindparam("want"),
    )

    def approved(candidate: parts.Part) -> bool:
        with pair.store.reading() as tx:
            row = tx.execute(query, {"part": candidate.id, "want": candidate.want}).first()
        return row is not None

    return approved


def left_out(
    pair: Pair, typed: str, within: Callable[[int], bool] = lambda _record: True
) -> list[str]:
    """What could be sent and is not, because it is no longer as the plan has it; of the records
    within a scope."""
    same = sa.select(sa.literal(1)).where(
        plan_row.c.plan.startswith(typed),
        plan_row.c.part == part.c.id,
        plan_row.c.want == part.c.want,
    )
    query = (
        sa.select(stream.c.kind, record.c.key, record.c.id)
        .distinct()
        .join(record, record.c.stream == stream.c.id)
        .join(part, part.c.record == record.c.id)
        .where(stream.c.pair == pair.name, part.c.state == parts.DUE, sa.not_(same.exists()))
    )
    with pair.store.reading() as tx:
        return [f"{kind}:{key}" for kind, key, one in tx.execute(query) if within(one)]


def mark_applied(pair: Pair, typed: str) -> None:
    with pair.store.transaction() as tx:
        now = pair.clock.utc()
        tx.execute(sa.update(plan).where(plan.c.id.startswith(typed)).values(applied=now))


def _line(scene: Scene, kind: Kind, stuck: _Stuck) -> Line:
    own = scene.streams[kind]
    states = Counter(
        {
            state: count
            for state, count in scene.tx.execute(
                sa.select(record.c.state, sa.func.count())
                .where(record.c.stream == own)
                .group_by(record.c.state)
            )
        }
    )
    for key in scene.tx.scalars(
        sa.select(record.c.key).where(
            record.c.stream == own, record.c.state == mirror.UNMAPPABLE, record.c.ver == 0
        )
    ):
        stuck.refs.add(str(Ref(kind, key)))
    verdicts: Counter[str] = Counter()
    writes: Counter[tuple[str, str]] = Counter()
    for key, mine in _open_parts(scene, own):
        verdict = _verdict(mine, stuck)
        verdicts[verdict] += 1
        if verdict in ("create", "update"):
            writes.update((one.target, verdict) for one in mine)
        if verdict not in ("create", "update"):
            stuck.refs.add(str(Ref(kind, key)))
    written = Counter[str]()
    for (target, _), count in writes.items():
        written[target] += count
    side = scene.pair.books if kind is Kind.WON else scene.pair.crm
    read = sum(states.values())
    held = verdicts["held"] + states[mirror.UNMAPPABLE] + states[mirror.VANISHED]
    filtered = states[mirror.FILTERED]
    rest = read - sum(verdicts.values()) - states[mirror.UNMAPPABLE] - states[mirror.VANISHED]
    return Line(
        kind,
        read,
        verdicts["create"],
        verdicts["update"],
        rest - filtered,
        held,
        verdicts["owed"],
        verdicts["failed"],
        filtered,
        sum(ceil(n / scene.pair.target(one).batch) for (one, _), n in writes.items()),
        credits_of(side.connector.facts, written),
    )


_WRITTEN = (mirror.LIVE, mirror.VOID, mirror.FILTERED, mirror.DELETED, mirror.ARCHIVED)


def _open_parts(scene: Scene, own: int) -> Iterator[tuple[str, list[_OpenPart]]]:
    """Record key -> its parts that are not clean, for records that can be read."""
    query = (
        sa.select(record.c.key, part.c.state, part.c.remote_id, part.c.parent, part.c.target)
        .join(part, part.c.record == record.c.id)
        .where(
            record.c.stream == own,
            part.c.state != parts.CLEAN,
            record.c.state.in_(_WRITTEN),
        )
        .order_by(record.c.id)
    )
    key: str | None = None
    mine: list[_OpenPart] = []
    for row in scene.tx.execute(query):
        if key is not None and row.key != key:
            yield key, mine
            mine = []
        key = row.key
        mine.append(_OpenPart(*row))
    if key is not None:
        yield key, mine


def _verdict(mine: Sequence[_OpenPart], stuck: _Stuck) -> str:
    states = {row.state for row in mine}
    if parts.FAILED in states:
        return "failed"
    if states & {parts.HELD, parts.WAIVED, *parts.UNSETTLED}:
        return "held"
    if any(row.parent in stuck.refs for row in mine):
        return "owed"
    return "create" if any(row.remote_id is None for row in mine) else "update"


def _cards(scene: Scene) -> Iterator[Card]:
    """Of customers that are of interest."""
    last = 0
    while batch := mirror.batch(scene.tx, scene.streams[Kind.CARD], last):
        last = batch[-1].id
        images = mirror.images(scene.tx, Kind.CARD, batch)
        customers = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [r.key for r in batch])
        for row in batch:
            customer = customers.get(row.key)
            filtered = customer and customer.state == mirror.FILTERED
            if row.id in images and row.state == mirror.LIVE and not filtered:
                found = decode(Kind.CARD, images[row.id])
                assert isinstance(found, Card)
                yield found


def _money(scene: Scene, stuck: _Stuck) -> list[MoneyLine]:
    books: Counter[tuple[str, str]] = Counter()
    cards: Counter[tuple[str, str]] = Counter()
    waiting: Counter[tuple[str, str]] = Counter()
    for card in _cards(scene):
        shown = str(Ref(Kind.CUSTOMER, card.customer)) not in stuck.refs
        for row in card.rows:
            named = (("receivable", row.receivable), ("overdue", row.overdue))
            for name, money in (*named, ("paid ahead", row.prepaid), ("credits", row.credits)):
                books[name, money.currency] += money.micros
                cards[name, money.currency] += money.micros if shown else 0
                waiting[name, money.currency] += bool(money.micros) and not shown
    return [
        MoneyLine(
            name,
            Money(micros, currency),
            Money(cards[name, currency], currency),
            waiting[name, currency],
        )
        for (name, currency), micros in sorted(books.items(), reverse=True)
        if micros
    ]


def _worst(scene: Scene, stuck: _Stuck) -> tuple[list[Change], int]:
    """The largest changes of a figure that is on a card already, and how many cards get figures
    for the first time; of cards that can be written."""
    changes: list[Change] = []
    first = 0
    own = scene.streams[Kind.CARD]
    last = 0
    while batch := mirror.batch(scene.tx, own, last):
        last = batch[-1].id
        mine = parts.of_records(scene.tx, [row.id for row in batch])
        stored = parts.stored_fields(
            scene.tx, Kind.CARD, [one.id for some in mine.values() for one in some.values()]
        )
        for row, item in zip(batch, items(scene, Kind.CARD, batch), strict=True):
            if str(Ref(Kind.CARD, row.key)) in stuck.refs:
                continue
            for one in mine.get(row.id, {}).values():
                if one.state == parts.CLEAN or one.want == NOTHING:
                    continue
                before, _ = decode_fields(stored.get(one.id))
                first += not before
                want = wants_if_any(scene, Kind.CARD, item, numbered=False).get(one.key)
                for path, after in (want.fields if want else {}).items():
                    was = before.get(path)
                    if isinstance(after, Decimal) and isinstance(was, Decimal) and was != after:
                        changes.append(Change(row.key, path, was, after))
        changes = sorted(changes, key=lambda c: -abs(c.after - c.before))[:WORST]
    return changes, first


def customer_name(tx: sa.Connection, pair: str, key: str) -> str:
    """For a person's eyes: the customer's name, as long as retention has left it."""
    ids = streams.stream_ids(tx, pair)
    known = mirror.known(tx, ids[Kind.CUSTOMER], [key]).get(key)
    image = mirror.images(tx, Kind.CUSTOMER, [known]).get(known.id) if known else None
    found = decode(Kind.CUSTOMER, image) if image else None
    return found.name if isinstance(found, Customer) else key


def _approval(scene: Scene, now: dt.datetime) -> plans.Approval:
    return plans.Approval(scene.pair.name, _mapping(scene.pair), now, list(scene.streams.values()))


def _mapping(pair: Pair) -> str:
    return f"{pair.reading.version} {pair.writing.version}"


def _label(tx: sa.Connection, name: str) -> str:
    state = streams.connection_state(tx, name)
    return f"{state.system} {state.label}" if state and state.label else name
