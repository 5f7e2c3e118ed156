"""Addresses below the root of the interface, taken apart.

Names and values arrive percent-encoded or raw. Arguments of functions stand in the path or behind
`?`; a condition's own quotes are doubled or not. All of it is in use, and all of it works.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from syncd.sandbox.onec.refusals import KEY_PART, Refusal, no_segment

ROOT = "/odata/standard.odata"
ARGUMENT = re.compile(r"(?:^|,)\s*([^\W\d]\w*)\s*=")
"""No condition holds a name followed by `=`."""
LITERAL = re.compile(r"(?:guid|datetime)?'(.*)'|(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    arguments: Mapping[str, str] | None = None
    """None where there are no parentheses; a key without a name has the name ''."""


def segments(path: str) -> list[Segment]:
    """`path` is decoded and stands below the root."""
    made, depth, start = [], 0, 0
    for at, sign in enumerate(path + "/"):
        if sign == "/" and depth <= 0:
            if at > start:
                made.append(_segment(path[start:at]))
            start = at + 1
        depth += (sign == "(") - (sign == ")")
    return made


def _segment(text: str) -> Segment:
    name, opened, rest = text.partition("(")
    if not opened:
        return Segment(name)
    if not rest.endswith(")"):
        raise no_segment(text)
    return Segment(name, arguments(rest[:-1]))


def arguments(text: str) -> dict[str, str]:
    """`Period=datetime'..',Condition='..'` as names and values without their outer quotes."""
    text = text.strip()
    if not text:
        return {}
    places = list(ARGUMENT.finditer(text))
    if not places or places[0].start() != 0:
        return {"": literal(text)}
    ends = [one.start() for one in places[1:]] + [len(text)]
    return {one[1]: literal(text[one.end() : end]) for one, end in zip(places, ends, strict=True)}


def literal(text: str) -> str:
    found = LITERAL.fullmatch(text.strip())
    assert found is not None
    return found[1] if found[1] is not None else found[2]


def options(query: str) -> dict[str, str]:
    """The options of an address. `+` is no blank in 1C."""
    made = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name:
            made[unquote(name).strip()] = unquote(value)
    return made


def only_key(segment: Segment, names: tuple[str, ...]) -> dict[str, str]:
    """The parts of a key by their names. Refusal where one is missing."""
    given = dict(segment.arguments or {})
    if "" in given and len(names) == 1:
        return {names[0]: given[""]}
    missing = [name for name in names if name not in given]
    if missing:
        raise Refusal(400, KEY_PART, f"Не указана часть ключа {missing[0]}!")
    return {name: given[name] for name in names}
