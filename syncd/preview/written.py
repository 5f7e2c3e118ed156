"""What syncd writes where, and who wins: a page for people, made out of two mappings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from syncd.domain import DERIVED_KINDS, PERSONAL, Kind
from syncd.mapping import BooksMapping, CrmMapping, Inbound, Outbound
from syncd.mapping.outbound import ALLOCATIONS, CONTACTS, Part, Written
from syncd.mapping.words import DOCUMENTS, OWNER, PER_ALLOCATION
from syncd.merging import Owner
from syncd.port import Facts, Target
from syncd.why.says import DERIVED

IMPERSONAL = frozenset({"currency", "code", "country"})
"""Words of customers that say nothing about a person."""
BY_THE_CLOCK = frozenset({"overdue", "overdue_since", "ageing", "sales_12m"})
"""Words that a midnight changes although no document does."""
PROVEN = frozenset({"proven", "unproven"})

INTRO = """# What syncd writes where, and who wins

Made by `syncd mapping explain` out of the mappings `{books}` and `{crm}`. **What has no line here
is never touched**, in either system.

- *books*: it is written when the books' value changes, over what stands there. What somebody typed
  stays until then; where the books never had a value, it stays for good.
- *accounting*: written once, when a won customer is made in the books, and never again.
- *syncd*: written and emptied by syncd itself.
- *people*: of the CRM, from the moment it is made.
- *crm*: the card says it, and the books are told. *shared*: who changed it last, and a person where
  both did; neither is overwritten.

