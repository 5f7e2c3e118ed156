"""What commands share: opening the app, and options that mean the same everywhere."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import click

from syncd.domain import Kind, Money
from syncd.errors import UsageError

if TYPE_CHECKING:
    from syncd.app import App
    from syncd.store.problems import Problem

pair_option = click.option("--pair", help="The pair; not needed where there is one.")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


def open_app(context: click.Context) -> App:
    from syncd import settings, telemetry
    from syncd.app import build

    options = context.find_root().obj
    telemetry.set_up(verbose=options["verbose"])
    return build(settings.load(options["config"]), options["clock"])


def record_key(what: str, typed: str) -> tuple[Kind, str]:
    """`invoice:42`; UsageError names the argument that was meant."""
    kind, _, key = typed.partition(":")
    if kind not in set(Kind) or not key:
        kinds = ", ".join(Kind)
        raise UsageError(f"{what} {typed}: expected KIND:KEY, as invoice:42; kinds: {kinds}")
    return Kind(kind), key


def counted(number: int, noun: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def waiting(problem: Problem) -> str:
    """What waits because of it: `(waits: invoice:42, and 3 more)`."""
    count = max(problem.records + problem.parts, len(problem.subjects))
    more = count - len(problem.subjects)
    named = ", ".join(problem.subjects) + (f", and {more} more" if more else "")
    return f"  (waits: {named})" if count else ""


def show_json(value: object) -> None:
    import json

    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> Any:
    """As JSON can hold it: amounts as text, moments as ISO text, dataclasses as objects."""
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def moment(value: dt.datetime | None) -> str:
    """For people, in this machine's zone: `Fri 20 Nov 12:07`."""
    return value.astimezone().strftime("%a %d %b %H:%M") if value else "never"


def table(rows: list[list[str]], right: frozenset[int] = frozenset()) -> str:
    """Columns as wide as they need; those in `right` are aligned to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
