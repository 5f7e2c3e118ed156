"""A request that failed is sent again. Most are answered at once: what this takes to import and to
set up is for the others."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    wait_random_exponential,
)

from syncd.errors import DoubtError, RateLimitedError, TransientError
from syncd.http.waits import FLOOR
from syncd.port import Response

_jitter = wait_random_exponential(multiplier=0.5, max=8)


def again(
    send: Callable[[], Response],
    failed: TransientError | DoubtError,
    harmless: Callable[[BaseException], bool],
    attempts: int,
    too_fast: int,
    sleep: Callable[[float], None],
) -> Response:
    """The first of the attempts is the one that `failed`. The last error where none is answered, or
    one that is not `harmless`. `too_fast` are the attempts of what was refused for the rate."""
    before: list[TransientError | DoubtError] = [failed]

    def attempt() -> Response:
        if before:
            raise before.pop()
        return send()

    repeats = Retrying(
        stop=lambda state: state.attempt_number >= (too_fast if _refused(state) else attempts),
        wait=before_repeat,
        retry=retry_if_exception(harmless),
        sleep=sleep,
        reraise=True,
    )
    return repeats(attempt)


def _refused(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, RateLimitedError)


def before_repeat(state: RetryCallState) -> float:
    """As the system told, else full jitter: random between nothing and a window that doubles."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientError) and error.retry_after is not None:
        return error.retry_after
    window = _jitter(state)
    return max(FLOOR, window) if isinstance(error, RateLimitedError) else window
