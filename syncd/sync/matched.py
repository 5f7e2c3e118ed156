"""Compares customers of the books that would get a card with the cards that are there already.

What is the same beyond doubt is linked, and `adopt` makes what the card shows the base; what may be
the same waits for a person, who accepts or rejects the pair; for the rest a card is made. The same
judgement serves `won` the other way round. See ADR 0039.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from syncd import matching
from syncd.domain import Kind
from syncd.image import NOTHING, encode
from syncd.matching import Match, Rules, Verdict
from syncd.store import link_journal, links, mirror, parts, problems, runs, streams
from syncd.store.parts import DUE, HELD, OWED
from syncd.store.tables import link, part, record
from syncd.sync import farewell, parties
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session
from syncd.sync.waiting import CLASH

if TYPE_CHECKING:
    from syncd.matching import Party

MATCH = "match "
"""Begins the error of a customer's part that may have a card already; the card's id follows."""

BY = "match"
"""Who made a link that no person made."""

SHOWN = 3
"""Cards, or customers, that a question names."""


class Open(msgspec.Struct, frozen=True):
    """A customer without a card, by its main part."""

    part: int
    customer: str
    state: str
    error: str | None
    numbered: bool


class Judged(msgspec.Struct, frozen=True):
    """What fits one party, best first. `sure`: the first is it beyond doubt, from both sides;
    else `why` says why not. `rivals`: others fit the first as well."""

    matches: Sequence[Match]
    sure: bool = False
    why: str = ""
    rivals: bool = False


def compared(tx: sa.Connection, pair: Pair, ids: Mapping[Kind, int]) -> bool:
    """Whether all cards were ever mirrored, or need not be: without them none is made."""
    if pair.writing.match is None or pair.inbound(Kind.WON) is None:
        return True
    return streams.read_cursor(tx, ids[Kind.WON]).swept_at is not None


def makes_card(pair: Pair, one: parts.Part) -> bool:
    """Whether sending this part would make a customer's card."""
    outbound = pair.outbound(Kind.CUSTOMER)
    main = dict(outbound.targets).get("") if outbound else None
    return one.remote_id is None and one.key == "" and one.target == main


def match_cards(session: Session, *, again: bool) -> bool:
    """Links, holds or lets go; reads neither system. With `again`, or where the cards are others
    than before, what is held is looked at as well. Whether anything was linked."""
    rules = session.pair.writing.match
    if rules is None:
        return False
    with session.pair.store.reading() as tx:
        scene = Scene(tx, session.pair, session.streams, session.run)
        found = _open(scene) if compared(tx, session.pair, session.streams) else []
        mine = parties.of_keys(scene, Kind.CUSTOMER, [one.customer for one in found])
        again |= news(session, tx) or any(one.state != HELD for one in found)
        if not again and not _answered(scene, found, mine):
            return False
        judged = judge(scene, rules, mine.values(), Kind.CUSTOMER)
    linked = False
    for start in range(0, len(found), mirror.CHUNK):
        with session.commit() as scene:
            lost = farewell.cards_left(scene)
            for one in found[start : start + mirror.CHUNK]:
                linked |= _decide(scene, one, judged.get(one.customer, Judged(())), lost)
    _note_rules(session)
    return linked


def news(session: Session, tx: sa.Connection) -> bool:
    """Whether this run read anything new of customers or cards, or compares by other rules than the
    last. Without that, and as nobody decided, what was a question is one: a comparison reads all of
    one side."""
    cards = streams.read_cursor(tx, session.streams[Kind.WON])
    if cards.compared_by != rules_mark(session.pair):
        return True
    pages = runs.pages_by_stream(tx, session.run)
    read = pages.get(session.streams[Kind.CUSTOMER], runs.PageCount())
    return session.new_cards or read.new > 0


def rules_mark(pair: Pair) -> str:
    """Stands for the rules by which this pair compares."""
    rules, home = pair.writing.match, parties.home(pair)
    return blake2b(encode([rules and rules.meaning(), home]), digest_size=6).hexdigest()


def _note_rules(session: Session) -> None:
    """All that waited was judged by them, once all cards are known."""
    stream, mark = session.streams[Kind.WON], rules_mark(session.pair)
    with session.pair.store.reading() as tx:
        cursor = streams.read_cursor(tx, stream)
    if cursor.swept_at is not None and cursor.compared_by != mark:
        with session.commit() as scene:
            streams.move_cursor(scene.tx, stream, compared_by=mark)


