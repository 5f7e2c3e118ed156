"""Words with a closed list of values: what a line can give is known before any record comes."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain import Reason, State
from syncd.mapping import grammar
from syncd.mapping.document import Place, Problems
from syncd.mapping.sections import Applied, Lookup
from syncd.mapping.transforms import Shape

CHOICES: Mapping[Shape, tuple[str, list[str]]] = {
    Shape.STATE: ("state", list(State)),
    Shape.REASON: ("reason", list(Reason)),
}


def check_choices(chain: tuple[Applied, ...], wanted: Shape, problems: Problems) -> None:
    """Adds each value of a lookup, and the default, that is not in the list."""
    what, known = CHOICES[wanted]
    for applied in chain:
        for arg in applied.args:
            last = applied is chain[-1] and applied.transform.name == "default"
            if isinstance(arg, Lookup):
                _entries(arg, what, known, applied.place, problems)
            elif last and arg not in known:
                problems.unknown(applied.place, what, str(arg), known)


def _entries(table: Lookup, what: str, known: list[str], at: Place, problems: Problems) -> None:
    said = [*table.values.items(), *((grammar.OTHERWISE, one) for one in table.otherwise)]
    for key, value in said:
        if value not in known:
            place = table.places.get(key, at)
            problems.unknown(place, what, str(value), known)
