"""Custom fields: a value under a key without a definition is dropped with 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.errors import ConfigError, ProtocolError
from syncd.port import FieldDef, Flow

from .answers import ask
from .facts import CUSTOM, FIELD_TYPES, MARKER, MODELS

_DEFINITIONS = "/api/custom-fields/"
CUSTOM_FIELDS = "/custom_fields"
"""Ends the word of what the field `custom_fields` of an object leads to."""
_TEXTS = frozenset({"text", "textarea"})
"""Neither has a limit of its own, so either serves where the other is wanted."""


def set_up(wanted: Sequence[FieldDef], *, write: bool) -> Flow[Sequence[FieldDef]]:
    """What was missing, or switched off; with `write` it is there now.

    Raises ConfigError naming every field that exists with another type, and ProtocolError if the
    server took a field and does not show it.
    """
    _check(wanted)
    there = yield from _definitions()
    _compare(wanted, there)
    missing = [field for field in wanted if not _usable(there.get(_place(field)))]
    if not write or not missing:
        return missing
    for field in missing:
        yield from _make(field, there.get(_place(field)))
    there = yield from _definitions()
    lost = [field.path for field in missing if not _usable(there.get(_place(field)))]
    if lost:
        raise ProtocolError(f"BottleCRM took custom fields and does not show them: {lost}")
    return missing


def defined(target: str) -> Flow[Mapping[str, str]]:
    """The custom fields of a target that can hold a value now, each a plain one."""
    there = yield from _definitions()
    model = MODELS.get(target)
    return {key: "" for (own, key), one in there.items() if own == model and _usable(one)}


def _make(field: FieldDef, switched_off: Mapping[str, Any] | None) -> Flow[None]:
    if switched_off is not None:
        yield from ask("PUT", f"{_DEFINITIONS}{switched_off['id']}/", {"is_active": True})
        return
    model, key = _place(field)
    yield from ask(
        "POST",
        _DEFINITIONS,
        {
            "target_model": model,
            "key": key,
            "label": field.label,
            "field_type": FIELD_TYPES[field.type],
            "is_filterable": field.path == MARKER,
        },
    )


def _definitions() -> Flow[Mapping[tuple[str, str], Mapping[str, Any]]]:
    # Counting the records without a value costs a scan a field, so it is switched off.
    answer = yield from ask("GET", _DEFINITIONS, query={"include_counts": "false"})
    return {(each["target_model"], each["key"]): each for each in answer["definitions"]}


def _place(field: FieldDef) -> tuple[str, str]:
    return MODELS[field.target], field.path.removeprefix(CUSTOM)


def _usable(definition: Mapping[str, Any] | None) -> bool:
    return definition is not None and bool(definition["is_active"])


def _check(wanted: Sequence[FieldDef]) -> None:
    problems = [
        f"BottleCRM has no custom field {field.path} of {field.type} on {field.target}"
        for field in wanted
        if field.target not in MODELS
        or not field.path.startswith(CUSTOM)
        or field.type not in FIELD_TYPES
    ]
    if problems:
        raise ConfigError(*problems)


def _compare(
    wanted: Sequence[FieldDef], there: Mapping[tuple[str, str], Mapping[str, Any]]
) -> None:
    problems = []
    for field in wanted:
        definition = there.get(_place(field))
        want = FIELD_TYPES[field.type]
        have = want if definition is None else definition["field_type"]
        if have != want and not {have, want} <= _TEXTS:
            model, key = _place(field)
            problems.append(
                f"BottleCRM's custom field {key} of {model} holds {have}, the mapping writes "
                f"{want}: choose another key, the type of a field cannot be changed there"
            )
    if problems:
        raise ConfigError(*problems)
