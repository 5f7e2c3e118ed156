"""The organisations of a base: the legal persons whose books these are, and those of them that are
read, where not all are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from syncd.errors import ConfigError, ProtocolError
from syncd.port import Flow

from .layouts import ORGANISATION, ORGANISATIONS, Layout
from .schema import Schema
from .values import Row
from .wire import Wire

SETTING = "organisations"


def split(setting: str) -> tuple[str, ...]:
    """What a person typed, name by name; a name may hold a comma where semicolons divide."""
    return tuple(one for text in re.split(r"[;\n]", setting) if (one := text.strip()))


def scope(named: Sequence[str]) -> str:
    """Tells one choice from another; empty for all of them."""
    if not named:
        return ""
    plain = "\n".join(sorted({_plain(one) for one in named}))
    return hashlib.blake2b(plain.encode(), digest_size=6).hexdigest()


def read(wire: Wire, schema: Schema) -> Flow[dict[str, str]]:
    """Key -> name."""
    if ORGANISATIONS not in schema.sets:
        return {}
    rows: Sequence[Row] = yield from wire.rows(ORGANISATIONS, {"$select": "Ref_Key,Description"})
    return {str(row["Ref_Key"]).lower(): str(row.get("Description") or "").strip() for row in rows}


def keys_of(named: Sequence[str], firms: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of those that are named, in this order. ConfigError where one is not there."""
    found: dict[str, None] = {}
    for text in named:
        whole = _those(text, firms)
        for one in [text] if whole else text.split(","):
            mine = _those(one, firms)
            if len(mine) > 1:
                raise ConfigError(
                    f"{len(mine)} organisations of 1C are called {one.strip()}; the setting "
                    f"{SETTING} takes their keys: {', '.join(mine)}"
                )
            if not mine:
                known = "; ".join(sorted(filter(None, firms.values()))) or "none that may be read"
                raise ConfigError(
                    f"1C has no organisation {one.strip()}, which the setting {SETTING} names; it "
                    f"has: {known}"
                )
            found[mine[0]] = None
    return tuple(found)


def _those(text: str, firms: Mapping[str, str]) -> list[str]:
    wanted = _plain(text)
    return [key for key, name in firms.items() if wanted in (key, _plain(name))]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def refuse_untold(schema: Schema, layout: Layout) -> None:
    """ProtocolError where balances do not say whose they are: then they cannot be those of some."""
    register, field = layout.register, ORGANISATION[0]
    name = register.keys or f"{register.set}_RecordType"
    if not schema.has(name, field):
        raise ProtocolError(
            f"{name} of 1C does not tell the organisation, so its balances cannot be read for some "
            f"of them alone; leave out the setting {SETTING}"
        )


def label(firms: Mapping[str, str], chosen: Sequence[str]) -> str:
    """`ООО «Пример» and ООО «Пример-Опт» (2 of 3)`; all of them, where none are chosen."""
    if not chosen:
        return ", ".join(sorted(filter(None, firms.values())))
    names = sorted(firms.get(one) or one for one in chosen)
    together = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"{together} ({len(names)} of {len(firms)})"
