"""What a configuration of 1C consists of, as data: metadata, answers and checks all come from it.

Fields are written in one line of text, `Name` or `Name:type` with blanks between:

    ИНН:12              text of at most 12 characters; without a number, of any length
    Сумма:number  Номер:int  Отменено:bool  Дата:date
    Партнер:Catalog_Партнеры            a reference, on the wire Партнер_Key
    Заказ:Document_А|Document_Б         one of several types, on the wire Заказ and Заказ_Type
    Заказ:Document_А|                   the same with one type, or nothing
    Значение:string|Catalog_А           text or a reference
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

NO_REF = "00000000-0000-0000-0000-000000000000"
NO_DATE = "0001-01-01T00:00:00"
NAMESPACE = "StandardODATA."
UNDEFINED = NAMESPACE + "Undefined"
EDM = {
    "string": "Edm.String",
    "number": "Edm.Double",
    "int": "Edm.Int64",
    "bool": "Edm.Boolean",
    "date": "Edm.DateTime",
    "ref": "Edm.Guid",
    "any": "Edm.String",
}
EMPTY: Mapping[str, object] = {
    "ref": NO_REF,
    "number": Decimal(0),
    "int": 0,
    "bool": False,
    "date": NO_DATE,
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str = "string"
    length: int | None = None
    targets: tuple[str, ...] = ()

    @property
    def wire(self) -> str:
        return f"{self.name}_Key" if self.type == "ref" else self.name

    @property
    def empty(self) -> object:
        return EMPTY.get(self.type, "")


def blank(fields: Iterable[Field]) -> dict[str, Any]:
    """A row in which nothing was said."""
    row: dict[str, Any] = {}
    for one in fields:
        row[one.wire] = one.empty
        if one.type == "any":
            row[f"{one.name}_Type"] = UNDEFINED
    return row


def fields(text: str) -> tuple[Field, ...]:
    return tuple(_field(word) for word in text.split())


def _field(word: str) -> Field:
    name, _, kind = word.partition(":")
    if not kind or kind.isdigit():
        return Field(name, length=int(kind) if kind else None)
    if kind in EDM:
        return Field(name, kind)
    targets = tuple(one for one in kind.split("|") if one)
    return Field(name, "any" if "|" in kind else "ref", targets=targets)


@dataclass(frozen=True)
class Entity:
    """Something with a key of its own: catalog, document, plan of exchange, chart of accounts."""

    name: str
    fields: tuple[Field, ...]
    parts: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    keys: tuple[str, ...] = ("Ref_Key",)

    @property
    def kind(self) -> str:
        return self.name.split("_", 1)[0]

    @property
    def short(self) -> str:
        return self.name.split("_", 1)[1]

    @cached_property
    def by_wire(self) -> Mapping[str, Field]:
        return {one.wire: one for one in self.fields}

    @cached_property
    def blank(self) -> Mapping[str, Any]:
        return blank(self.fields)

    @cached_property
    def blank_parts(self) -> Mapping[str, Mapping[str, Any]]:
        return {part: blank(fields) for part, fields in self.parts.items()}

    @cached_property
    def references(self) -> Mapping[str, Field]:
        return {one.name: one for one in self.fields if one.type == "ref" and one.name != "Ref"}


@dataclass(frozen=True)
class Register:
    """Rows that documents write: of an accumulation register, or of one for accounting, whose
    balances have two sides."""

    name: str
    recorders: tuple[str, ...]
    dimensions: tuple[Field, ...]
    resources: tuple[Field, ...]
    accounting: bool = False

    @cached_property
    def row(self) -> tuple[Field, ...]:
        kind = "any" if len(self.recorders) > 1 else "ref"
        start = [Field("Recorder", kind, targets=self.recorders)]
        start += fields("Period:date LineNumber:int Active:bool")
        start += [] if self.accounting else [Field("RecordType")]
        return (*start, *self.dimensions, *self.resources)

    @cached_property
    def blank(self) -> Mapping[str, Any]:
        return blank(self.row)

    @cached_property
    def references(self) -> tuple[str, ...]:
        return tuple(one.wire for one in self.row if one.type == "ref")

    @cached_property
    def composites(self) -> tuple[str, ...]:
        return tuple(one.wire for one in self.row if one.type == "any")

    @property
    def keys(self) -> tuple[str, ...]:
        return ("Recorder", "Recorder_Type") if len(self.recorders) > 1 else ("Recorder_Key",)

    @property
    def record(self) -> Entity:
        """The flat set of its rows."""
        return Entity(
            f"{self.name}_RecordType", self.row, keys=(self.keys[0], "LineNumber", *self.keys[1:])
        )

    @property
    def set(self) -> Entity:
        """One entry for a recorder, with all of its rows."""
        return Entity(self.name, (self.row[0],), {"RecordSet": self.row}, keys=self.keys)


@dataclass(frozen=True)
class Configuration:
    name: str
    title: str
    entities: Mapping[str, Entity]
    registers: Mapping[str, Register]

    def fields_of(self, name: str) -> Mapping[str, Field]:
        return self.entities[name].by_wire


def catalog(
    name: str, text: str = "", parts: Mapping[str, str] | None = None, **options: object
) -> Entity:
    """`code` (a length, or 0: has none), `folders`, `owner` (a set): what differs between them."""
    base = (
        "Ref:ref DataVersion DeletionMark:bool Predefined:bool PredefinedDataName Description:100"
    )
    if code := options.get("code", 9):
        base += f" Code:{code}"
    if options.get("folders"):
        base += f" Parent:Catalog_{name} IsFolder:bool"
    if owner := options.get("owner"):
        base += f" Owner:{owner}"
    return _entity(f"Catalog_{name}", f"{base} {text}", parts)


def document(name: str, text: str, parts: Mapping[str, str] | None = None) -> Entity:
    base = "Ref:ref DataVersion DeletionMark:bool Number:11 Date:date Posted:bool"
    return _entity(f"Document_{name}", f"{base} {text}", parts)


def exchange_plan(name: str) -> Entity:
    base = "Ref:ref DataVersion DeletionMark:bool Code:9 Description:100"
    return _entity(f"ExchangePlan_{name}", f"{base} SentNo:int ReceivedNo:int ThisNode:bool")


def _entity(name: str, text: str, parts: Mapping[str, str] | None = None) -> Entity:
    tables = {
        part: fields(f"Ref:{name} LineNumber:int {line}") for part, line in (parts or {}).items()
    }
    return Entity(name, fields(text), tables)
