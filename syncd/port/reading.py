"""What is asked of a source, and what it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from syncd.domain import Kind


class Since(msgspec.Struct, frozen=True):
    """What changed at or after `moment` (None: from the beginning); `position` continues a pass.
    `seen` is the newest stamp of the last complete pass, from which `moment` is counted back."""

    moment: dt.datetime | None
    position: str | None = None
    seen: dt.datetime | None = None


class Keys(msgspec.Struct, frozen=True):
    """These records, whatever their time. A key that does not exist is simply not returned."""

    keys: Sequence[str]


class All(msgspec.Struct, frozen=True):
    """Every record there is; `position` continues a pass."""

    position: str | None = None


Scope = Since | Keys | All


class Read(msgspec.Struct, frozen=True):
    """What the mapping reads of a kind: the system's object and the paths in it."""

    kind: Kind
    object: str
    paths: tuple[str, ...]


OUTSIDE = "@outside"
"""Beside the fields of a record: it is outside the part of the system that the connection reads, or
the system itself says that it was deleted. No mapping can name it."""


class Record(msgspec.Struct, frozen=True):
    """One record as the system has it. `stamp` is the newest time of it and of every child read
    with it, None where the system has none."""

    key: str
    data: Mapping[str, Any]
    stamp: dt.datetime | None = None

    @property
    def outside(self) -> bool:
        """Of no interest, whatever a mapping says. It stays so in the mirror, under `OUTSIDE`."""
        return self.data.get(OUTSIDE) is True


UNREADABLE = ""
"""Beside what else is known of it: the connector could not read this record."""


def unreadable(
    key: str,
    where: str,
    says: str,
    field: str,
    stamp: dt.datetime | None = None,
    rest: Mapping[str, Any] | None = None,
) -> Record:
    """A record that is there, and cannot be read: it waits alone, as one that the mapping cannot
    digest. `where` is the same for all records that have the same thing wrong, `says` names the
    place of this one and what to do; `field` is what is wrong of it, and
    `rest` what of it could be read: perhaps it tells whose it is."""
    return Record(key, {**(rest or {}), UNREADABLE: [where, says, field]}, stamp)


class Page(msgspec.Struct, frozen=True):
    """`next` continues the pass, None at its end. `ordered` tells that records come by ascending
    stamp over the whole pass, so that the cursor may follow page by page. `source_time` is the
    source's own clock when it answered, None where it does not tell."""

    records: Sequence[Record]
    next: str | None
    source_time: dt.datetime | None
    ordered: bool = False
