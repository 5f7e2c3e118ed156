"""One line per step with the seconds it took, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class WorldError(Exception):
    """The world could not be brought up; the message says what to do."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Steps of two threads interleave, so the line is written at the end, whole."""
    began = time.monotonic()
    yield
    say(f"{time.monotonic() - began:6.1f} s  {what}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
