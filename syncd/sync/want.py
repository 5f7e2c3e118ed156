"""Decides which parts are due: what the mapping wants at the target against the last agreed state.

Runs, without reading any system, after a new version, a changed mapping, and a changed parent.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from syncd.domain import Canonical, Customer, Kind, Ref, Want, Won, value_of
from syncd.errors import MappingError
from syncd.image import NOTHING, UNKNOWN, decode, unique_hash, want_hash
from syncd.mapping.words import DOCUMENTS
from syncd.port import BOOKS_PREFIX
from syncd.store import links, mirror, parts, problems, runs, streams
from syncd.store.mirror import DELETED, FILTERED, VOID, Known, is_void
from syncd.store.parts import CLEAN, DUE, UNSETTLED, Part
from syncd.sync import beside, conflicts, shared
from syncd.sync.beside import Places, places_of
from syncd.sync.pair import Scene
from syncd.sync.quoting import of_mapping
from syncd.sync.shared import Both


class Item(msgspec.Struct, frozen=True):
    """A record to be judged. `turned`: its state is another than before, which its dependents
    must hear of. `fresh`: it was just stored for the first time, and has no parts."""

    id: int
    key: str
    state: str
    image: bytes | None
    changed_at: dt.datetime | None
    turned: bool = False
    fresh: bool = False
    record: Canonical | None = None
    """What the image is of, where that was just made."""


def items(scene: Scene, kind: Kind, records: Sequence[Known]) -> list[Item]:
    found = mirror.images(scene.tx, kind, records)
    return [Item(r.id, r.key, r.state, found.get(r.id), r.changed_at) for r in records]


class Looked(msgspec.Struct, frozen=True):
    """What the store knows beside some records, by their keys: what both sides say of them, and the
    card that a customer shares as a member."""

    both: Mapping[str, Both]
    places: Places


def look(scene: Scene, kind: Kind, keys: Sequence[str]) -> Looked:
    return Looked(shared.of(scene, kind, keys), places_of(scene, kind, keys))


def wants_of(
    scene: Scene, kind: Kind, item: Item, numbered: bool, looked: Looked | None = None
) -> dict[str, Want]:
    """Part key -> what the mapping wants, before parents are looked at. MappingError. `looked` is
    of many records at once; else it is looked at for this one."""
    looked = looked or look(scene, kind, [item.key])
    both, place = looked.both.get(item.key), looked.places.get(item.key)
    told = shared.into_books(scene.pair, both) if both and kind is Kind.WON else {}
    return told | _of_image(scene, kind, item, numbered, both, place)


def _of_image(
    scene: Scene, kind: Kind, item: Item, numbered: bool, both: Both | None, place: str | None
) -> dict[str, Want]:
    outbound = scene.pair.outbound(kind)
    if item.image is None or item.changed_at is None or not outbound:
        return {}
    history = scene.pair.writing.history
    if kind is not Kind.WON and item.state != FILTERED and not both and not place and not history:
        made = scene.pair.wants(kind, item.image, numbered, item.record)
        return {want.part: want for want in made}
    record = item.record or decode(kind, item.image)
    if item.state == FILTERED:
        return _hint(scene, record, none=True) if isinstance(record, Won) else {}
    silent: frozenset[str] = frozenset()
    if place is not None:
        return beside.wants(scene.pair, outbound, record, place)
    if isinstance(record, Customer) and both:
        record, silent = both.merged(), both.silent()
    if history and kind in DOCUMENTS and getattr(record, "date", history) < history:
        return {}
    wants = {want.part: want for want in outbound(record, numbered)}
    if isinstance(record, Won):
        if len(wants) > 1 and _was_there(scene, item.key):
            wants = {"": wants[""]}
        wants |= _hint(scene, record)
    if silent and "" in wants:
        wants[""] = _without(wants[""], outbound.paths(silent))
    return wants


MADE = "won"
"""Who made the link of a card whose customer syncd made in the books."""


def _was_there(scene: Scene, card: str) -> bool:
    """The customer was in the books before its card was won: they know its persons and addresses,
    and get none of the card's."""
    found = links.to_books(scene.tx, scene.pair.crm.name, card)
    mine = [one.by for one in found if one.books == scene.pair.books.name]
    return bool(mine) and MADE not in mine


