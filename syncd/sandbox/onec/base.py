"""A base of 1C in memory: its objects, the rows documents write into registers, and what a plan of
exchange has registered.

An object is a dict with the names of the wire: `Партнер_Key`, and for one of several types
`Заказ` and `Заказ_Type`. Amounts are Decimal, dates text as on the wire, references text in lower
case. A part is a list of such dicts.
"""

from __future__ import annotations

import base64
import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from syncd.sandbox.onec.refusals import BUSINESS, Refusal, handler, no_object
from syncd.sandbox.onec.shapes import (
    NAMESPACE,
    NO_REF,
    UNDEFINED,
    Configuration,
    Entity,
    Field,
    Register,
)
from syncd.sandbox.onec.switches import Switches

WIRE = "%Y-%m-%dT%H:%M:%S"
Record = dict[str, Any]
Row = dict[str, Any]
Recorder = tuple[str, str]
Posted = Mapping[Recorder, Mapping[str, list[Row]]]
"""Document -> register -> its rows, without Recorder and LineNumber."""


class Posting(Protocol):
    """The module of a configuration that knows what documents move."""

    def moved(self, base: Base, name: str, document: Record, posted: bool) -> Posted:
        """All rows of this document, and for others that move with it those that may differ."""


class Base:
    def __init__(
        self,
        configuration: Configuration,
        posting: Posting,
        now: Callable[[], dt.datetime],
        switches: Switches,
        seed: int,
    ) -> None:
        self.configuration = configuration
        self.switches = switches
        self.chance = random.Random(seed)
        self.objects: dict[str, dict[str, Record]] = {name: {} for name in configuration.entities}
        self.rows: dict[str, dict[Recorder, list[Row]]] = {
            name: {} for name in configuration.registers
        }
        self.changes: list[Callable[[str, str], None]] = []
        """Called with (set, key) after each write; for a register with (register, "Set key")."""
        self._posting = posting
        self._now = now
        self._versions: dict[tuple[str, str], int] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    # time and keys

    def now(self) -> str:
        """Wall time of the server, as on the wire."""
        return self._clock().astimezone(ZoneInfo(self.switches.zone)).strftime(WIRE)

    def moment(self) -> str:
        """The same in UTC, as the few places of Atom have it that know zones."""
        return self._clock().strftime(WIRE) + "Z"

    def _clock(self) -> dt.datetime:
        return self._now() + dt.timedelta(seconds=self.switches.skew)

    def key(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    # reading

    def entity(self, name: str) -> Entity:
        return self.configuration.entities[name]

    def get(self, name: str, key: str) -> Record:
        """Refusal where it is not there."""
        found = self.objects[name].get(key)
        if found is None:
            raise no_object(name, key)
        return found

    def follow(self, field: Field, row: Record) -> tuple[str, Record] | None:
        """What a reference leads to; None where it dangles, is empty or is no reference."""
        name = field.targets[0] if field.type == "ref" else self.type_of(row, field)
        found = self.objects.get(name, {}).get(row.get(field.wire, ""))
        return (name, found) if found is not None else None

    @staticmethod
    def type_of(row: Record, field: Field) -> str:
        return str(row.get(f"{field.name}_Type", "")).removeprefix(NAMESPACE)

    def presentation(self, name: str, record: Record) -> str:
        if name.startswith("Document_"):
            day = ".".join(reversed(record["Date"][:10].split("-")))
            return f"{name.removeprefix('Document_')} {record['Number']} от {day}"
        return str(record.get("Description", ""))

    def register_rows(self, name: str) -> Iterator[Row]:
        for rows in self.rows[name].values():
            yield from rows

    # writing

    def create(self, name: str, values: Record, key: str | None = None) -> Record:
        entity = self.entity(name)
        record = dict(entity.blank)
        record |= {part: [] for part in entity.parts}
        key = key or self.key()
        record |= values
        record["Ref_Key"] = key
        self._complete(entity, record)
        posted = record.pop("Posted", False)
        if entity.kind == "Document":
            if not values.get("Date"):
                record["Date"] = self.now()
            self._open_period(record)
            record["Posted"] = False
        number = "Number" if entity.kind == "Document" else "Code"
        if number in entity.by_wire and not record[number]:
            record[number] = self._number(name, record)
        self.objects[name][key] = record
        self._wrote(name, record)
        if posted:
            self.post(name, key)
        return record

    def change(self, name: str, key: str, values: Record) -> Record:
        """Only the values given; a part is replaced as a whole. Posted is a value like others."""
        record = self.get(name, key)
        self._open_period(record)
        self._open_period(values)
        values = {one: value for one, value in values.items() if one != "Ref_Key"}
        posted = values.pop("Posted", record.get("Posted", False))
        if values.get("DeletionMark") and record.get("Posted") and posted:
            raise Refusal(500, BUSINESS, "Помеченный на удаление документ не может быть проведен!")
        record.update(values)
        self._complete(self.entity(name), record)
        if name.startswith("Document_") and posted:
            return self.post(name, key)
        if name.startswith("Document_") and record["Posted"]:
            record["Posted"] = False
            self._register(name, record)
        self._wrote(name, record)
        return record

    def delete(self, name: str, key: str) -> None:
        """Physically; references to it dangle."""
        record = self.get(name, key)
        if record.get("Predefined"):
            raise Refusal(500, BUSINESS, "Предопределенный элемент не может быть удален!")
        self._open_period(record)
        record["Posted"] = False
        self._register(name, record)
        del self.objects[name][key]
        for told in self.changes:
            told(name, key)

    def post(self, name: str, key: str) -> Record:
        """Posted again where it is posted already."""
        record = self.get(name, key)
        self._open_period(record)
        if record["DeletionMark"]:
            raise Refusal(500, BUSINESS, "Помеченный на удаление документ не может быть проведен!")
        record["Posted"] = True
        self._register(name, record)
        self._wrote(name, record)
        return record

    def unpost(self, name: str, key: str) -> Record:
        record = self.get(name, key)
        self._open_period(record)
        record["Posted"] = False
        self._register(name, record)
        self._wrote(name, record)
        return record

    # within

    def _register(self, name: str, document: Record) -> None:
        if not name.startswith("Document_"):
            return
        moved = self._posting.moved(self, name, document, document["Posted"])
        for recorder, rows in moved.items():
            own = recorder == (name, document["Ref_Key"])
            for register in self.rows if own else rows:
                self._put_rows(register, recorder, rows.get(register, []), always=own)

    def _put_rows(
        self, register: str, recorder: Recorder, rows: list[Row], *, always: bool
    ) -> None:
        """The whole set of one recorder; told of where it differs, or `always`."""
        held = self.rows[register]
        before = held.pop(recorder, [])
        shape = self.configuration.registers[register]
        name, key = recorder
        common = {"Recorder": key, "Recorder_Key": key, "Recorder_Type": NAMESPACE + name}
        made = [
            _settle({**shape.blank, "Active": True, **row, **common, "LineNumber": number}, shape)
            for number, row in enumerate(rows, 1)
        ]
        if made:
            held[recorder] = made
        if made != before or (always and made):
            for told in self.changes:
                told(register, " ".join(recorder))

    def _complete(self, entity: Entity, record: Record) -> None:
        """Parts get the fields that were not said, and whose they are."""
        for part, blank in entity.blank_parts.items():
            record[part] = [{**blank, **row, "Ref_Key": record["Ref_Key"]} for row in record[part]]
        goods = record.get("Товары") or record.get("Запасы")
        if goods and "СуммаДокумента" in record:  # as the handler before writing does
            sums = [row.get("СуммаСНДС", row["Сумма"]) for row in goods if not row.get("Отменено")]
            record["СуммаДокумента"] = sum(sums, Decimal(0))

    def _wrote(self, name: str, record: Record) -> None:
        version = self._versions.get((name, record["Ref_Key"]), -1) + 1
        self._versions[name, record["Ref_Key"]] = version
        if "DataVersion" in self.entity(name).by_wire:
            record["DataVersion"] = base64.b64encode(version.to_bytes(8, "big")).decode()
        for told in self.changes:
            told(name, record["Ref_Key"])

    def _number(self, name: str, record: Record) -> str:
        prefix = {"ut": "ТДЦБ-", "bp": "0000-", "unf": "НФНФ-"}[self.configuration.name]
        if not name.startswith("Document_"):
            prefix = ""
        length = next(
            one.length for one in self.entity(name).fields if one.wire in ("Number", "Code")
        )
        year = record.get("Date", "")[:4]
        self._numbers[name, year] = number = self._numbers.get((name, year), 0) + 1
        return f"{prefix}{number:0{(length or 9) - len(prefix)}}"

    def _open_period(self, record: Record) -> None:
        closed = self.switches.closed_until
        if closed and record.get("Date", "9")[:10] <= closed:
            raise handler(
                "ПередЗаписью", f"Изменение данных до {closed} запрещено (дата запрета изменения)."
            )


def _settle(row: Row, shape: Register) -> Row:
    """References to nothing as the wire has them."""
    for name in shape.references:
        row[name] = row[name] or NO_REF
    for name in shape.composites:
        if not row[name]:
            row[f"{name}_Type"] = UNDEFINED
    return row


def no_ref(value: object) -> bool:
    return value in (None, "", NO_REF)
