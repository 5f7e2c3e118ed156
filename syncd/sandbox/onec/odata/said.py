"""Rows as JSON and as Atom.

Names, order and types as recorded from live servers: Int64 as text, Double as a number, wall time
without a zone, the empty date and the empty reference as themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.odata.query import PRESENTATION, Shown
from syncd.sandbox.onec.refusals import BUSINESS, Refusal
from syncd.sandbox.onec.shapes import EDM, NAMESPACE, Entity, Field

DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
SPACES = (
    f'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
    f'xmlns:d="{DATA}" xmlns:m="{DATA}/metadata"'
)


@dataclass(frozen=True, slots=True)
class Voice:
    base: Base
    root: str
    """The address of the interface, with the slash at its end."""
    level: str = "minimalmetadata"


def address(entity: Entity, row: Row) -> str:
    """`Catalog_Валюты(guid'..')` of one row."""
    if entity.keys == ("Ref_Key",):
        return f"{entity.name}(guid'{row['Ref_Key']}')"
    return (
        f"{entity.name}({', '.join(f'{one}={_literal(entity, one, row)}' for one in entity.keys)})"
    )


def _literal(entity: Entity, name: str, row: Row) -> str:
    field = entity.by_wire.get(name)
    kind = field.type if field else "string"
    before = {"ref": "guid", "date": "datetime"}.get(kind, "")
    return str(row[name]) if kind == "int" else f"{before}'{row[name]}'"


def wire(base: Base, field: Field, value: Any) -> Any:
    """A value as JSON has it."""
    if field.type == "int":
        return str(value)
    if field.type == "number":
        whole = Decimal(value)
        return int(whole) if whole == whole.to_integral_value() else float(whole)
    if base.switches.padded and field.length and field.wire in ("Number", "Code"):
        return str(value).ljust(field.length)
    return value


# JSON


def as_json(
    voice: Voice, entity: Entity, row: Row, columns: Shown, *, single: bool = False
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    links = {}
    own = address(entity, row)
    for name in columns.fields:
        field = entity.by_wire[name]
        _field(voice, field, row, made)
        if field.type == "ref" and field.name != "Ref" and _published(voice.base, field):
            links[f"{field.name}@navigationLinkUrl"] = f"{own}/{field.name}"
    for name, wanted in columns.parts.items():
        skip = {"Ref_Key"} if single and voice.base.switches.rows_without_key else set()
        known = {one.wire: one for one in entity.parts[name]}
        made[name] = [
            _row(voice, [known[one] for one in wanted if one not in skip], row_)
            for row_ in row[name]
        ]
    for name in columns.presentations:
        made[name] = presentation(voice.base, entity, row, name)
    for name in columns.expanded:
        made[name] = _expanded(voice, entity, row, name)
    if voice.level != "nometadata":
        made |= links
    if voice.level == "fullmetadata":
        made = {
            "odata.type": NAMESPACE + entity.name,
            "odata.id": voice.root + own,
            "odata.editLink": own,
            **made,
        }
    return made


def _row(voice: Voice, fields: Sequence[Field], row: Row) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in fields:
        _field(voice, field, row, made)
    return made


def _field(voice: Voice, field: Field, row: Row, made: dict[str, Any]) -> None:
    name = field.wire
    made[name] = wire(voice.base, field, row[name])
    if field.type == "any":
        made[f"{name}_Type"] = type_name(voice.base, row[f"{name}_Type"])
    if voice.level == "fullmetadata" and field.type in ("int", "date", "ref"):
        made[f"{name}@odata.type"] = EDM[field.type]


def type_name(base: Base, name: str) -> str:
    """Objects that are not published have a type without a name."""
    short = name.removeprefix(NAMESPACE)
    if short in unpublished(base):
        return f"UnavailableEntities.UnavailableEntity_{uuid.uuid5(uuid.NAMESPACE_OID, short)}"
    return name


def unpublished(base: Base) -> set[str]:
    hidden = {one.strip() for one in base.switches.unpublished.split(",") if one.strip()}
    plans = {name for name in base.configuration.entities if name.startswith("ExchangePlan_")}
    return hidden | (set() if base.switches.exchange_plan else plans)


def _published(base: Base, field: Field) -> bool:
    return bool(field.targets) and field.targets[0] not in unpublished(base)


def presentation(base: Base, entity: Entity, row: Row, name: str) -> str:
    plain = name.removesuffix(PRESENTATION)
    if plain == "Ref":
        return base.presentation(entity.name, row)
    field = entity.by_wire.get(plain) or entity.by_wire[f"{plain}_Key"]
    if not field.targets:
        return str(row[field.wire])
    there = base.follow(field, row)
    return base.presentation(*there) if there else ""


def _expanded(voice: Voice, entity: Entity, row: Row, name: str) -> dict[str, Any] | None:
    there = voice.base.follow(entity.references[name], row)
    if there is None:
        return None
    other = voice.base.entity(there[0])
    every = {part: [one.wire for one in fields] for part, fields in other.parts.items()}
    return as_json(voice, other, there[1], Shown([one.wire for one in other.fields], every))


# Atom


def entry(voice: Voice, entity: Entity, row: Row, columns: Shown, *, spaces: str = "") -> str:
    """Refusal where a value holds what XML cannot."""
    own = address(entity, row)
    name = NAMESPACE + entity.name
    now = voice.base.now()
    body = "".join(_property(voice, entity.by_wire[one], row) for one in columns.fields)
    for part, wanted in columns.parts.items():
        known = {one.wire: one for one in entity.parts[part]}
        kind = f"{name}_{part}_RowType" if part != "RecordSet" else f"{name}_RowType"
        rows = "".join(
            f"<d:element m:type={quoteattr(kind)}>"
            + "".join(_property(voice, known[one], inner) for one in wanted)
            + "</d:element>"
            for inner in row[part]
        )
        body += f"<d:{part} m:type={quoteattr(f'Collection({kind})')}>{rows}</d:{part}>"
    for one in columns.presentations:
        body += f"<d:{one}>{escape(presentation(voice.base, entity, row, one))}</d:{one}>"
    links = f'<link rel="edit" href={quoteattr(own)} title="edit-link"/>'
    for one in columns.fields:
        field = entity.by_wire[one]
        if field.type == "ref" and field.name != "Ref" and _published(voice.base, field):
            links += (
                f'<link rel="{DATA}/related/{field.name}" href={quoteattr(f"{own}/{field.name}")} '
                f'type="application/atom+xml;type=entry" title={quoteattr(field.name)}/>'
            )
    made = (
        f"<entry{spaces}><id>{escape(voice.root + own)}</id>"
        f'<category term={quoteattr(name)} scheme="{DATA}/scheme"/><title type="text"/>'
        f"<updated>{now}</updated><author/><summary/>{links}"
        f'<content type="application/xml"><m:properties>{body}</m:properties></content></entry>'
    )
    if not made.isprintable() and any(sign < " " and sign not in "\t\n\r" for sign in made):
        raise Refusal(400, BUSINESS, "Текст XML содержит недопустимый символ")
    return made


def _property(voice: Voice, field: Field, row: Row) -> str:
    name = field.wire
    value = wire(voice.base, field, row[name])
    said = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    made = f"<d:{name}>{escape(str(said))}</d:{name}>" if said != "" else f"<d:{name}/>"
    if field.type == "any":
        kind = type_name(voice.base, row[f"{name}_Type"])
        made += f"<d:{name}_Type>{escape(kind)}</d:{name}_Type>"
    return made


def feed(voice: Voice, name: str, entries: Sequence[str], whole: int | None = None) -> str:
    count = f"<m:count>{whole}</m:count>" if whole is not None else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><feed {SPACES} xml:base={quoteattr(voice.root)}>'
        f'<id>{escape(voice.root)}{quote(name)}</id><title type="text"/>'
        f"<updated>{voice.base.now()}</updated>"
        f'<link rel="self" href={quoteattr(name)} title={quoteattr(name)}/>'
        f"{count}{''.join(entries)}</feed>"
    )


def alone(voice: Voice, made: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + made
