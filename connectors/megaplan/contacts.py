"""The list of contacts of a card, in which phones and e-mails stand among other things. It is
written as a whole, so that what is changed is put into the one that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain import Value

from .facts import EMAIL, PHONE
from .values import Json

KINDS = (PHONE, EMAIL)


def of(info: Any, kind: str) -> str | None:
    """The main one, else the first."""
    found = main(info, kind)
    return str(found["value"]) if found else None


def main(info: Any, kind: str) -> Mapping[str, Any] | None:
    rows = [one for one in info or () if _is(one, kind)]
    return next((one for one in rows if one.get("isMain")), rows[0] if rows else None)


def changed(info: Sequence[Json], fields: Mapping[str, Value]) -> list[Json]:
    """With another main phone or e-mail, or without one; everything else as it was."""
    found = list(info)
    for kind in KINDS:
        if kind not in fields:
            continue
        value, old = fields[kind], main(found, kind)
        if value is None:
            found = [one for one in found if one is not old]
        elif old is None:
            found.append(
                {"contentType": "ContactInfo", "type": kind, "value": str(value), "isMain": True}
            )
        else:
            found = [{**one, "value": str(value)} if one is old else one for one in found]
    return found


def _is(one: Any, kind: str) -> bool:
    return (
        isinstance(one, Mapping)
        and one.get("contentType") == "ContactInfo"
        and one.get("type") == kind
        and bool(one.get("value"))
    )
