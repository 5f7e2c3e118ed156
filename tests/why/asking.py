"""Asks `why` of a rig, and holds that no system was asked for it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

from syncd.domain import Kind
from syncd.store import streams
from syncd.sync.pair import WonMode, WonPolicy
from syncd.why import Answer, why
from tests.engine.rig import MAPPINGS, Rig


def ask(rig: Rig, kind: str, key: str, field: str | None = None) -> Answer:
    sides = (rig.pair.books.transport, rig.pair.crm.transport)
    before = [(side.calls, side.writes) for side in sides]
    arrived = len(rig.world.requests)
    answer = why(rig.pair, Kind(kind), key, field)
    assert [(side.calls, side.writes) for side in sides] == before
    assert len(rig.world.requests) == arrived
    return answer


def live(rig: Rig) -> Rig:
    """Everything that is there is written."""
    rig.set_up()
    rig.later()
    return rig


def with_won(rig: Rig, mode: WonMode) -> Rig:
    rig.pair = dataclasses.replace(rig.pair, won=WonPolicy(mode))
    return rig


def set_mode(rig: Rig, mode: str, scope: bytes | None = None) -> None:
    with rig.pair.store.transaction() as tx:
        streams.set_mode(tx, "main", mode, rig.clock.utc(), scope)


def mapped(folder: Path, file: str, changes: Mapping[str, str]) -> Path:
    """The shipped mappings with some texts of one of them replaced, old -> new."""
    place = folder / "mappings"
    place.mkdir()
    for name in ("memory_books", "memory_crm"):
        text = (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8")
        for old, new in changes.items() if name == file else ():
            assert old in text, old
            text = text.replace(old, new)
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return place


def section(file: str, name: str) -> str:
    """The text of one section of a shipped mapping."""
    text = (MAPPINGS / f"{file}.yaml").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\n(?:  .*\n|\n)+", text, flags=re.M)
    assert found
    return found.group()
