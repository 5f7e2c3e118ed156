"""Won customers: a deal was won, so its card becomes a customer of the books, exactly once.

A card that is linked is left alone. One that is in the books already is linked, by our marker or as
`recognise` knows it. Whatever is doubtful waits for a person.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import TRIGGERS, Deal, Kind, Won
from syncd.image import NOTHING, decode
from syncd.port import BOOKS_PREFIX
from syncd.store import direct, link_journal, links, mirror, outstanding, parts, problems, streams
from syncd.store.mirror import FILTERED, LIVE, Known
from syncd.store.parts import DUE, FAILED, HELD, OWED, UNSETTLED, Part
from syncd.store.tables import link, record
from syncd.sync import settle, shared, taken_in
from syncd.sync.derive import today
from syncd.sync.matched import Judged, cause, news
from syncd.sync.pair import Pair, Scene, WonMode
from syncd.sync.pull import Pull
from syncd.sync.recognise import Found, Waiting, nobody, normal, recogniser, settled
from syncd.sync.session import Session
from syncd.sync.want import MADE, evaluate, items, lacks


def beside(pair: Pair, keys: Iterable[str]) -> str:
    """These parts of won customers, but for the customers themselves: `people 2, contract 1`."""
    outbound = pair.outbound(Kind.WON)
    names = Counter(outbound.part_of(key) for key in keys if key) if outbound else Counter[str]()
    return ", ".join(f"{name} {count}" for name, count in names.items() if name)


LOST = "no longer won"
OPEN = (DUE, HELD, FAILED, OWED, *UNSETTLED)
"""States of a part whose object is not known to be there."""


def read_deals(session: Session, command: str, sweeps: Mapping[Kind, bool]) -> list[str]:
    """Brings the mirror of what makes cards won up to date, of each kind all there is or what
    changed. Sentences about cards that are no longer won, although their customer was created.
    Transport errors go to the caller."""
    lost: list[str] = []
    for kind, sweep in sweeps.items():
        lost += _read_kind(session, kind, command, sweep=sweep)
    with session.pair.store.reading() as tx:
        ids = [session.streams[kind] for kind in sweeps]
        still = set(tx.scalars(_STILL, {"streams": ids, "cards": lost}))
        cards = [card for card in dict.fromkeys(lost) if card not in still]
        stays = links.linked_cards(tx, session.pair.crm.name, cards)
    return [f"card {card} is {LOST}; its customer in the books stays" for card in stays]


_STILL = sa.select(record.c.customer).where(
    record.c.stream.in_(sa.bindparam("streams", expanding=True)),
    record.c.state == LIVE,
    record.c.customer.in_(sa.bindparam("cards", expanding=True)),
)


def _read_kind(session: Session, kind: Kind, command: str, *, sweep: bool) -> list[str]:
    """Cards that a full pass no longer shows, and that are not won when they are asked for."""
    first = session.owner.asked + 1
    Pull(session, kind, command, sweep=sweep).run()
    if not sweep:
        return []
    stream = session.streams[kind]
    with session.commit() as scene:
        cursor = streams.read_cursor(scene.tx, stream)
        if cursor.surveyed_at is None:
            streams.move_cursor(scene.tx, stream, surveyed_at=cursor.source_time)
    with session.pair.store.reading() as tx:
        missing = [row.key for row in mirror.missing_since(tx, stream, first)]
        missing = [key for key in missing if mirror.known(tx, stream, [key])[key].state == LIVE]
    if not missing:
        return []
    Pull(session, kind, command, missing).run()
    with session.pair.store.reading() as tx:
        known = mirror.known(tx, stream, missing)
        return [one.customer for one in known.values() if one.customer and one.state != LIVE]


def read_cards(
    session: Session,
    command: str,
    since: dt.date | None,
    *,
    again: bool = False,
    made: bool = False,
) -> None:
    """Reads the cards whose deals were won and that are in no books yet; `since` in place of the
    pair's own day, `again` those that were read already too, `made` those whose customer was made,
    for persons may have joined them. Transport errors go to the caller."""
    pair = session.pair
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        cards = _unlinked(scene, since or won_since(tx, pair))
        cards = [card for card in cards if again or _wants_reading(scene, card)]
        outbound = pair.outbound(Kind.WON)
        if made and outbound and len(outbound.plan.parts) > 1:
            cards += links.cards_by(tx, pair.crm.name, pair.books.name, MADE)
    if cards:
        Pull(session, Kind.WON, command, cards).run()


def won_since(tx: sa.Connection, pair: Pair) -> dt.date:
    """Deals closed before this day are left alone: the day of connection, or as configured."""
    if pair.won.since:
        return pair.won.since
    state = streams.pair_state(tx, pair.name)
    return today(pair, (state and state.connected) or pair.clock.utc())


def _unlinked(scene: Scene, since: dt.date) -> list[str]:
    """Cards that are won and in no books yet; those whose deals were all closed before `since` are
    left out."""
    cards: dict[str, None] = {}
    for kind in TRIGGERS:
        if scene.pair.inbound(kind) is None:
            continue  # it was one once, and makes nobody won any more
        stream = scene.streams[kind]
        keys = direct.column(scene.tx, _UNLINKED, crm=scene.pair.crm.name, stream=stream)
        rows = list(mirror.known(scene.tx, stream, keys).values())
        images = mirror.images(scene.tx, kind, rows)
        appeared = appeared_on(scene, kind, rows)
        for row in rows:
            deal = decode(kind, images[row.id])
            days = [day for day in (appeared.get(row.id), getattr(deal, "closed", None)) if day]
            if isinstance(deal, Deal) and max(days, default=since) >= since:
                cards[deal.account] = None
    return list(cards)


_UNLINKED = sa.select(record.c.key).where(
    record.c.stream == sa.bindparam("stream"),
    record.c.state == LIVE,
    record.c.customer.is_not(None),
    ~sa.exists().where(link.c.crm == sa.bindparam("crm"), link.c.card_id == record.c.customer),
)


def _early(scene: Scene) -> set[str]:
    """Cards all of whose deals were closed before the pair's own day."""
    recent = _unlinked(scene, won_since(scene.tx, scene.pair))
    return set(_unlinked(scene, dt.date.min)).difference(recent)


