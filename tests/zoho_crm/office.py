"""A sandbox of Zoho CRM, in this process or behind HTTP, and what people do in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from syncd.clock import Clock, SystemClock
from syncd.sandbox.serve import Served
from syncd.sandbox.zoho_crm import Zoho
from syncd.sandbox.zoho_crm.crm import Row
from syncd.sandbox.zoho_crm.writing import Writing
from tests.standin import Standin


class Office(Standin):
    """One company; `transport` are its ways in."""

    wrong: ClassVar[Mapping[str, str]] = {"refresh_token": "1000.не-тот"}  # that nobody gave out

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
