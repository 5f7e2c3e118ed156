"""What `connections setup` tells: the extra fields that a mapping writes and the account lacks. The
API makes none on cards, so an administrator does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from syncd.errors import ConfigError
from syncd.port import FieldDef, Flow

from .extra import Extra, ExtraFields
from .facts import CUSTOM, FACTS
from .values import DATE, FLAG, NUMBERS, TEXT, TEXTS

_SERVES: Mapping[str, frozenset[str]] = {
    "text": TEXTS,
    "long_text": frozenset({TEXT}),
    "number": NUMBERS,
    "date": frozenset({DATE}),
    "flag": frozenset({FLAG}),
}
"""A FieldDef's type -> kinds of extra fields that hold it."""
CALLED: Mapping[str, str] = {
    TEXT: "Строка",
    "EnumField": "Список",
    "MoneyField": "Деньги",
    "IntegerField": "Целое число",
    "FloatField": "Дробное число",
    DATE: "Дата",
    FLAG: "Флажок",
}
"""How Megaplan's own settings call a kind."""


def set_up(wanted: Sequence[FieldDef], extra: ExtraFields, id_field: str) -> Flow[list[FieldDef]]:
    """Those that are missing. ConfigError for a field of another kind."""
    extra.forget()
    problems = list(_unknown(wanted))
    missing = []
    for one in wanted if not problems else ():
        found = yield from extra.find(one.target, one.path)
        if found is None:
            missing.append(one)
        elif problem := _problem(one, found, id_field):
            problems.append(problem)
    if problems:
        raise ConfigError(*problems)
    return missing


def _unknown(wanted: Sequence[FieldDef]) -> Iterator[str]:
    for one in wanted:
        known = one.target in FACTS.targets and one.path.startswith(CUSTOM)
        if not known or one.type not in _SERVES:
            yield f"Megaplan has no extra field {one.path} of {one.type} on {one.target}"


def _problem(one: FieldDef, found: Extra, id_field: str) -> str | None:
    if one.path == CUSTOM + id_field and found.kind != TEXT:
        return f"Megaplan's field {found.label} holds the key of the books and is no {CALLED[TEXT]}"
    if found.kind in _SERVES[one.type]:
        return None
    kinds = " or ".join(sorted(CALLED.get(kind, kind) for kind in _SERVES[one.type]))
    have = CALLED.get(found.kind, found.kind)
    return (
        f"Megaplan's field {found.label} of {one.target} is of the kind {have}, the mapping writes "
        f"{one.type}: make another one of the kind {kinds}"
    )
