"""The reason of one record: what the mirror says of it first, then what the mapping makes of it,
then what became of writing it."""

from __future__ import annotations

from dataclasses import replace

from syncd.domain import (
    DERIVED_KINDS,
    FROM_CRM,
    SOMEBODY,
    Allocation,
    Canonical,
    Customer,
    Kind,
    Money,
    Ref,
    State,
    Want,
)
from syncd.errors import MappingError
from syncd.image import NOTHING
from syncd.mapping import Inbound
from syncd.mapping.words import AMOUNT, DOCUMENTS
from syncd.port import Record
from syncd.store import mirror
from syncd.store.mirror import Known
from syncd.why import won
from syncd.why.reasons import STANDS, Code, Reason
from syncd.why.view import Row, View
from syncd.why.waits import of_part, of_parts

DEEPEST = 6
"""A payment waits for its invoice, that for its contact, that for its customer."""


def of_record(view: View, ref: Ref, deep: int = 0) -> Reason:
    """One reason, THERE included. Of a won card or a deal it is about the books."""
    kind, key = ref.kind, ref.key
    if kind in FROM_CRM:
        return won.of_record(view, kind, key)
    found = _of_record(view, kind, key, deep)
    return replace(found, about=f"{kind}:{key}")


def _of_record(view: View, kind: Kind, key: str, deep: int) -> Reason:
    inbound = view.pair.inbound(kind)
    added_up = kind is Kind.BALANCE and view.pair.reading.owed_in is not None
    if inbound is None and kind not in DERIVED_KINDS and not added_up:
        return Reason(Code.KIND_NOT_READ, f"{view.pair.reading.name} has no {kind}")
    row = view.known(kind, key)
    if row is None:
        return never_seen(view, kind)
    if found := _of_state(view, kind, row, inbound):
        return found
    reason = _of_wants(view, kind, row, deep)
    if row.state == mirror.ARCHIVED and reason.code is Code.THERE:
        return Reason(Code.ARCHIVED, f"by {view.error(row)}")
    return reason


def never_seen(view: View, kind: Kind) -> Reason:
    if kind is Kind.CARD:
        return Reason(Code.NO_FIGURES)
    if kind is Kind.DEAL_ORDERS:
        return Reason(Code.NEVER_SEEN, "no order in force names this deal")
    if kind is Kind.BALANCE and view.pair.reading.owed_in is not None:
        return Reason(Code.NEVER_SEEN, "it is added up when all documents were read once")
    read = view.cursor(kind).complete_at
    detail = "" if read else f"no {kind}s were read completely yet"
    return Reason(Code.NEVER_SEEN, detail)


def _of_state(view: View, kind: Kind, row: Known, inbound: Inbound | None) -> Reason | None:
    """What the mirror says alone; None for a record that counts and can be written."""
    error, trouble = view.error(row), view.trouble(row.problem)
    problem = trouble.id if trouble else None
    match row.state:
        case mirror.UNMAPPABLE:
            code = Code.UNMAPPABLE if row.ver else Code.NEVER_READ
            return Reason(code, error, problem, where=_place(error))
        case mirror.VANISHED:
            return Reason(Code.VANISHED, trouble.text if trouble else "", problem)
        case mirror.CORRECTING:
            return Reason(Code.CORRECTING, until=row.next_review)
        case mirror.FILTERED:
            return _filtered(view, kind, row, inbound)
        case mirror.VOID | mirror.DELETED:
            return _cancelled(view, kind, row)
    if row.problem is not None and error:
        return Reason(Code.UNWRITABLE, error, problem, where=_place(error))
    return None


def _place(error: str) -> str | None:
    """`file:line:column` at the beginning of what a mapping says."""
    first = error.split(" ")[0]
    return first if first.count(":") >= 2 else None


def _filtered(view: View, kind: Kind, row: Known, inbound: Inbound | None) -> Reason:
    """Never of interest so far: a draft, cancelled before it ever counted, or out of scope."""
    canonical = unconditional(view, kind, row, inbound)
    state = getattr(canonical, "state", State.EFFECTIVE)
    rule = inbound.rules.get("state") if inbound else None
    if state is not State.EFFECTIVE:
        code = Code.DRAFT if state is State.DRAFT else Code.CANCELLED
        detail = "" if state is State.DRAFT else "it never counted here"
        return Reason(code, detail, where=rule.where if rule else None)
    if isinstance(canonical, Customer) and canonical.merged_into not in (None, row.key):
        rule = inbound.rules.get("merged_into") if inbound else None
        into = canonical.merged_into
        detail = "" if into == SOMEBODY else f"it is customer {into} now"
        return Reason(Code.OUT_OF_USE, detail, where=rule.where if rule else None)
    where = inbound.where if inbound else None
    detail = f"where: {where.text}" if where else ""
    return Reason(Code.FILTERED, detail, where=where.where if where else None)


