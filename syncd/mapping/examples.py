"""Examples in a mapping file: `{says, given, expect}` in a section, run as tests.

    examples:
      - says: what names no invoice stays an advance
        given: {amount: 43200.00, currency: {code: RUB}, allocations: []}
        expect: {amount: 43200.00 RUB, allocations: []}

Only what matters is given, and only what is named is compared. Of a section that is read, `given`
is a record of the system and `expect` is in syncd's words; of one that is written it is the other
way round. `expect: none` says that the record is left out, or that nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.document import Listing, Node, Place, Problems, Table
from syncd.mapping.examples_in import InboundExamples
from syncd.mapping.examples_out import OutboundExamples
from syncd.mapping.inbound import Rules
from syncd.mapping.outbound import Plan
from syncd.mapping.sections import only, scalar_at
from syncd.mapping.stages import Stages


class Example(msgspec.Struct, frozen=True, eq=False):
    """`tried` gives where and how what comes out differs from what is expected."""

    kind: Kind
    says: str
    where: str
    tried: Callable[[], Sequence[tuple[str, str]]]

    def failures(self) -> list[str]:
        """`file:line:column example "...": phone is 1, expected 2`; empty where it holds."""
        return [f'{where} example "{self.says}": {text}' for where, text in self.tried()]


def failing(examples: Sequence[Example]) -> list[str]:
    """What every example that does not hold says, all at once."""
    return [line for example in examples for line in example.failures()]


def read_examples(
    root: Table,
    rules: Mapping[Kind, Rules],
    plans: Mapping[Kind, Plan],
    currencies: frozenset[str] | None,
    problems: Problems,
    stages: Stages | None = None,
) -> tuple[Example, ...]:
    """The examples of every section; their mistakes are told once the lines have none."""
    wrong = bool(problems)
    found: list[tuple[Place, Example]] = []
    for kind in Kind:
        section = root.inner(kind)
        for says, place, given, expect in _written(section, problems) if section else ():
            if wrong:
                continue
            if kind in rules:
                tried = InboundExamples(rules[kind], problems).example(given, expect)
            else:
                plan = plans[kind]
                maker = OutboundExamples(plan, currencies, stages or Stages(), problems)
                tried = maker.example(given, expect)
            found.append((place, Example(kind, says, problems.sources.where(place), tried)))
    return tuple(example for _, example in sorted(found, key=lambda one: one[0]))


def _written(section: Table, problems: Problems) -> Iterator[tuple[str, Place, Table, Node]]:
    entry = section.entries.get("examples")
    if entry is None:
        return
    if not isinstance(entry.value, Listing):
        problems.add(
            entry.value.place, "examples is a list of `{says: ..., given: ..., expect: ...}`"
        )
        return
    for item in entry.value.items:
        if not isinstance(item, Table):
            problems.add(item.place, "an example is `{says: ..., given: ..., expect: ...}`")
            continue
        only(item, "key", grammar.EXAMPLE, problems)
        says = scalar_at(item, "says", problems)
        for key in grammar.EXAMPLE:
            if key not in item.entries:
                problems.add(item.place, f"`{key}:` is missing in the example")
        given = item.entries["given"].value if "given" in item.entries else None
        if given is not None and not isinstance(given, Table):
            problems.add(given.place, "given is a table of what matters")
        if says and isinstance(given, Table) and "expect" in item.entries:
            yield says.text, says.place, given, item.entries["expect"].value