def appeared_on(scene: Scene, kind: Kind, rows: Sequence[Known]) -> dict[int, dt.date]:
    """The days on which deals were first seen to be won, of those that were not when deals were
    read for the first time: the day a deal was closed is typed by people, and dated back."""
    first = streams.read_cursor(scene.tx, scene.streams[kind]).surveyed_at
    seen = mirror.first_seen(scene.tx, [row.id for row in rows])
    return {
        one: today(scene.pair, at) for one, at in seen.items() if first is not None and at > first
    }


def _wants_reading(scene: Scene, card: str) -> bool:
    """A card that waits for a guard or the next attempt has been read; one that waits for a person
    may have been mended."""
    row = mirror.known(scene.tx, scene.streams[Kind.WON], [card]).get(card)
    if row is None:
        return True
    mine = parts.of_records(scene.tx, [row.id]).get(row.id, {}).get("")
    return mine is None or mine.state in (HELD, FAILED)


def makes_customer(one: Part) -> bool:
    """Whether sending this part would make a customer in the books."""
    return one.remote_id is None and one.key == "" and one.target.startswith(BOOKS_PREFIX)


# -- who is it? ----------------------------------------------------------------------------------


def decide(session: Session) -> None:
    """Links what is in the books already, and holds what is doubtful; the rest stays due."""
    with session.pair.store.reading() as tx:
        turned = _turned(Scene(tx, session.pair, session.streams, session.run))
    if turned:
        with session.commit() as scene:
            _follow_deals(scene)
    with session.pair.store.reading() as tx:
        waiting = _waiting(Scene(tx, session.pair, session.streams, session.run))
    in_doubt = [one for one in waiting if one.part.state in UNSETTLED]
    waiting = [one for one in waiting if one.part.state not in UNSETTLED]
    if not waiting:
        return
    took = taken_in.look(session, [one.row.key for one in waiting])
    if session.pair.writing.match and not _to_be_judged(session, waiting):
        asked = (one for one in waiting if one.row.key in took or not one.error.startswith(MATCH))
        waiting = list(asked)
        found: Callable[[Waiting], Found] = nobody
    else:
        found = recogniser(session, waiting)
    with session.commit() as scene:
        # Whether the books have them is not known: another card of the company cannot be told.
        doubtful = {normal(one.won.tax_id): one.row.key for one in in_doubt if one.won.tax_id}
        taken: dict[str, str] = {}
        for one in waiting:
            first = doubtful.get(normal(one.won.tax_id))
            if first:
                _hold(scene, one, f"{MATCH} {one.row.key}", problems.SALES, _second(first, one))
                continue
            asks = taken_in.follow(scene, took[one.row.key]) if one.row.key in took else None
            if asks:
                error = f"{MATCH} {one.row.key}"
                _hold(scene, one, error, problems.SALES, asks.text, asks.cause)
            else:
                _decide(scene, one, found(one), taken)