def of_the_books(part: Part) -> bool:
    """An object of the books that syncd made for a won customer: it is the books' from then on, and
    is neither changed nor taken away, whatever the card says."""
    made = part.base not in (NOTHING, UNKNOWN)
    return made and part.target.startswith(BOOKS_PREFIX) and part.key != shared.PART


def _without(want: Want, paths: frozenset[str]) -> Want:
    return msgspec.structs.replace(
        want, fields={path: v for path, v in want.fields.items() if path not in paths}
    )


HINT = "hint"
"""The part of a won customer that tells the salesperson, on the card, what the books still need."""


def _hint(scene: Scene, won: Won, *, none: bool = False) -> dict[str, Want]:
    """Empty text where nothing is missing, or where there is `none` to be given: what was said
    before is taken back."""
    hints = scene.pair.writing.hints
    if hints is None:
        return {}
    missing = [] if none else lacks(scene.pair.writing.require, won)
    text = hints.missing(missing) if missing else None
    return {HINT: Want(HINT, hints.target, won.key, {}, {hints.path: text}, at=won.key)}


def lacks(required: Sequence[str], won: Won) -> list[str]:
    return [word for word in required if value_of(won, word) in (None, "", ())]


def wants_if_any(
    scene: Scene,
    kind: Kind,
    item: Item,
    numbered: bool,
    looked: Looked | None = None,
) -> dict[str, Want]:
    """The same, and nothing where the mapping cannot digest the record; its problem says why."""
    try:
        return wants_of(scene, kind, item, numbered, looked)
    except MappingError:
        return {}


def follow(scene: Scene, kind: Kind, keys: Sequence[str]) -> None:
    """What both sides say of these customers, or of those of these cards, or of the customers whose
    first document this may be, is compared again. What a card has to hear is judged anew even where
    there is nothing to compare with: its fields may just have gone out of the mirror."""
    pair = scene.pair
    if not pair.writing.owners.rules or not keys:
        return
    of = (pair.crm.name, pair.books.name)
    if kind is Kind.WON:
        keys = list(links.customers_of(scene.tx, *of, keys).values())
    shared.settle(scene, keys)
    conflicts.tell(scene)
    cards = links.primary(scene.tx, *of, keys)
    for other, some in ((Kind.CUSTOMER, list(cards)), (Kind.WON, list(cards.values()))):
        rows = list(mirror.known(scene.tx, scene.streams[other], some).values())
        evaluate(scene, other, items(scene, other, rows))


def evaluate(scene: Scene, kind: Kind, judged: Sequence[Item]) -> None:
    """Brings the parts of these records, and of what hangs on them, up to date."""
    existing = parts.of_records(scene.tx, [item.id for item in judged if not item.fresh])
    wanted, numbered, errors = _told_apart(scene, kind, judged, existing)
    for one, error in errors:
        mirror.note_problem(scene.tx, one.id, str(error), unwritable(scene, kind, error))
    barred = _barred(scene, (want for wants in wanted.values() for want in wants.values()))
    stream = scene.streams[kind]
    fresh: list[parts.New] = []
    changed: dict[tuple[str, ...], list[dict[str, object]]] = defaultdict(list)
    became_due = collapsed = 0
    retargeted = False
    toggled: list[str] = []
    next_id = parts.next_id(scene.tx)
    for item in judged:
        if item.id not in wanted:
            continue
        had, wants = existing.get(item.id) or {}, wanted[item.id]
        if HINT in wants and HINT not in had and not any(wants[HINT].fields.values()):
            del wants[HINT]  # nothing to say, and nothing said before
        turned = item.turned
        for key in sorted({*had, *wants}) if had or len(wants) > 1 else wants:
            part, want = had.get(key), wants.get(key)
            hashed = _hash(scene, kind, item, part, want, barred)
            if part is None:
                assert want is not None
                about = _about(scene, kind, item, want, numbered)
                fresh.append(_new(next_id, stream, item, want, hashed, *about))
                next_id += 1
                became_due += hashed != NOTHING
                # What hung on it before it was read was not kept back by that.
                turned |= key == "" and (hashed == NOTHING or not item.fresh)
                continue
            turned |= (part.want == NOTHING) != (hashed == NOTHING) and key == ""
            state = _state(part, hashed)
            became_due += part.state == CLEAN and state != CLEAN
            collapsed += part.state not in (CLEAN, *UNSETTLED) and state == CLEAN
            if want and part.target != want.target and _free(part):
                parts.update(scene.tx, part.id, target=want.target)
                retargeted = True
            values = _moved(part, hashed, state)
            if want and hashed != part.want:
                values |= zip(_ABOUT, _about(scene, kind, item, want, numbered), strict=True)
            if values:
                changed[tuple(values)].append({"_id": part.id, **values})
        if turned:
            toggled.append(str(Ref(kind, item.key)))
    parts.add(scene.tx, fresh)
    for rows in changed.values():
        parts.update_each(scene.tx, rows)
    if retargeted:  # nobody has looked yet what is there of the other object
        streams.move_cursor(scene.tx, stream, surveyed_at=None)
    mirror.end_problems(scene.tx, [one.id for one in judged if one.id in wanted and not one.fresh])
    runs.add(scene.tx, scene.run, stream, became_due=became_due, collapsed=collapsed)
    _cascade(scene, kind, toggled)


