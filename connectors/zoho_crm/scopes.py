"""Which scopes a token lacks: one set-up tells all of them, and not one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from syncd.errors import AccessError
from syncd.port import Flow

from .answers import ScopeError
from .facts import SCOPES

T = TypeVar("T")

_NEEDED: Mapping[str, frozenset[str]] = {
    "modules": frozenset({"READ", "CREATE", "UPDATE"}),
    "settings": frozenset({"READ"}),
    "coql": frozenset({"READ"}),
    "org": frozenset({"READ"}),
}


@dataclass
class Lacking:
    """`scopes` as the API console takes them."""

    scopes: set[str] = field(default_factory=set)

    def compare(self, granted: frozenset[str]) -> None:
        """With what the token has. A scope of a part, as `ZohoCRM.modules.deals.READ`, may do: that
        is left to what is read."""
        for area, operations in _NEEDED.items():
            head = f"ZohoCRM.{area}."
            mine = {one.removeprefix(head) for one in granted if one.startswith(head)}
            whole = {one for one in mine if "." not in one}
            if "ALL" in whole or operations <= whole or whole != mine:
                continue
            self.scopes.add(next(one for one in SCOPES if one.startswith(head)))

    def within(self, flow: Flow[T], otherwise: T) -> Flow[T]:
        try:
            return (yield from flow)
        except ScopeError as error:
            self.scopes.add(error.scope)
            return otherwise

    def refuse(self) -> None:
        if not self.scopes:
            return
        names = ", ".join(one for one in SCOPES if one in self.scopes)
        word = "scope" if len(self.scopes) == 1 else "scopes"
        raise AccessError(
            f"the refresh token lacks the {word} {names}. Generate another code of the same self "
            "client, with all the scopes that docs/connectors/zoho_crm.md lists"
        )
