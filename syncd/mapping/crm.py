"""A CRM file: canonical records -> objects wanted at the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from syncd.domain import Canonical, Kind, Want
from syncd.errors import MappingError
from syncd.mapping.code import Code, Unmappable
from syncd.mapping.crmcheck import Checker, Tongue
from syncd.mapping.document import Problems, parse, read_text
from syncd.mapping.outbound import Function, Plan, Written, compile_outbound
from syncd.mapping.sections import Context, check_head, read_lookups, version_of
from syncd.mapping.transforms import Shape, Way
from syncd.mapping.wants import Card
from syncd.port import Facts, FieldDef


@dataclass(frozen=True, slots=True, eq=False)
class Outbound:
    """One kind, compiled; pure and deterministic."""

    kind: Kind
    targets: tuple[tuple[str, str], ...]
    """(part, target) of the objects a record always has; empty where it has one per allocation, or
    only updates another record's."""
    _file: str
    _code: Code
    _function: Function

    def __call__(self, record: Canonical, card: Card) -> tuple[Want, ...]:
        """Empty: nothing of this record stands at the target. Raises MappingError."""
        try:
            return self._function(record, card)
        except Unmappable as failed:
            line, column = self._code.place_of(failed.__traceback__)
            raise MappingError(f"{self._file}:{line}:{column}", str(failed)) from None


@dataclass(frozen=True, slots=True, eq=False)
class CrmMapping:
    """`version` (12 hex digits) changes only if the file means something else, or the target knows
    other currencies."""

    name: str
    system: str
    version: str
    language: str
    zone: str
    outbound: Mapping[Kind, Outbound]
    custom_fields: tuple[FieldDef, ...]
    """The custom fields the file writes; they must be there before the first record."""


def load_crm(path: FilePath, facts: Facts) -> CrmMapping:
    """Raises ConfigError with every mistake of the file."""
    problems = Problems(path.name)
    root = parse(read_text(path, problems), problems)
    check_head(root, facts.system, ("language", "zone"), problems)
    context = Context(problems, read_lookups(root, problems), Way.OUT)
    checker = Checker(context, facts, Tongue.read(root, problems))
    found = [checker.kind(kind, root) for kind in Kind if kind in root.entries]
    checker.twice()
    problems.stop()
    plans = {plan.kind: plan for plan in found if plan}
    tongue, currencies = checker.tongue, facts.currencies
    meaning = [
        sorted(currencies) if currencies is not None else None,
        {kind: plan.meaning() for kind, plan in plans.items()},
    ]
    return CrmMapping(
        name=path.stem,
        system=facts.system,
        version=version_of(meaning),
        language=tongue.language,
        zone=tongue.zone.key if tongue.zone else "UTC",
        outbound={
            kind: Outbound(
                kind, _targets(plan), path.name, *compile_outbound(plan, currencies, path.name)
            )
            for kind, plan in plans.items()
        },
        custom_fields=_custom_fields(plans),
    )


def _targets(plan: Plan) -> tuple[tuple[str, str], ...]:
    made = () if plan.each or plan.of else plan.parts
    return tuple((part.name, part.target) for part in made)


_PREFIX = "custom_fields."


def _custom_fields(plans: Mapping[Kind, Plan]) -> tuple[FieldDef, ...]:
    found: dict[tuple[str, str], FieldDef] = {}
    for part in (part for plan in plans.values() for part in plan.parts):
        types = {field.path: _type(field) for field in part.fields}
        if part.marker:
            types[part.marker] = "text"
        for path, type_ in types.items():
            if path.startswith(_PREFIX):
                definition = FieldDef(part.target, path, type_, _label(path))
                found.setdefault((part.target, path), definition)
    return tuple(found[key] for key in sorted(found))


def _type(field: Written) -> str:
    if field.says:
        return "long_text"
    types = {Shape.MONEY: "number", Shape.DATE: "date"}
    return types.get(field.known.shape, "text")


def _label(path: str) -> str:
    words = path.removeprefix(_PREFIX).replace("_", " ").strip()
    return words[:1].upper() + words[1:]
