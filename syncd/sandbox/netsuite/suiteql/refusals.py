"""Errors of queries, as live accounts word them."""

from __future__ import annotations

from syncd.sandbox.netsuite.wire import Refused

START = "Invalid search query. Detailed unprocessed description follows. "


def refused(detail: str) -> Refused:
    return Refused("INVALID_PARAMETER", START + detail, param="q")


def unsupported() -> Refused:
    return refused("Search error occurred: Invalid or unsupported search.")


def no_table(name: str) -> Refused:
    return refused(f"Search error occurred: Record '{name}' was not found.")


def no_field(name: str, record: str) -> Refused:
    why = "Reason: REMOVED - Field is removed"
    return refused(
        f"Search error occurred: Field '{name}' for record '{record}' was not found. {why}"
    )


def no_identifier(name: str, known: dict[str, str]) -> Refused:
    there = ", ".join(f"{alias}={of}" for alias, of in known.items())
    return refused(
        f"Search error occurred: Unknown identifier '{name}'. "
        f"Available identifiers are: {{{there}}}."
    )
