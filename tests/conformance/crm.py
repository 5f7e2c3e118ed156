"""What a target promises. Every object a check makes has a marker and values of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence

from syncd.domain import Value
from syncd.errors import DuplicateError, NotFoundError, RejectedError
from syncd.port import Facts, FieldDef, Flow, Found, Op, Outcome, Tier, Write
from tests.conformance.desk import Crm, Desk, desk, desks, lose, new_marker, number
from tests.conformance.driver import ByHand, distrustful, holds
from tests.conformance.trouble import expired_writing, limited_writing

Reason = Callable[[Facts, str], str | None]
NOWHERE = "XTS"
"""The currency code that is reserved for tests."""


def identity(crm: Crm, about: str) -> None:
    first, second = (crm.run(crm.connector.identity()) for _ in range(2))
    holds(first.id and first.label, "the identity is empty")
    holds(first.id == second.id, f"the identity was {first.id} and is {second.id}")


def fields_declared(crm: Crm, target: str) -> None:
    """Every declared field is one the driver knows values for, of the declared type."""
    declared = crm.connector.facts.targets[target].fields
    sample = crm.driver.fields(target, number())
    plain = {path for path in declared if not path.endswith("*")}
    missing = plain - set(sample) - {crm.driver.markers.get(target, "")}
    holds(not missing, f"declared, and no value is known for: {sorted(missing)}")
    for path, value in sample.items():
        holds(path in plain or _custom(declared, path), f"{path} is written and not declared")
        text = declared.get(path, "any") in ("text", "date")
        holds(not text or isinstance(value, str), f"{path} is declared a text, not {value!r}")


def values_kept(crm: Crm, target: str) -> None:
    """What the answer says was stored, what is stored, and what was sent are the same, under
    whichever of the parents of which one is enough."""
    for at in desks(crm, target):
        marker = new_marker()
        _kept(crm, at, marker)
        if crm.connector.facts.targets[target].either:
            there = crm.driver.count(target, marker, at.parents)
            holds(there == 1, f"made under {sorted(at.parents)}, and there are {there}")


def _kept(crm: Crm, at: Desk, marker: str) -> None:
    sent = crm.driver.fields(at.target, number())
    [outcome] = at.push(at.create(marker, sent))
    holds(outcome.error is None, f"a good {at.target} was refused: {outcome.error}")
    found = at.read(str(outcome.remote_id)).fields
    for path, value in sent.items():
        if outcome.seen is not None:
            seen = outcome.seen.get(path)
            holds(seen == found.get(path), f"{path}: the answer {seen!r}, {found.get(path)!r}")
        holds(found.get(path) == value, f"{path}: sent {value!r}, kept {found.get(path)!r}")


def update(crm: Crm, target: str) -> None:
    at, marker = desk(crm, target), new_marker()
    first, n = crm.driver.fields(target, number()), number()
    changes = crm.driver.changed(target, n)
    changes = {path: value for path, value in changes.items() if path not in _fixed(crm, target)}
    remote_id = at.made(marker, first)
    for path, value in changes.items():
        [outcome] = at.push(at.update(remote_id, marker, {path: value}))
        holds(outcome.error is None, f"{path} cannot be changed: {outcome.error}")
    found = at.read(remote_id).fields
    for path, value in {**first, **changes}.items():
        holds(found.get(path) == value, f"{path}: wanted {value!r}, kept {found.get(path)!r}")


def changeable(crm: Crm, target: str) -> None:
    """What is not declared fixed can be written again; with the same value it does no harm. What
    is declared movable is under other parents after an update, and no longer where it was."""
    at, marker = desk(crm, target), new_marker()
    sent = crm.driver.fields(target, number())
    remote_id = at.made(marker, sent)
    free = {path: value for path, value in sent.items() if path not in _fixed(crm, target)}
    [outcome] = at.push(at.update(remote_id, marker, free))
    holds(outcome.error is None, f"{sorted(free)} are not declared fixed: {outcome.error}")
    if not crm.connector.facts.targets[target].movable:
        return
    there = desk(crm, target)
    [outcome] = there.push(there.update(remote_id, marker, {}))
    holds(outcome.error is None, f"declared movable, and refused: {outcome.error}")
    counts = [crm.driver.count(target, marker, one.parents) for one in (at, there)]
    holds(counts == [0, 1], f"moved, and there are {counts} where it was and where it is")


def fixed(crm: Crm, target: str) -> None:
    at, marker = desk(crm, target), new_marker()
    sent = crm.driver.fields(target, number())
    other = crm.driver.fields(target, number())
    remote_id = at.made(marker, sent)
    for path in sorted(_fixed(crm, target)):
        [outcome] = at.push(at.update(remote_id, marker, {path: other[path]}))
        kept = at.read(remote_id).fields.get(path)
        holds(kept == sent[path], f"{path} is declared fixed and changed to {kept!r}")
        holds(outcome.error or outcome.seen != {path: other[path]}, f"{path}: said changed")


def batch_aligned(crm: Crm, target: str) -> None:
    at = desk(crm, target)
    size = max(3, crm.connector.facts.targets[target].batch)
    writes = [at.create(new_marker(), _small(crm, target)) for _ in range(size)]
    for write, outcome in zip(writes, at.push(*writes), strict=True):
        holds(outcome.error is None, f"a good {target} was refused: {outcome.error}")
        found = at.read(str(outcome.remote_id))
        wrong = [p for p, value in write.fields.items() if found.fields.get(p) != value]
        holds(not wrong, f"the outcome belongs to another write: {wrong}")
        holds(found.marker in (None, write.marker), "the outcome belongs to another marker")


def bad_alone(crm: Crm, target: str) -> None:
    """In the middle of a batch; declared batches of one go one by one."""
    at, bad = desk(crm, target), new_marker()
    good = [at.create(new_marker(), _small(crm, target)) for _ in range(2)]
    wrong = at.create(bad, crm.driver.bad(target, number()))
    first, refused, last = at.push(good[0], wrong, good[1])
    for outcome in (first, last):
        holds(outcome.error is None, f"a good {target} fell with a bad one: {outcome.error}")
        at.read(str(outcome.remote_id))
    holds(isinstance(refused.error, RejectedError), "a bad one was not refused")
    holds(refused.remote_id is None, "a refused one has an id")
    count = crm.driver.count(target, bad, at.parents)
    holds(not count, "a refused one is there")


def find_id(crm: Crm, target: str) -> None:
    at = desk(crm, target)
    remote_id = at.made(new_marker(), crm.driver.fields(target, number()))
    at.read(remote_id)
    holds(not at.find(id=crm.driver.gone(target)), "a gone id finds something")


def find_marker(crm: Crm, target: str) -> None:
    """Exactly this text: no part of it, and no other case of letters."""
    at, marker = desk(crm, target), new_marker()
    remote_id = at.made(marker, crm.driver.fields(target, number()))
    at.settle()
    found = at.find(marker=marker)
    holds([item.remote_id for item in found] == [remote_id], f"{marker} is not found once")
    holds(found[0].marker == marker, f"{marker} comes back as {found[0].marker}")
    for other in (marker[:-1], marker[4:], marker.swapcase(), f"{marker}1"):
        holds(not at.find(marker=other), f"{other} finds {marker}")


def lost_answer(crm: Crm, target: str) -> None:
    """A write without an answer must leave the flow as DoubtError, not as an outcome."""
    at = desk(crm, target)
    lose(at, at.create(new_marker(), crm.driver.fields(target, number())))


def distrusts(crm: Crm, target: str) -> None:
    at, facts = desk(crm, target), crm.connector.facts.targets[target]
    fields = crm.driver.fields

    def push() -> Flow[Sequence[Outcome]]:
        return crm.connector.push([at.create(new_marker(), fields(target, number()))])

    distrustful(crm, push)
    remote_id = at.made(new_marker(), fields(target, number()))
    distrustful(crm, lambda: crm.connector.find(target, {"id": remote_id}, at.parents))
    if facts.listable:
        distrustful(crm, lambda: crm.connector.survey(target, None))
    at.read(remote_id)


def tier(crm: Crm, target: str) -> None:
    """A create whose answer is lost is cleared up as the declared tier says."""
    at, marker = desk(crm, target), new_marker()
    write = at.create(marker, crm.driver.fields(target, number()))
    declared = crm.connector.facts.targets[target].tier
    lose(at, write)
    if declared is Tier.T1:
        [again] = at.push(write)
        holds(again.error is None, f"sent again at T1, and refused: {again.error}")
        holds(at.read(str(again.remote_id)), "sent again at T1 without an id")
    elif declared is Tier.T2:
        # With other values, so that the marker alone is what is taken.
        [again] = at.push(at.create(marker, crm.driver.fields(target, number())))
        if again.error is None:  # of several records one was there, and the rest was made now
            [again] = at.push(at.create(marker, crm.driver.fields(target, number())))
        holds(isinstance(again.error, DuplicateError), "sent again at T2, not a duplicate")
        holds(again.error and again.error.field, "the duplicate names no field")
    elif declared is Tier.T3:
        at.settle()
        if not at.find(marker=marker):  # of several records, the last one was not sent
            at.push(write)
    count = crm.driver.count(target, marker, at.parents)
    holds(count == 1, f"the answer was lost once at {declared}, and there are {count}")
    if declared is Tier.T1:
        return
    at.settle()
    holds(len(at.find(marker=marker)) == 1, f"not found by its marker at {declared}")


def unique(crm: Crm, target: str) -> None:
    at = desk(crm, target)
    path = str(crm.connector.facts.targets[target].unique)
    first, second = (crm.driver.fields(target, number()) for _ in range(2))
    remote_id = at.made(new_marker(), first)
    taken = str(first[path])
    [outcome] = at.push(at.create(new_marker(), {**second, path: taken}))
    holds(isinstance(outcome.error, DuplicateError), f"{path} {taken!r} is not unique")
    holds(outcome.error and outcome.error.field == path, f"the duplicate does not name {path}")
    at.settle()
    holds([item.remote_id for item in at.find(**{path: taken})] == [remote_id], "not found once")
    holds(not at.find(**{path: taken[:-1]}), f"a part of {taken!r} finds it")


def setup(crm: Crm, target: str) -> None:
    """A missing custom field is reported until it is made, and never said to be stored. What a
    person makes is reported until then."""
    at, path = desk(crm, target), f"custom_fields.kit_{secrets.token_hex(4)}"
    wanted = [FieldDef(target, path, "text", f"Kit {path[-8:]}")]
    values = {**crm.driver.fields(target, number()), path: "Да"}
    [before] = at.push(at.create(new_marker(), values))
    if before.error is None:
        kept = at.read(str(before.remote_id)).fields.get(path)
        said = before.seen.get(path) if before.seen is not None else kept
        holds(said == kept, f"{path} is not set up: the answer says {said!r}, kept is {kept!r}")
    by_hand = crm.driver if isinstance(crm.driver, ByHand) else None
    makes = crm.connector.facts.targets[target].makes_fields
    for write, missing in ((False, wanted), (True, wanted), (False, [])):
        if not (write or missing or makes):
            if by_hand is None:
                return
            by_hand.make(wanted[0])
        found = crm.run(crm.connector.setup(wanted, write))
        holds(list(found) == missing, f"setup says {list(found)} is missing, not {missing}")
    remote_id = at.made(new_marker(), {**crm.driver.fields(target, number()), path: "Да"})
    kept = at.read(remote_id).fields.get(path)
    holds(kept == "Да", f"{path} was set up, and keeps {kept!r}")


def currencies(crm: Crm, target: str) -> None:
    path = crm.driver.currencies.get(target)
    if path is None:
        declared = crm.connector.facts.targets[target].fields
        holds("currency" not in declared, f"the driver names no currency of {target}")
        return
    at, known = desk(crm, target), crm.connector.facts.currencies
    for code in sorted(known or {"EUR", "RUB", "XAF"}):
        at.made(new_marker(), {**crm.driver.fields(target, number()), path: code})
    if known is not None:
        fields = {**crm.driver.fields(target, number()), path: NOWHERE}
        [outcome] = at.push(at.create(new_marker(), fields))
        holds(outcome.error is not None, f"{NOWHERE} is not in the list, and was accepted")


def survey(crm: Crm, target: str) -> None:
    at = desk(crm, target)
    facts = crm.connector.facts.targets[target]
    made = {}
    for _ in range(3):
        marker, fields = new_marker(), crm.driver.fields(target, number())
        made[at.made(marker, fields)] = (marker, fields)
    listed = [item for item in _surveyed(crm, target) if item.remote_id in made]
    holds(len(listed) == len(made), f"a survey shows {len(listed)} of {len(made)} new ones")
    for item in listed:
        marker, fields = made[item.remote_id]
        holds(facts.tier is Tier.T4 or item.marker == marker, f"listed as {item.marker}")
        same = facts.unique is None or item.fields.get(facts.unique) == fields[facts.unique]
        holds(same, f"listed without its {facts.unique}")


def remove(crm: Crm, target: str) -> None:
    at, marker = desk(crm, target), new_marker()
    remote_id = at.made(marker, crm.driver.fields(target, number()))
    write = Write(Op.REMOVE, target, marker, remote_id, at.parents, {})
    [outcome] = at.push(write)
    holds(outcome.error is None, f"cannot be removed: {outcome.error}")
    holds(not at.find(id=remote_id), "removed, and still found")
    [again] = at.push(write)
    gone = again.error is None or isinstance(again.error, NotFoundError)
    holds(gone, f"removed again, and refused otherwise than as gone: {again.error}")


def _always(facts: Facts, target: str) -> str | None:
    return None


def _marked(facts: Facts, target: str) -> str | None:
    return "tier T4" if facts.targets[target].tier is Tier.T4 else None


def _has_unique(facts: Facts, target: str) -> str | None:
    return None if facts.targets[target].unique else "no unique field"


def _has_fixed(facts: Facts, target: str) -> str | None:
    return None if facts.targets[target].fixed else "no fixed field"


def _has_free(facts: Facts, target: str) -> str | None:
    fields = {path for path in facts.targets[target].fields if not path.endswith("*")}
    free = len(fields - facts.targets[target].fixed) > 1 or _has_custom(facts, target) is None
    return None if free else "every field is fixed"


def _has_custom(facts: Facts, target: str) -> str | None:
    wild = any(path.endswith("*") for path in facts.targets[target].fields)
    return None if wild else "no custom fields"


def _removable(facts: Facts, target: str) -> str | None:
    return None if facts.targets[target].removable else "not removable"


def _has_secrets(facts: Facts, target: str) -> str | None:
    return None if facts.secrets else "no secrets"


def _listable(facts: Facts, target: str) -> str | None:
    return None if facts.targets[target].listable else "not listable"


CHECKS: Mapping[str, tuple[Callable[[Crm, str], None], Reason]] = {
    "fields_declared": (fields_declared, _always),
    "values_kept": (values_kept, _always),
    "update": (update, _has_free),
    "changeable": (changeable, _has_free),
    "fixed": (fixed, _has_fixed),
    "batch_aligned": (batch_aligned, _always),
    "bad_alone": (bad_alone, _always),
    "find_id": (find_id, _always),
    "find_marker": (find_marker, _marked),
    "lost_answer": (lost_answer, _always),
    "distrusts": (distrusts, _always),
    "tier": (tier, _marked),
    "unique": (unique, _has_unique),
    "setup": (setup, _has_custom),
    "currencies": (currencies, _always),
    "survey": (survey, _listable),
    "remove": (remove, _removable),
    "limited": (limited_writing, _always),
    "expired": (expired_writing, _has_secrets),
}


def _surveyed(crm: Crm, target: str) -> Iterator[Found]:
    position, seen = None, set[str]()
    while True:
        page = crm.run(crm.connector.survey(target, position))
        yield from page.found
        position = page.next
        if position is None:
            return
        holds(position not in seen, f"the survey comes to {position} again")
        seen.add(position)


def _fixed(crm: Crm, target: str) -> frozenset[str]:
    return crm.connector.facts.targets[target].fixed


def _small(crm: Crm, target: str) -> Mapping[str, Value]:
    return crm.driver.fields(target, number())


def _custom(declared: Mapping[str, str], path: str) -> bool:
    return any(path.startswith(wild[:-1]) for wild in declared if wild.endswith("*"))
