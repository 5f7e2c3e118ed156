"""Customers of which the books made one: documents, balances and the card go to the survivor.

Nothing is merged by syncd. Where each of the two has a card, people are asked to merge the cards in
the CRM, and the rest follows once one of them is gone. See ADR 44.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from syncd.domain import SOMEBODY, Document, Kind, Ref
from syncd.image import NOTHING, UNKNOWN, decode, encode, fingerprint
from syncd.mapping.words import DOCUMENTS
from syncd.store import link_journal as journal
from syncd.store import links, merges, mirror, outstanding, parts, problems, touched
from syncd.store.link_journal import Change
from syncd.store.merges import Merge
from syncd.store.mirror import ARCHIVED, DELETED, FILTERED, MISSING, VANISHED, Known
from syncd.store.parts import CLEAN, DUE, HELD, OWED, SETTLED, Part
from syncd.store.runs import add
from syncd.sync import members, waiting
from syncd.sync.members import connections
from syncd.sync.observe import remap
from syncd.sync.obstacles import card_of, customer_row, on_its_way
from syncd.sync.pair import Scene
from syncd.sync.pull import Pull
from syncd.sync.session import Session
from syncd.sync.waiting import GONE, MERGED, MISPLACED
from syncd.sync.want import evaluate, items
from syncd.sync.want import follow as hear


def read(session: Session, command: str) -> None:
    """Reads what the books say of both, once for each merge. Transport errors go to the caller."""
    pair = session.pair
    with pair.store.reading() as tx:
        fresh = [one for one in _open(tx, session) if not one.read and one.into != SOMEBODY]
    if not fresh:
        return
    survivors = {one.into for one in fresh}
    for kind, keys in (
        (Kind.CUSTOMER, survivors),
        (Kind.BALANCE, survivors | {one.loser for one in fresh}),
    ):
        if pair.inbound(kind):
            Pull(session, kind, command, sorted(keys)).run()
    with session.commit() as scene:
        for one in fresh:
            merges.update(scene.tx, pair.name, one.loser, read=True)


def in_question(session: Session) -> dict[str, str]:
    """Card -> customer, of those that people were asked to merge, or may be asked now."""
    pair = session.pair
    with pair.store.reading() as tx:
        asked = problems.causes(tx, pair.name, MERGED)
        some = [
            one for one in _open(tx, session) if not one.applied or cause_of(one.loser) in asked
        ]
        keys = [key for one in some for key in (one.loser, one.into)]
        found = links.linked(tx, pair.crm.name, pair.books.name, keys)
    return {card: key for key, card in found.items()}


def follow(session: Session, gone: Collection[str] = ()) -> bool:
    """Does what follows from each merge, as far as it can be done; asks neither system. `gone` are
    cards that were just found to be no longer there. Whether anything was done."""
    with session.pair.store.reading() as tx:
        some = [*_open(tx, session), *_vanished(tx, session)]
        asked = set(problems.causes(tx, session.pair.name, MERGED))
        held = outstanding.held_because(tx, session.streams[Kind.CUSTOMER], f"{MERGED} ")
    if not some and not asked and not held:
        return False
    before = session.pair.clock.utc()
    with session.commit() as scene:
        for one in held:
            parts.update(scene.tx, one, state=DUE, **SETTLED)
        asks = {_follow(scene, one, gone) for one in some}
        for cause in asked - asks:
            problems.close(scene.tx, scene.pair.name, cause, before)
            _ask_of_card(scene, cause.removeprefix(f"{MERGED} "))
    return True


def _ask_of_card(scene: Scene, key: str) -> None:
    """A card that is gone was no question of its own while there was another one."""
    row, main = customer_row(scene, key), members.main_part(scene, key)
    if row and main and _is_gone(scene, row):
        waiting.gone(scene, Kind.CUSTOMER, row, main)


def _open(tx: sa.Connection, session: Session) -> list[Merge]:
    pair = session.pair
    return merges.open_losers(tx, pair.name, pair.crm.name, pair.books.name)


def _vanished(tx: sa.Connection, session: Session) -> list[Merge]:
    """Customers with a card that the books no longer have, whose documents are another's now."""
    pair, now = session.pair, session.pair.clock.utc()
    keys = merges.vanished(
        tx, session.streams[Kind.CUSTOMER], pair.name, pair.crm.name, pair.books.name
    )
    return [Merge(key, SOMEBODY, merges.BOOKS, now, True, False) for key in keys]


# -- one merge -----------------------------------------------------------------------------------


def cause_of(loser: str) -> str:
    return f"{MERGED} {loser}"


