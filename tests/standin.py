"""Ways into a sandbox: inside this process by the real transport, or behind HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from syncd.clock import Clock
from syncd.errors import DoubtError, UnavailableError
from syncd.http import HttpTransport
from syncd.http.outgoing import encoded, query_of
from syncd.port import Connector, Request, Response
from syncd.sandbox.port import Asked
from syncd.sandbox.serve import Served, listen
from syncd.sandbox.serve import url as url_of

HERE = "http://sandbox.invalid"


class InProcess(HttpTransport):
    """The real transport, but for the socket."""

    served: Served

    def _call(self, address: str, request: Request, credentials: Mapping[str, str]) -> Response:
        assert address == HERE
        body = b"" if request.json is None else encoded(request.json)
        if request.form is not None:
            body = urlencode(request.form).encode()
        given = {**credentials, **request.headers, "host": "sandbox.invalid"}
        headers = {name.lower(): value for name, value in given.items()}
        path = quote(request.path, safe="/:!%")
        asked = Asked(request.method, path, query_of(request), headers, body)
        done = self.served.exchange(asked)
        if done is None or done[1] < len(done[0].body):
            raise DoubtError("cut") if request.write else UnavailableError("cut")
        answer = done[0]
        lower = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, lower, answer.body)


class Standin:
    """A sandbox with a login of its own. `wrong` are secrets that are not the right ones."""

    clock: Clock
    served: Served
    wrong: ClassVar[Mapping[str, str]]

    def secrets(self, url: str = HERE) -> Mapping[str, str]:
        told = dict(self.served.sandbox.hello(url))
        told.pop("url")
        return told

    def inside(self, connector: Connector, clock: Clock | None = None, **more: Any) -> InProcess:
        transport = InProcess(HERE, connector, self.secrets(), clock or self.clock, **more)
        transport.served = self.served
        return transport

    def stranger(self, connector: Connector) -> InProcess:
        secrets = {**self.secrets(), **self.wrong}
        transport = InProcess(HERE, connector, secrets, self.clock)
        transport.served = self.served
        return transport

    @contextmanager
    def behind_http(self) -> Iterator[Callable[..., HttpTransport]]:
        """Makes transports, with other secrets where any are given."""
        with listen(self.served) as server:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            address = url_of(server)
            made: list[HttpTransport] = []

            def connect(connector: Connector, clock: Clock, **other: str) -> HttpTransport:
                secrets = {**self.secrets(address), **other}
                made.append(HttpTransport(address, connector, secrets, clock))
                return made[-1]

            try:
                yield connect
            finally:
                for way in made:
                    way.close()
                server.shutdown()
