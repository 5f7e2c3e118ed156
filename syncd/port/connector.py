"""What a connector offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from syncd.port.facts import Facts
from syncd.port.reading import Page, Read, Scope
from syncd.port.wire import Flow, Grant, Request, Sending
from syncd.port.writing import FieldDef, Found, FoundPage, Outcome, Write


class Identity(msgspec.Struct, frozen=True):
    """Which company this connection really reaches; `id` never changes for it. `allowance` is what
    the system allows it in 24 hours, in calls or in credits, where that can be told."""

    id: str
    label: str
    allowance: int | None = None


def fields_of(object: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """`fields` of an object whose system describes it by its records alone: what these have. What
    is empty in all of them may lead somewhere, so it leads to an object that is not described."""
    found: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            plain = value is not None and not isinstance(value, list | Mapping)
            found[name] = "" if plain else found.get(name, f"{object}/{name}")
    return found


class Connector(Protocol):
    """A system that is only read raises NotImplementedError nowhere: what `facts` does not declare
    is never called."""

    facts: Facts

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str] | Grant]:
        """Headers for every later request, or a Grant. Asked at the connection's url, and run again
        by the transport after a 401. AccessError; RateLimitedError where it has to wait."""

    def identity(self) -> Flow[Identity]:
        """One cheap call that also proves the system is there."""

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """The fields that an object of the system has now: name -> the object a field leads to,
        empty for a plain value. Nothing at all where it cannot be told. Only if `described`."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        """One page; called again with the page's `next` as position."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        """At most `Target.batch` writes of one target; one rejected record leaves the others."""

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        """Objects whose `id`, `marker` or unique field (by its path) is exactly this; by the id of
        one that people merged into another, that other one, where the system says so. Of a target
        that is listed by its parent alone, an empty `by` means all objects of these parents."""

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        """Every object of the target, page by page, with its marker and unique field."""

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        """The custom fields that are missing; with `write` they are created first, where the target
        `makes_fields`. None of a target that does not list its fields."""


class User(msgspec.Struct, frozen=True):
    """A person of a system: in the CRM who can own a card, in the books who sells."""

    id: str
    name: str
    email: str | None = None
    active: bool = True


class Directory(Protocol):
    """What a connector with `Facts.lists_users` offers beside the rest."""

    def users(self) -> Flow[Sequence[User]]:
        """All of them, also those who may no longer log in."""


class Receiver(Protocol):
    """What a connector with `Facts.acknowledges` offers beside the rest: a source that hands out
    what changed until it is told that this has arrived."""

    def acknowledge(self) -> Flow[None]:
        """Called when what `Since` has shown of every kind since the last call is stored, and not
        before: a read of single keys, or of everything, tells nothing of it. Without it the same
        records come again."""


class Exchanger(Protocol):
    """What a connector with `Facts.exchanged` offers beside the rest."""

    def exchange(self, secrets: Mapping[str, str]) -> Flow[str]:
        """The lasting secret in place of the one that is `exchanged`, which may be a code, or the
        lasting one already. Sent without a credential, and never repeated: the code is spent
        afterwards. AccessError, which says whether the code was refused."""


class Signer(Protocol):
    """What a connector with `Facts.signs` offers beside the rest."""

    def sign(self, request: Request, sending: Sending, secrets: Mapping[str, str]) -> Request:
        """What goes over the wire in place of `request`, a login too; asked again each time it is
        sent. AccessError where the secrets are no good for it."""
