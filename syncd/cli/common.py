"""What commands share: opening the app, and options that mean the same everywhere."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from syncd.domain import Kind, Money
from syncd.errors import UsageError

if TYPE_CHECKING:
    from syncd.answers import Answer
    from syncd.app import App
    from syncd.cycles import Cycles
    from syncd.settings import Settings
    from syncd.status import Heading
    from syncd.store.problems import Problem

T = TypeVar("T")
STOPPED = 130
WARNING = 30
"""As in `logging`, which takes long to import."""

pair_option = click.option("--pair", help="The pair; not needed where there is one.")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
no_wait_option = click.option(
    "--no-wait",
    is_flag=True,
    help="Where another syncd works on the pair: ask it, and do not wait for the answer.",
)


def one_pair(named: str | None, option: str | None) -> str | None:
    """A pair said as a word, or by `--pair`."""
    if named and option and named != option:
        raise UsageError(f"{named}, and --pair {option}: say one pair")
    return named or option


def open_app(context: click.Context, level: int = WARNING) -> App:
    """Everything that can be ordered and asked."""
    from syncd.app import App

    return App(load_settings(context, level), context.find_root().obj["clock"])


def open_cycles(context: click.Context) -> Cycles:
    """What a cycle needs, and nothing that answers questions."""
    from syncd.cycles import Cycles

    return Cycles(load_settings(context), context.find_root().obj["clock"])


def imported(context: click.Context) -> None:
    """A command has what it works with, and begins to. Once: a daemon loads its settings again."""
    context.find_root().obj.pop("imported", lambda: None)()


def load_settings(context: click.Context, level: int = WARNING) -> Settings:
    """From here on, logs are told as the options and the environment want them."""
    from syncd import settings, telemetry

    options = context.find_root().obj
    imported(context)
    environment = settings.Environment()
    telemetry.set_up(verbose=options["verbose"], level=level, journal=environment.journal_stream)
    return settings.load(options["config"], environment)


def order(
    context: click.Context,
    pair: str | None,
    verb: str,
    args: Mapping[str, Any],
    *,
    why: str | None = None,
    no_wait: bool = False,
) -> Answer:
    """Carried out at once, or by who owns the pair: then this waits, and says for what, until it is
    done or a person stops it. What was asked stays asked."""
    waiting: list[str] = []

    def tell(progress: str) -> None:
        waiting.append(progress)
        click.echo(progress, err=True)

    try:
        return open_app(context).order(pair, verb, args, why=why, wait=not no_wait, tell=tell)
    except KeyboardInterrupt:
        if not waiting:
            raise
        number = waiting[0].partition(":")[0]
        click.echo(
            f"stopped waiting; {number} stays queued, and whoever owns the pair carries it out: "
            "syncd log --requests",
            err=True,
        )
        context.exit(STOPPED)


def show_heading(found: Heading | None) -> None:
    """The pair and its mode: no screen is without it."""
    if found is None:
        return
    scope = f" for {found.scope}" if found.scope else ""
    click.echo(
        f"{found.name}  {found.books} -> {found.crm}   {found.mode.upper()} since "
        f"{moment(found.since)}{scope}"
    )
    if found.paused_until:
        click.echo(f"PAUSED {ends(found.paused_until)}: {found.reason}; syncd resume {found.name}")


def show_of_each(
    app: App,
    found: Mapping[str, Sequence[T]],
    show: Callable[[Sequence[T]], None],
    listed: Callable[[Sequence[T]], Sequence[object]] | None,
) -> None:
    """What there is of each pair, under its heading; with `listed` all of it for programs."""
    if listed:
        show_json([one for some in found.values() for one in listed(some)])
        return
    for number, (name, some) in enumerate(found.items()):
        head = app.heading(name)
        click.echo("\n" if number else "", nl=False)
        show_heading(head)
        click.echo("" if head or len(found) == 1 else f"{name}: ", nl=False)
        show(some)


def until(typed: str, now: dt.datetime) -> dt.datetime:
    """A moment to come: `18:00`, `2026-11-20`, `2026-11-20 18:00` in this machine's zone, or `90m`,
    `2h`, `3d` from now. UsageError."""
    if found := re.fullmatch(r"(\d+)([mhd])", typed.strip()):
        unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
        return now + dt.timedelta(**{unit: int(found[1])})
    local = now.astimezone()
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", typed.strip()):
            time = dt.time.fromisoformat(typed.strip().zfill(5))
            then = local.replace(hour=time.hour, minute=time.minute, second=0, microsecond=0)
            return then if then > local else then + dt.timedelta(days=1)
        then = dt.datetime.fromisoformat(typed.strip())
    except ValueError:
        raise UsageError(
            f"--until {typed}: expected 18:00, 2026-11-20, 2026-11-20 18:00, 90m, 2h or 3d"
        ) from None
    return then if then.tzinfo else then.astimezone()


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


def put(text: str, out: Path | None) -> None:
    """To a file where one is named. UsageError where it cannot be written."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror or error}") from None
    click.echo(f"{out}: written")


def show_json(value: object) -> None:
    import json

    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> Any:
    """As JSON can hold it: amounts as text, moments as ISO text, records as objects."""
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def moment(value: dt.datetime | None) -> str:
    """For people, in this machine's zone: `Fri 20 Nov 12:07`."""
    return value.astimezone().strftime("%a %d %b %H:%M") if value else "never"


def ends(value: dt.datetime) -> str:
    """Of a pause, which may have no end."""
    return f"until {moment(value)}" if value.year < 9999 else "until somebody resumes it"


def table(rows: list[list[str]], right: frozenset[int] = frozenset()) -> str:
    """Columns as wide as they need; those in `right` are aligned to the right."""
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            _padded(cell, width, right=i in right)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _padded(cell: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _width(cell))
    return gap + cell if right else cell + gap


def _width(text: str) -> int:
    """Columns of a terminal: Chinese and Japanese letters take two."""
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
