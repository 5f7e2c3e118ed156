"""What a file writes: canonical records -> objects wanted at a target, kind by kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from syncd.domain import Canonical, Kind, Want
from syncd.errors import MappingError
from syncd.mapping.code import Code, Unmappable
from syncd.mapping.document import Place, Sources
from syncd.mapping.outbound import CONTACTS, Function, Plan, compile_outbound
from syncd.mapping.sections import Rule


class Outbound(msgspec.Struct, frozen=True, eq=False):
    """One kind, compiled; pure and deterministic."""

    kind: Kind
    targets: tuple[tuple[str, str], ...]
    """(part, target) of the objects a record always has; those it has per allocation, and those
    of another record that it only updates, are left out."""
    rules: Mapping[tuple[str, str], Rule]
    """(part, path) -> the line that writes it; of what is written per allocation, the part is its
    name alone."""
    each: tuple[str, ...]
    """Targets of what is made per allocation."""
    plan: Plan
    """What it was compiled from."""
    _sources: Sources
    _code: Code
    _function: Function

    def __call__(self, record: Canonical, numbered: bool = False) -> tuple[Want, ...]:
        """Empty: nothing of this record stands at the target. `numbered` asks for the unique form
        of a name, because another customer has the plain one. Raises MappingError."""
        try:
            return self._function(record, numbered)
        except Unmappable as failed:
            place = self._code.place_of(failed.__traceback__)
            raise MappingError(self._sources.where(place), failed.told(self.kind)) from None

    def where(self, place: Place) -> str:
        """file:line:column."""
        return self._sources.where(place)

    def paths(self, words: Collection[str]) -> frozenset[str]:
        """Where these words stand on the main object."""
        return frozenset(
            path for (part, path), rule in self.rules.items() if not part and rule.word in words
        )

    def forms(self) -> dict[str, str]:
        """Word -> path, of the main object, where a second one of that value has a form of it."""
        main = [field for part in self.plan.parts if not part.name for field in part.fields]
        return {one.word: one.path for one in main if one.unique and one.unique.words}

    def word_at(self, part: str, path: str) -> str | None:
        """The word that stands at this path; what is written per contact all comes of one."""
        rule = self.rules.get((part, path))
        each = {one.name for one in self.plan.parts if one.each == CONTACTS}
        return CONTACTS if rule and part in each else rule.word if rule else None

    def part_of(self, key: str) -> str:
        """The name of a part by its key; one per allocation has the invoice's key, behind its name
        if it has one."""
        names = {part for part, _ in self.rules}
        if key in {part for part, _ in self.targets}:
            return key
        first = key.split("/")[0]
        return first if "/" in key and first in names else ""


def outbound_of(plan: Plan, currencies: frozenset[str] | None, sources: Sources) -> Outbound:
    made = () if plan.of or plan.named else (part for part in plan.parts if not part.each)
    targets = tuple((part.name, plan.prefix + part.target) for part in made)
    rules = {
        (part.name, field.path): Rule(sources.where(field.place), field.text, field.word)
        for part in plan.parts
        for field in part.fields
    }
    each = tuple(plan.prefix + part.target for part in plan.parts if part.each)
    compiled = compile_outbound(plan, currencies, sources.name)
    return Outbound(plan.kind, targets, rules, each, plan, sources, *compiled)
