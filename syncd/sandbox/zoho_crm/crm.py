"""What the CRM knows: users, modules, records. The only place that changes a record."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.zoho_crm.schema import ANY, Field, Module, api_name
from syncd.sandbox.zoho_crm.standard import modules
from syncd.sandbox.zoho_crm.switches import Switches
from syncd.sandbox.zoho_crm.wire import Json, Refused

PREFIX = 5725767000000000000
KEPT_WRITES = 20_000
SYSTEM = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")


@dataclass
class User:
    id: str
    first_name: str
    last_name: str
    email: str
    active: bool = True

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass
class Row:
    id: str
    module: str
    created: datetime
    created_by: str
    modified: datetime
    modified_by: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Deleted:
    row: Row
    name: object
    at: datetime
    by: str


@dataclass
class Written:
    """One line of the list of writes; `trigger` None means that all automation ran."""

    at: datetime
    user: str
    action: str
    module: str
    id: str
    name: object
    sent: Json
    trigger: list[str] | None
    ran: tuple[str, ...]
    error: str = ""


@dataclass
class Currency:
    iso_code: str
    name: str
    symbol: str
    exchange_rate: str
    decimals: str = "2"
    active: bool = True


CURRENCIES = (
    Currency("RUB", "Russian Ruble - RUB", "₽", "1.000000000"),
    Currency("EUR", "Euro - EUR", "€", "98.500000000"),
    Currency("USD", "US Dollar - USD", "$", "91.200000000"),
    Currency("JPY", "Japanese Yen - JPY", "¥", "0.610000000", "0"),
    Currency("CNY", "Chinese Yuan - CNY", "元", "12.700000000", active=False),
)


def system_clock() -> datetime:
    return datetime.now(UTC)


class Crm:
    def __init__(self, switches: Switches, clock: Callable[[], datetime] = system_clock) -> None:
        self.switches = switches
        self._clock = clock
        self._count = 0
        self.users: dict[str, User] = {}
        self.modules: dict[str, Module] = {}
        self.rows: dict[str, dict[str, Row]] = {}
        self.deleted: list[Deleted] = []
        self.written: deque[Written] = deque(maxlen=KEPT_WRITES)
        self._home: dict[str, str] = {}
        self._index: dict[tuple[str, str], dict[str, set[str]]] = {}
        for module in modules():
            self.adopt(module)

    # Time and names

    def now(self) -> datetime:
        ahead = self._clock() + timedelta(seconds=self.switches.skew)
        return ahead.replace(microsecond=0)

    def stamp(self, at: datetime) -> str:
        """With the offset of the user's zone, whole seconds."""
        return at.astimezone(ZoneInfo(self.switches.zone)).isoformat(timespec="seconds")

    def next_id(self) -> str:
        self._count += 1
        return str(PREFIX + self._count)

    # Modules and fields

    def adopt(self, module: Module) -> None:
        module.id = module.id or self.next_id()
        for one in module.fields.values():
            one.id = one.id or self.next_id()
        self.modules[module.api_name] = module
        self.rows[module.api_name] = {}

    def module(self, name: str, index: int = 0) -> Module:
        found = self.modules.get(name)
        if found is None or (found.preset and not self.switches.prepared):
            message = "the module name given seems to be invalid"
            raise Refused("INVALID_MODULE", message, resource_path_index=index)
        return found

    def shown_modules(self) -> list[Module]:
        return [one for one in self.modules.values() if self.switches.prepared or not one.preset]

    def fields(self, module: Module) -> dict[str, Field]:
        """Those that are there, by API name."""
        money = self.switches.multi_currency
        return {
            name: one
            for name, one in module.fields.items()
            if not one.deleted
            and (self.switches.prepared or not one.preset)
            and (money or name not in ("Currency", "Exchange_Rate"))
        }

    def add_field(self, module: Module, made: Field) -> None:
        made.id = self.next_id()
        module.fields[made.api_name] = made
        if made.lookup and not made.related:
            made.related = api_name(made.related_label or module.plural, self.related(made.lookup))

    def related(self, module: str) -> set[str]:
        return set(self.related_lists(module))

    def related_lists(self, module: str) -> dict[str, tuple[Module, Field]]:
        """API name of a list on the card -> the module it lists, and its lookup."""
        return {
            one.related: (child, one)
            for child in self.shown_modules()
            for one in self.fields(child).values()
            if one.related and one.lookup in (module, ANY)
        }

    # Records

    def locked(self, row: Row) -> bool:
        return row.id in words(self.switches.locked)

    def find(self, module: Module, of: Field, value: object) -> list[Row]:
        """Records whose field has that value, the oldest first."""
        rows = self.rows[module.api_name]
        if of.api_name == "id":
            return [rows[value]] if isinstance(value, str) and value in rows else []
        key = (module.api_name, of.api_name)
        if key not in self._index:
            index: dict[str, set[str]] = {}
            for row in rows.values():
                if (known := _key(of, row.values.get(of.api_name))) is not None:
                    index.setdefault(known, set()).add(row.id)
            self._index[key] = index
        wanted = _key(of, value)
        ids = self._index[key].get(wanted, set()) if wanted is not None else set()
        return [rows[one] for one in sorted(ids, key=int)]

    def get(self, id: object, module: str = ANY) -> Row | None:
        home = self._home.get(id) if isinstance(id, str) else None
        if home is None or module not in (ANY, home):
            return None
        return self.rows[home][str(id)]

    def put(self, row: Row, values: Json) -> None:
        """The record gets these values; a new one is there from now on."""
        module = self.modules[row.module]
        self._unindex(row)
        row.values.update(values)
        self.rows[row.module][row.id] = row
        self._home[row.id] = row.module
        for (name, of), index in self._index.items():
            if name == row.module:
                known = _key(module.fields[of], row.values.get(of))
                if known is not None:
                    index.setdefault(known, set()).add(row.id)

    def remove(self, row: Row, user: str) -> None:
        self._unindex(row)
        del self.rows[row.module][row.id], self._home[row.id]
        name = row.values.get(self.modules[row.module].display)
        self.deleted.append(Deleted(row, name, self.now(), user))

    def restore(self, id: str, user: str) -> None:
        """Out of the recycle bin, as a person does it."""
        [bin] = [one for one in self.deleted if one.row.id == id]
        self.deleted.remove(bin)
        self.put(bin.row, {})
        if self.switches.restore_moves:
            bin.row.modified, bin.row.modified_by = self.now(), user

    def _unindex(self, row: Row) -> None:
        module = self.modules[row.module]
        for (name, of), index in self._index.items():
            if name == row.module:
                index.get(_key(module.fields[of], row.values.get(of)) or "", set()).discard(row.id)

    def children(self, module: Module, of: Field, id: str) -> Iterator[Row]:
        return (
            one for one in self.rows[module.api_name].values() if one.values.get(of.api_name) == id
        )

    # How a record looks from outside

    def shown(self, row: Row, names: Iterable[str] | None = None) -> Json:
        """`names` None: all fields. A name that the module does not have is left out in silence."""
        module = self.modules[row.module]
        known = self.fields(module)
        wanted = known if names is None else [one for one in names if one in known]
        found = {name: self.value(row, known[name]) for name in wanted}
        found["id"] = row.id
        return found

    def value(self, row: Row, of: Field) -> object:
        match of.api_name:
            case "id":
                return row.id
            case "Created_Time":
                return self.stamp(row.created)
            case "Modified_Time":
                return self.stamp(row.modified)
            case "Created_By":
                return self.person(row.created_by)
            case "Modified_By":
                return self.person(row.modified_by)
        value = row.values.get(of.api_name)
        if value is None:
            return None
        if of.data_type == "ownerlookup":
            return self.person(value)
        if of.data_type == "lookup":
            return self.link(value, of)
        if of.data_type == "datetime":
            return self.stamp(value)
        if of.data_type == "subform":
            return [self._line(one, self.modules[of.subform]) for one in value]
        return value

    def person(self, id: str) -> Json:
        user = self.users[id]
        return {"name": user.name, "id": id, "email": user.email}

    def link(self, id: str, of: Field) -> Json | None:
        """None once the other record is deleted."""
        other = self.get(id, of.lookup)
        if other is None:
            return None
        return {"name": other.values.get(self.modules[other.module].display), "id": id}

    def _line(self, line: Json, module: Module) -> Json:
        def inside(name: str, value: object) -> object:
            of = module.fields.get(name)
            return self.link(str(value), of) if of and of.data_type == "lookup" and value else value

        return {name: inside(name, value) for name, value in line.items()}


def words(text: str) -> set[str]:
    return set(text.replace(",", " ").split())


def _key(of: Field, value: object) -> str | None:
    if value is None or isinstance(value, list | dict):
        return None
    return str(value) if of.case_sensitive else str(value).casefold()
