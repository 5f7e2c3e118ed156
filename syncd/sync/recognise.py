"""As whom of the books a won card is recognised: by the rules of matching where the mapping has
some, else by its tax id, or by an e-mail that is unique on both sides. Without any of these, a
customer that has its name and no card is a question: names alone link nobody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from syncd.domain import Customer, Kind, Won
from syncd.errors import MappingError
from syncd.image import decode_raw
from syncd.port import Record
from syncd.store import link_journal, links, mirror
from syncd.store.mirror import Known
from syncd.store.parts import Part
from syncd.sync import parties
from syncd.sync.matched import BY, Judged, judge, told
from syncd.sync.pair import Scene
from syncd.sync.session import Session


class Evidence(msgspec.Struct):
    """The customers of the books by what tells them apart: normalised value -> keys."""

    by_tax_id: Mapping[str, set[str]] = msgspec.field(default_factory=dict)
    by_email: Mapping[str, set[str]] = msgspec.field(default_factory=dict)
    by_name: Mapping[str, set[str]] = msgspec.field(default_factory=dict)
    tax_ids: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Key -> normalised tax id."""
    rejected: frozenset[tuple[str, str]] = frozenset()
    """Customer and card of which a person said that they are not the same."""


class Waiting(msgspec.Struct, frozen=True):
    """A won card that is not in the books yet."""

    row: Known
    part: Part
    won: Won
    early: bool = False
    """Its deals were closed before the pair's own day: a person asked for it."""
    error: str = ""
    """What it waits for."""


def _evidence(scene: Scene) -> Evidence:
    """Out of the mirror, customers that never bought included."""
    inbound = scene.pair.inbound(Kind.CUSTOMER)
    by_tax_id: defaultdict[str, set[str]] = defaultdict(set)
    by_email: defaultdict[str, set[str]] = defaultdict(set)
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    tax_ids: dict[str, str] = {}
    last = 0
    while inbound and (batch := mirror.batch(scene.tx, scene.streams[Kind.CUSTOMER], last)):
        last = batch[-1].id
        raws = mirror.raws(scene.tx, Kind.CUSTOMER, batch)
        for row in batch:
            if row.id not in raws or row.state == mirror.DELETED:
                continue
            try:
                one = inbound.unconditional(Record(row.key, decode_raw(raws[row.id])))
            except MappingError:
                continue  # its problem says so
            assert isinstance(one, Customer)
            if tax_id := normal(one.tax_id):
                by_tax_id[tax_id].add(row.key)
                tax_ids[row.key] = tax_id
            if one.email:
                by_email[one.email.strip().casefold()].add(row.key)
            by_name[_folded(one.name)].add(row.key)
    rejected = link_journal.rejected(scene.tx, scene.pair.crm.name, scene.pair.books.name)
    return Evidence(by_tax_id, by_email, by_name, tax_ids, frozenset(rejected))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def normal(tax_id: str | None) -> str:
    """Letters and digits alone, in capitals: how it is typed makes no difference."""
    return re.sub(r"[\W_]", "", tax_id or "").upper()


def _shared_emails(
    session: Session, waiting: Sequence[Waiting], evidence: Evidence
) -> frozenset[str]:
    """E-mails that more than one card has, of those that would decide anything."""
    inbound = session.pair.inbound(Kind.WON)
    shared = set()
    for one in waiting:
        email = (one.won.email or "").strip().casefold()
        if email in evidence.by_email and inbound:
            found = session.pair.find(inbound.read.object, {"email": one.won.email or ""}, {})
            if len({each.remote_id for each in found}) > 1:
                shared.add(email)
    return frozenset(shared)


class Recognised(msgspec.Struct, frozen=True):
    """By tax id, e-mail or name alone: by which, and the customers of the books that it may be."""

    by: str = ""
    keys: Sequence[str] = ()


NAME = "name"

Found = Judged | Recognised


def nobody(_one: Waiting) -> Found:
    return Judged(())


