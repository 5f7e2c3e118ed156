"""Parts that wait: refused ones are tried again, others until a person has looked at them.

Each has a problem that names the cause once for all the parts that have it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from hashlib import blake2b

from syncd.domain import DealOrders, Kind, Ref
from syncd.errors import MappingError, NotFoundError, RejectedError
from syncd.image import UNKNOWN, decode
from syncd.port import Found
from syncd.store import links, mirror, parts, problems
from syncd.store.mirror import Known
from syncd.store.parts import (
    ASKED,
    CLEAN,
    DUE,
    FAILED,
    HELD,
    OWED,
    SETTLED,
    UNSETTLED,
    WAIVED,
    Part,
    is_left,
)
from syncd.store.runs import add
from syncd.sync import farewell
from syncd.sync.pair import Scene
from syncd.sync.quoting import of_system
from syncd.sync.want import evaluate, items, unwritable

CLASH = "name clash with "
"""Begins the error of a part whose name an object has that nobody linked; its id follows."""

GONE = "gone at the target"
"""The error of a part whose object somebody removed."""

MERGED = "merged"
"""The first word of the cause of each question about a customer that the books made one with
another; its key follows."""

MISPLACED = "hangs on another card"
"""The error of a part whose object the target cannot move to where it belongs."""

LOOK_AGAIN = dt.timedelta(days=1)
"""After which what is gone or misplaced is looked at once more."""

UNCLEAR = 900
"""Seconds after which a refusal is tried again that may have been an outage, and twice as long each
time it is one again."""


def refuse(scene: Scene, kind: Kind, record: Known, part: Part, error: RejectedError) -> None:
    """This part alone waits: it gets a second chance in the next run, since a neighbour may have
    stood in its way, and then one a day."""
    if isinstance(error, NotFoundError):
        gone(scene, kind, record, part)
        return
    problem = _refused(scene, kind, record, part, error, "daily")
    _fail(scene, part, problem, str(error))


def refuse_unclear(
    scene: Scene, kind: Kind, record: Known, part: Part, error: RejectedError, times: int
) -> None:
    """The answers said nothing clear: it may be a refusal, or writes alone are out for hours. So
    it does not wait a day at once. `times` it was refused so before."""
    wait = min(UNCLEAR * 2 ** min(times, 16), scene.pair.numbers.retry_refused)
    often = "after 15 minutes, then each time twice as long after, at most a day"
    problem = _refused(scene, kind, record, part, error, often)
    _fail(scene, part, problem, str(error), wait)


def _refused(
    scene: Scene, kind: Kind, record: Known, part: Part, error: RejectedError, often: str
) -> int:
    crm = scene.pair.writer(part.target).name
    about = f" for its field {error.field}" if error.field else ""
    said = of_system(scene, kind, record, error)
    return _raise(
        scene,
        f"refused {part.target} {error.field or _shape(str(error))}",
        problems.SYSADMIN,
        f"{crm} refuses {part.target}s{about}{said}. Only they wait; they are tried again "
        f"when the record or its mapping changes, else {often}.",
    )


def refuse_field(
    scene: Scene, kind: Kind, record: Known, part: Part, path: str, error: RejectedError
) -> None:
    """The rest of the part is as wanted; this field waits as a refused part does."""
    crm = scene.pair.writer(part.target).name
    problem = _raise(
        scene,
        f"refused {part.target} {path}",
        problems.SYSADMIN,
        f"{crm} refuses {path} of {part.target}s{of_system(scene, kind, record, error)}. Only this "
        "field waits, the rest of them is written; it is tried again when the record or its "
        "mapping changes, else daily.",
    )
    _fail(scene, part, problem, str(error))


def not_kept(scene: Scene, part: Part, path: str) -> None:
    """The system said yes and kept its old value: one problem per field."""
    problem = _raise(
        scene,
        f"not accepted {part.target} {path}",
        problems.SYSADMIN,
        f"{scene.pair.crm.name} answers yes but does not keep {path} of {part.target}s: the "
        f"field may be missing there (syncd connections setup {scene.pair.crm.name}) or "
        "closed to the integration user. Its values wait.",
    )
    _fail(scene, part, problem, f"{path} was not accepted")


def unwritten(scene: Scene, kind: Kind, part: Part, error: MappingError) -> None:
    """What was due before the record became what the mapping cannot digest."""
    _fail(scene, part, unwritable(scene, kind, error), str(error))


def clash(scene: Scene, kind: Kind, record: Known, part: Part, other: Found) -> None:
    """A unique value is taken: by another books customer (then ours takes its second form), or by
    an object nobody linked (then a person decides)."""
    linked = links.to_books(scene.tx, scene.pair.crm.name, other.remote_id)
    if linked and not part.numbered:
        parts.update(scene.tx, part.id, numbered=True, state=DUE)
        evaluate(scene, kind, items(scene, kind, [record]))
        return
    unlinked_clash(scene, kind, record, part, other)


def unlinked_clash(scene: Scene, kind: Kind, record: Known, part: Part, other: Found) -> None:
    unique = scene.pair.target(part.target).unique or ""
    named = "name" in unique.casefold()
    card = kind is Kind.CUSTOMER and part.key == ""
    key, there = record.key, other.remote_id
    same = f"syncd links accept {key} {there} --why R" if card else f"put {key} into its books id"
    differ = "rename one of them" if named else "change it on one of them"
    problem = _raise(
        scene,
        f"clash {kind} {record.key}",
        problems.SALES,
        f"{kind} {key} and {part.target} {there} of {scene.pair.crm.name} have "
        f"one {'name' if named else unique} and are not linked. Nothing was written and no second "
        f"card made. If they are the same: {same}; if not: {differ}.",
    )
    parts.update(scene.tx, part.id, state=HELD, problem=problem, error=f"{CLASH}{other.remote_id}")


def hold_fixed(scene: Scene, part: Part, record: Known, kind: Kind, fields: Sequence[str]) -> None:
    what = ", ".join(fields)
    problem = _raise(
        scene,
        f"fixed {part.target} {what}",
        problems.ACCOUNTING,
        f"{part.target}s of {scene.pair.crm.name} cannot change {what} once written, and the "
        "books changed it. Their cards show the old value until somebody cancels them there.",
    )
    parts.update(scene.tx, part.id, state=HELD, problem=problem, error=f"{what} cannot change")


def ask(scene: Scene, record: Known, kind: Kind, part: Part, why: str) -> None:
    """Tier T4: nothing can tell whether the object exists. A person is asked, once."""
    system = scene.pair.writer(part.target).name
    problem = _raise(
        scene,
        f"asked {Ref(kind, record.key, part.key)}",
        problems.SYSADMIN,
        f"{part.target} for {kind} {record.key} was sent to {system} and the answer "
        f"got lost ({why}). This system cannot be searched for it: look there, then say "
        f"syncd problems resolve ID --exists REMOTE_ID, or --absent.",
    )
    parts.update(scene.tx, part.id, state=ASKED, problem=problem, error="may exist already")


def doubled(scene: Scene, ref: Ref, part: Part, found: Sequence[Found]) -> None:
    """Several objects carry one marker: the first is kept, a person removes the others."""
    system = scene.pair.writer(part.target).name
    ids = ", ".join(one.remote_id for one in found)
    problem = _raise(
        scene,
        f"doubled {ref}",
        problems.SALES,
        f"{system} has {len(found)} {part.target}s for {ref}: {ids}. The first is "
        "kept up to date; remove the others there.",
    )
    parts.update(scene.tx, part.id, problem=problem)


def gone(scene: Scene, kind: Kind, record: Known, part: Part) -> None:
    """Somebody removed an object. A card that is gone is asked about once, whatever was to be
    written onto it."""
    if is_left(part.key):
        farewell.gone(scene, kind, record, part)
        return
    if kind is Kind.DEAL_ORDERS:
        _no_deal(scene, record, part)
        return
    if kind is Kind.CARD:
        _card_is_gone(scene, part)
        return
    said = _of_card if (kind, part.key) == (Kind.CUSTOMER, "") else _of_object
    asked = f"{MERGED} {record.key}" if said is _of_card else ""
    problem = problems.open_id(scene.tx, scene.pair.name, asked) or _raise(
        scene,
        gone_cause(part.target, record.key),
        problems.SALES,
        said(scene, kind, record, part),
    )
    if part.state == CLEAN:
        add(scene.tx, scene.run, scene.streams[kind], became_due=1)
    # Nothing is there of what was agreed on: a fresh look finds it wanting as well.
    base = part.base if part.remote_id is None else UNKNOWN
    parts.update(scene.tx, part.id, state=HELD, base=base, problem=problem, error=GONE)
    if said is _of_card:
        _gone_for_members(scene, record.key, problem)


def _gone_for_members(scene: Scene, key: str, problem: int) -> None:
    """Whoever shares the card waits for the same decision."""
    stream = scene.streams[Kind.CUSTOMER]
    others = _sharing(scene, key)[1:]
    rows = mirror.known(scene.tx, stream, others).values()
    for some in parts.of_records(scene.tx, [row.id for row in rows]).values():
        main = some.get("")
        if main is None or main.remote_id is None or main.state in (*UNSETTLED, HELD, WAIVED):
            continue
        if main.state == CLEAN:
            add(scene.tx, scene.run, stream, became_due=1)
        values = {"problem": problem, "error": GONE, "base": UNKNOWN}
        parts.update(scene.tx, main.id, state=HELD, **values)


def _sharing(scene: Scene, key: str) -> Sequence[str]:
    """All customers of its card, the primary one first."""
    return links.together(scene.tx, scene.pair.crm.name, scene.pair.books.name, [key])[key]


def gone_cause(target: str, key: str) -> str:
    return f"gone {target} {key}"


def _of_object(scene: Scene, kind: Kind, record: Known, part: Part) -> str:
    return (
        f"{part.target} {part.remote_id} of {kind} {record.key} is no longer in "
        f"{scene.pair.crm.name}. It is not made again by itself: restore it there and say "
        f"syncd resync --key {kind}:{record.key}, or add --recreate to have a new one."
    )


def _of_card(scene: Scene, kind: Kind, record: Known, part: Part) -> str:
    key, pair = record.key, scene.pair
    card = part.remote_id or links.linked(scene.tx, pair.crm.name, pair.books.name, [key]).get(key)
    return (
        f"Card {card} of customer {key} is no longer in {scene.pair.crm.name}: somebody deleted "
        "it, or merged it into another. It is not made again by itself. Restored there: syncd "
        f"resync --key customer:{key}. A new one: the same with --recreate. Merged into another, "
        f"or another one instead: syncd links merge {card} CARD --why R. None: syncd problems "
        "waive ID --reason R."
    )


def _card_is_gone(scene: Scene, part: Part) -> None:
    lacks_card(scene, Kind.CARD, part, (part.parent or "").partition(":")[2])


def lacks_card(scene: Scene, kind: Kind, part: Part, key: str) -> None:
    """The card that an object would hang on is gone: it waits until its customer has one again."""
    ref = str(Ref(Kind.CUSTOMER, key))
    key = _sharing(scene, key)[0]
    known = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key]).get(key)
    main = parts.of_records(scene.tx, [known.id]).get(known.id, {}).get("") if known else None
    if part.state == CLEAN:
        add(scene.tx, scene.run, scene.streams[kind], became_due=1)
    parts.update(scene.tx, part.id, state=OWED, **{**SETTLED, "waits_for": ref})
    if known and main and main.state not in (*UNSETTLED, HELD, WAIVED):
        gone(scene, Kind.CUSTOMER, known, main)


def _no_deal(scene: Scene, record: Known, part: Part) -> None:
    """A deal that no order names any more need not be there."""
    image = mirror.images(scene.tx, Kind.DEAL_ORDERS, [record]).get(record.id)
    named = decode(Kind.DEAL_ORDERS, image) if image else None
    if isinstance(named, DealOrders) and named.orders_count == 0:
        parts.update(scene.tx, part.id, state=CLEAN, base=part.want, **SETTLED)
        add(scene.tx, scene.run, scene.streams[Kind.DEAL_ORDERS], applied=1)
        return
    crm = scene.pair.crm.name
    problem = _raise(
        scene,
        f"gone {part.target} {record.key}",
        problems.SALES,
        f"Orders in the books name the deal {record.key}, and {crm} has no such {part.target}. "
        "Mend the orders, or restore the deal there and say "
        f"syncd resync --key {Kind.DEAL_ORDERS}:{record.key}.",
    )
    parts.update(scene.tx, part.id, state=HELD, problem=problem, error=GONE)


def _fail(scene: Scene, part: Part, problem: int, error: str, wait: float | None = None) -> None:
    now = scene.pair.clock.utc()
    if wait is None:
        wait = scene.pair.numbers.retry_refused if part.attempts else 0
    parts.update(
        scene.tx,
        part.id,
        state=FAILED,
        problem=problem,
        error=error,
        attempts=part.attempts + 1,
        next_attempt=now + dt.timedelta(seconds=wait),
    )


def _raise(scene: Scene, cause: str, owner: str, text: str) -> int:
    return problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=cause,
        owner=owner,
        text=text,
        run=scene.run,
        at=scene.pair.clock.utc(),
    )


def _shape(message: str) -> str:
    """Names the message without what differs from record to record, so that one cause stays one;
    none of its words, since who knows what a system repeats."""
    shape = re.sub(r"[\"'«].*?[\"'»]|\d+([.,]\d+)*|[0-9a-f-]{36}", "#", message)
    return f"#{blake2b(shape.encode(), digest_size=4).hexdigest()}"
