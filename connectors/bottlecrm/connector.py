"""The connector: which requests each operation takes, and in which order.

The token's scopes must reach accounts, contacts, invoices and custom-fields (read and write),
opportunities and org (read). It must be an administrator's: anybody else sees only the accounts and
deals they made or are assigned to, and what is hidden answers like what is gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from syncd.errors import AccessError, ConfigError, RejectedError
from syncd.guide import Discovery, Greeting
from syncd.port import FieldDef, Flow, Found, FoundPage, Identity, Outcome, Page, Read, Scope, Write

from . import guide
from .answers import ask
from .custom_fields import CUSTOM_FIELDS, defined, set_up
from .facts import FACTS
from .search import find, survey
from .sources import described, pull
from .writes import carry_out


class BottleCRM:
    facts = FACTS

    def __init__(self, options: Mapping[str, str]) -> None:
        self.options = options
        self._size = _page_size(options.get("page", "100"))

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        yield from ()  # the token is the credential; nothing is exchanged for it
        token = secrets.get("token", "").strip()
        if not token:
            raise AccessError("the BottleCRM connection has no secret `token`")
        return {"Authorization": f"Bearer {token}"}

    def identity(self) -> Flow[Identity]:
        org = yield from ask("GET", "/api/org/settings/")
        return Identity(str(org["id"]), str(org["name"]))

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        if object.endswith(CUSTOM_FIELDS):
            return (yield from defined(object.removesuffix(CUSTOM_FIELDS)))
        return (yield from described(object))

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        return (yield from pull(read, scope, self._size))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        outcomes = []
        for write in batch:
            try:
                outcome = yield from carry_out(write)
            except RejectedError as error:
                outcome = Outcome(write.remote_id, error=error)
            outcomes.append(outcome)
        return outcomes

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        return (yield from find(target, by, parents))

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        return (yield from survey(target, position))

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        return (yield from set_up(wanted, write=write))

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet())

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        """Documents belong to the books: none are counted here."""
        return (yield from guide.discover(closed))


def _page_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ConfigError(f"the setting page is {text}, expected a whole number above 0")
    return int(text)
