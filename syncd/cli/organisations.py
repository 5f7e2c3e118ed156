"""Whose books are read, where a base has several: asked of a person, and tried at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import click

from syncd.cli.asking import Asker, found
from syncd.cli.common import table
from syncd.errors import SyncdError, UsageError
from syncd.setup.reach import Seen, System

ALL = "all"


def choose(asker: Asker, system: System, seen: Seen, look: Callable[[System], Seen]) -> Seen:
    """What the system shows of those that were chosen; the setting goes into its options. Nothing
    is asked where there is one, or somebody gave the setting already."""
    option, firms = system.facts.chooses, seen.discovery.organisations
    if not option or len(firms) < 2 or option in system.options:
        if firms:
            found(f"books of    {seen.identity.label}")
        return seen
    click.echo("\nOrganisations, with their orders and shipments of 90 days")
    rows = [
        [f"  {number}", name, "not counted" if count is None else str(count)]
        for number, (name, count) in enumerate(firms.items(), 1)
    ]
    click.echo(table(rows, frozenset({2})))

    def take(typed: str) -> tuple[str, Seen]:
        named = _named(typed, list(firms))
        if not named:
            return ALL, seen
        system.options[option] = "; ".join(named)
        try:
            return system.options[option], look(system)
        except SyncdError:
            del system.options[option]
            raise

    asked, text = f"{system.name}.{option}", "Read the books of: numbers with commas, or all"
    _, chosen = asker.ask(asked, text, take, _default(firms), said=lambda taken: taken[0])
    found(f"books of    {chosen.identity.label}")
    return chosen


def _default(firms: Mapping[str, int | None]) -> str:
    """Those with documents of late; all, where that is everybody, or nobody that is known."""
    busy = [str(number) for number, count in enumerate(firms.values(), 1) if count]
    return ALL if len(busy) in (0, len(firms)) else ",".join(busy)


def _named(typed: str, firms: Sequence[str]) -> list[str]:
    """None where all are meant. What is no number is a name or a key, as the system knows it."""
    words = [one.strip() for one in re.split("[;,]", typed) if one.strip()]
    if typed.strip().casefold() == ALL or not words:
        return []
    if not all(one.isdecimal() for one in words):
        named = [one.strip() for one in typed.split(";") if one.strip()]
        return [] if set(named) >= set(firms) else named
    beyond = [one for one in words if not 0 < int(one) <= len(firms)]
    if beyond:
        raise UsageError(f"{beyond[0]}: expected numbers from 1 to {len(firms)}, or all")
    named = [firms[int(one) - 1] for one in dict.fromkeys(words)]
    return [] if len(named) == len(firms) else named
