"""What one account holds: entities by their content type, and who changed them when. The only place
that changes an entity."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from syncd.sandbox.megaplan.schema import (
    COMPANY,
    CONTRACTOR,
    CONTRACTORS,
    DEAL,
    EMPLOYEE,
    HUMAN,
    PAYER,
    STANDARD,
    STATE,
    Field,
    extra_name,
)
from syncd.sandbox.megaplan.switches import Switches
from syncd.sandbox.megaplan.wire import Json, bare, words

CATEGORY, PROGRAM_ID = 183, 1_000_060
"""In the names of extra fields: of all cards, and of the deals of a program."""
KEPT_WRITES = 20_000
FIRST_IDS = {CONTRACTOR: 1_000_000, EMPLOYEE: 1_000_000, DEAL: 40, PAYER: 500}


@dataclass
class Entity:
    type: str
    id: str
    created: datetime
    updated: datetime
    author: str
    editor: str
    values: dict[str, Any] = field(default_factory=dict)
    dropped: bool = False

    @property
    def link(self) -> Json:
        return bare(self.type, self.id)


@dataclass(frozen=True)
class Written:
    """One line of the list of writes."""

    at: datetime
    employee: str
    action: str
    type: str
    id: str
    sent: Json


def system_clock() -> datetime:
    return datetime.now(UTC)


class Account:
    def __init__(self, switches: Switches, clock: Callable[[], datetime] = system_clock) -> None:
        self.switches = switches
        self._clock = clock
        self._last: dict[str, int] = {}
        self.entities: dict[str, dict[str, Entity]] = {type: {} for type in STANDARD}
        self._extra: dict[str, dict[str, Field]] = {type: {} for type in STANDARD}
        self.written: deque[Written] = deque(maxlen=KEPT_WRITES)
        self.own = ""
        """Name of the company whose account it is."""

    # Time and names

    def now(self) -> datetime:
        ahead = self._clock() + timedelta(seconds=self.switches.skew)
        return ahead.astimezone(UTC).replace(microsecond=0)

    def _next(self, type: str) -> str:
        group = CONTRACTOR if type in CONTRACTORS else type
        self._last[group] = self._last.get(group, FIRST_IDS.get(group, 0)) + 1
        return str(self._last[group])

    # Fields

    def fields(self, type: str) -> Mapping[str, Field]:
        """Its own ones, then those that people made."""
        return {**{one.name: one for one in STANDARD[type]}, **self.extra(type)}

    def extra(self, type: str) -> Mapping[str, Field]:
        fields = self._extra[type].items()
        return {name: one for name, one in fields if not one.given or self.switches.prepared}

    def make_field(self, type: str, label: str, kind: str, *, given: bool = False) -> Field:
        """`given`: only as long as the account is prepared."""
        number = CATEGORY if type != DEAL else PROGRAM_ID
        name = base = extra_name(number, label)
        count = 0
        while name in self._extra[type]:
            count += 1
            name = f"{base}{count}"
        made = Field(name, kind, label=label, id=self._next("Field"), given=given)
        self._extra[type][name] = made
        return made

    def named(self, type: str, label: str) -> Field:
        """The extra field of this label. KeyError."""
        for one in self.extra(type).values():
            if one.label == label:
                return one
        raise KeyError(label)

    # Entities

    def get(self, type: str, id: str) -> Entity | None:
        """Of `Contractor`, whichever of the two it is."""
        if type == CONTRACTOR:
            return self.get(COMPANY, id) or self.get(HUMAN, id)
        return self.entities.get(type, {}).get(id)

    def linked(self, link: Any) -> Entity | None:
        return self.get(str(link["contentType"]), str(link["id"])) if link else None

    def rows(self, type: str) -> Iterator[Entity]:
        """Those that are there."""
        for one in CONTRACTORS if type == CONTRACTOR else (type,):
            yield from (row for row in self.entities[one].values() if not row.dropped)

    def seen(self, row: Entity, employee: str) -> bool:
        """Whether this employee's rights reach so far."""
        if row.id in words(self.switches.forbidden):
            return False
        if self.switches.sees == "all" or row.type not in (*CONTRACTORS, DEAL):
            return True
        mine = row.values.get("responsibles") or [row.values.get("manager")]
        return any(one and str(one["id"]) == employee for one in mine)

    def add(self, type: str, values: Mapping[str, Any], employee: str) -> Entity:
        now = self.now()
        made = Entity(type, self._next(type), now, now, employee, employee, dict(values))
        if type == DEAL:
            made.values.setdefault("number", f"№{made.id}")
            made.values.setdefault("stateTimeUpdated", now)
        self.entities[type][made.id] = made
        return made

    def change(self, row: Entity, values: Mapping[str, Any], employee: str) -> None:
        same = all(row.values.get(name) == value for name, value in values.items())
        if same and not self.switches.equal_update_moves:
            return
        row.values.update(values)
        self.touch(row, employee)
        if row.type == PAYER and self.switches.payer_moves_card:
            card = self.linked(row.values.get("contractor"))
            if card:
                self.touch(card, employee)

    def touch(self, row: Entity, employee: str) -> None:
        row.updated, row.editor = self.now(), employee

    def move(self, deal: Entity, state: Entity, employee: str) -> None:
        """Into another state of its program."""
        self.change(deal, {"state": state.link, "stateTimeUpdated": self.now()}, employee)

    def note(self, employee: str, action: str, row: Entity, sent: Json) -> None:
        self.written.append(Written(self.now(), employee, action, row.type, row.id, sent))

    # What an entity does not hold itself

    def derived(self, row: Entity, name: str) -> Any:
        match row.type, name:
            case _, "timeCreated":
                return row.created
            case _, "timeUpdated":
                return row.updated
            case _, "userCreated":
                return bare(EMPLOYEE, row.author)
            case _, "userUpdated":
                return bare(EMPLOYEE, row.editor)
            case _, "isDropped":
                return row.dropped
            case _, "payers":
                return [one.link for one in self._of(PAYER, "contractor", row)]
            case "ContractorCompany", "contacts":
                return [one.link for one in self._of(HUMAN, "company", row)]
            case _, "countDeals":
                return sum(1 for _ in self._of(DEAL, "contractor", row))
            case "ContractorHuman", "name":
                parts = (row.values.get(one) for one in ("lastName", "firstName", "middleName"))
                return " ".join(part for part in parts if part)
            case "Deal", "result":
                state = self.linked(row.values.get("state"))
                return state.values["type"] if state else "active"
            case "Deal", "possibleTransitions":
                return self.transitions(row)
            case "Program", "states":
                return [one.link for one in self._of(STATE, "program", row)]
        if name.startswith("summ") or name == "balance":
            return {"contentType": "Money", "currency": "RUB", "value": Decimal(0)}
        return row.values.get(name)

    def _of(self, type: str, by: str, row: Entity) -> Iterator[Entity]:
        for one in self.rows(type):
            link = one.values.get(by)
            if link and str(link["id"]) == row.id and link["contentType"] == row.type:
                yield one

    def transitions(self, deal: Entity) -> list[Json]:
        """To each other state of its program."""
        program = self.linked(deal.values.get("program"))
        now = deal.values.get("state") or {}
        found = []
        for state in self._of(STATE, "program", program) if program else ():
            if state.id != now.get("id"):
                one = bare("ProgramTransition", f"{now.get('id')}{state.id}")
                found.append({**one, "name": f"→ {state.values['name']}", "to": state.link})
        return found
