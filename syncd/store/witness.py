"""Whether a state is the newest one of its pair, or an older one that somebody brought back.

Beside the state stands a small file per pair, its witness: how far the pair had come when it last
sent something. A state that has not come as far is older than what was sent. A copy made by
`syncd db backup` says of itself that it is one, wherever it is brought back.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import msgspec
import sqlalchemy as sa
from msgspec.structs import astuple

from syncd.image import encode
from syncd.store import direct, runs, streams
from syncd.store.disk import told
from syncd.store.tables import intent, lease, pair, request, run, state

WIDTH = 200
"""Bytes of a witness: always the same, so that writing it again needs no room."""
JUMP = 1000
"""By so much the epoch of a restored state is beyond all that were: no owner of the lost time can
be taken for one of the new."""


class Mark(msgspec.Struct, frozen=True):
    """How far a pair has come. All only ever grow."""

    epoch: int = 0
    run: int = 0
    intent: int = 0
    request: int = 0

    def beyond(self, other: Mark) -> bool:
        """Whether anything of this one is newer."""
        mine, theirs = astuple(self), astuple(other)
        return any(a > b for a, b in zip(mine, theirs, strict=True))


class Witness(msgspec.Struct, frozen=True):
    """`state` names the state file that it was beside of."""

    state: str
    mark: Mark


def mark(tx: sa.Connection, name: str) -> Mark:
    [row] = direct.rows(tx, _MARK, of=name)
    return Mark(*(highest or 0 for highest in row))


_MARK = sa.select(
    *(
        sa.select(sa.func.max(column)).where(mine).scalar_subquery()
        for column, mine in (
            (lease.c.epoch, lease.c.pair == sa.bindparam("of")),
            (run.c.id, runs.OF_PAIR),
            (intent.c.id, intent.c.pair == sa.bindparam("of")),
            (request.c.id, request.c.pair == sa.bindparam("of")),
        )
    )
)


def file_of(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name}.witness")


def read(path: Path, name: str) -> Witness | None:
    """None where there is none, or none that can be read."""
    try:
        return msgspec.json.decode(file_of(path, name).read_bytes(), type=Witness)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write(path: Path, name: str, found: Witness) -> None:
    """On the disk when this returns. In place: a torn one counts as missing, and that is safe."""
    content = encode(found).ljust(WIDTH)
    with told(path):
        file = os.open(file_of(path, name), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(file, content, 0)
            os.fdatasync(file)
        finally:
            os.close(file)


def state_id(tx: sa.Connection) -> str:
    return str(direct.value(tx, _STATE_ID))


_STATE_ID = sa.select(state.c.id)
_COPIED = sa.select(state.c.copied)


class Return(msgspec.Struct, frozen=True):
    """A state that came back: the epoch is beyond `epoch`; `sign` is the sentence that tells how it
    was noticed, None where the state is new and only its pair is not."""

    epoch: int
    sign: str | None


def came_back(tx: sa.Connection, path: Path, name: str) -> Return | None:
    """What tells, without asking any system, that this state is not the newest."""
    mine, seen = mark(tx, name), read(path, name)
    copied = direct.value(tx, _COPIED)
    epoch = max(mine.epoch, seen.mark.epoch if seen else 0)
    if copied:
        return Return(epoch, f"it is the copy that was made at {copied:%Y-%m-%d %H:%M} UTC")
    if seen is None:
        return None
    if not mine.epoch:
        return Return(epoch, None)
    if seen.state != state_id(tx):
        return Return(epoch, "it is another state than the one that was here before")
    if seen.mark.beyond(mine):
        return Return(
            epoch, f"it has come to run {mine.run}, and run {seen.mark.run} was here already"
        )
    return None


def note_return(tx: sa.Connection, name: str, sign: str | None, now: dt.datetime) -> None:
    """The pair writes nothing until a person says so, and makes nothing without a look. A copy
    counts as one for all its pairs, and from now on as a state that somebody works with."""
    copied = direct.value(tx, _COPIED)
    names = [name]
    if copied:
        names = list(tx.scalars(sa.select(pair.c.name)))
        tx.execute(sa.update(state).values(copied=None))
    for one in names:
        streams.set_restored(tx, one, sign, now)
