"""A sandbox of Zoho CRM, in this process or behind HTTP, and what people do in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from connectors.zoho_crm import ZohoCrm
from syncd.clock import Clock, SystemClock
from syncd.errors import DoubtError, UnavailableError
from syncd.http import HttpTransport
from syncd.http.transport import encoded
from syncd.port import Connector, Request, Response
from syncd.sandbox.port import Asked
from syncd.sandbox.serve import Served, listen
from syncd.sandbox.serve import url as url_of
from syncd.sandbox.zoho_crm import Zoho
from syncd.sandbox.zoho_crm.crm import Row
from syncd.sandbox.zoho_crm.writing import Writing

HERE = "http://sandbox.invalid"


class InProcess(HttpTransport):
    """The real transport, but for the socket."""

    served: Served

    def _call(self, address: str, request: Request, credentials: Mapping[str, str]) -> Response:
        assert address == HERE
        body = b"" if request.json is None else encoded(request.json)
        if request.form is not None:
            body = urlencode(request.form).encode()
        headers = {k.lower(): v for k, v in {**credentials, **request.headers}.items()}
        asked = Asked(request.method, request.path, urlencode(request.query), headers, body)
        done = self.served.exchange(asked)
        if done is None:
            raise DoubtError("cut") if request.write else UnavailableError("cut")
        answer, size = done
        if size < len(answer.body):
            raise DoubtError("cut") if request.write else UnavailableError("cut")
        lower = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, lower, answer.body)


class Office:
    """One company; `transport` are its ways in."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.zoho = Zoho(self.clock.utc)
        self.crm = self.zoho.crm
        self.served = Served(self.zoho)
        self.user = next(iter(self._users()))

    def _users(self) -> Iterator[str]:
        from syncd.sandbox.zoho_crm.company import fill

        fill(self.crm, None, 1, 0)
        yield from self.crm.users

    def secrets(self, url: str = HERE) -> Mapping[str, str]:
        told = dict(self.zoho.hello(url))
        told.pop("url")
        return told

    def inside(self, connector: Connector, clock: Clock | None = None, **more: Any) -> InProcess:
        transport = InProcess(HERE, connector, self.secrets(), clock or self.clock, **more)
        transport.served = self.served
        return transport

    def stranger(self, connector: ZohoCrm) -> InProcess:
        """With a refresh token that nobody gave out."""
        secrets = {**self.secrets(), "refresh_token": "1000.не-тот"}
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

    # -- people ---------------------------------------------------------------------------------

    def rows(self, module: str) -> list[Row]:
        return list(self.crm.rows[module].values())

    def having(self, module: str, **values: object) -> list[Row]:
        return [
            row
            for row in self.rows(module)
            if all(row.values.get(name) == value for name, value in values.items())
        ]

    def add(self, module: str, **values: object) -> str:
        made = self._writing(module).insert(dict(values), "$.data[0]")
        return str(made["details"]["id"])

    def change(self, module: str, remote_id: str, **values: object) -> None:
        self._writing(module).update({"id": remote_id, **values}, "$.data[0]")

    def delete(self, module: str, remote_id: str) -> None:
        self._writing(module).delete(remote_id, {})

    def restore(self, remote_id: str) -> None:
        self.crm.restore(remote_id, self.user)

    def _writing(self, module: str) -> Writing:
        return Writing(self.crm, self.crm.module(module), self.user)


Make = Callable[..., Office]