An object is found again by its key of the books. *At midnight* is midnight in the books, and only
for the cards that the new day changes. *Personal*: of a customer, or the name of a colleague.
"""
HEAD = ("field", "syncd's word", "comes from", "who wins", "written", "personal")


class Row(msgspec.Struct, frozen=True):
    """One field of one object at the target."""

    field: str
    word: str
    source: str
    wins: str
    when: str
    personal: str


class Object(msgspec.Struct, frozen=True):
    """One object that is written: its word at the target, of what it is one, and its fields."""

    system: str
    target: str
    what: str
    rows: tuple[Row, ...]


def objects(reading: BooksMapping, writing: CrmMapping, books: Facts, crm: Facts) -> list[Object]:
    found = []
    for outbound in writing.outbound.values():
        source = reading.inbound.get(outbound.kind)
        for part in outbound.plan.parts:
            target = crm.targets[part.target]
            rows = _rows(outbound, part, target, source, writing)
            found.append(Object(writing.system, part.target, _what(outbound, part), tuple(rows)))
    if writing.hints:
        found.append(_hint(writing))
    made = reading.outbound.get(Kind.WON)
    for part in made.plan.parts if made else ():
        assert made is not None
        rows = _rows(made, part, books.targets[part.target], writing.inbound[Kind.WON], writing)
        found.append(Object(reading.system, part.target, _what(made, part), tuple(rows)))
    return found


def page(reading: BooksMapping, writing: CrmMapping, books: Facts, crm: Facts) -> str:
    """Markdown."""
    lines = [INTRO.format(books=reading.name, crm=writing.name)]
    system = ""
    for one in objects(reading, writing, books, crm):
        if one.system != system:
            system = one.system
            lines.append(f"## In {system}\n")
        lines.append(f"### {one.target}: {one.what}\n")
        lines += [_line(HEAD), _line(["---"] * len(HEAD))]
        for row in one.rows:
            cells = (f"`{row.field}`", row.word, row.source, row.wins, row.when, row.personal)
            lines.append(_line(cells))
        lines.append("")
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _what(outbound: Outbound, part: Part) -> str:
    kind = outbound.kind.value.replace("_", " ")
    if outbound.kind is Kind.CARD:
        return "the figures of a customer, on its own object"
    if outbound.kind is Kind.DEAL_ORDERS:
        return "the orders of a deal, on the deal"
    if outbound.kind is Kind.WON:
        each = "each contact of " if part.each else ""
        return f"made for {each}a won customer{f' ({part.name})' if part.name else ''}"
    each = " and invoice it settles" if part.each else ""
    return f"one for each {kind}{each}{f' ({part.name})' if part.name else ''}"


def _rows(
    outbound: Outbound, part: Part, target: Target, source: Inbound | None, writing: CrmMapping
) -> Iterator[Row]:
    won = outbound.kind is Kind.WON
    wins = "accounting" if won else "books"
    if part.marker and part.marker.path:
        form = f" as `{part.marker.form}`" if part.marker.form else ""
        yield Row(part.marker.path, "key", f"the key{form}", "syncd", "when it is made", "")
    if part.owner:
        comes = "the user who is the customer's seller, else that of its newest order"
        yield Row(part.owner.path, OWNER, comes, "people", "when it is made", "colleague")
    for field in part.fields:
        customers = outbound.kind in PERSONAL and field.word not in IMPERSONAL
        colleague = field.word in ("seller", "seller_email")
        personal = "colleague" if colleague else "customer" if customers else ""
        when = "when it is made" if won else _when(outbound.kind, field, target, writing)
        comes = _source(outbound.kind, field, source, each=part.each)
        rule = None if part.name else writing.owners.rules.get(field.word)
        if rule and outbound.kind in PERSONAL and rule.owner is not Owner.BOOKS:
            until = f" until {rule.until.replace('_', ' ')}" if rule.until else ""
            row = Row(field.path, field.word, comes, f"{rule.owner}{until}", "on change", personal)
        else:
            row = Row(field.path, field.word, comes, wins, when, personal)
        yield row


def _source(kind: Kind, field: Written, source: Inbound | None, *, each: str) -> str:
    if field.says:
        words = [word for clause in field.says.clauses for word in clause.words]
        return f"a sentence of {', '.join(dict.fromkeys(words))}"
    if kind in DERIVED_KINDS:
        currency = f", in {field.currency}" if field.currency else ""
        return DERIVED.get(field.word, field.word) + currency
    if field.word == "currency" and kind in DOCUMENTS:
        return "the currency of the amount"
    rule = source.rules.get(field.word) if source else None
    if each == CONTACTS and source and not field.known.own:
        if (rows := source.rules.get(CONTACTS)) is None:
            return "nothing: the other mapping has no line for `contacts`, so none is made"
        return f"{source.read.object}: of one of its `{rows.text.removeprefix('each: ')}`"
    if each == ALLOCATIONS and source and field.word in PER_ALLOCATION:
        return f"{source.read.object}: of one of its `allocations`"
    if rule is None or source is None:
        return "nothing: the other mapping has no line for it, so it is left alone or empty"
    return f"{source.read.object}: `{rule.text}`"


def _when(kind: Kind, field: Written, target: Target, writing: CrmMapping) -> str:
    if field.path in target.fixed:
        then = "a change makes a new one" if target.removable else "a change waits for a person"
        return f"when it is made; {then}"
    said = {word for clause in field.says.clauses for word in clause.words} if field.says else set()
    words = {field.word, *said}
    days = any(rule.days for rule in writing.stages.rules)
    clock = bool(words & BY_THE_CLOCK) or ("stage" in words and days)
    moments = ["on change"]
    moments += ["at midnight"] if kind is Kind.CARD and clock else []
    moments += ["when it was compared"] if words & PROVEN else []
    return ", ".join(moments)


def _hint(writing: CrmMapping) -> Object:
    assert writing.hints is not None
    needed: Mapping[str, str] = {word: word.replace("_", " ") for word in writing.require}
    source = f"which of {', '.join(needed.values())} is missing" if needed else "what is missing"
    row = Row(writing.hints.path, "hint", source, "syncd", "until the customer is made", "")
    return Object(writing.system, writing.hints.target, "a card that is won", (row,))