def judge(scene: Scene, rules: Rules, some: Iterable[Party], kind: Kind) -> dict[str, Judged]:
    """These customers against all cards; of Kind.WON these cards against all customers. An index
    of the other side is in memory meanwhile, of both one after the other."""
    cards = kind is Kind.CUSTOMER
    theirs = parties.cards(scene) if cards else parties.customers(scene)
    index = matching.Index(theirs, rules, cards=cards)
    said = _Rejected(scene)
    found = {one.key: said.without(one, index.matches(one), kind) for one in some}
    if cards:
        found = _without_likenesses(scene, rules, found)
    del index
    links_to = {_other(m[0], kind) for m in found.values() if m and m[0].verdict is Verdict.LINK}
    back: dict[str, Sequence[Match]] = {}
    if links_to:
        ours = parties.customers(scene) if cards else parties.cards(scene)
        index = matching.Index(ours, rules, cards=not cards)
        other = Kind.WON if cards else Kind.CUSTOMER
        them = parties.of_keys(scene, other, sorted(links_to)).values()
        back = {one.key: index.matches(one) for one in them}
    return {key: _judged(key, matches, back, kind) for key, matches in found.items()}


def _without_likenesses(
    scene: Scene, rules: Rules, found: Mapping[str, Sequence[Match]]
) -> dict[str, Sequence[Match]]:
    """A card that syncd made says what another customer says: that the two are alike is no question
    of cards, unless they are the same company by all appearances. Else it would be one or none as
    both got their cards in two runs or in one."""
    made = links.made(scene.tx, scene.pair.crm.name, scene.pair.books.name)
    return {
        key: [one for one in matches if one.card not in made or one.score >= rules.upper]
        for key, matches in found.items()
    }


def _answered(scene: Scene, found: Sequence[Open], mine: Mapping[str, Party]) -> bool:
    """Whether somebody rejected a pair that is asked about."""
    said = _Rejected(scene)
    asked = ((one, (one.error or "").removeprefix(MATCH)) for one in found)
    return any(
        said.has(mine[one.customer], one.customer, card, Kind.CUSTOMER)
        for one, card in asked
        if one.customer in mine
    )


class _Rejected:
    """Pairs that somebody rejected, as long as nothing new speaks for them."""

    def __init__(self, scene: Scene) -> None:
        pair = scene.pair
        self._scene = scene
        self._pairs = link_journal.rejected(scene.tx, pair.crm.name, pair.books.name)

    def without(self, own: Party, found: Sequence[Match], kind: Kind) -> Sequence[Match]:
        return [one for one in found if not self.has(own, one.customer, one.card, kind)]

    def has(self, own: Party, customer: str, card: str, kind: Kind) -> bool:
        seal = self._pairs.get((customer, card))
        if seal is None:
            return False
        if kind is Kind.CUSTOMER:
            other = parties.of_keys(self._scene, Kind.WON, [card]).get(card)
            return other is not None and matching.evidence(own, other) == seal
        other = parties.of_keys(self._scene, Kind.CUSTOMER, [customer]).get(customer)
        return other is not None and matching.evidence(other, own) == seal


def _other(match: Match, kind: Kind) -> str:
    return match.card if kind is Kind.CUSTOMER else match.customer


def _own(match: Match, kind: Kind) -> str:
    return match.customer if kind is Kind.CUSTOMER else match.card


def _judged(
    key: str, matches: Sequence[Match], back: Mapping[str, Sequence[Match]], kind: Kind
) -> Judged:
    if not matches or matches[0].verdict is not Verdict.LINK:
        return Judged(matches, why=matches[0].why if matches else "")
    theirs = back.get(_other(matches[0], kind), ())
    if theirs and _own(theirs[0], kind) == key and theirs[0].verdict is Verdict.LINK:
        return Judged(matches, sure=True)
    rivals = [_own(one, kind) for one in theirs if _own(one, kind) != key][:SHOWN]
    noun = "customer" if kind is Kind.CUSTOMER else "card"
    named = " and ".join(f"{noun} {one}" for one in rivals)
    return Judged(matches, why=f"{named} may be it as well" if named else "", rivals=bool(rivals))