def _follow(scene: Scene, one: Merge, gone: Collection[str]) -> str | None:
    """The cause of the question that is open because of it, if there is one."""
    into = _last(scene, one)
    if into is None:
        return _propose(scene, one)
    loser, heir = customer_row(scene, one.loser), customer_row(scene, into)
    if loser is None or heir is None:
        return None
    if on_its_way(scene, one.loser) or on_its_way(scene, into):
        return cause_of(one.loser)
    mine, theirs = card_of(scene, one.loser), card_of(scene, into)
    mine_gone = mine in gone or _is_gone(scene, loser)
    theirs_gone = theirs in gone or _is_gone(scene, heir)
    inherits = bool(mine and (theirs is None or (theirs_gone and not mine_gone)))
    ready = _ready(scene, heir) if inherits else heir
    if ready is None:
        return None  # whose card could not be written is no survivor yet
    _redirect(scene, one, into)
    shared = mine is not None and len(members.of_card(scene, mine)) > 1
    if mine and theirs and not shared and not mine_gone and not theirs_gone:
        return ask(scene, msgspec.structs.replace(one, into=into))
    if mine and shared:
        _leave(scene, one.loser, into, mine, inherits=inherits)
    elif inherits:
        _inherit(scene, loser, ready, str(mine))
    elif mine:
        _unlink(scene, one.loser, f"merged into customer {into}, which has card {theirs}")
    _let_go(scene, loser)
    _loosen(scene, into, every=inherits)
    hear(scene, Kind.CUSTOMER, [into])
    return None


def _last(scene: Scene, one: Merge) -> str | None:
    """Who is left in the end; None where nobody says so."""
    into, met = one.into, {one.loser}
    while into not in met and into != SOMEBODY:
        met.add(into)
        further = merges.of(scene.tx, scene.pair.name, [into]).get(into)
        if further is None or further.into == SOMEBODY:
            return into
        into = further.into
    return None


def _is_gone(scene: Scene, row: Known) -> bool:
    """Whether its card is known to be no longer there."""
    main = members.main_part(scene, row.key)
    return main is not None and main.state == HELD and parts.error_of(scene.tx, main.id) == GONE


def _ready(scene: Scene, heir: Known) -> Known | None:
    """The survivor as a customer whose card can be written, whoever it was before."""
    inbound = scene.pair.inbound(Kind.CUSTOMER)
    if heir.state == FILTERED and inbound:
        remap(scene, Kind.CUSTOMER, inbound, "merged", [heir])
    [heir] = mirror.by_id(scene.tx, [heir.id])
    main = members.main_part(scene, heir.key)
    return heir if main and main.want != NOTHING else None


# -- questions -----------------------------------------------------------------------------------


def is_known(scene: Scene, one: str, other: str) -> bool:
    """Whether the books made one of these two, or of the two and a third."""
    found = merges.of(scene.tx, scene.pair.name, [one, other])
    ends = {key: _last(scene, found[key]) if key in found else key for key in (one, other)}
    return ends[one] is not None and ends[one] == ends[other]


def questions_of(scene: Scene, customer: str) -> list[str]:
    """Causes of what people may be asked because of whoever was merged into this customer."""
    every = merges.each(scene.tx, scene.pair.name)
    losers = merges.losers_of(every, [customer]).get(customer, [])
    return [cause_of(one) for one in losers]


def ask(scene: Scene, one: Merge) -> str | None:
    """Each has a card. Whoever waived the question wants to keep both."""
    if problems.waived(scene.tx, scene.pair.name, cause_of(one.loser), one.at):
        return None
    books, crm = scene.pair.books.name, scene.pair.crm.name
    mine, theirs = card_of(scene, one.loser), card_of(scene, one.into)
    return _raise(
        scene,
        one.loser,
        problems.SALES,
        f"Customer {one.loser} was merged into customer {one.into} in {books}, and each has a "
        f"card: {mine} and {theirs}. Merge these two cards in {crm}, whichever of them is to stay; "
        f"syncd follows by itself. Until then what is owed stands on card {theirs} alone. If both "
        "are to stay: syncd problems waive ID --reason R.",
    )


