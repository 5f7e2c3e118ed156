"""The real transport to a system in this process: all of it but the socket."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from syncd.clock import Clock
from syncd.http import HttpTransport
from syncd.port import Connector, Request, Response


class InProcess(HttpTransport):
    """`answer` is asked what the socket would be, and may raise what a transport raises."""

    def __init__(
        self,
        answer: Callable[[Request], Response],
        connector: Connector,
        secrets: Mapping[str, str],
        clock: Clock,
    ) -> None:
        super().__init__("http://system.invalid", connector, secrets, clock)
        self._ask = answer

    def _call(self, address: str, request: Request, credentials: Mapping[str, str]) -> Response:
        headers = {**credentials, **request.headers}
        return self._ask(dataclasses.replace(request, headers=headers))