def recogniser(session: Session, waiting: Sequence[Waiting]) -> Callable[[Waiting], Found]:
    """What each of these cards is found to be. Asks the CRM only without rules of matching;
    transport errors go to the caller."""
    rules = session.pair.writing.match
    with session.pair.store.reading() as tx:
        scene = Scene(tx, session.pair, session.streams, session.run)
        if rules:
            mine = [parties.party(session.pair, one.won) for one in waiting]
            judged = judge(scene, rules, mine, Kind.WON)
            return lambda one: judged.get(one.row.key, Judged(()))
        evidence = _evidence(scene)
    shared = _shared_emails(session, waiting, evidence)
    return lambda one: _matches(one.won, evidence, shared) or _namesakes(one.won, evidence)


def _matches(one: Won, evidence: Evidence, shared: frozenset[str]) -> Recognised | None:
    tax_id, email = normal(one.tax_id), (one.email or "").strip().casefold()
    if tax_id and tax_id in evidence.by_tax_id:
        return Recognised("tax id", sorted(evidence.by_tax_id[tax_id]))
    keys = evidence.by_email.get(email, set()) if email else set()
    if len(keys) != 1 or email in shared:
        return None
    [key] = keys
    theirs = evidence.tax_ids.get(key)
    other = tax_id and theirs and tax_id != theirs
    return None if other else Recognised("e-mail", [key])


def _namesakes(one: Won, evidence: Evidence) -> Recognised:
    """Whose tax id is another one is another company."""
    tax_id = normal(one.tax_id)
    keys = [
        key
        for key in sorted(evidence.by_name.get(_folded(one.name), set()))
        if (key, one.key) not in evidence.rejected
        and not (tax_id and tax_id != evidence.tax_ids.get(key, tax_id))
    ]
    return Recognised(NAME, keys)


def settled(scene: Scene, one: Waiting, found: Found) -> tuple[str, str | None, str | None]:
    """By what the card was recognised, and as whom; or what is doubtful about it. Nobody linked
    the card so far."""
    if isinstance(found, Recognised):
        others = _linked_elsewhere(scene, found.keys)
        if found.by == NAME:
            keys = [key for key in found.keys if key not in others]
            return "", None, _called_so(one, keys) if keys else None
        if len(found.keys) > 1 or others:
            return "", None, _doubtful(one, found.by, found.keys, others)
        return found.by, (found.keys[0] if found.keys else None), None
    if not found.matches:
        return "", None, None
    key = found.matches[0].customer
    others = _linked_elsewhere(scene, [key])
    if found.sure and not others:
        return BY, key, None
    whose = f"customer {key} has card {others[key]} already" if others else None
    said = told(found, Kind.WON, whose)
    return "", None, f"card {one.row.key} was won, and {said} Nothing was written"


def _doubtful(one: Waiting, by: str, keys: Sequence[str], others: Mapping[str, str]) -> str:
    named = ", ".join(
        f"customer {key}" + (f" (linked to card {others[key]})" if key in others else "")
        for key in keys
    )
    return (
        f"card {one.row.key} was won, and by its {by} it is {named} of the books. Nothing was "
        "written: merge the doubles, or correct the tax id or e-mail that is wrong"
    )


def _called_so(one: Waiting, keys: Sequence[str]) -> str:
    named = " and ".join(f"customer {key}" for key in keys)
    have, whom = ("has", keys[0]) if len(keys) == 1 else ("have", "CUSTOMER")
    return (
        f"card {one.row.key} was won, and {named} of the books {have} its name and no card. "
        "Nothing was written. "
        f"If they are the same: syncd links accept {whom} {one.row.key} --why R; "
        f"if not: syncd links reject {whom} {one.row.key} --why R"
    )


def _linked_elsewhere(scene: Scene, keys: Sequence[str]) -> dict[str, str]:
    pair = scene.pair
    return links.linked(scene.tx, pair.crm.name, pair.books.name, keys)
