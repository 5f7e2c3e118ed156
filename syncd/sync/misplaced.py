"""Documents that hang on another card than that of their customer, where the CRM cannot move them.

People who merge two cards move what hangs on them: so where the old card is nobody's any more, a
document is looked at before it is called misplaced. What is called so is looked at once a day, for
somebody may have moved it since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from syncd.domain import Kind, Ref, Want
from syncd.errors import RejectedError
from syncd.image import decode_fields, encode_fields
from syncd.mapping.words import DOCUMENTS
from syncd.port import Found, Tier
from syncd.store import links, mirror, outstanding, parts, problems
from syncd.store.mirror import Known
from syncd.store.outstanding import Place
from syncd.store.parts import DUE, HELD, SETTLED, Part
from syncd.sync import merged, settle
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.waiting import LOOK_AGAIN, MISPLACED
from syncd.sync.want import hung_on, items, wants_if_any
from syncd.sync.want import look as look_beside

AT_ONCE = 100
"""So many of each kind in a run."""


class Stray(msgspec.Struct, frozen=True):
    """`parents` are those it was written with, `wanted` those it should have; `word` is the one
    that is the customer's card."""

    kind: Kind
    record: Known
    part: Part
    want: Want
    parents: Mapping[str, str]
    wanted: Mapping[str, str]
    word: str


def hold(scene: Scene, part: Part, row: Known) -> None:
    """Its card is another one now, and it cannot be moved there."""
    problem = _asked_already(scene, row) or _problem(scene, part)
    parts.update(scene.tx, part.id, state=HELD, problem=problem, error=MISPLACED)


def _asked_already(scene: Scene, row: Known) -> int | None:
    """The question whether two cards are merged, if it is about this document's customer."""
    for cause in merged.questions_of(scene, row.customer or ""):
        if (found := problems.open_id(scene.tx, scene.pair.name, cause)) is not None:
            return found
    return None


def _problem(scene: Scene, part: Part) -> int:
    crm = scene.pair.crm.name
    return problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=f"fixed {part.target} its card",
        owner=problems.ACCOUNTING,
        text=f"{part.target}s hang on another card than that of their customer, and {crm} does not "
        "let them be moved. The customer changed in the books, or has another card now. They stay "
        f"as they are until somebody moves or cancels them in {crm}; or leave it so: "
        "syncd problems waive ID --reason R.",
        run=scene.run,
        at=scene.pair.clock.utc(),
    )


def look(session: Session, may_go: Callable[[Part], bool]) -> None:
    """Where people merged cards, the CRM has moved the documents already: of what may be sent in
    this run, and of what a person was asked about. Transport errors go to the caller."""
    with session.pair.store.reading() as tx:
        scene = Scene(tx, session.pair, session.streams, session.run)
        strays = [*_strays(scene, may_go), *_held(scene)]
    for one in strays:
        found = _find(session, one, {"id": one.part.remote_id or ""})
        again = not found and session.pair.target(one.part.target).tier is not Tier.T4
        if again:
            found = _find(session, one, {"marker": one.want.marker})
        with session.commit() as scene:
            if found and found[0].parents.get(one.word) == one.wanted[one.word]:
                _moved(scene, one, found[0])
            elif again and not found:
                settle.make_again(scene, one.kind, one.part)
            elif one.part.state == HELD:
                later = session.pair.clock.utc() + LOOK_AGAIN
                parts.update(scene.tx, one.part.id, next_attempt=later)


def _strays(scene: Scene, may_go: Callable[[Part], bool]) -> Iterator[Stray]:
    """Documents, and persons of a customer, that are due and whose old card belongs to nobody, or
    that are a document of another person there."""
    crm = scene.pair.crm.name
    for kind in (Kind.CUSTOMER, *DOCUMENTS):
        fixed, after = _fixed(scene, kind), outstanding.FIRST
        while fixed and (due := _due(scene, kind, fixed, after)):
            after = outstanding.place(due[-1])
            for stray in _among(scene, kind, list(filter(may_go, due))):
                here = stray.parents[stray.word] == stray.wanted[stray.word]
                if here or not links.linked_cards(scene.tx, crm, [stray.parents[stray.word]]):
                    yield stray


def _held(scene: Scene) -> Iterator[Stray]:
    """Those that a person was asked about."""
    now = scene.pair.clock.utc()
    for kind in (Kind.CUSTOMER, *DOCUMENTS):
        held = outstanding.held_with(scene.tx, scene.streams[kind], [MISPLACED], now)
        yield from _among(scene, kind, held[:AT_ONCE]) if held else ()


def _fixed(scene: Scene, kind: Kind) -> list[str]:
    """Targets of a kind whose objects stay where they were made."""
    outbound = scene.pair.outbound(kind)
    made = {target for _, target in outbound.targets} if outbound else set()
    facts = {target: scene.pair.target(target) for target in made}
    return [one for one, fact in facts.items() if not fact.movable and not fact.removable]


def _due(scene: Scene, kind: Kind, targets: list[str], after: Place) -> list[Part]:
    return outstanding.due_objects(scene.tx, scene.streams[kind], targets, after)


def _among(scene: Scene, kind: Kind, some: Sequence[Part]) -> list[Stray]:
    """Those of these that hang on something else than they should."""
    rows = {row.id: row for row in mirror.by_id(scene.tx, [part.record for part in some])}
    judged = {item.id: item for item in items(scene, kind, list(rows.values()))}
    looked = look_beside(scene, kind, [row.key for row in rows.values()])
    stored = parts.stored_fields(scene.tx, kind, [part.id for part in some])
    wants: list[tuple[Part, Mapping[str, str], Want]] = []
    for part in some:
        _, parents = decode_fields(stored.get(part.id))
        item = judged[part.record]
        want = wants_if_any(scene, kind, item, part.numbered, looked).get(part.key)
        if want is not None and parents:
            wants.append((part, parents, want))
    above = hung_on(scene, [want for _, _, want in wants])
    found = [
        _stray(kind, rows[part.record], part, parents, want, above) for part, parents, want in wants
    ]
    return [one for one in found if one]


def _stray(
    kind: Kind,
    row: Known,
    part: Part,
    parents: Mapping[str, str],
    want: Want,
    above: Mapping[Ref, Part],
) -> Stray | None:
    wanted: dict[str, str] = {}
    for word, ref in want.parents.items():
        remote_id = above[ref].remote_id if ref in above else None
        if remote_id is None:
            return None
        wanted[word] = remote_id
    cards = [word for word, ref in want.parents.items() if ref == Ref(Kind.CUSTOMER, ref.key)]
    if not cards or parents.get(cards[0]) is None or dict(parents) == wanted:
        return None
    return Stray(kind, row, part, want, parents, wanted, cards[0])


def _find(session: Session, one: Stray, by: Mapping[str, str]) -> list[Found]:
    parents = one.parents if "id" in by else one.wanted
    try:
        return list(session.pair.find(one.part.target, by, parents))
    except RejectedError:
        return []


def _moved(scene: Scene, one: Stray, found: Found) -> None:
    """It is where it should be, perhaps with a person of the other card: that is left so."""
    fields = {path: found.fields.get(path) for path in one.want.fields}
    encoded = encode_fields(fields, one.wanted)
    now = scene.pair.clock.utc()
    parts.store_fields(scene.tx, one.kind, {one.part.id: encoded}, now)
    parts.update(scene.tx, one.part.id, remote_id=found.remote_id, state=DUE, **SETTLED)
