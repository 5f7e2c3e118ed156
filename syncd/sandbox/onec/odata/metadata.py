"""`$metadata`, and the list of sets, from the description of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import quoteattr

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.odata.said import unpublished
from syncd.sandbox.onec.odata.tables import shapes
from syncd.sandbox.onec.shapes import EDM, NAMESPACE, Entity, Field, Register

TEXT, DATE = "Edm.String", "Edm.DateTime"
EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
SCHEMA = "http://schemas.microsoft.com/ado/2009/11/edm"
METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"


def sets(base: Base) -> dict[str, Entity]:
    """Everything that can be asked for by its name: objects, their parts, registers, their rows."""
    hidden = unpublished(base)
    made: dict[str, Entity] = {}
    for name, entity in base.configuration.entities.items():
        if name in hidden:
            continue
        made[name] = entity
        for part in entity.parts:
            made[f"{name}_{part}"] = part_set(entity, part)
    for name, register in base.configuration.registers.items():
        if name not in hidden:
            made |= {name: register.set, f"{name}_RecordType": register.record}
    return made


def part_set(entity: Entity, part: str) -> Entity:
    return Entity(f"{entity.name}_{part}", entity.parts[part], keys=("Ref_Key", "LineNumber"))


def document(base: Base) -> str:
    known = sets(base)
    registers = [one for name, one in base.configuration.registers.items() if name in known]
    types = "".join(_type(base, entity, known) for entity in known.values())
    complex_types = "".join(
        _complex(f"{entity.name}_{part}_RowType", fields)
        for entity in known.values()
        for part, fields in entity.parts.items()
        if part != "RecordSet"
    )
    complex_types += "".join(_complex(f"{one.name}_RowType", one.row) for one in registers)
    complex_types += "".join(
        _complex(shape.name, shape.fields) for one in registers for shape in shapes(one).values()
    )
    associations = "".join(_associations(entity, known) for entity in known.values())
    container = "".join(
        f"<EntitySet Name={quoteattr(name)} EntityType={quoteattr(NAMESPACE + name)}/>"
        for name in known
    )
    container += "".join(_functions(base, registers))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><edmx:Edmx xmlns:edmx="{EDMX}" Version="1.0">'
        f'<edmx:DataServices xmlns:m="{METADATA}" m:DataServiceVersion="3.0" '
        f'm:MaxDataServiceVersion="3.0"><Schema xmlns="{SCHEMA}" Namespace="StandardODATA">'
        f"{types}{complex_types}{associations}"
        f'<EntityContainer Name="EnterpriseV8" m:IsDefaultEntityContainer="true">{container}'
        "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )


def _properties(fields: Iterable[Field], keys: Sequence[str] = ()) -> str:
    made = ""
    for one in fields:
        null = "false" if one.wire in keys else "true"
        made += f'<Property Name={quoteattr(one.wire)} Type="{EDM[one.type]}" Nullable="{null}"/>'
        if one.type == "any":
            made += f'<Property Name="{one.name}_Type" Type="Edm.String" Nullable="{null}"/>'
    return made


def _type(base: Base, entity: Entity, known: dict[str, Entity]) -> str:
    keys = "".join(f"<PropertyRef Name={quoteattr(one)}/>" for one in entity.keys)
    body = _properties(entity.fields, entity.keys)
    for part in entity.parts:
        kind = f"{entity.name}_RowType" if part == "RecordSet" else f"{entity.name}_{part}_RowType"
        body += f'<Property Name="{part}" Type="Collection({NAMESPACE}{kind})" Nullable="false"/>'
    for one in _navigable(entity, known):
        body += (
            f'<NavigationProperty Name="{one.name}" FromRole="Begin" ToRole="End" '
            f'Relationship="{NAMESPACE}{entity.name}_{one.name}"/>'
        )
    hidden = unpublished(base)
    loose = any(target in hidden for one in entity.fields for target in one.targets)
    more = ' OpenType="true"' if loose else ""
    return f"<EntityType Name={quoteattr(entity.name)}{more}><Key>{keys}</Key>{body}</EntityType>"


def _navigable(entity: Entity, known: dict[str, Entity]) -> list[Field]:
    return [one for one in entity.references.values() if one.targets and one.targets[0] in known]


def _complex(name: str, fields: Sequence[Field]) -> str:
    return f"<ComplexType Name={quoteattr(name)}>{_properties(fields)}</ComplexType>"


def _associations(entity: Entity, known: dict[str, Entity]) -> str:
    return "".join(
        f'<Association Name="{entity.name}_{one.name}">'
        f'<End Role="Begin" Type="{NAMESPACE}{entity.name}" Multiplicity="*"/>'
        f'<End Role="End" Type="{NAMESPACE}{one.targets[0]}" Multiplicity="0..1"/></Association>'
        for one in _navigable(entity, known)
    )


def _functions(base: Base, registers: Sequence[Register]) -> Iterable[str]:
    hidden = unpublished(base)
    for register in registers:
        for name, shape in shapes(register).items():
            periods = ("Period",) if name == "Balance" else ("StartPeriod", "EndPeriod")
            yield _function(
                name,
                register.name,
                {
                    **dict.fromkeys(("Condition", "Dimensions"), TEXT),
                    **dict.fromkeys(periods, DATE),
                },
                f"{NAMESPACE}{shape.name}",
            )
    for name, entity in base.configuration.entities.items():
        if name in hidden:
            continue
        if entity.kind == "InformationRegister":
            yield _function(
                "SliceLast", name, {"Condition": TEXT, "Period": DATE}, NAMESPACE + name
            )
        if entity.kind == "Document":
            yield _function("Post", name, {"PostingModeOperational": "Edm.Boolean"})
            yield _function("Unpost", name, {})


def _function(name: str, bound: str, parameters: Mapping[str, str], gives: str = "") -> str:
    """One that gives nothing changes something."""
    said = f' ReturnType="Collection({gives})"' if gives else ""
    changes = "false" if gives else "true"
    return (
        f'<FunctionImport Name="{name}" IsBindable="true" IsSideEffecting="{changes}"{said}>'
        f'<Parameter Name="bindingParameter" Type="{NAMESPACE}{bound}"/>'
        + "".join(f'<Parameter Name="{one}" Type="{kind}"/>' for one, kind in parameters.items())
        + "</FunctionImport>"
    )