def _told_apart(
    scene: Scene, kind: Kind, judged: Sequence[Item], existing: dict[int, dict[str, Part]]
) -> tuple[dict[int, dict[str, Want]], set[int], list[tuple[Item, MappingError]]]:
    """Wants by record, the numbered records, and those that cannot be written: of two that want one
    unique value, the later takes its second form, once and for good."""
    errors: list[tuple[Item, MappingError]] = []
    wanted: dict[int, dict[str, Want]] = {}
    claims: dict[int, tuple[str, bytes]] = {}
    numbered = {one for one, had in existing.items() if any(p.numbered for p in had.values())}
    looked = look(scene, kind, [item.key for item in judged])
    for item in judged:
        try:
            wanted[item.id] = wants_of(scene, kind, item, item.id in numbered, looked)
        except MappingError as error:
            errors.append((item, error))
            continue
        for want in wanted[item.id].values():
            value = unique_value(scene, want)
            if item.id not in numbered and value:
                claims[item.id] = (want.target, unique_hash(value))
    owners = _owners(scene, claims.values())
    for item in judged:
        claim = claims.get(item.id)
        if claim and owners.setdefault(claim, item.id) != item.id:
            numbered.add(item.id)
            wanted[item.id] = wants_of(scene, kind, item, True, looked)
    return wanted, numbered, errors


def misjudged(scene: Scene, kind: Kind, judged: Sequence[Item]) -> list[tuple[Item, str]]:
    """Parts, by record and key, that a fresh look would find otherwise; writes nothing."""
    existing = parts.of_records(scene.tx, [item.id for item in judged])
    wanted, _, _ = _told_apart(scene, kind, judged, existing)
    barred = _barred(scene, (want for wants in wanted.values() for want in wants.values()))
    found = []
    for item in judged:
        had = existing.get(item.id, {})
        for key, part in had.items() if item.id in wanted else ():
            hashed = _hash(scene, kind, item, part, wanted[item.id].get(key), barred)
            if hashed != part.want or _state(part, hashed) != part.state:
                found.append((item, key))
    return found


def unwritable(scene: Scene, kind: Kind, error: MappingError) -> int:
    """The problem of a rule that cannot digest a record, whose card stays as it is."""
    return problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=f"unwritable {kind} {error.where}",
        owner=problems.SYSADMIN,
        text=f"{kind}s cannot be written: {of_mapping(kind, error)}. Only they wait; mend the "
        "rule, then they go by themselves.",
        run=scene.run,
        at=scene.pair.clock.utc(),
    )


def _owners(scene: Scene, claims: Iterable[tuple[str, bytes]]) -> dict[tuple[str, bytes], int]:
    """(target, unique value) -> the record that has it already."""
    by_target: dict[str, list[bytes]] = defaultdict(list)
    for target, hashed in claims:
        by_target[target].append(hashed)
    owners: dict[tuple[str, bytes], int] = {}
    for target, hashes in by_target.items():
        for start in range(0, len(hashes), mirror.CHUNK):
            some = hashes[start : start + mirror.CHUNK]
            for part in parts.with_unique(scene.tx, scene.ids, target, some):
                if part.unique_key and part.want != NOTHING:
                    owners.setdefault((target, part.unique_key), part.record)
    return owners


def unique_value(scene: Scene, want: Want) -> str | None:
    unique = None if want.borrowed else scene.pair.target(want.target).unique
    value = want.fields.get(unique) if unique else None
    return str(value) if value is not None else None


_BARRING = {
    kind: [FILTERED, *(state for state in mirror.EVERY if is_void(kind, state))] for kind in Kind
}
"""States in which nothing can hang on a record."""


