"""One question, one answer: out of the store and the two mapping files, without asking a system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from syncd.domain import FROM_CRM, Kind, Money, Ref, Value, value_of
from syncd.errors import UsageError
from syncd.mapping.document import suggestion
from syncd.mapping.sections import Rule
from syncd.mapping.words import DOCUMENTS, INBOUND, OUTBOUND
from syncd.store import overwritten, streams
from syncd.store.mirror import Known
from syncd.sync.pair import Pair
from syncd.why import card, deal, won
from syncd.why.answer import Answer, FieldAnswer, How, Line, Place, Shown, Trace, Version, Written
from syncd.why.find import OF_CUSTOMERS, find
from syncd.why.history import versions
from syncd.why.reasons import Code, Reason
from syncd.why.records import of_record
from syncd.why.view import View

NEWEST = 20
"""Versions of a record that are told."""
PREFIX = "custom_fields."


def why(
    pair: Pair, kind: Kind, typed: str, field: str | None = None, *, tx: sa.Connection | None = None
) -> Answer:
    """UsageError for what cannot be understood: a key of several records, a word that is none."""
    if tx is None:
        with pair.store.reading() as reading:
            return why(pair, kind, typed, field, tx=reading)
    ids = streams.stream_ids(tx, pair.name)
    if not ids:
        raise UsageError(f"pair {pair.name} has never run; next: syncd run")
    view = View(tx, pair, ids, pair.clock.utc())
    key = find(view, kind, typed)
    if kind in OF_CUSTOMERS and kind is not Kind.BALANCE:
        return _customer(view, key, field)
    if kind is Kind.BALANCE and field in ("receivable", "prepaid", "credits"):
        return _customer(view, key, field)
    if kind is Kind.DEAL_ORDERS:
        return _deal_orders(view, key, field)
    return _record(view, kind, key, field)


# -- customers and their cards -------------------------------------------------------------------


def _customer(view: View, key: str, field: str | None) -> Answer:
    row = view.known(Kind.CUSTOMER, key)
    base = _base(view, Kind.CUSTOMER, key, row)
    if field is None:
        trace = _traces(view, Kind.CUSTOMER, row) if row else ()
        reason = _of_both(view, key, base.reason)
        fields = _shown(view, key) if base.card else ()
        return _with(base, replace(base, reason=reason, fields=fields, trace=trace))
    if row is None:
        return _with(base, base)
    word, path, rule = _card_word(view, field)
    if word is not None:
        reason, found = card.answer(view, key, word, path, rule)
        return _with(base, replace(base, kind=Kind.CARD, reason=reason, field=found))
    return _own_field(view, base, Kind.CUSTOMER, row, field)


def _of_both(view: View, key: str, of_customer: Reason) -> Reason:
    """The customer's own object first, then its figures."""
    if of_customer.code is not Code.THERE or view.pair.outbound(Kind.CARD) is None:
        return of_customer
    figures = of_record(view, Ref(Kind.CARD, view.sharing(key)[0]))
    return of_customer if figures.code is Code.THERE else figures


def _card_word(view: View, field: str) -> tuple[str | None, str | None, Rule | None]:
    """(word, path, line) of a card by its word or by the CRM's path; (None, ...) where a card has
    no such word."""
    lines = card.lines_of(view.pair.outbound(Kind.CARD))
    for path in (field, f"{PREFIX}{field}"):
        if path in lines:
            return lines[path][1].word, path, lines[path][1]
    for path, (_, rule) in lines.items():
        if rule.word == field:
            return field, path, rule
    return (field, None, None) if field in OUTBOUND[Kind.CARD] else (None, None, None)


def _shown(view: View, key: str) -> tuple[Shown, ...]:
    """Every figure of a card in one line each."""
    row = view.known(Kind.CARD, view.sharing(key)[0])
    part = view.parts(row).get("") if row else None
    want = view.wants(Kind.CARD, row).get("") if row else None
    if part is None or want is None:
        return ()
    stored = view.fields(Kind.CARD, part["id"])
    lines = card.lines_of(view.pair.outbound(Kind.CARD))
    return tuple(
        Shown(rule.word, path, want.fields.get(path), stored.get(path))
        for path, (_, rule) in lines.items()
    )