_OPEN = (
    sa.select(part.c.id, record.c.key, part.c.state, part.c.error, part.c.numbered)
    .join(record, record.c.id == part.c.record)
    .where(
        parts.OPEN,
        part.c.stream == sa.bindparam("stream"),
        part.c.key == "",
        part.c.state.in_((DUE, OWED, HELD)),
        sa.or_(
            part.c.state != HELD,
            part.c.error.startswith(MATCH),
            part.c.error.startswith(CLASH),
        ),
        part.c.remote_id.is_(None),
        part.c.want != NOTHING,
        ~sa.exists().where(
            link.c.crm == sa.bindparam("crm"),
            link.c.books == sa.bindparam("books"),
            link.c.books_key == record.c.key,
        ),
    )
    .order_by(part.c.id)
)


def _open(scene: Scene) -> list[Open]:
    pair = scene.pair
    of = {"crm": pair.crm.name, "books": pair.books.name}
    stream = scene.streams[Kind.CUSTOMER]
    return [Open(*row) for row in scene.tx.execute(_OPEN, {"stream": stream, **of})]


def counts(scene: Scene) -> tuple[int, int]:
    """Customers without a card that wait for a person, and those for which one is made."""
    found = _open(scene)
    held = sum(one.state == HELD for one in found)
    return held, len(found) - held


def _decide(scene: Scene, one: Open, judged: Judged, lost: Collection[str]) -> bool:
    """Whether it was linked. `lost` are cards that still say what another customer was."""
    pair = scene.pair
    clashes = (one.error or "").startswith(CLASH)
    if not judged.matches:
        if one.state in (HELD, OWED) and not clashes:
            free = {"problem": None, "error": None, "waits_for": None}
            parts.update(scene.tx, one.part, state=DUE, **free)
        return False
    card = judged.matches[0].card
    taken = links.to_books(scene.tx, pair.crm.name, card)
    if card in lost:
        return False  # the next run looks at what the card itself says
    if judged.sure and not taken:
        bind(scene, one.customer, card, numbered=one.numbered)
        return True
    whose = ", ".join(f"customer {each.books_key}" for each in taken)
    whose = f"card {card} belongs to {whose} already"
    problem = problems.raise_problem(
        scene.tx,
        pair=pair.name,
        cause=cause(judged),
        owner=problems.SALES,
        text=f"Customer {one.customer} of {pair.books.name} "
        f"{told(judged, Kind.CUSTOMER, whose if taken else None)} "
        "Nothing was written and no second card made.",
        run=scene.run,
        at=pair.clock.utc(),
    )
    values = {"problem": problem, "error": f"{MATCH}{card}"}
    parts.update(scene.tx, one.part, state=HELD, **values)
    return False


def bind(scene: Scene, customer: str, card: str, *, numbered: bool) -> None:
    pair = scene.pair
    links.bind(
        scene.tx,
        crm=pair.crm.name,
        card_id=card,
        books=pair.books.name,
        books_key=customer,
        numbered=numbered,
        by=BY,
        at=pair.clock.utc(),
    )


def cause(judged: Judged) -> str:
    """One for both sides of a pair."""
    return f"{MATCH}{judged.matches[0].customer} {judged.matches[0].card}"


def told(judged: Judged, kind: Kind, taken: str | None) -> str:
    """What speaks for and against, and what to do; continues a sentence about the party. `taken`:
    the other one is linked already, to whom."""
    noun = "card" if kind is Kind.CUSTOMER else "customer"
    said = [
        f"{noun} {_other(one, kind)} ({', '.join(each.says for each in one.findings)})"
        for one in judged.matches[:SHOWN]
    ]
    more = len(judged.matches) - SHOWN
    named = " or ".join(said) + (f" or one of {more} more" if more > 0 else "")
    best = judged.matches[0]
    pair = f"{best.customer} {best.card}"
    because = f": {taken or judged.why}" if taken or judged.why else ""
    same = f"syncd links accept {pair}"
    if taken and kind is Kind.CUSTOMER:
        same += (
            ", which makes it a member of that card, whose figures are of all its customers then"
        )
    elif kind is Kind.CUSTOMER and judged.rivals:
        same += ", and if others are too, the same for them: they are members of that card then"
    elif taken:
        same = "merge the two cards, for a customer has one card"
    return (
        f"may be {named}. That is for a person to say{because}. If they are the same: {same}; "
        f"if not: syncd links reject {pair}."
    )
