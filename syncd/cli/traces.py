"""How a previewed record looks: one line a word, and where two mappings differ, both lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import click
import msgspec

from syncd.cli.common import counted, plain, table
from syncd.domain import Kind, Money
from syncd.preview.ask import Preview
from syncd.preview.trace import At, Step, Traced, same
from syncd.preview.trial import Effect

LONGEST = 60
"""Characters of one value."""
NOUNS = {Kind.WON: "won customer"}
HEAD = ["", "word", "raw", "rule", "syncd", "written as", "on the card"]


def show_preview(found: Preview) -> None:
    for before, after in found.records:
        click.echo(f"{after.kind} {after.key}")
        for line in _outcomes(before, after):
            click.echo(line)
        click.echo(table([HEAD, *_rows(before, after)]) + "\n")
    for kind, paths in found.unread.items():
        one = NOUNS.get(kind, str(kind).replace("_", " "))
        click.echo(
            f"{', '.join(paths)}: the mirror holds no such field of a {one}; what stands above is "
            f"as before. With --live it is read; the next run reads all {one}s again."
        )
    if found.effects is not None:
        _show_effects(found.effects)


def _outcomes(before: Traced | None, after: Traced) -> Iterator[str]:
    if before is None or before.outcome == after.outcome:
        if after.outcome:
            yield f"  {after.outcome}"
        return
    yield f"- {before.outcome or 'is mapped'}"
    yield f"+ {after.outcome or 'is mapped'}"


def _rows(before: Traced | None, after: Traced) -> Iterator[list[str]]:
    """Unmarked lines are equal; `-` is how it is, `+` how it would be."""
    if before is None:
        for step in after.steps:
            yield from _lines("", step)
        return
    old, new = ({step.word: step for step in one.steps} for one in (before, after))
    for word in dict.fromkeys([*old, *new]):
        one, other = old.get(word), new.get(word)
        if same(one, other) and other:
            yield from _lines("", other)
            continue
        if one:
            yield from _lines("-", one)
        if other:
            yield from _lines("+", other)


def _lines(mark: str, step: Step) -> Iterator[list[str]]:
    start = [mark, step.word, _raw(step), f"{_short(step.where)} {step.text}".strip()]
    fields = [_field(one) for one in step.written] or [["", ""]]
    yield [*start, _said(step.value), *fields[0]]
    for more in fields[1:]:
        yield [mark, "", "", "", "", *more]


def _raw(step: Step) -> str:
    """The value alone where the rule names its path; of a card, what it is worked out of."""
    if not step.where:
        return ", ".join(step.raw)
    if len(step.raw) == 1:
        return _quoted(next(iter(step.raw.values())))
    return ", ".join(f"{path} = {_quoted(value)}" for path, value in step.raw.items())


def _quoted(value: Any) -> str:
    """Blanks at the ends would not be seen."""
    outer = isinstance(value, str) and value != value.strip()
    return f'"{value}"' if outer else _said(value)


def _field(one: At) -> list[str]:
    """The line that writes it; what stands there, if that is something else, and what would."""
    now = "" if one.shown in (one.value, None) else f"{_said(one.shown)} -> "
    where = f"{_short(one.where)} " if one.where else ""
    return [f"{where}{one.target} {one.text or one.path}", f"{now}{_said(one.value)}"]


def _short(where: str) -> str:
    """`file:line` of file:line:column."""
    return where.rpartition(":")[0]


def _said(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case Money():
            return str(value)
        case dt.date():
            return value.isoformat()
        case list() | tuple():
            text = "[" + "; ".join(_said(item) for item in value) + "]"
        case Mapping():
            text = "{" + ", ".join(f"{key}: {_said(item)}" for key, item in value.items()) + "}"
        case msgspec.Struct():
            return _said(msgspec.structs.asdict(value))
        case _:
            text = str(value).replace("\n", " / ")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _show_effects(effects: Mapping[Kind, Effect]) -> None:
    changed = {kind: one for kind, one in effects.items() if one.changed or one.more}
    if not changed:
        click.echo("In the whole mirror nothing would be written otherwise.")
        return
    click.echo("In the whole mirror would be written otherwise:")
    rows = []
    for kind, one in changed.items():
        fields = ", ".join(f"{name} {count}" for name, count in one.fields.most_common())
        rows.append([f"  {kind}", f"{one.changed} of {one.records}", fields])
    click.echo(table(rows))
    for kind, one in changed.items():
        if one.more:
            records = counted(one.more, kind)
            click.echo(f"  {records} could no longer be read: {one.because}")


def as_plain(found: Preview) -> Any:
    """A record of it can be saved and previewed again."""
    return {
        "records": [
            {
                "kind": after.kind,
                "key": after.key,
                "raw": after.raw,
                "outcome": after.outcome,
                "steps": after.steps,
                "before": plain(before),
            }
            for before, after in found.records
        ],
        "effects": found.effects,
        "unread": found.unread,
    }
