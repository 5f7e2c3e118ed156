"""Waiting for another process or thread: until something is seen, and not a moment longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOKS_APART = 0.02
"""Seconds. Nothing that is waited for here could wake the test: it is in another process."""


def polled(look: Callable[[], T], what: str, seconds: float = 20) -> T:
    """What `look` gives, as soon as it is true. AssertionError where that is never."""
    pause, ends = threading.Event(), time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, f"never: {what}"
        pause.wait(LOOKS_APART)
    return found