def _barred(scene: Scene, wants: Iterable[Want]) -> set[tuple[Kind, str]]:
    """Parents that will not be at the target: filtered, void, or not wanted there."""
    keys: dict[Kind, set[str]] = defaultdict(set)
    for want in wants:
        for ref in [*want.parents.values(), *([want.of] if want.of else [])]:
            keys[ref.kind].add(ref.key)
    return {
        (kind, key)
        for kind, some in keys.items()
        for key in parts.unwanted(scene.tx, scene.streams[kind], sorted(some), _BARRING[kind])
    }


def _hash(
    scene: Scene,
    kind: Kind,
    item: Item,
    part: Part | None,
    want: Want | None,
    barred: set[tuple[Kind, str]],
) -> bytes:
    if part is not None and of_the_books(part):
        return part.base
    if want is None:
        return NOTHING
    if barred and any((ref.kind, ref.key) in barred for ref in _above(kind, item, want)):
        return NOTHING
    if item.state in (VOID, DELETED):
        there = part is not None and (part.remote_id is not None or part.state in UNSETTLED)
        target = scene.pair.target(want.target)
        goes = is_void(kind, item.state) and target.removable and not target.cancels
        if goes or not there:
            return NOTHING
    return want_hash(want)


def _state(part: Part, want: bytes) -> str:
    if part.state in UNSETTLED:
        return part.state
    if want == part.base:
        return CLEAN
    return part.state if want == part.want and part.state != CLEAN else DUE


def _new(
    one: int,
    stream: int,
    item: Item,
    want: Want,
    hashed: bytes,
    parent: str | None,
    unique_key: bytes | None,
    numbered: bool,
) -> parts.New:
    state, turn = DUE if hashed != NOTHING else CLEAN, parts.turn_of(want.part, hashed)
    made = parts.New(one, item.id, stream, want.part, want.target, state, turn, hashed)
    made.parent, made.unique_key, made.numbered = parent, unique_key, numbered
    return made


def _above(kind: Kind, item: Item, want: Want) -> list[Ref]:
    """The parts of other records that this one hangs on."""
    if not want.parents and want.of is None:
        return []
    refs = [*want.parents.values(), *([want.of] if want.of else [])]
    return [ref for ref in refs if ref.key != item.key or ref.kind is not kind]


_ABOUT = ("parent", "unique_key", "numbered")


def _about(
    scene: Scene, kind: Kind, item: Item, want: Want, numbered: set[int]
) -> tuple[str | None, bytes | None, bool]:
    above, value = _above(kind, item, want), unique_value(scene, want)
    parent = str(Ref(above[0].kind, above[0].key)) if above else None
    if value is None:
        return parent, None, False
    return parent, unique_hash(value) if value else None, item.id in numbered


def hung_on(scene: Scene, wants: Sequence[Want]) -> dict[Ref, Part]:
    """The parts that these wants hang on, as far as they exist."""
    refs = {ref for want in wants for ref in [*want.parents.values(), want.of] if ref}
    found: dict[Ref, Part] = {}
    for kind in {ref.kind for ref in refs}:
        some = [ref for ref in refs if ref.kind is kind]
        located = parts.located(scene.tx, scene.streams[kind], some)
        found.update((r, located[r.key, r.part]) for r in some if (r.key, r.part) in located)
    return found


def _free(part: Part) -> bool:
    """Nothing of it is at the target, for certain."""
    return part.remote_id is None and part.state not in UNSETTLED


def _moved(part: Part, hashed: bytes, state: str) -> dict[str, object]:
    """The columns of a part that are others now."""
    values: dict[str, object] = {}
    if hashed != part.want:
        values |= {"want": hashed, "turn": parts.turn_of(part.key, hashed)}
    if state != part.state:
        values |= {"state": state, "waits_for": None, "error": None, "problem": None}
        values |= {"attempts": 0, "next_attempt": None}
    return values


def _cascade(scene: Scene, kind: Kind, toggled: Sequence[str]) -> None:
    for name, ids in parts.dependents(scene.tx, scene.ids, toggled).items():
        if (other := Kind(name)) is not kind:
            for start in range(0, len(ids), mirror.CHUNK):
                records = mirror.by_id(scene.tx, ids[start : start + mirror.CHUNK])
                evaluate(scene, other, items(scene, other, records))
