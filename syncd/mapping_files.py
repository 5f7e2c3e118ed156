"""Checks a mapping file by itself: the file says which system it is for."""

from __future__ import annotations

from pathlib import Path

from syncd import registry
from syncd.domain import Kind
from syncd.errors import ConfigError
from syncd.mapping import load_books, load_crm
from syncd.mapping.document import Problems, Scalar, suggestion
from syncd.mapping.overlays import read_mapping


def system_of(file: Path) -> str:
    """The system that a mapping file says it is for. ConfigError."""
    problems = Problems(file.name)
    root = read_mapping(file, problems)
    entry = root.entries.get("system")
    system = entry.value.text if entry and isinstance(entry.value, Scalar) else None
    if system not in registry.CONNECTORS:
        place = entry.value.place if entry else root.place
        what = f"unknown system {system}{suggestion(system or '', registry.CONNECTORS)}"
        missing = f"system is missing; known: {', '.join(registry.CONNECTORS)}"
        problems.add(place, what if system else missing)
        problems.stop()
    assert system is not None
    return system


def check_file(file: Path) -> str:
    """What the file maps, in one line. Raises ConfigError with every mistake."""
    system = system_of(file)
    facts = registry.facts(system)
    if Kind.CUSTOMER in facts.sources:
        reading = load_books(file, facts)
        kinds = ", ".join(reading.inbound)
        return f"reads {kinds} of {system}; in order (version {reading.version})"
    if facts.targets:
        writing = load_crm(file, facts)
        kinds = ", ".join(writing.outbound)
        return f"writes {kinds} to {system}; in order (version {writing.version})"
    raise ConfigError(f"{file}: {system} can neither be read nor written")
