"""Values of conditions that compare in ways of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncd.sandbox.onec.refusals import unparsed

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Guid(str):
    """A reference to objects of one known type."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of a field that takes several types."""

    type: str
    value: object


def guid(text: str) -> Guid:
    if not GUID.fullmatch(text.lower()):
        raise unparsed(text, "Edm.Guid")
    return Guid(text.lower())
