"""What each write takes: one POST for one card, with the keys that change and no others.

Last writer wins there, so nothing is sent that the mapping does not own. The list of contacts alone
is written as a whole: it is read first, and goes back with one phone or e-mail changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.domain import Value
from syncd.errors import ProtocolError, RejectedError
from syncd.port import Flow, Found, Op, Outcome, Write

from . import contacts
from .answers import ForbiddenError, ask
from .extra import Extra, ExtraFields
from .facts import CUSTOM, EMPLOYEE, INFO, OWNER, SEGMENTS
from .search import Finder
from .values import Json, sent


@dataclass(frozen=True, slots=True)
class Writer:
    extra: ExtraFields
    finder: Finder
    id_field: str
    currency: str

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        outcomes = []
        for write in batch:
            try:
                outcome = yield from self._carry_out(write)
            except ForbiddenError as error:
                if write.op is Op.CREATE:
                    raise
                outcome = Outcome(write.remote_id, error=RejectedError(str(error)))
            except RejectedError as error:
                self.extra.forget()  # it may be about a field that is another one by now
                outcome = Outcome(write.remote_id, error=error)
            outcomes.append(outcome)
        return outcomes

    def _carry_out(self, write: Write) -> Flow[Outcome]:
        if write.op is Op.REMOVE:
            raise ProtocolError("nothing is removed from Megaplan, and its facts say so")
        fields = dict(write.fields)
        if write.op is Op.CREATE:
            fields.setdefault(CUSTOM + self.id_field, write.marker)
            fields = {path: value for path, value in fields.items() if value is not None}
        extras = yield from self.extra.each(write.target, fields)
        body = yield from self._body(write, fields, extras)
        path = SEGMENTS[write.target] + (f"/{write.remote_id}" if write.remote_id else "")
        try:
            row = yield from ask("POST", path, body=body, write=True)
        except RejectedError as error:
            error.field = _path(error.field, fields, extras)
            raise
        [found] = yield from self.finder.found(write.target, [row])
        return Outcome(found.remote_id, _seen(row, found, write.fields, body))

    def _body(
        self, write: Write, fields: Mapping[str, Value], extras: Mapping[str, Extra]
    ) -> Flow[Json]:
        """A value for a field that is not there is left out, and then seen as nothing."""
        body: Json = {"contentType": write.target}
        if write.remote_id:
            body["id"] = write.remote_id
        for path, value in fields.items():
            if one := extras.get(path):
                try:
                    body[one.name] = sent(one.kind, value, self.currency)
                except ValueError as error:
                    raise RejectedError(f"{one.label}: {error}", path) from None
            elif path == OWNER:
                body[path] = [{"contentType": EMPLOYEE, "id": str(value)}] if value else []
            elif path not in contacts.KINDS and not path.startswith(CUSTOM):
                body[path] = "" if value is None else value
        if any(kind in fields for kind in contacts.KINDS):
            info = (yield from self._info(write)) if write.remote_id else []
            body[INFO] = contacts.changed(info, fields)
        return body

    def _info(self, write: Write) -> Flow[list[Json]]:
        card = yield from ask("GET", f"{SEGMENTS[write.target]}/{write.remote_id}")
        return list(card.get(INFO) or ())


def _seen(
    row: Mapping[str, Any], found: Found, wanted: Mapping[str, Value], body: Json
) -> Mapping[str, Value] | None:
    """Where the answer does not show all that was sent, it shows nothing that counts."""
    if not body.keys() <= row.keys():
        return None
    return {path: found.fields.get(path) for path in wanted}


def _path(name: str | None, fields: Mapping[str, Value], extras: Mapping[str, Extra]) -> str | None:
    """As the mapping writes it."""
    if name == INFO:
        return next((kind for kind in contacts.KINDS if kind in fields), name)
    return next((path for path, one in extras.items() if one.name == name), name)