# -- documents, won customers, deals -------------------------------------------------------------


def _record(view: View, kind: Kind, key: str, field: str | None) -> Answer:
    row = view.known(kind, key)
    base = _base(view, kind, key, row)
    if row is None:
        return _with(base, base)
    if field is not None:
        return _own_field(view, base, kind, row, field)
    return _with(base, replace(base, trace=_traces(view, kind, row)))


def _deal_orders(view: View, key: str, field: str | None) -> Answer:
    row = view.known(Kind.DEAL_ORDERS, key)
    base = _base(view, Kind.DEAL_ORDERS, key, row)
    if row is None:
        return _with(base, base)
    places = tuple(replace(one, remote_id=key) for one in base.places)
    base = replace(base, present=base.reason.code is Code.THERE, places=places)
    if field is None:
        return _with(base, replace(base, fields=deal.shown(view, row)))
    reason, found = deal.answer(view, row, field, base.reason)
    return _with(base, replace(base, reason=reason, field=found))


def _own_field(view: View, base: Answer, kind: Kind, row: Known, field: str) -> Answer:
    """A word of the record itself: raw value -> canonical -> CRM."""
    traces = {one.word: one for one in _traces(view, kind, row)}
    word = field if field in traces else _word_at(traces, field)
    if word is None:
        known = {*INBOUND.get(kind, ()), *OUTBOUND.get(kind, ()), *traces}
        if field not in known:
            listed = sorted({*known, *(OUTBOUND[Kind.CARD] if kind is Kind.CUSTOMER else ())})
            raise UsageError(f"a {kind} has no field {field}{suggestion(field, listed)}")
        detail = f"no line of {view.pair.reader(kind).name}'s mapping reads {field}"
        return _with(base, replace(base, reason=Reason(Code.FIELD_NOT_MAPPED, detail)))
    trace = traces[word]
    reason = _field_reason(view, base, kind, row, trace)
    answer = FieldAnswer(
        word,
        trace.written[0].path if trace.written else None,
        trace.written[0].wanted if trace.written else None,
        trace.written[0].shown if trace.written else None,
        trace.value if isinstance(trace.value, Money) else None,
        how=_how(view, trace),
        note=_typed_over(view, f"{kind} {row.key}", trace),
        **_times(base),  # type: ignore[arg-type]
    )
    return _with(base, replace(base, reason=reason, field=answer, trace=(trace,)))


def _typed_over(view: View, subject: str, trace: Trace) -> str:
    """What somebody wrote over it in the CRM within a week, the last time."""
    paths = {one.path for one in trace.written}
    rows = overwritten.since(view.tx, view.pair.crm.name, dt.date.min)
    mine = [one for one in rows if one.subject == subject and paths & one.fields]
    if not mine:
        return ""
    times = sum(one.values[path][0] for one in mine for path in paths & one.fields)
    last = max(mine, key=lambda one: one.day)
    _, ours, theirs = last.values[min(paths & last.fields)]
    often = "once" if times == 1 else f"{times} times"
    said = f"{ours or 'nothing'} became {theirs or 'nothing'}"
    by = f" by {last.who}" if last.who else ""
    return (
        f"typed over in {view.pair.crm.name} {often} within a week, last on "
        f"{last.day.isoformat()}{by}: {said}; the books' value is written again"
    )


def _times(base: Answer) -> Mapping[str, object]:
    main = next(iter(base.places), None)
    if main is None:
        return {}
    return {
        "written_at": main.written_at,
        "written_run": main.written_run,
        "seen_at": main.seen_at,
    }


def _word_at(traces: Mapping[str, Trace], path: str) -> str | None:
    for word, trace in traces.items():
        if any(one.path in (path, f"{PREFIX}{path}") for one in trace.written):
            return word
    return None


def _field_reason(view: View, base: Answer, kind: Kind, row: Known, trace: Trace) -> Reason:
    if base.reason.code not in (Code.THERE, Code.LINKED):
        return base.reason
    if not trace.written and kind not in FROM_CRM:
        text = f"{view.pair.writing.name} writes no {trace.word} of a {kind}"
        return Reason(Code.FIELD_NOT_MAPPED, text, about=base.reason.about)
    if trace.value in (None, "", ()):
        return Reason(Code.NOTHING_TO_SHOW, about=base.reason.about)
    empty = bool(trace.written) and all(one.wanted is None for one in trace.written)
    if empty and trace.word == "currency":
        detail = f"{view.pair.crm.name} has no {trace.value}"
        return Reason(Code.CURRENCY_UNKNOWN, detail, about=base.reason.about)
    return base.reason


