"""What a base publishes: `$metadata` (EDMX 1.0, OData v3), read once and kept by the connector.

A full УТ has more than four thousand sets in 17 MB, so what no mapping can read is left out while
the document is being parsed. Releases differ in names, so a field is looked for here before it is
asked for: 1C answers an unknown one with an error.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping, Sequence

import msgspec

from syncd.errors import ProtocolError

_SPACE = "StandardODATA."


class Schema(msgspec.Struct, frozen=True):
    """`types` are fields by type: of sets, and of the rows of their table parts; a field's value is
    its type. `links` are the names that lead to another object, with its type. `sets` are all that
    is published."""

    sets: frozenset[str]
    types: Mapping[str, Mapping[str, str]]
    links: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)

    def has(self, name: str, *fields: str) -> bool:
        """Whether this set is published, and has all of these fields."""
        known = self.types.get(name, {})
        return name in self.sets and all(one in known for one in fields)

    def first(self, name: str, fields: Sequence[str]) -> str | None:
        """The first of these fields that the type has; releases differ."""
        known = self.types.get(name, {})
        return next((one for one in fields if one in known), None)

    def those(self, name: str, fields: Collection[str]) -> list[str]:
        known = self.types.get(name, {})
        return [one for one in dict.fromkeys(fields) if one in known]

    def part(self, name: str, part: str) -> str | None:
        """The type of the rows of a table part."""
        kind = self.types.get(name, {}).get(part, "")
        inner = kind.removeprefix("Collection(").removesuffix(")")
        return inner.removeprefix(_SPACE) if inner != kind else None

    def composite(self, name: str, field: str) -> bool:
        """The field is of several types, and must be cast to be compared."""
        return f"{field}_Type" in self.types.get(name, {})

    def described(self, name: str) -> dict[str, str]:
        """The fields of a type: name -> the type it leads to, empty for a plain value."""
        found = {one: self.part(name, one) or "" for one in self.types.get(name, {})}
        return found | dict(self.links.get(name, {}))


def read_schema(body: bytes) -> Schema:
    """Raises ProtocolError for what is no EDMX."""
    sets: set[str] = set()
    types: dict[str, dict[str, str]] = {}
    relations: dict[str, dict[str, str]] = {}
    ends: dict[str, str] = {}
    described = False
    try:
        for _, element in ET.iterparse(io.BytesIO(body)):
            name = element.get("Name", "")
            match element.tag.rpartition("}")[2]:
                case "EntityType" | "ComplexType":
                    if _useful(name):
                        types[name] = _properties(element)
                        relations[name] = _relations(element)
                    element.clear()
                case "Association":
                    for end in element:
                        if end.get("Role") == "End":
                            ends[name] = end.get("Type", "").removeprefix(_SPACE)
                    element.clear()
                case "EntitySet":
                    sets.add(name)
                case "FunctionImport":
                    element.clear()
                case "Edmx":
                    described = True
    except ET.ParseError as error:
        raise ProtocolError(f"$metadata of 1C cannot be read: {error}") from None
    if not described:
        raise ProtocolError("$metadata of 1C cannot be read: it is no EDMX")
    links = {
        name: {one: ends.get(relation, "") for one, relation in those.items()}
        for name, those in relations.items()
        if those
    }
    return Schema(frozenset(sets), types, links)


def _useful(name: str) -> bool:
    return name.startswith(("Catalog_", "Document_", "AccumulationRegister_", "ExchangePlan_")) or (
        name.startswith("AccountingRegister_") and "_" in name
    )


def _properties(element: ET.Element) -> dict[str, str]:
    return {
        one.get("Name", ""): one.get("Type", "")
        for one in element
        if one.tag.endswith("}Property") or one.tag == "Property"
    }


def _relations(element: ET.Element) -> dict[str, str]:
    return {
        one.get("Name", ""): one.get("Relationship", "").removeprefix(_SPACE)
        for one in element
        if one.tag.rpartition("}")[2] == "NavigationProperty"
    }
