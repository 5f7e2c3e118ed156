"""Driving a flow by hand: what it asks, given what it is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from syncd.port import Flow, Request, Response, T


class Answer(NamedTuple):
    """`body` None is an empty one, bytes are sent as they are, anything else as JSON."""

    status: int
    body: object = None
    headers: Mapping[str, str] = {}

    def response(self) -> Response:
        raw = b"" if self.body is None else self.body
        body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
        return Response(self.status, self.headers, body)


def drive(flow: Flow[T], *answers: Answer | Exception) -> tuple[list[Request], T]:
    """The requests of the whole flow, and its result; every answer must be used."""
    asked: list[Request] = []
    left = list(answers)
    try:
        asked.append(next(flow))
        while True:
            answer = left.pop(0)
            if isinstance(answer, Exception):
                asked.append(flow.throw(answer))
            else:
                asked.append(flow.send(answer.response()))
    except StopIteration as stop:
        assert not left, f"not asked for: {left}"
        result: T = stop.value
        return asked, result


def paths(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`cf_NAME` stands for `custom_fields.NAME`."""
    return {
        f"custom_fields.{name[3:]}" if name.startswith("cf_") else name: value
        for name, value in fields.items()
    }
