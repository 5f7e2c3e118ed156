"""Runs a flow: the loop between a connector's generator and whatever answers its requests."""

from __future__ import annotations

from collections.abc import Callable

from syncd.errors import SyncdError
from syncd.port import Flow, Request, Response, T

Exchange = Callable[[Request], Response]


def drive(flow: Flow[T], exchange: Exchange) -> T:
    """What the flow returns, or the error that leaves it.

    An error of syncd's own is thrown into the flow, which may catch it and go on. Any other one is
    a bug or an interruption: it ends the flow where it stands.
    """
    answer: Response | SyncdError | None = None
    try:
        while True:
            try:
                request = _resume(flow, answer)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                answer = exchange(request)
            except SyncdError as error:
                answer = error
    finally:
        flow.close()


def _resume(flow: Flow[T], answer: Response | SyncdError | None) -> Request:
    if answer is None:
        return next(flow)
    if isinstance(answer, SyncdError):
        return flow.throw(answer)
    return flow.send(answer)
