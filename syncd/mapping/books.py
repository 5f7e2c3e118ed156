"""A books file: raw records of one system -> canonical records, and won customers into it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo

import msgspec

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.added import Added
from syncd.mapping.crmcheck import Checker
from syncd.mapping.crmfields import Given, Tongue
from syncd.mapping.document import Problems, Table
from syncd.mapping.examples import Example, read_examples
from syncd.mapping.outbound import Plan
from syncd.mapping.overlays import read_mapping
from syncd.mapping.reading import Inbound, adds, inbound_of, read_rules
from syncd.mapping.sections import (
    Context,
    check_head,
    only,
    read_lookups,
    scalar_at,
    version_of,
)
from syncd.mapping.transforms import Way
from syncd.mapping.words import IN_BOOKS, TO_BOOKS
from syncd.mapping.writing import Outbound, outbound_of
from syncd.port import BOOKS_PREFIX, Facts


def books_add(path: FilePath, facts: Facts) -> Added | None:
    """The fields that a books file adds to its records; None where it has mistakes."""
    return adds(path, facts, IN_BOOKS)


class BooksMapping(msgspec.Struct, frozen=True, eq=False):
    """`version` (12 hex digits) changes only if the file means something else. `zone` is where a
    day of the books begins; None is UTC. `owed_in` is the company's own currency where balances
    are added up out of documents, because the books tell none; None: they are read."""

    name: str
    system: str
    version: str
    zone: ZoneInfo | None
    inbound: Mapping[Kind, Inbound]
    outbound: Mapping[Kind, Outbound]
    examples: tuple[Example, ...] = ()
    owed_in: str | None = None


def load_books(path: FilePath, facts: Facts, given: Given | None = None) -> BooksMapping:
    """`given` are the fields that the CRM's file adds to won customers. Raises ConfigError with
    every mistake of the file."""
    problems = Problems(path.name)
    root = read_mapping(path, problems)
    check_head(root, facts.system, grammar.BOOKS_HEAD, (*IN_BOOKS, *TO_BOOKS), problems)
    tongue = Tongue.read(root, problems)
    lookups = read_lookups(root, problems)
    owed_in = _owed_in(root, problems)
    kinds = [kind for kind in IN_BOOKS if owed_in is None or kind is not Kind.BALANCE]
    rules = read_rules(root, kinds, Context.of(root, lookups, Way.IN, problems), facts)
    context = Context.of(root, lookups, Way.OUT, problems)
    checker = Checker(context, facts, tongue, BOOKS_PREFIX, given)
    plans = [checker.kind(kind, root) for kind in TO_BOOKS if kind in root.entries]
    checker.twice()
    written: dict[Kind, Plan] = {plan.kind: plan for plan in plans if plan}
    examples = read_examples(root, rules, written, facts.currencies, problems)
    problems.stop()
    meaning = [
        {kind: rule.meaning() for kind, rule in rules.items()},
        {kind: plan.meaning() for kind, plan in written.items()},
        tongue.zone.key if tongue.zone else "UTC",
        *([owed_in] if owed_in is not None else ()),
    ]
    version = version_of(meaning)
    return BooksMapping(
        path.stem,
        facts.system,
        version,
        tongue.zone,
        {kind: inbound_of(rule, problems.sources, version) for kind, rule in rules.items()},
        {
            kind: outbound_of(plan, facts.currencies, problems.sources)
            for kind, plan in written.items()
        },
        examples,
        owed_in,
    )


def _owed_in(root: Table, problems: Problems) -> str | None:
    """`balance: {from: documents, currency: EUR}`; empty where it has mistakes."""
    entry = root.entries.get(Kind.BALANCE)
    if entry is None or not isinstance(entry.value, Table) or "from" not in entry.value.entries:
        return None
    section = entry.value
    only(section, "key of a balance from documents", grammar.FROM, problems)
    source = scalar_at(section, "from", problems)
    if source and source.text != grammar.DOCUMENTS_ALONE:
        problems.unknown(source.place, "source of balances", source.text, ["documents"])
    if "currency" not in section.entries:
        spot = section.spot("currency", entry.key.place)
        problems.add(spot, "the company's own currency is missing: currency: EUR")
    code = scalar_at(section, "currency", problems)
    if code and not (len(code.text) == 3 and code.text.isascii() and code.text.isupper()):
        problems.add(code.place, f"currency is a code of three letters as EUR, not {code.text}")
    return code.text if code else ""
