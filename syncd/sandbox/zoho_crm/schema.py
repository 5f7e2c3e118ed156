"""Modules and fields as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

JSON_TYPES = {
    "integer": "integer",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "boolean": "boolean",
    "multiselectpicklist": "jsonarray",
    "subform": "jsonarray",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "userlookup": "jsonobject",
}
LENGTHS = {
    "text": 255,
    "textarea": 2000,
    "email": 100,
    "phone": 30,
    "website": 450,
    "picklist": 120,
    "multiselectpicklist": 100,
    "integer": 9,
    "bigint": 18,
    "double": 16,
    "currency": 16,
    "percent": 5,
    "date": 20,
    "datetime": 120,
    "boolean": 5,
    "lookup": 120,
    "autonumber": 120,
}
ANY = "*"
"""Lookup to a record of any module."""


@dataclass
class Field:
    api_name: str
    data_type: str = "text"
    length: int = 0
    label: str = ""
    mandatory: bool = False
    read_only: bool = False
    """Written by the system alone; a value in a body is ignored."""
    custom: bool = False
    preset: bool = False
    """There only with the switch `prepared`."""
    unique: bool = False
    case_sensitive: bool = False
    external: str = ""
    """'org' or 'user': the field's value may stand for the id."""
    lookup: str = ""
    related: str = ""
    """API name of the list on the other module's card."""
    related_label: str = ""
    picks: tuple[str, ...] = ()
    decimals: int = 2
    subform: str = ""
    id: str = ""
    deleted: bool = False

    def __post_init__(self) -> None:
        self.length = self.length or LENGTHS.get(self.data_type, 255)
        self.label = self.label or self.api_name.replace("_", " ")

    @property
    def json_type(self) -> str:
        return JSON_TYPES.get(self.data_type, "string")


@dataclass
class Module:
    api_name: str
    display: str
    """The field that names a record."""
    fields: dict[str, Field] = field(default_factory=dict)
    duplicate_field: str = ""
    """What an upsert looks at when it is told nothing."""
    custom: bool = False
    preset: bool = False
    label: str = ""
    plural: str = ""
    id: str = ""
    hidden: bool = False
    """Lines of a subform: no tab of their own."""
    rules: tuple[str, ...] = ()
    """Workflow rules that run on every write unless the call says otherwise."""
    counter: int = 0

    def __post_init__(self) -> None:
        self.plural = self.plural or self.api_name.replace("_", " ")
        self.label = self.label or re.sub("s$", "", self.plural)

    def unique(self) -> Iterator[Field]:
        return (one for one in self.fields.values() if one.unique and not one.deleted)

    def add(self, *fields: Field) -> Module:
        self.fields.update({one.api_name: one for one in fields})
        return self


def text(name: str, length: int = 255, **more: Any) -> Field:
    return Field(name, "text", length, **more)


def pick(name: str, *picks: str, **more: Any) -> Field:
    return Field(name, "picklist", picks=picks, **more)


def money(name: str, **more: Any) -> Field:
    return Field(name, "currency", **more)


def lookup(name: str, module: str, related: str = "", **more: Any) -> Field:
    return Field(name, "lookup", lookup=module, related=related, **more)


def whole(name: str, **more: Any) -> Field:
    return Field(name, "integer", **more)


def day(name: str, **more: Any) -> Field:
    return Field(name, "date", **more)


def system_fields() -> list[Field]:
    """What every module has. `Currency` and `Exchange_Rate` only in a multi-currency company."""
    return [
        Field("id", "bigint", 20, label="Record Id", read_only=True),
        Field("Owner", "ownerlookup", 120),
        Field("Created_By", "ownerlookup", 120, read_only=True),
        Field("Modified_By", "ownerlookup", 120, read_only=True),
        Field("Created_Time", "datetime", read_only=True),
        Field("Modified_Time", "datetime", read_only=True),
        pick("Currency"),
        Field("Exchange_Rate", "double", decimals=9),
    ]


def api_name(label: str, taken: set[str]) -> str:
    """From a label, as the vendor makes it: what is not ASCII is left out, and a name that nothing
    is left of becomes `field`, `field1`, ..."""
    name = re.sub(r"\W+", "_", label.strip(), flags=re.ASCII).strip("_")
    name = re.sub(r"^[\d_]+", "", name) or "field"
    number, wanted = 0, name
    while wanted in taken:
        number += 1
        wanted = f"{name}{number}"
    return wanted
