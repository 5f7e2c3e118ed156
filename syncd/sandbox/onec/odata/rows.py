"""The rows behind every set that can be asked for."""

from __future__ import annotations

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.refusals import no_set
from syncd.sandbox.onec.shapes import NAMESPACE


def rows_of(base: Base, name: str) -> list[Row]:
    """Of a set, of a part as a set of its own, of a register by recorders or flat."""
    if name in base.objects:
        return list(base.objects[name].values())
    flat = name.removesuffix("_RecordType")
    if flat in base.rows and flat != name:
        return list(base.register_rows(flat))
    if name in base.rows:
        return [recordset(rows) for rows in base.rows[name].values()]
    for owner, entity in base.configuration.entities.items():
        for part in entity.parts:
            if name == f"{owner}_{part}":
                return [row for one in base.objects[owner].values() for row in one[part]]
    raise no_set(name)


def recordset(rows: list[Row]) -> Row:
    kind = rows[0]["Recorder_Type"].removeprefix(NAMESPACE)
    return recorder(kind, rows[0]["Recorder"]) | {"RecordSet": rows}


def recorder(kind: str, ref: str) -> Row:
    return {"Recorder": ref, "Recorder_Key": ref, "Recorder_Type": NAMESPACE + kind}