def unconditional(view: View, kind: Kind, row: Known, inbound: Inbound | None) -> Canonical | None:
    """What the raw record says, whatever `where` says."""
    raw = view.raw(kind, row)
    if raw is None or inbound is None:
        return None
    try:
        return inbound.unconditional(Record(row.key, raw))
    except MappingError:
        return None


def _cancelled(view: View, kind: Kind, row: Known) -> Reason:
    wants, mine = view.wants(kind, row), view.parts(row)
    there = [part for part in mine.values() if part["remote_id"]]
    shown = [f"{part['target']} {part['remote_id']}" for part in there]
    pairs = [(part, wants.get(part["key"])) for part in mine.values()]
    waits = of_parts(view, kind, row, pairs, of_record)
    because = None if waits.code is Code.THERE else waits
    raw = view.raw(kind, row)
    code = Code.OUTSIDE if raw and Record(row.key, raw).outside else Code.CANCELLED
    detail = "nothing of it is at the CRM"
    if shown:
        void = mirror.is_void(kind, row.state)
        verb = "still there" if because else "shown there as cancelled" if void else "it stays"
        detail = f"{', '.join(shown)}: {verb}"
    if row.state == mirror.DELETED:
        code, detail = Code.DELETED, f"by {view.error(row)}; {detail}"
    return Reason(code, detail, because=because)


# -- what the mapping makes of it ----------------------------------------------------------------


def _of_wants(view: View, kind: Kind, row: Known, deep: int) -> Reason:
    """Of a record that counts."""

    def above(view: View, ref: Ref) -> Reason:
        if deep >= DEEPEST:
            return Reason(Code.OWED, str(ref))
        return of_record(view, ref, deep + 1)

    mine = view.parts(row)
    wants = view.wants(kind, row)
    if not wants:
        found = _not_wanted(view, kind, row)
        left = [(part, None) for part in mine.values() if part["remote_id"]]
        waits = of_parts(view, kind, row, left, above)
        return found if waits.code is Code.THERE else replace(found, because=waits)
    pairs: list[tuple[Row, Want | None]] = []
    barred: Reason | None = None
    for key, part in mine.items():
        want = wants.get(key)
        if part["want"] != NOTHING:
            pairs.append((part, want))
        elif part["remote_id"]:
            pairs.append((part, None))  # to be removed
        if part["want"] == NOTHING and want is not None and barred is None:
            barred = _barred(view, kind, row, want)
    if barred and all(part["want"] == NOTHING for part, _ in pairs):
        return barred
    return of_parts(view, kind, row, pairs, above)


def _not_wanted(view: View, kind: Kind, row: Known) -> Reason:
    """A record of which the mapping wants no object."""
    outbound, history = view.pair.outbound(kind), view.pair.writing.history
    if outbound is None:
        return Reason(Code.KIND_NOT_SHOWN, _counts_in(kind))
    record = view.image(kind, row)
    day = getattr(record, "date", None)
    if history and kind in DOCUMENTS and day and day < history:
        return Reason(Code.BEFORE_HISTORY, f"{day.isoformat()} is before {history.isoformat()}")
    foreign = _unknown_currency(view, kind, record)
    if foreign:
        return Reason(Code.CURRENCY_UNKNOWN, f"{view.pair.crm.name} has no {foreign}")
    allocations: tuple[Allocation, ...] = getattr(record, "allocations", ())
    detail = "" if allocations else "it settles no invoice; the figures of the card count it"
    return Reason(Code.NOTHING_TO_SHOW, detail)


def _counts_in(kind: Kind) -> str:
    return "the figures of the card come from it" if kind is Kind.BALANCE else ""


def _unknown_currency(view: View, kind: Kind, record: Canonical | None) -> str:
    if view.currencies is None or record is None or kind not in DOCUMENTS:
        return ""
    amount = getattr(record, AMOUNT[kind])
    lines: tuple[Allocation, ...] = getattr(record, "allocations", ())
    used = [amount, *(line.amount for line in lines)]
    codes = [one.currency for one in used if isinstance(one, Money)]
    return next((code for code in codes if code not in view.currencies), "")


def _barred(view: View, kind: Kind, row: Known, want: Want) -> Reason:
    """Which of the records it hangs on is not at the CRM, and will not be."""
    refs = [*want.parents.values(), *([want.of] if want.of else [])]
    for ref in refs:
        if (ref.kind, ref.key) == (kind, row.key):
            continue
        because = of_record(view, ref, DEEPEST - 1)
        if because.code in (Code.THERE, *STANDS):
            continue
        if ref.kind is Kind.CUSTOMER and because.code is Code.FILTERED:
            return Reason(Code.CUSTOMER_FILTERED, str(ref), because=because)
        return Reason(Code.PARENT_NOT_SHOWN, str(ref), because=because)
    return Reason(Code.PARENT_NOT_SHOWN, ", ".join(str(ref) for ref in refs))


def of_object(view: View, kind: Kind, row: Known, part: Row, want: Want | None) -> Reason:
    """Of one object of a record alone."""
    return of_part(view, kind, row, part, want, of_record)
