"""What each write takes: a hundred records go in one, and each has an answer of its own.

An upsert by the key of the books finds what an earlier one made. Automation is off unless the
connection says otherwise, for what the books say is news to nobody's workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from syncd.errors import ConfigError, DoubtError, DuplicateError, NotFoundError, RejectedError
from syncd.port import Flow, Op, Outcome, Write

from . import coql, objects
from .answers import ask, elements, judged
from .facts import FACTS, NAME, OWNER

AUTOMATION = ("approval", "workflow", "blueprint", "pathfinder", "orchestration")

Send = Callable[[Sequence[Write]], Flow[Sequence[Outcome]]]


def triggers(text: str) -> tuple[str, ...] | None:
    """None: all, which is what Zoho does where nothing is said. ConfigError."""
    if text in ("none", "all"):
        return () if text == "none" else None
    names = tuple(one.strip() for one in text.split(","))
    if unknown := [one for one in names if one not in AUTOMATION]:
        raise ConfigError(
            f"the setting trigger names {', '.join(unknown)}, expected none, all, or some of: "
            f"{', '.join(AUTOMATION)}"
        )
    return names


class Writer:
    def __init__(self, id_field: str, trigger: tuple[str, ...] | None) -> None:
        self._id_field = id_field
        self._trigger = {} if trigger is None else {"trigger": list(trigger)}

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        outcomes: list[Outcome] = []
        for op, some in groupby(batch, key=lambda write: write.op):
            outcomes += yield from self._ways[op](self, list(some))
        return outcomes

    def _create(self, writes: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        writes = yield from self._ownerless(writes)
        taken = yield from self._taken(writes)
        free = [write for write, error in zip(writes, taken, strict=True) if error is None]
        made = iter((yield from in_halves(free, self._upsert)) if free else ())
        return [next(made) if error is None else Outcome(None, error=error) for error in taken]

    def _ownerless(self, writes: Sequence[Write]) -> Flow[list[Write]]:
        """An upsert would give a card that is there already another owner."""
        owned = [write.marker for write in writes if OWNER in write.fields]
        there: set[str] = set()
        for some in coql.chunks(owned):
            where = [coql.one_of(self._id_field, some)]
            rows = yield from coql.every(["id", self._id_field], writes[0].target, where)
            there |= {str(row[self._id_field]) for row in rows}
        return [_without_owner(write) if write.marker in there else write for write in writes]

    def _upsert(self, writes: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        content = {
            "data": [objects.body(write, self._id_field) for write in writes],
            "duplicate_check_fields": [self._id_field],
            **self._trigger,
        }
        target = writes[0].target
        price = credits(len(writes))
        body = yield from ask("POST", f"/{target}/upsert", body=content, write=True, cost=price)
        return _outcomes(body, writes)

    def _update(self, writes: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        return (yield from in_halves(writes, self._put))

    def _put(self, writes: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        content = {
            "data": [objects.body(write, self._id_field) for write in writes],
            **self._trigger,
        }
        target, price = writes[0].target, credits(len(writes))
        body = yield from ask("PUT", f"/{target}", body=content, write=True, cost=price)
        return _outcomes(body, writes)

    def _remove(self, writes: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        return (yield from in_halves(writes, self._delete))

    def _delete(self, writes: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        """What is refused as data is not there: nothing else of an id can be wrong."""
        query = {"ids": ",".join(str(write.remote_id) for write in writes)}
        if self._trigger:
            query["wf_trigger"] = str("workflow" in self._trigger["trigger"]).lower()
        try:
            body = yield from ask("DELETE", f"/{writes[0].target}", query, write=True)
        except NotFoundError:
            raise
        except RejectedError as error:
            raise _gone(error) from None
        outcomes = _outcomes(body, writes)
        return [Outcome(None, error=_gone(one.error)) if one.error else one for one in outcomes]

    def _taken(self, writes: Sequence[Write]) -> Flow[list[DuplicateError | None]]:
        """Of new accounts, whose name another one has, and of new contacts, whose e-mail: Zoho
        would take both."""
        target = writes[0].target
        unique = FACTS.targets[target].unique
        if unique is None:
            return [None] * len(writes)
        names = [str(write.fields.get(unique) or "").strip() for write in writes]
        owners: dict[str, list[Mapping[str, Any]]] = {}
        for some in coql.chunks(list(dict.fromkeys(filter(None, names)))):
            where = [coql.one_of(unique, some)]
            select = ["id", unique, self._id_field]
            for row in (yield from coql.every(select, target, where)):
                owners.setdefault(str(row[unique]).strip().casefold(), []).append(row)
        called = "name is that of account" if unique == NAME else "e-mail is that of contact"
        found: list[DuplicateError | None] = []
        for write, name in zip(writes, names, strict=True):
            mine = owners.setdefault(name.casefold(), []) if name else []
            others = [one for one in mine if one.get(self._id_field) != write.marker]
            text = f"the {called} {others[0]['id']}" if others else ""
            found.append(DuplicateError(text, unique) if others else None)
            mine.append({"id": "in the same request", self._id_field: write.marker})
        return found

    _ways: Mapping[Op, Callable[[Writer, Sequence[Write]], Flow[Sequence[Outcome]]]] = {
        Op.CREATE: _create,
        Op.UPDATE: _update,
        Op.REMOVE: _remove,
    }


def _without_owner(write: Write) -> Write:
    fields = {path: value for path, value in write.fields.items() if path != OWNER}
    return msgspec.structs.replace(write, fields=fields)


def credits(records: int) -> int:
    """One for each ten records of a write (vendor: "API limits")."""
    return -(-records // 10)


def in_halves(writes: Sequence[Write], send: Send) -> Flow[Sequence[Outcome]]:
    """A request that is refused as a whole is sent again in two, until what is wrong is alone."""
    try:
        return (yield from send(writes))
    except RejectedError as error:
        if len(writes) == 1:
            return [Outcome(None, error=error)]
    middle = len(writes) // 2
    first = yield from in_halves(writes[:middle], send)
    second = yield from in_halves(writes[middle:], send)
    return [*first, *second]


def _outcomes(body: Any, writes: Sequence[Write]) -> Sequence[Outcome]:
    """The answer carries ids and times, no values."""
    answers = elements(body, "data", len(writes))
    return list(_each(answers, writes))


def _each(answers: Sequence[Mapping[str, Any]], writes: Sequence[Write]) -> Iterator[Outcome]:
    for element, write in zip(answers, writes, strict=True):
        error = judged(element, write.target)
        if error is not None:
            yield Outcome(None, error=error)
            continue
        remote_id = (element.get("details") or {}).get("id") or write.remote_id
        if remote_id is None:
            raise DoubtError("Zoho took a record, and does not say under which id")
        yield Outcome(str(remote_id))


def _gone(error: RejectedError) -> RejectedError:
    return NotFoundError(str(error)) if "INVALID_DATA" in str(error) else error
