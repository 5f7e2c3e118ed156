"""Documents that cannot be read, where what is owed is added up out of documents: figures lack what
they say now. Of the store alone."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Ref
from syncd.store import glance, mirror
from syncd.store.mirror import UNMAPPABLE
from syncd.sync.lacking import Doubts as Doubts
from syncd.sync.lacking import lacking
from syncd.sync.ledger import KINDS


def doubts(tx: sa.Connection, streams: Mapping[Kind, int]) -> Doubts | None:
    return lacking(glance.through(tx), streams)


class Unread(msgspec.Struct, frozen=True):
    """A document that cannot be read, and the problem that says why."""

    ref: str
    problem: int | None


def of_customer(tx: sa.Connection, streams: Mapping[Kind, int], key: str) -> list[Unread]:
    """Documents of this customer that cannot be read."""
    found = []
    for kind in (kind for kind in KINDS if kind in streams):
        for row in mirror.of_customers(tx, streams[kind], [key], (UNMAPPABLE,)):
            found.append(Unread(str(Ref(kind, row.key)), row.problem))
    return found
