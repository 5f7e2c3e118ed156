"""What is on its way: jobs, the request they go in, and what came back of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.domain import Kind, Ref, Value, Want
from syncd.errors import (
    RejectedError,
)
from syncd.port import Found, Outcome, Write
from syncd.store.mirror import Known
from syncd.store.parts import Part


class Job(msgspec.Struct, frozen=True):
    """One part on its way. `before` are the fields it was last agreed to have; `left_out` those
    that were refused in this run, so that the rest goes without them."""

    part: Part
    record: Known
    kind: Kind
    want: Want | None
    write: Write
    before: Mapping[str, Value]
    look_first: bool = False
    left_out: Mapping[str, RejectedError] = msgspec.field(default_factory=dict)


class Sending(msgspec.Struct, frozen=True):
    """One request, journalled as one intent."""

    intent: int
    jobs: Sequence[Job]


class Answer(msgspec.Struct, frozen=True):
    """What became of a job. Exactly one of the first four is set, or `withdrawn` is; or none, and
    it stays due."""

    outcome: Outcome | None = None
    adopt: Found | None = None
    error: RejectedError | None = None
    doubt: str | None = None
    withdrawn: bool = False
    clash: Found | None = None
    absent: bool = False
    """What was removed was not there."""
    unseen: bool = False
    """What was written, or is there already, was not found right after it."""
    lacks: Ref | None = None
    """Beside `error`: whose card is gone on which it would hang."""
    answered: bool = False
    """Beside `doubt`: the system answered, if not clearly."""


STAYS_DUE = Answer()
"""Nothing is concluded from it."""
