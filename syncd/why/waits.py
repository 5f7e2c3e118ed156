"""Why a part is not as wanted: what became of it, what it waits for, and what holds everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Ref, Want
from syncd.store import plans, streams
from syncd.store.mirror import Known
from syncd.store.parts import ASKED, CLEAN, DOUBT, FAILED, HELD, OWED, WAIVED
from syncd.store.tables import intent, problem
from syncd.sync.farewell import WAITS
from syncd.sync.guard import STOPS
from syncd.sync.members import NAMED
from syncd.sync.pair import Side
from syncd.sync.remapping import CHANGED, PROBLEM
from syncd.sync.scope import InScope, load
from syncd.sync.waiting import GONE
from syncd.why.reasons import PAIR_WIDE, Code, Reason
from syncd.why.view import Row, View

WORST_FIRST = (ASKED, DOUBT, HELD, FAILED, WAIVED, OWED)
"""States of parts: of several parts the one that needs most speaks for the record."""

OfRecord = Callable[[View, Ref], Reason]
"""The reason of another record, which this one waits for."""


def of_parts(
    view: View, kind: Kind, row: Known, mine: Sequence[tuple[Row, Want | None]], ask: OfRecord
) -> Reason:
    """Of these parts of one record; THERE where all are as wanted."""
    open_ones = [pair for pair in mine if pair[0]["state"] != CLEAN]
    if not open_ones:
        return Reason(Code.THERE)

    def rank(pair: tuple[Row, Want | None]) -> int:
        state = pair[0]["state"]
        return WORST_FIRST.index(state) if state in WORST_FIRST else len(WORST_FIRST)

    part, want = min(open_ones, key=rank)
    return of_part(view, kind, row, part, want, ask)


def of_part(
    view: View, kind: Kind, row: Known, part: Row, want: Want | None, ask: OfRecord
) -> Reason:
    trouble = view.trouble(part["problem"])
    text, number = (trouble.text, trouble.id) if trouble else (part["error"] or "", None)
    match part["state"]:
        case "clean":
            return Reason(Code.THERE)
        case "asked":
            return Reason(Code.ASKED, text, number)
        case "doubt":
            return Reason(Code.IN_DOUBT, until=_doubt_ends(view, part["id"]))
        case "waived":
            return Reason(Code.WAIVED, _waived(view, part["problem"]) or text, number)
        case "held":
            return Reason(Code.GONE if part["error"] == GONE else Code.HELD, text, number)
        case "failed":
            code = _failure(trouble.cause if trouble else "")
            return Reason(code, text, number, part["next_attempt"])
        case "owed":
            return _owed(view, kind, row, part["waits_for"] or "", ask)
    stuck = _above(view, want, ask) if want else None
    if stuck:
        return stuck
    later = part["next_attempt"]
    until = later if later and later > view.now else None
    found = of_pair(view, kind, row)
    return replace(found, until=until) if until else found


def _waived(view: View, one: int | None) -> str:
    query = sa.select(problem.c.waived_by, problem.c.waived_why).where(problem.c.id == one)
    row = view.tx.execute(query).one_or_none()
    return f"{row.waived_by}: {row.waived_why}" if row and row.waived_by else ""


def _failure(cause: str) -> Code:
    first = cause.split(" ")[0]
    if first == "unwritable":
        return Code.UNWRITABLE
    return Code.NOT_ACCEPTED if cause.startswith("not accepted") else Code.REFUSED


def _owed(view: View, kind: Kind, row: Known, waits_for: str, ask: OfRecord) -> Reason:
    if waits_for.startswith("empty "):
        detail = "what hangs on it at the CRM has to be removed first"
        return Reason(Code.OWED, detail, because=of_pair(view, kind, row))
    if waits_for.startswith(WAITS):
        detail = "its former object, on a card that its customer left, has to be taken back first"
        return Reason(Code.OWED, detail, because=of_pair(view, kind, row))
    ref = ref_of(waits_for.removeprefix(NAMED))
    if ref and waits_for.startswith(NAMED):
        detail = f"its former card is {ref} now, and has to say so first"
        return Reason(Code.OWED, detail, because=ask(view, ref))
    if ref is None or (ref.kind, ref.key) == (kind, row.key):
        return Reason(Code.OWED, waits_for, because=of_pair(view, kind, row))
    return Reason(Code.OWED, waits_for, because=ask(view, ref))


def _above(view: View, want: Want, ask: OfRecord) -> Reason | None:
    """What can be sent waits all the same where what it hangs on is stuck."""
    for ref in [*want.parents.values(), *([want.of] if want.of else [])]:
        if view.remote_id(ref) is None and ref.kind is not Kind.WON:
            because = ask(view, ref)
            if because.root.code not in (*PAIR_WIDE, Code.THERE):
                return Reason(Code.OWED, str(ref), because=because)
    return None


def ref_of(text: str) -> Ref | None:
    """`customer:7/contact`; the key of a part may have a slash, that of a kind may not."""
    name, _, rest = text.partition(":")
    if name not in set(Kind) or not rest:
        return None
    key, _, part = rest.partition("/")
    return Ref(Kind(name), key, part)


def _doubt_ends(view: View, part: int) -> dt.datetime | None:
    """When it is looked for at the earliest; None where another boot counts, or nobody knows."""
    query = sa.select(intent.c.parts, intent.c.not_before, intent.c.boot_id).where(
        intent.c.pair == view.pair.name, intent.c.state.in_(("open", "doubt"))
    )
    clock = view.pair.clock
    for row in view.tx.execute(query):
        mine = {one for one, _ in msgspec.json.decode(row.parts)}
        if part in mine and row.not_before is not None and row.boot_id == clock.boot_id():
            left = dt.timedelta(seconds=row.not_before / 1000 - clock.boot())
            return view.now + left
    return None


def of_pair(view: View, kind: Kind, row: Known) -> Reason:
    """Why what could be sent is not being sent at this moment."""
    restored = view.opened("restored")
    if restored:
        return Reason(Code.RESTORED, restored[0].text, restored[0].id)
    state = streams.pair_state(view.tx, view.pair.name)
    if state and state.paused_until and state.paused_until > view.now:
        return Reason(Code.PAIR_PAUSED, state.reason or "", until=_ends(state.paused_until))
    side = view.pair.books if kind is Kind.WON else view.pair.crm
    return (
        _of_mode(view, state, row)
        or _of_side(view, side)
        or _of_guard(view, kind, row)
        or _next_run(view)
    )


def _ends(until: dt.datetime) -> dt.datetime | None:
    """None where it lasts until a person ends it."""
    return None if until.year == dt.MAXYEAR else until


def _of_mode(view: View, state: streams.PairState | None, row: Known) -> Reason | None:
    if state is None or state.mode == streams.PLAN:
        return Reason(Code.MODE_PLAN)
    if state.mode == streams.SHADOW:
        return Reason(Code.MODE_SHADOW)
    if state.mode == streams.PILOT:
        scope = load(state.scope)
        if not InScope(view.pair, scope).record(row.id):
            return Reason(Code.OUTSIDE_PILOT, f"its scope: {scope}")
    return None


def _of_side(view: View, side: Side) -> Reason | None:
    state = streams.connection_state(view.tx, side.name)
    if state and state.paused_until and state.paused_until > view.now:
        detail = f"{side.name}: {state.reason}"
        return Reason(Code.CONNECTION_PAUSED, detail, until=_ends(state.paused_until))
    codes = {"connection": Code.CONNECTION_OUT, "emptied": Code.EMPTIED}
    for word, code in codes.items():
        for trouble in view.opened(word):
            if trouble.cause == f"{word} {side.name}":
                return Reason(code, trouble.text, trouble.id)
    return None


def _of_guard(view: View, kind: Kind, row: Known) -> Reason | None:
    changed = plans.newest(view.tx, view.pair.name, CHANGED)
    for trouble in view.opened("guard"):
        waits = changed is not None and plans.has_record(view.tx, changed, row.id)
        if trouble.cause == PROBLEM and waits:
            return Reason(Code.GUARD, trouble.text, trouble.id)
        if kind in STOPS.get(trouble.cause.removeprefix("guard "), ()):
            return Reason(Code.GUARD, trouble.text, trouble.id)
    return None


def _next_run(view: View) -> Reason:
    failed = view.last_run_failed()
    return Reason(Code.NEXT_RUN, f"the last run failed: {failed}" if failed else "")