def _how(view: View, trace: Trace) -> How:
    pair = view.pair
    reads = (Line(trace.word, trace.where, trace.text),) if trace.where else ()
    writes = tuple(Line(one.path, one.where, one.text or trace.word) for one in trace.written)
    return How(reads, "", writes, "books", pair.reading.version, pair.writing.version)


def _traces(view: View, kind: Kind, row: Known) -> tuple[Trace, ...]:
    """Every word that the mapping reads of a record."""
    inbound = view.pair.inbound(kind)
    if inbound is None:
        return ()
    raw = view.raw(kind, row) or {}
    image = view.image(kind, row)
    written = _written(view, kind, row)
    return tuple(
        Trace(
            word,
            _raw(raw, rule.text),
            rule.where,
            rule.text,
            value_of(image, word),
            tuple(written.get(word, ())),
        )
        for word, rule in inbound.rules.items()
    )


def _written(view: View, kind: Kind, row: Known) -> dict[str, list[Written]]:
    """Word -> where it stands at the CRM, object by object."""
    outbound = view.pair.outbound(kind)
    if outbound is None:
        return {}
    mine = view.parts(row)
    found: dict[str, list[Written]] = {}
    for key, want in view.wants(kind, row).items():
        stored = view.fields(kind, mine[key]["id"]) if key in mine else {}
        for (part, path), line in outbound.rules.items():
            if part == outbound.part_of(key) and path in want.fields:
                one = Written(key, path, line.where, line.text, want.fields[path], stored.get(path))
                word = outbound.word_at(part, path) or line.word
                found.setdefault(word, []).append(one)
    return found


def _raw(raw: Mapping[str, object], text: str) -> Value:
    """What stands in the raw record at the path of a line; None for expressions and rows."""
    path = text.split("|")[0].strip()
    found: object = raw
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found if isinstance(found, str | int | bool) or found is None else str(found)


# -- what every answer has -----------------------------------------------------------------------


def _base(view: View, kind: Kind, key: str, row: Known | None) -> Answer:
    reason = of_record(view, Ref(kind, key))
    image = view.image(kind, row) if row else None
    customer = _whose(view, kind, key, row)
    places = _places(view, row) if row else ()
    target = view.card(customer) if kind not in FROM_CRM else _won_card(view, kind, key)
    return Answer(
        view.pair.name,
        kind,
        key,
        str(getattr(image, "number", None) or ""),
        _name(view, kind, customer),
        customer,
        target,
        any(place.remote_id for place in places),
        reason,
        places=places,
        versions=_versions(view, kind, row) if row else (),
        fresh=view.cursor(kind).complete_at,
    )


def _whose(view: View, kind: Kind, key: str, row: Known | None) -> str | None:
    if kind in OF_CUSTOMERS:
        return key
    if kind in DOCUMENTS:
        return row.customer if row else None
    found = _won_card(view, kind, key)
    link = won.link_of(view, found) if found else None
    return link.books_key if link else None


def _won_card(view: View, kind: Kind, key: str) -> str | None:
    return won.card_of(view, kind, key)


def _name(view: View, kind: Kind, customer: str | None) -> str:
    return view.customer_name(customer)


def _places(view: View, row: Known) -> tuple[Place, ...]:
    return tuple(
        Place(
            part["key"],
            part["target"],
            part["remote_id"],
            part["state"],
            part["confirmed"],
            part["sent_at"],
            part["sent_run"],
            part["seen_at"],
        )
        for part in view.parts(row).values()
    )


def _versions(view: View, kind: Kind, row: Known) -> tuple[Version, ...]:
    return tuple(versions(view, kind, row, NEWEST))


def _with(base: Answer, answer: Answer) -> Answer:
    """The last line: what to do next, about the record that was asked for."""
    reason = answer.reason
    if not reason.about:
        reason = replace(reason, about=base.reason.about)
    return replace(answer, reason=reason, next=reason.next_step)