MATCH = "won match"
"""Begins the error of a won card that may be a customer of the books, or another won card."""


def _to_be_judged(session: Session, waiting: Sequence[Waiting]) -> bool:
    """Whether anything is new since these cards were compared with the customers of the books."""
    pair = session.pair
    with pair.store.reading() as tx:
        rejected = link_journal.rejected(tx, pair.crm.name, pair.books.name)
        answered = {card for _, card in rejected}
        return news(session, tx) or any(
            one.part.state != HELD
            or one.row.key in answered
            or (one.error.startswith("won lacks") and not lacks(pair.writing.require, one.won))
            for one in waiting
        )


def _follow_deals(scene: Scene) -> None:
    """A card whose deals are all no longer won is not wanted in the books; won again, it is."""
    turned = _turned(scene)
    for row, state in turned:
        mirror.set_state(scene.tx, row.id, state)
    before = items(scene, Kind.WON, [row for row, _ in turned])
    after = zip(before, turned, strict=True)
    replaced = [msgspec.structs.replace(item, state=state) for item, (_, state) in after]
    evaluate(scene, Kind.WON, replaced)


def _turned(scene: Scene) -> list[tuple[Known, str]]:
    """Cards of which the books have nothing yet, and the state they are in by what became of their
    deals, where it is another than before. Neither is looked for among all who were ever won."""
    won = set(_unlinked(scene, dt.date.min))
    gone = [
        (row, FILTERED) for row, main in _unmade(scene) if row.key not in won and _never_there(main)
    ]
    rows = mirror.known(scene.tx, scene.streams[Kind.WON], sorted(won)).values()
    mains = parts.of_records(scene.tx, [row.id for row in rows])
    back = []
    for row in rows:
        main = mains.get(row.id, {}).get("")
        if row.ver and main and main.remote_id is None and main.want == NOTHING:
            back += [(row, LIVE)] if _never_there(main) else []
    return sorted([*gone, *back], key=lambda one: one[0].id)


def _never_there(main: Part) -> bool:
    return main.base == NOTHING and main.state not in parts.UNSETTLED


def _unmade(scene: Scene) -> list[tuple[Known, Part]]:
    """Cards that are wanted in the books and not known to be there, by the order they came."""
    stream = scene.streams[Kind.WON]
    mains = {one.record: one for one in outstanding.unmade_mains(scene.tx, stream)}
    rows = sorted(mirror.by_id(scene.tx, list(mains)), key=lambda row: row.id)
    return [(row, mains[row.id]) for row in rows if row.ver]


