"""The check of what a file writes: every section into a Plan, every mistake into the problems."""

from __future__ import annotations

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.crmfields import Fields, Given, Tongue
from syncd.mapping.document import START, Entry, Place, Scalar, Table
from syncd.mapping.lines import parse_line
from syncd.mapping.outbound import ALLOCATIONS, CONTACTS, Marker, Parent, Part, Plan
from syncd.mapping.sections import Context, only, scalar_at, scalar_of, table_at, table_of
from syncd.mapping.transforms import Shape
from syncd.mapping.words import (
    DOCUMENTS,
    OUTBOUND,
    OWNER,
    PER_ALLOCATION,
    PER_CONTACT,
    Known,
)
from syncd.port import Facts, Target, Tier

SETTLING = frozenset({Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT})
"""Kinds with allocations."""


def each_of(kind: Kind, *, part: bool) -> str | None:
    """The table part of which a section, or a `part` in it, can be an object for each row."""
    if kind in SETTLING:
        return ALLOCATIONS
    return CONTACTS if kind is Kind.WON and part else None


class Checker:
    """`tongue` is what the file says it in; `prefix` tells targets of the books from the CRM's;
    `given` is what the other file adds to the records, where it is known which that is."""

    def __init__(
        self,
        context: Context,
        facts: Facts,
        tongue: Tongue,
        prefix: str = "",
        given: Given | None = None,
    ) -> None:
        self._tongue = tongue
        self._fields = Fields(context, tongue, given)
        self._root = Table(START, {})
        self._prefix = prefix
        self._problems = context.problems
        self._facts = facts
        self._plans: dict[Kind, Plan] = {}
        self._writes: list[tuple[str, Place, str, str]] = []
        """Target, place, path and owner of everything written; an owner may write a path once."""

    def kind(self, kind: Kind, root: Table) -> Plan | None:
        self._root, entry = root, root.entries[kind]
        section = table_of(entry.value, kind, self._problems)
        if section is None:
            return None
        ways = {Kind.CARD: self._card, Kind.DEAL_ORDERS: self._deal_orders}
        plan = ways.get(kind, self._document)(kind, entry, section)
        self._plans[kind] = plan
        return plan

    def twice(self) -> None:
        """Two lines that write one path of one object would overwrite each other for ever."""
        seen: dict[tuple[str, str, str], Place] = {}
        sources = self._problems.sources
        for target, place, path, owner in self._writes:
            first = seen.setdefault((target, path, owner), place)
            if first != place:
                if sources.of(first) < sources.of(place):  # the admin's own line is the one to mend
                    first, place = place, first
                line = sources.line(first, place)
                self._problems.add(place, f"{path} is written on {line} already")

    def hint(self, section: Table) -> tuple[str, str] | None:
        """Target and path of what `hint` writes on the card of a won customer."""
        named, read = (scalar_at(section, word, self._problems) for word in ("hint", "read"))
        line = parse_line(named, self._problems) if named else None
        if not named or not line or not read:
            return None
        if line.calls:
            self._problems.add(line.calls[0].place, "a hint takes no transforms")
        target = self._facts.targets.get(read.text)
        source = self._facts.sources.get(Kind.WON)
        if not target and source and source.object == read.text:
            self._problems.add(named.place, f"{read.text} is read only, so it takes no hint")
        path = self._fields.path(line, target)
        if not target or not path:
            return None
        customer = self._plans.get(Kind.CUSTOMER)
        owners = [part.name for part in customer.parts] if customer else []
        self._writes += [(read.text, line.path.place, path, f"customer/{own}") for own in owners]
        return read.text, path

    # ------------------------------------------------------------------------------- sections

    def _document(self, kind: Kind, entry: Entry, section: Table) -> Plan:
        each, per_part = (
            grammar.EACH if each_of(kind, part=part) else () for part in (False, True)
        )
        keys = [key for key in grammar.WRITE if key != "like" or kind in grammar.ALIKE]
        only(section, "key", (*keys, *each), self._problems)
        parts = [self._part(kind, "", entry.key, section)]
        self._plans[kind] = self._plan(kind, entry, parts)
        inner = table_at(section, "parts", self._problems)
        for name, line in inner.entries.items() if inner else ():
            if table := table_of(line.value, f"part {name}", self._problems):
                only(table, "key", (*grammar.PART, *per_part), self._problems)
                parts.append(self._part(kind, name, line.key, table))
                self._plans[kind] = self._plan(kind, entry, parts)
        return self._plans[kind]

    def _plan(self, kind: Kind, entry: Entry, parts: list[Part]) -> Plan:
        return Plan(
            kind,
            entry.key.place,
            tuple(parts),
            prefix=self._prefix,
            language=self._tongue.language,
        )

    def _card(self, kind: Kind, entry: Entry, section: Table) -> Plan:
        only(section, "key", grammar.CARD, self._problems)
        name, target = self._target(entry.key, section, "update")
        fields = self._fields.of(kind, entry.key, section, target, OUTBOUND[kind])
        part = Part(entry.key.place, "", name, None, {}, tuple(fields))
        of = self._of(entry.key, section, name)
        if of:
            self._note(part, f"customer/{of.part}")
        place, language = entry.key.place, self._tongue.language
        return Plan(kind, place, (part,), of=of, language=language)

    def _deal_orders(self, kind: Kind, entry: Entry, section: Table) -> Plan:
        only(section, "key", grammar.DEAL_ORDERS, self._problems)
        name, target = self._target(entry.key, section, "update")
        fields = self._fields.of(kind, entry.key, section, target, OUTBOUND[kind])
        part = Part(entry.key.place, "", name, None, {}, tuple(fields))
        self._note(part, kind)
        return Plan(kind, entry.key.place, (part,), named=True)

    def _of(self, key: Scalar, section: Table, target: str) -> Parent | None:
        named = scalar_at(section, "of", self._problems)
        if "of" not in section.entries:
            place = section.spot("of", key.place)
            self._problems.add(place, "`of: customer` is missing: whose object is updated?")
        parent = self._parent(Kind.CARD, named, "") if named else None
        if named and parent:
            written = self._written(parent)
            if written and target and written != target:
                text = f"{named.text} is written as {written}, not {target}"
                self._problems.add(named.place, text)
        return parent

    def _part(self, kind: Kind, name: str, key: Scalar, section: Table) -> Part:
        each = self._each(each_of(kind, part=bool(name)), section)
        target_name, target = self._target(key, section, "write")
        words = {**OUTBOUND[kind], **(PER_ALLOCATION if each else {})}
        if each == CONTACTS:
            words = dict(PER_CONTACT)
        if kind is Kind.CUSTOMER and not self._prefix:
            words[OWNER] = Known(Shape.TEXT, required=False)
        fields = self._fields.of(kind, key, section, target, words)
        owner = next((one for one in fields if one.word == OWNER), None)
        fields = [one for one in fields if one is not owner]
        marker = self._marker(kind, key, section, target)
        parents = self._parents(kind, key, section, target, name, each=each == ALLOCATIONS)
        place = key.place
        part = Part(place, name, target_name, marker, parents, tuple(fields), each, owner)
        if marker and marker.path:
            place = section.entries["marker"].key.place
            self._writes.append((target_name, place, marker.path, f"{kind}/{name}"))
        self._note(part, f"{kind}/{name}")
        return part

    def _note(self, part: Part, owner: str) -> None:
        self._writes += [(part.target, field.place, field.path, owner) for field in part.fields]

    def _each(self, table: str | None, section: Table) -> str:
        named = scalar_at(section, "each", self._problems) if table else None
        if named and table and named.text != table:
            self._problems.unknown(named.place, "table part", named.text, [table])
        return table if named and table else ""

    def _target(self, key: Scalar, section: Table, word: str) -> tuple[str, Target | None]:
        named = scalar_at(section, word, self._problems)
        if named is None:
            if word not in section.entries:
                text = f"`{word}:` is missing: what is written for {key.text}?"
                self._problems.add(section.spot(word, key.place), text)
            return "", None
        if named.text not in self._facts.targets:
            self._problems.unknown(named.place, "target", named.text, self._facts.targets)
        target = self._facts.targets.get(named.text)
        if target and not target.made and word == "write":
            text = f"{named.text} are updated only: syncd makes none"
            self._problems.add(named.place, text)
        return named.text, target

    def _marker(
        self, kind: Kind, key: Scalar, section: Table, target: Target | None
    ) -> Marker | None:
        """`marker: path`, or `marker: {path: ..., form: "CN-{number}"}`; without a path where the
        target itself knows a place for it."""
        entry = section.entries.get("marker")
        if entry is None:
            if target and target.tier is not Tier.T4:
                text = "`marker:` is missing: which path holds the key of the books?"
                self._problems.add(section.spot("marker", key.place), text)
            return None
        long = entry.value if isinstance(entry.value, Table) else None
        if long:
            only(long, "key", grammar.MARKER, self._problems)
        named = scalar_at(long, "path", self._problems) if long else None
        named = named or (None if long else scalar_of(entry.value, "marker", self._problems))
        line = parse_line(named, self._problems) if named else None
        if line and line.calls:
            self._problems.add(line.calls[0].place, "a marker takes no transforms")
        path = self._fields.path(line, target) if line else None
        form = self._marker_form(kind, long, target) if long else None
        if long and "path" not in long.entries and (form is None or (target and target.listable)):
            self._problems.add(long.place, "`path:` is missing in marker")
        return Marker(path, form) if path or form else None

    def _marker_form(self, kind: Kind, long: Table, target: Target | None) -> str | None:
        form = scalar_at(long, "form", self._problems)
        if form is None:
            return None
        words = ("key", "number") if kind in DOCUMENTS else ("key",)
        clause = self._fields.clause(form, words)
        if clause and not clause.words:
            named = " or ".join(f"{{{word}}}" for word in words)
            self._problems.add(form.place, f"the form names {named}")
        if target and target.listable and not self._prefix:
            text = "what is listed is recognised by the plain key; delete the form"
            self._problems.add(form.place, text)
        return form.text

    # -------------------------------------------------------------------------------- parents

    def _parents(
        self,
        kind: Kind,
        key: Scalar,
        section: Table,
        target: Target | None,
        name: str,
        *,
        each: bool,
    ) -> dict[str, Parent]:
        table, found = table_at(section, "parents", self._problems), dict[str, Parent]()
        known = (*target.parents, *target.either) if target else ()
        for word, entry in table.entries.items() if table else ():
            if target and word not in known:
                self._problems.unknown(entry.key.place, "parent", word, known)
            named = scalar_of(entry.value, word, self._problems)
            if named and named.text == Kind.INVOICE and not each and "each" in section.off:
                text = (
                    f"invoice is a parent of what is written once per allocation: {kind} needs each"
                )
                self._problems.add(section.off["each"], text)
                continue
            parent = self._parent(kind, named, name, each=each) if named else None
            if named and parent:
                found[word] = parent
                written = self._written(parent)
                if word in known and written not in ("", word):
                    text = f"{named.text} is written as {written}, not {word}"
                    self._problems.add(named.place, text)
        for words in [*((word,) for word in target.parents), target.either] if target else ():
            if words and not (table and any(word in table.entries for word in words)):
                place = section.spot("parents", key.place)
                if table:
                    place = section.entries["parents"].key.place
                    place = next((table.off[word] for word in words if word in table.off), place)
                said = f"parent {' or '.join(words)} is missing, and"
                what = "it is required" if len(words) == 1 else "one of them is required"
                self._problems.add(place, f"{said} {what}")
        return found

    def _written(self, parent: Parent) -> str:
        """The target of the part that is meant; empty where none is known."""
        parts = self._plans[parent.kind].parts
        return next(part.target for part in parts if part.name == parent.part)

    def _parent(self, kind: Kind, named: Scalar, name: str, *, each: bool = False) -> Parent | None:
        """`customer`, `customer/contact`, or `invoice` of an allocation."""
        head, _, part = named.text.partition("/")
        own = Kind.WON if kind is Kind.WON else Kind.CUSTOMER
        possible = [own, *([Kind.INVOICE] if each else [])]
        if head not in possible:
            self._problems.unknown(named.place, "parent record", head, possible)
            return None
        plan = self._plans.get(Kind(head))
        if head == kind and not name:
            self._problems.add(named.place, f"{kind} cannot be its own parent")
        elif plan is None and head in self._root.off:
            used = self._problems.sources.where(named.place)
            text = f"{head} is switched off here, and {used} needs it"
            self._problems.add(self._root.off[head], text)
        elif plan is None:
            self._problems.add(named.place, f"{head} is not written by this file")
        elif part not in [written.name for written in plan.parts]:
            parts = [written.name for written in plan.parts if written.name]
            self._problems.unknown(named.place, f"part of {head}", part, parts)
        else:
            return Parent(Kind(head), part)
        return None