def _propose(scene: Scene, one: Merge) -> str | None:
    """The books do not say who took its place: where all its documents went is a hint."""
    ids = [scene.streams[kind] for kind in DOCUMENTS]
    went = merges.moved_from(scene.tx, ids, one.loser)
    states = mirror.COUNTED
    left = any(mirror.of_customers(scene.tx, stream, [one.loser], states) for stream in ids)
    row = customer_row(scene, one.loser)
    if left or len(went) != 1 or row is None or card_of(scene, one.loser) is None:
        return None
    if row.state in (DELETED, ARCHIVED):
        return None  # a person has said what became of it
    if problems.waived(scene.tx, scene.pair.name, cause_of(one.loser), one.at):
        return None
    [(other, count)] = went.items()
    books = scene.pair.books.name
    state = "gone from" if row.state == VANISHED else "marked for deletion in"
    documents = "1 document names" if count == 1 else f"{count} documents name"
    heir = members.main_part(scene, other)
    waits = heir is not None and heir.state in (DUE, OWED) and heir.remote_id is None
    waits = waits and card_of(scene, other) is None
    cause = _raise(
        scene,
        one.loser,
        problems.ACCOUNTING,
        f"Customer {one.loser} is {state} {books}, and its {documents} customer {other} now. If "
        f"the books made one customer of them: syncd links merge --books {one.loser} {other} "
        "--why R. If not: syncd problems waive ID --reason R; its card stays as it is."
        + (f" Until then no card is made for customer {other}." if waits else ""),
    )
    problem = problems.open_id(scene.tx, scene.pair.name, cause)
    mine = members.main_part(scene, one.loser)
    if mine and _is_gone(scene, row):  # that its card is gone too is the same question
        parts.update(scene.tx, mine.id, problem=problem)
    if row.state == VANISHED and problem:
        mirror.note_problem(scene.tx, row.id, "vanished", problem)
    if heir is not None and waits:  # the answer may give it the card that is there
        parts.update(scene.tx, heir.id, state=HELD, problem=problem, error=cause, waits_for=None)
    return cause


def _raise(scene: Scene, loser: str, owner: str, text: str) -> str:
    problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=cause_of(loser),
        owner=owner,
        text=text,
        run=scene.run,
        at=scene.pair.clock.utc(),
    )
    return cause_of(loser)


# -- what follows --------------------------------------------------------------------------------


def _redirect(scene: Scene, one: Merge, into: str) -> None:
    """The documents that still name the loser are the survivor's from now on."""
    if not one.applied:
        merges.update(scene.tx, scene.pair.name, one.loser, applied=True)
    now, moved = scene.pair.clock.utc(), False
    for kind in DOCUMENTS:
        rows = mirror.of_customers(scene.tx, scene.streams[kind], [one.loser], mirror.EVERY)
        moved |= bool(rows)
        images = mirror.images(scene.tx, kind, rows)
        for row in rows:
            image = images.get(row.id)
            document = decode(kind, image) if image else None
            if isinstance(document, Document):
                image = encode(msgspec.structs.replace(document, customer=into))
                mirror.renew(scene.tx, row, image, fingerprint(image), scene.run, MERGED, now)
        mirror.give(scene.tx, [row.id for row in rows], into)
        merges.note_moved(scene.tx, {row.id: one.loser for row in rows if row.ver})
        evaluate(scene, kind, items(scene, kind, mirror.by_id(scene.tx, [row.id for row in rows])))
    balances = scene.streams[Kind.BALANCE]
    for row in mirror.known(scene.tx, balances, [one.loser]).values():
        if row.state in MISSING:  # with its customer
            mirror.set_state(scene.tx, row.id, FILTERED)
            mirror.end_problems(scene.tx, [row.id])
    touched.add(scene.tx, scene.streams[Kind.CARD], [one.loser, into])
    if moved:  # whose fields they are may depend on the first document
        hear(scene, Kind.CUSTOMER, [one.loser, into])


def _unlink(scene: Scene, key: str, why: str) -> None:
    card = links.unbind(scene.tx, *connections(scene), key)
    if card is not None:
        members.judge_card(scene, card)
    who, now = scene.pair.books.name, scene.pair.clock.utc()
    change = Change(journal.IN_BOOKS, *connections(scene), key, card, None, None, who, why, now)
    journal.note(scene.tx, change)


def _leave(scene: Scene, loser: str, heir: str, card: str, *, inherits: bool) -> None:
    """Off a card that others have too: the survivor is a customer of it in the loser's place, if it
    has no card of its own; else the rest keep it."""
    row = customer_row(scene, heir)
    if inherits and row is not None:
        _free(scene, Kind.CUSTOMER, _parts(scene, row)[""])  # what it had is gone
        links.bind(
            scene.tx,
            crm=scene.pair.crm.name,
            card_id=card,
            books=scene.pair.books.name,
            books_key=heir,
            numbered=False,
            by=scene.pair.books.name,
            at=scene.pair.clock.utc(),
            why=f"customer {loser} was merged into it",
            what=journal.IN_BOOKS,
        )
    first, *others = members.of_card(scene, card)
    if first == loser:
        next_ = heir if heir in others else others[0]
        members.hand_over(scene, loser, next_)
        links.crown(scene.tx, *connections(scene), next_)
    _unlink(scene, loser, f"merged into customer {heir}")
    members.settle(scene, card)


