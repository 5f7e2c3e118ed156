"""What is wanted at the target, object by object."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from syncd.domain.kinds import Kind
from syncd.domain.values import Value


class Ref(msgspec.Struct, frozen=True, gc=False):
    """One part of one record, named by books key: `customer:7`, or `customer:7/contact`."""

    kind: Kind
    key: str
    part: str = ""

    def __str__(self) -> str:
        whole = self.kind + ":" + self.key
        return f"{whole}/{self.part}" if self.part else whole


class Want(msgspec.Struct, frozen=True, gc=False):
    """One object as the mapping wants it at the target.

    `part` tells the objects of one record apart ('' is the main one); `marker` is the books key
    as the target stores it; `parents` maps the target's word for a parent to the part that is it;
    `fields` are dotted paths of the target with their values. With `of`, the fields belong to the
    object that this other part made, with `at` to the object of this remote id: it is updated,
    never created and never removed (the figures on a card).
    """

    part: str
    target: str
    marker: str
    parents: Mapping[str, Ref]
    fields: Mapping[str, Value]
    of: Ref | None = None
    at: str | None = None

    @property
    def borrowed(self) -> bool:
        """The object is not this part's own."""
        return self.of is not None or self.at is not None
