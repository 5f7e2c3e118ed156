"""What a file writes: canonical records -> objects wanted at a target, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.domain import Canonical, Kind, Want
from syncd.errors import MappingError
from syncd.mapping.code import Code, Unmappable
from syncd.mapping.outbound import Function, Plan, compile_outbound
from syncd.mapping.sections import Rule


@dataclass(frozen=True, slots=True, eq=False)
class Outbound:
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
    _file: str
    _code: Code
    _function: Function

    def __call__(self, record: Canonical, numbered: bool = False) -> tuple[Want, ...]:
        """Empty: nothing of this record stands at the target. `numbered` asks for the unique form
        of a name, because another customer has the plain one. Raises MappingError."""
        try:
            return self._function(record, numbered)
        except Unmappable as failed:
            line, column = self._code.place_of(failed.__traceback__)
            raise MappingError(f"{self._file}:{line}:{column}", str(failed)) from None


def outbound_of(plan: Plan, currencies: frozenset[str] | None, file: str) -> Outbound:
    made = () if plan.of else (part for part in plan.parts if not part.each)
    targets = tuple((part.name, plan.prefix + part.target) for part in made)
    rules = {
        (part.name, field.path): Rule(
            f"{file}:{field.place.line}:{field.place.column}", field.text, field.word
        )
        for part in plan.parts
        for field in part.fields
    }
    each = tuple(plan.prefix + part.target for part in plan.parts if part.each)
    return Outbound(
        plan.kind, targets, rules, each, file, *compile_outbound(plan, currencies, file)
    )
