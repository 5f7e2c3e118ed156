"""A CRM file: canonical records -> objects wanted at the target, and its won deals out of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

import msgspec

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.added import EXTRAS, Added
from syncd.mapping.crmcheck import Checker
from syncd.mapping.crmfields import Given, Tongue
from syncd.mapping.document import Problems, Sources, Table
from syncd.mapping.examples import Example, read_examples
from syncd.mapping.inbound import Rules
from syncd.mapping.languages import LANGUAGES
from syncd.mapping.match import check_cards, read_match
from syncd.mapping.outbound import Plan, Written
from syncd.mapping.overlays import read_mapping
from syncd.mapping.owners import read_owners
from syncd.mapping.people import read_people
from syncd.mapping.reading import Inbound, adds, inbound_of, read_rules
from syncd.mapping.sections import (
    Context,
    Lookup,
    check_head,
    date_at,
    read_lookups,
    table_at,
    texts_at,
    version_of,
)
from syncd.mapping.stages import Stages, read_stages
from syncd.mapping.transforms import Way
from syncd.mapping.words import IN_CRM, INBOUND, TO_CRM
from syncd.mapping.writing import Outbound, outbound_of
from syncd.matching import Rules as Matching
from syncd.merging import ALL_OF_THE_BOOKS, Owners
from syncd.people import NOBODY, People
from syncd.port import Facts, FieldDef


def crm_adds(path: FilePath, facts: Facts) -> Added | None:
    """The fields that a CRM file adds to the cards it reads; None where it has mistakes."""
    return adds(path, facts, IN_CRM)


class Hints(msgspec.Struct, frozen=True):
    """What stands on a card that is won and not in the books: `path` of the field, and its text in
    the language of the file."""

    target: str
    path: str
    language: str

    def missing(self, words: Sequence[str]) -> str:
        language = LANGUAGES[self.language]
        named = [language.words.get(word, word.replace("_", " ")) for word in words]
        return language.missing.format(words=language.listed.join(named))

    def doubtful(self) -> str:
        return LANGUAGES[self.language].doubtful


class CrmMapping(msgspec.Struct, frozen=True, eq=False):
    """`version` (12 hex digits) changes only if the file means something else, or the target knows
    other currencies. Documents before `history` are not shown. `require` are the words without
    which a won customer is not created."""

    name: str
    system: str
    version: str
    language: str
    zone: str
    outbound: Mapping[Kind, Outbound]
    inbound: Mapping[Kind, Inbound]
    custom_fields: tuple[FieldDef, ...]
    """The custom fields the file writes; they must be there before the first record."""
    written: tuple[FieldDef, ...]
    """Every field the file writes, those among them."""
    stages: Stages
    history: dt.date | None = None
    require: tuple[str, ...] = ()
    hints: Hints | None = None
    examples: tuple[Example, ...] = ()
    people: People = NOBODY
    owners: Owners = ALL_OF_THE_BOOKS
    match: Matching | None = None
    """How customers and cards are found to be the same; None where the file has no `match:`. Not in
    `version`: no record is mapped otherwise by it."""

    @property
    def writes(self) -> frozenset[str]:
        """The system's objects that are written."""
        plans = (outbound.plan for outbound in self.outbound.values())
        return frozenset(part.target for plan in plans for part in plan.parts)

    @property
    def fields(self) -> dict[tuple[str, str], str]:
        """(object, path) -> file:line:column of the line that writes it."""
        every = [(one, part) for one in self.outbound.values() for part in one.plan.parts]
        written = {
            (part.target, field.path): one.rules[part.name, field.path].where
            for one, part in every
            for field in part.fields
        }
        return written | {
            (part.target, part.marker.path): one.where(part.place)
            for one, part in every
            if part.marker and part.marker.path
        }

    @property
    def markers(self) -> frozenset[tuple[str, str]]:
        """(object, path) of where the key of the books stands, but for places of a target's own."""
        parts = (part for one in self.outbound.values() for part in one.plan.parts)
        return frozenset(
            (part.target, part.marker.path) for part in parts if part.marker and part.marker.path
        )

    @property
    def reads(self) -> frozenset[str]:
        """Those that are read, and what the paths lead through inside of them."""
        reads = [inbound.read for inbound in self.inbound.values()]
        inside = (path.partition(".")[0] for one in reads for path in one.paths)
        return frozenset([*(one.object for one in reads), *inside])


