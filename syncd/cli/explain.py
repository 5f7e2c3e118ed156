"""How the answers of `why` look: what is true now first, one fact a line, the next step last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

import click

from syncd.cli.common import moment, table
from syncd.domain import Kind, Money
from syncd.why.answer import (
    Answer,
    Before,
    Elsewhere,
    FieldAnswer,
    How,
    Item,
    Place,
    Stage,
    Trace,
    Ways,
)
from syncd.why.history import REMOVED
from syncd.why.reasons import Code, Reason

WIDTH = 12
"""Of the words at the beginning of a line."""
LONGEST = 160
LISTED = 40
"""Documents that are listed; the rest is counted."""


def show_answer(answer: Answer) -> None:
    for line in screen(answer):
        click.echo(line)


def screen(answer: Answer) -> Iterator[str]:
    yield _head(answer)
    if answer.field:
        yield from _field(answer, answer.field)
    elif answer.fields:
        yield from _fields(answer)
    if not (answer.field and answer.kind is Kind.CARD):
        yield from _places(answer.places)
        yield from _traces(answer.trace)
        yield from _versions(answer)
    yield from _reason(answer.reason)
    yield f"next: {answer.next}" if answer.next else "nothing to do"


def _head(answer: Answer) -> str:
    of_customer = answer.kind in (Kind.CUSTOMER, Kind.CARD)
    what = "" if of_customer else f"{_plain(answer.kind)} {answer.number or answer.key}"
    key = "" if of_customer or not answer.number else f"key {answer.key}"
    books = f"books {answer.customer}" if answer.customer else ""
    none = "" if answer.kind is Kind.DEAL_ORDERS else "no card"
    card = f"card {answer.card}" if answer.card else none
    name = answer.name or (answer.key if of_customer else "")
    words = (what, key, name, books, card, f"pair {answer.pair}")
    return "   ".join(word for word in words if word)


def _plain(kind: Kind) -> str:
    return kind.value.replace("_", " ")


# -- a value -------------------------------------------------------------------------------------


def _field(answer: Answer, field: FieldAnswer) -> Iterator[str]:
    wanted = str(field.money) if field.money is not None else value(field.wanted)
    yield f"{field.word} = {wanted}" + (f"   at {field.path}" if field.path else "")
    if field.path and field.shown != field.wanted:
        yield f"the CRM has {value(field.shown)}, as far as syncd knows"
    yield _when(field)
    if field.items:
        yield ""
        yield from _items(field)
    if field.stage:
        yield from _stage(field.stage)
    yield from _elsewhere(field.elsewhere)
    if field.ways:
        yield _named("three ways", _ways(field.ways))
    if field.before:
        yield from _before(field.before)
    if field.note:
        yield _named("note", field.note)
    if field.how:
        yield from _how(field.how)


def value(found: object) -> str:
    """As people read it: thousands apart, nothing as a dash."""
    if found is None or found == "":
        return "-"
    if isinstance(found, Decimal):
        return f"{found:,}"
    if isinstance(found, tuple):
        return "; ".join(value(one) for one in found) or "-"
    text = str(found).replace("\n", " / ")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _when(field: FieldAnswer) -> str:
    if field.written_at:
        said = f"written {moment(field.written_at)} by run {field.written_run}"
    else:
        said = "never written by syncd"
    said += f", read back {moment(field.seen_at)}" if field.seen_at else ", not read back"
    if field.proven_at is not None:
        verb = "proven" if field.agreed else "compared, and not equal,"
        said += f", {verb} {moment(field.proven_at)}"
    return said


def _items(field: FieldAnswer) -> Iterator[str]:
    settled = any(one.paid is not None for one in field.items)
    several = any(one.customer is not None for one in field.items)
    head = ["  document", "date", "amount"]
    rows = [[*head, *(["paid", "returned"] if settled else []), "counts", "due", ""]]
    shown = field.items[-LISTED:]
    rows += [_item(one, settled) for one in shown]
    if field.rest:
        blank = [""] * (len(rows[0]) - 6)
        rows.append([f"  {field.rest_text}", "", "", *blank, _number(field.rest), "", ""])
    column = len(rows[0]) - 3
    if field.money is not None and field.word != "average_order":
        total = [""] * len(rows[0])
        total[column] = f"= {_number(field.money)}"
        rows.append(total)
    if several:
        of = ["customer", *(one.customer or "" for one in shown)]
        rows = [[row[0], of[at] if at < len(of) else "", *row[1:]] for at, row in enumerate(rows)]
        column += 1
    yield table(rows, frozenset(range(3 if several else 2, column + 1)))
    if len(field.items) > len(shown):
        yield f"  and {len(field.items) - len(shown)} older ones"


def _item(one: Item, settled: bool) -> list[str]:
    marks = ("OVERDUE" if one.overdue else "", "being corrected" if one.correcting else "")
    name = f"  {_plain(one.kind)} {one.number}"
    paid = [_number(one.paid), _number(one.returned)] if settled else []
    counts, due = _number(one.counts), day(one.due)
    last = " ".join(mark for mark in marks if mark)
    return [name, day(one.date), str(one.amount), *paid, counts, due, last]


def _number(money: Money | None) -> str:
    return f"{money.amount:,}" if money is not None else ""


def day(found: dt.date | None) -> str:
    return found.strftime("%d %b %Y") if found else ""


def _named(word: str, text: str) -> str:
    return f"  {word.ljust(WIDTH)}{'  ' if len(word) >= WIDTH else ''}{text}"


def _elsewhere(found: Sequence[Elsewhere]) -> Iterator[str]:
    for index, one in enumerate(found):
        there = f"  -> {one.where or one.word}"
        yield _named("not in it" if index == 0 else "", f"{one.amount} {one.text}{there}")


def _ways(ways: Ways) -> str:
    ledger = [f"ledger {_number(ways.ledger)}"] if ways.ledger is not None else []
    documents = f"documents {_number(ways.documents)}"
    return "  |  ".join([*ledger, documents, f"card as last agreed {value(ways.card)}"])


def _before(before: Before) -> Iterator[str]:
    if before.value is None and not before.changes and before.cause == REMOVED:
        yield _named("before", f"as it is now since {moment(before.until)} or longer; {REMOVED}")
        return
    first = f"{value(before.value)} until {moment(before.until)} (run {before.run})"
    then = [one.text for one in before.changes] or [before.cause]
    yield _named("before", f"{first}; then {then[0]}")
    for text in then[1:]:
        yield _named("", f"and {text}")


def _stage(stage: Stage) -> Iterator[str]:
    held = False
    for rule in stage.rules:
        state = "holds" if rule.holds and not held else "-"
        held |= rule.holds
        yield _named(rule.stage, f"{state.ljust(6)} {rule.when}   {rule.where}")
    facts = ", ".join(f"{name} {value(fact)}" for name, fact in stage.facts.items())
    yield _named("facts", facts)


def _how(how: How) -> Iterator[str]:
    yield _named("how", how.derived or "as the books say it")
    for line in (*how.reads, *how.writes):
        yield _named("", f"{line.where} {line.word}: `{line.text}`")
    yield _named("owner", f"{how.owner}; mappings {how.reading} and {how.writing}")


# -- a record ------------------------------------------------------------------------------------


def _fields(answer: Answer) -> Iterator[str]:
    rows = [["  word", "wanted", "at", "as last agreed"]]
    for one in answer.fields:
        there = "the same" if one.shown == one.wanted else value(one.shown)
        rows.append([f"  {one.word}", value(one.wanted), one.path, there])
    yield table(rows)


def _places(places: Sequence[Place]) -> Iterator[str]:
    for one in places:
        name = one.part or "itself"
        there = f"{one.target} {one.remote_id}" if one.remote_id else f"no {one.target}"
        written = f"written {moment(one.written_at)} by run {one.written_run}"
        seen = f"read back {moment(one.seen_at)}" if one.seen_at else "not read back"
        more = f", {written}, {seen}" if one.written_at else ""
        yield _named(name, f"{there}, {one.state}{more}")


def _traces(traces: Sequence[Trace]) -> Iterator[str]:
    if not traces:
        return
    rows = [["  word", "in the books", "line", "means", "at the CRM"]]
    for one in traces:
        there = ", ".join(
            f"{w.path} {value(w.shown)}"
            + ("" if w.shown == w.wanted else f" not {value(w.wanted)}")
            for w in one.written
        )
        line = f"{one.where} `{one.text}`"
        rows.append([f"  {one.word}", value(one.raw), line, _meant(one.value), there or "-"])
    yield table(rows)


def _meant(found: object) -> str:
    if isinstance(found, tuple):
        return f"{len(found)} rows" if found else "-"
    return value(found)


def _versions(answer: Answer) -> Iterator[str]:
    for index, one in enumerate(answer.versions):
        text = f"version {one.ver}   {moment(one.at)}   run {one.run} ({one.cause})   {one.text}"
        yield _named("before" if index else "now", text.rstrip())


# -- the reason ----------------------------------------------------------------------------------


def _reason(reason: Reason) -> Iterator[str]:
    one: Reason | None = reason
    first = True
    while one is not None:
        about = "" if first or not one.about else f"{one.about}: "
        yield f"{'why' if first else 'because'}  {about}{_sentence(one)}"
        first, one = False, one.because
    if reason.root.code not in (Code.THERE, Code.LINKED):
        yield f"ends when {reason.root.ends}"


def _sentence(reason: Reason) -> str:
    words = [f"{reason.sentence} [{reason.code}]"]
    words += [reason.detail] if reason.detail else []
    words += [f"#{reason.problem}"] if reason.problem is not None else []
    words += [f"until {moment(reason.until)}"] if reason.until else []
    words += [reason.where] if reason.where else []
    return "  ".join(words)
