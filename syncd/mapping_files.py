"""Checks a mapping file by itself: the file, or what it extends, says which system it is for."""

from __future__ import annotations

from pathlib import Path

from syncd import registry
from syncd.domain import Kind
from syncd.errors import ConfigError
from syncd.mapping import BooksMapping, CrmMapping, failing, load_books, load_crm
from syncd.mapping.crmfields import Given
from syncd.mapping.document import Problems, Scalar, suggestion
from syncd.mapping.overlays import bases, read_mapping


def check_file(file: Path, given: Given | None = None, folder: Path | None = None) -> str:
    """What the file maps, in one line. `given` are the fields that the file on the other side
    adds, where it is known; `folder` is that of the configuration's connector files. Raises
    ConfigError with every mistake and every example that fails."""
    mapping = load_file(file, given, folder)
    failed = failing(mapping.examples)
    if failed:
        raise ConfigError(*failed)
    reads = isinstance(mapping, BooksMapping)
    kinds = ", ".join(mapping.inbound if reads else mapping.outbound)
    did = f"reads {kinds} of" if reads else f"writes {kinds} to"
    over = "".join(f"over {base}, " for base in bases(file))
    tried = len(mapping.examples)
    held = f", {tried} {'example holds' if tried == 1 else 'examples hold'}" if tried else ""
    return f"{over}{did} {mapping.system}; in order (version {mapping.version}){held}"


def load_file(
    file: Path, given: Given | None = None, folder: Path | None = None
) -> BooksMapping | CrmMapping:
    """The mapping of a file whose system is not known beforehand. Raises ConfigError."""
    system = system_of(file, folder)
    facts = registry.facts(system, folder or registry.beside(file))
    if Kind.CUSTOMER in facts.sources:
        return load_books(file, facts, given)
    if facts.targets:
        return load_crm(file, facts, given)
    raise ConfigError(f"{file}: {system} can neither be read nor written")


def system_of(file: Path, folder: Path | None = None) -> str:
    """The system that a mapping file, or what it extends, says it is for. Raises ConfigError."""
    known = registry.systems(folder or registry.beside(file))
    problems = Problems(file.name)
    root = read_mapping(file, problems)
    entry = root.entries.get("system")
    system = entry.value.text if entry and isinstance(entry.value, Scalar) else None
    if system not in known:
        place = entry.value.place if entry else root.place
        what = f"unknown system {system}{suggestion(system or '', known)}"
        missing = f"system is missing; known: {', '.join(known)}"
        problems.add(place, what if system else missing)
        problems.stop()
    assert system is not None
    return system
