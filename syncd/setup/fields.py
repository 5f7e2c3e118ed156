"""Fields of cards that a mapping writes: what `connections setup` did about each, or a person has
to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from syncd.mapping import CrmMapping
from syncd.port import FieldDef, Target

MISSING, CREATED, BY_HAND, UNSEEN = "missing", "created", "by hand", "unseen"


class FieldState(msgspec.Struct, frozen=True):
    """`state`: missing, created, missing and to be made by hand, or unseen: whether it is there
    cannot be told."""

    target: str
    path: str
    type: str
    label: str
    state: str


def lacking(field: FieldDef, target: Target, *, write: bool) -> FieldState:
    """Of a field that was not there."""
    made = CREATED if write else MISSING
    return _state(field, made if target.makes_fields else BY_HAND)


def unseen(writing: CrmMapping, targets: Mapping[str, Target]) -> Iterator[FieldState]:
    """Those of objects whose fields nothing lists: where the connector does not say which of them
    people add, all that are written."""
    custom = {one.target for one in writing.custom_fields}
    for target, one in targets.items():
        if not one.lists_fields:
            fields = writing.custom_fields if target in custom else writing.written
            yield from (_state(field, UNSEEN) for field in fields if field.target == target)


def _state(field: FieldDef, state: str) -> FieldState:
    return FieldState(field.target, field.path, field.type, field.label, state)