def _inherit(scene: Scene, loser: Known, heir: Known, card: str) -> None:
    """The survivor gets the loser's card, and whatever syncd made on it for the loser."""
    _unlink(scene, loser.key, f"merged into customer {heir.key}")
    mine, theirs = _parts(scene, loser), _parts(scene, heir)
    kind = Kind.CUSTOMER
    stored = parts.stored_fields(scene.tx, kind, [one.id for one in mine.values()])
    links.bind(
        scene.tx,
        crm=scene.pair.crm.name,
        card_id=card,
        books=scene.pair.books.name,
        books_key=heir.key,
        numbered=theirs[""].numbered,
        by=scene.pair.books.name,
        at=scene.pair.clock.utc(),
        why=f"customer {loser.key} was merged into it",
        what=journal.IN_BOOKS,
    )
    for key, part in theirs.items():
        had = mine.get(key)
        if part.remote_id is not None and key:
            _free(scene, kind, part, base=UNKNOWN)  # people have moved it onto this card
            continue
        if had is None or had.remote_id is None or part.want == NOTHING:
            _free(scene, kind, part)
            continue
        parts.update(scene.tx, had.id, remote_id=None)
        if part.state == CLEAN:
            add(scene.tx, scene.run, scene.streams[kind], became_due=1)
        values = {"remote_id": had.remote_id, "adopted": had.adopted, "rewritten": had.rewritten}
        values |= {"base": UNKNOWN, "confirmed": False, "state": DUE, **SETTLED}
        parts.update(scene.tx, part.id, **values)
        now = scene.pair.clock.utc()
        parts.store_fields(scene.tx, kind, {part.id: stored.get(had.id)}, now)
        outstanding.wake(scene.tx, scene.ids, [str(Ref(kind, heir.key, key))])


def _let_go(scene: Scene, loser: Known) -> None:
    """The loser has no card any more, and gets none. What else was made for it stays known: people
    have moved it onto the other card, or it is gone."""
    for part in _parts(scene, loser).values():
        _free(scene, Kind.CUSTOMER, part)
        if part.key and part.remote_id is not None:
            parts.update(scene.tx, part.id, remote_id=part.remote_id)
    _loosen(scene, loser.key, every=True)
    if loser.state != FILTERED:
        mirror.set_state(scene.tx, loser.id, FILTERED)
    [again] = items(scene, Kind.CUSTOMER, mirror.by_id(scene.tx, [loser.id]))
    evaluate(scene, Kind.CUSTOMER, [msgspec.structs.replace(again, turned=True)])


def _parts(scene: Scene, row: Known) -> dict[str, Part]:
    return parts.of_records(scene.tx, [row.id]).get(row.id, {})


def _free(scene: Scene, kind: Kind, part: Part, *, base: bytes = NOTHING) -> None:
    """As if nothing of it were there, or with another base nothing were known of what is there."""
    state = CLEAN if part.want == base else DUE
    stream = scene.streams[kind]
    if (part.state == CLEAN) is not (state == CLEAN):
        add(scene.tx, scene.run, stream, **{"became_due" if state == DUE else "collapsed": 1})
    values = {"remote_id": part.remote_id if base else None, "base": base, "confirmed": False}
    parts.update(scene.tx, part.id, state=state, **values, **SETTLED)
    if not base:
        parts.store_fields(scene.tx, kind, {part.id: None}, scene.pair.clock.utc())


def _loosen(scene: Scene, key: str, *, every: bool) -> None:
    """What hangs on a customer's card is looked at again: what waits because it cannot be moved,
    and with `every` the rest of it too, for the card is another one."""
    parent = str(Ref(Kind.CUSTOMER, key))
    for name, ids in parts.dependents(scene.tx, scene.ids, [parent]).items():
        kind = Kind(name)
        for some in parts.of_records(scene.tx, ids).values():
            for part in some.values():
                _loosen_one(scene, kind, part, parent, every=every)


def _loosen_one(scene: Scene, kind: Kind, part: Part, parent: str, *, every: bool) -> None:
    if part.parent != parent or part.base == NOTHING or part.state in parts.UNSETTLED:
        return
    held = part.state == HELD and parts.error_of(scene.tx, part.id) in (MISPLACED, GONE)
    if part.remote_id is None and every:
        _free(scene, kind, part)
    elif part.remote_id is not None and (held or (every and part.state == CLEAN)):
        _free(scene, kind, part, base=UNKNOWN)