def load_crm(path: FilePath, facts: Facts, given: Given | None = None) -> CrmMapping:
    """`given` are the fields that the books' file adds to its records. Raises ConfigError with
    every mistake of the file."""
    problems = Problems(path.name)
    root = read_mapping(path, problems)
    check_head(root, facts.system, grammar.CRM_HEAD, (*TO_CRM, *IN_CRM), problems)
    lookups = read_lookups(root, problems)
    tongue = Tongue.read(root, problems)
    checker = Checker(Context.of(root, lookups, Way.OUT, problems), facts, tongue, given=given)
    found = [checker.kind(kind, root) for kind in TO_CRM if kind in root.entries]
    rules = read_rules(root, IN_CRM, Context.of(root, lookups, Way.IN, problems), facts)
    won = table_at(root, Kind.WON, problems)
    require = _required(won, rules, problems) if won else ()
    hint = checker.hint(won) if won else None
    hints = Hints(*hint, tongue.language) if hint else None
    checker.twice()
    stages = read_stages(root, problems)
    plans = {plan.kind: plan for plan in found if plan}
    _looked_up(plans.get(Kind.CARD), stages, problems)
    history = _history(root, problems)
    owned = any(part.owner for plan in plans.values() for part in plan.parts)
    people = read_people(root, owned, problems)
    owners = _owners(root, plans, rules, problems)
    match = read_match(root, problems)
    check_cards(root, plans.get(Kind.CUSTOMER), rules.get(Kind.WON), problems)
    currencies = facts.currencies
    examples = read_examples(root, rules, plans, currencies, problems, stages)
    problems.stop()
    meaning = [
        sorted(currencies) if currencies is not None else None,
        {kind: plan.meaning() for kind, plan in plans.items()},
        {kind: rule.meaning() for kind, rule in rules.items()},
        stages.meaning(),
        history.isoformat() if history else None,
        [require, [hints.path, hints.language] if hints else None],
        *([people.meaning()] if people != NOBODY else []),
        *([owners.meaning()] if owners.rules else []),
    ]
    version = version_of(meaning)
    written = _written(plans, hints, facts)
    return CrmMapping(
        name=path.stem,
        system=facts.system,
        version=version,
        language=tongue.language,
        zone=tongue.zone.key if tongue.zone else "UTC",
        outbound={
            kind: outbound_of(plan, currencies, problems.sources) for kind, plan in plans.items()
        },
        inbound=_inbound(rules, problems.sources, version),
        custom_fields=tuple(one for one in written if _is_custom(one, facts)),
        written=written,
        stages=stages,
        history=history,
        require=require,
        hints=hints,
        examples=examples,
        people=people,
        owners=owners,
        match=match,
    )


def _owners(
    root: Table, plans: Mapping[Kind, Plan], rules: Mapping[Kind, Rules], problems: Problems
) -> Owners:
    customers, won = plans.get(Kind.CUSTOMER), rules.get(Kind.WON)
    main = [part for part in customers.parts if not part.name] if customers else []
    written = {one.word for part in main for one in part.fields}
    return read_owners(root, written, won.fields.keys() if won else (), problems)


def _inbound(rules: Mapping[Kind, Rules], sources: Sources, version: str) -> dict[Kind, Inbound]:
    return {kind: inbound_of(rule, sources, version) for kind, rule in rules.items()}


def _history(root: Table, problems: Problems) -> dt.date | None:
    """`history: {from: 2026-01-01}`."""
    table = table_at(root, "history", problems)
    if table is None:
        return None
    for name, entry in table.entries.items():
        if name != "from":
            problems.unknown(entry.key.place, "key", name, ["from"])
    if "from" not in table.entries:
        problems.add(table.place, "`from:` is missing in history")
    return date_at(table, "from", problems)


def _required(section: Table, rules: Mapping[Kind, Rules], problems: Problems) -> tuple[str, ...]:
    """What `require` of the section names."""
    added = rules[Kind.WON].added if Kind.WON in rules else {}
    words, fields = [*INBOUND[Kind.WON], *added], table_at(section, "fields", problems)
    required = []
    for one in texts_at(section, "require", problems):
        if one.text not in words:
            problems.unknown(one.place, "word", one.text, words)
        elif fields and one.text not in fields.entries:
            place = fields.spot(one.text, one.place)
            problems.add(place, f"{one.text} is required, and no line reads it")
        required.append(one.text)
    return tuple(required)


def _looked_up(card: Plan | None, stages: Stages, problems: Problems) -> None:
    """A stage that its lookup lacks would hold the card of whoever comes into it."""
    for field in card.parts[0].fields if card else ():
        first = field.chain[0] if field.word == "stage" and field.chain else None
        tables = [arg for arg in first.args if isinstance(arg, Lookup)] if first else []
        for table in tables:
            for rule in stages.rules:
                if first and rule.stage not in table.values and not table.otherwise:
                    text = f"stage {rule.stage} is not in lookup {table.name}"
                    problems.add(table.places.get(rule.stage, first.place), text)


def _written(plans: Mapping[Kind, Plan], hints: Hints | None, facts: Facts) -> tuple[FieldDef, ...]:
    found: dict[tuple[str, str], FieldDef] = {}
    for part in (part for plan in plans.values() for part in plan.parts):
        types = {field.path: _type(field) for field in part.fields}
        if part.marker and part.marker.path:
            types[part.marker.path] = "text"
        for path, type_ in types.items():
            definition = FieldDef(part.target, path, type_, _label(part.target, path, facts))
            found.setdefault((part.target, path), definition)
    if hints:
        label = _label(hints.target, hints.path, facts)
        definition = FieldDef(hints.target, hints.path, "text", label)
        found.setdefault((hints.target, hints.path), definition)
    return tuple(found[key] for key in sorted(found))


def _is_custom(one: FieldDef, facts: Facts) -> bool:
    return _prefix(one.target, one.path, facts) is not None


def _prefix(target: str, path: str, facts: Facts) -> str | None:
    """What custom fields of the target begin with, if this is one of them."""
    known = facts.targets[target].fields
    begins = (wild.removesuffix("*") for wild in known if wild.endswith(".*"))
    return next((one for one in begins if path.startswith(one)), None)


def _type(field: Written) -> str:
    if field.says or field.word in ("open_orders", "ageing"):
        return "long_text"
    given = field.chain[-1].transform.gives if field.chain else None
    type_ = EXTRAS.get(given or field.known.shape, "text")
    return "number" if type_ == "money" else type_


def _label(target: str, path: str, facts: Facts) -> str:
    words = path.removeprefix(_prefix(target, path, facts) or "").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