def _waiting(scene: Scene) -> list[Waiting]:
    """Won cards whose customer is not in the books yet, or not for certain."""
    found = []
    mine = [(row, main) for row, main in _unmade(scene) if main.state in OPEN]
    early = _early(scene) if mine else set()
    images = mirror.images(scene.tx, Kind.WON, [row for row, _ in mine])
    for row, main in mine:
        won = decode(Kind.WON, images[row.id]) if row.id in images else None
        if isinstance(won, Won):
            error = parts.error_of(scene.tx, main.id) or ""
            found.append(Waiting(row, main, won, row.key in early, error))
    return found


def _decide(
    scene: Scene,
    one: Waiting,
    found: Found,
    taken: dict[str, str],
) -> None:
    pair, card = scene.pair, one.row.key
    if links.linked_cards(scene.tx, pair.crm.name, [card]):
        _link(scene, one, None, "")
        return
    missing = lacks(pair.writing.require, one.won)
    if missing:
        _hold(scene, one, f"won lacks {', '.join(missing)}", problems.SALES, _lacks(missing))
        return
    by, key, doubt = settled(scene, one, found)
    if doubt:
        same = cause(found) if isinstance(found, Judged) else None
        _hold(scene, one, f"{MATCH} {card}", problems.SALES, doubt, same)
        return
    if key:
        _link(scene, one, key, by)
        return
    mine = normal(one.won.tax_id)
    first = taken.setdefault(mine, card) if mine else card
    if first != card:
        _hold(scene, one, f"{MATCH} {card}", problems.SALES, _second(first, one))
    elif pair.won.mode is WonMode.PROPOSE and not one.part.adopted:
        _hold(scene, one, "won proposed", problems.ACCOUNTING, PROPOSED)
    elif one.early and not one.part.adopted:
        _hold(scene, one, "won earlier", problems.ACCOUNTING, EARLIER)
    elif one.part.state == HELD:
        parts.update(scene.tx, one.part.id, state=DUE, problem=None, error=None)


EARLIER = (
    "won customers from before this pair took its first wait for a person's yes: syncd resync "
    "--kind won --since DAY makes a plan of them, syncd links accept CARD takes one"
)
PROPOSED = (
    "won customers wait for accounting's consent before they are made in the books: "
    "syncd links accept CARD"
)


def _second(first: str, one: Waiting) -> str:
    card = one.row.key
    return (
        f"cards {first} and {card} have one tax id. One customer is made, for {first}; "
        f"merge the cards, or give {card} its own tax id"
    )


def _lacks(missing: Sequence[str]) -> str:
    named = ", ".join(word.replace("_", " ") for word in missing)
    return (
        f"won customers lack {named}, and the books need it. A note on each card asks its owner; "
        "they go by themselves when the field is filled"
    )


def _hold(
    scene: Scene, one: Waiting, error: str, owner: str, text: str, cause: str | None = None
) -> None:
    problem = problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=cause or error,
        owner=owner,
        text=f"{text[:1].upper()}{text[1:]}.",
        run=scene.run,
        at=scene.pair.clock.utc(),
    )
    if (one.part.state, one.part.problem) != (HELD, problem):
        parts.update(scene.tx, one.part.id, state=HELD, problem=problem, error=error)


def _link(scene: Scene, one: Waiting, key: str | None, by: str) -> None:
    """The card is a customer of the books: nothing is made there. `key` None: linked already."""
    pair = scene.pair
    if key is not None:
        links.bind(
            scene.tx,
            crm=pair.crm.name,
            card_id=one.row.key,
            books=pair.books.name,
            books_key=key,
            numbered=False,
            by=by,
            at=pair.clock.utc(),
        )
    for part_key, part in parts.of_records(scene.tx, [one.row.id])[one.row.id].items():
        own = part_key != shared.PART and part.target.startswith(BOOKS_PREFIX)
        if own and part.state not in parts.UNSETTLED:
            settle.as_wanted(scene, part, key if part_key == "" else None)
