"""How the store's answers look to a person: the newest truth first, what needs somebody last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import click
import msgspec

from syncd.cli.common import (
    counted,
    moment,
    table,
    waiting,
)
from syncd.cli.status import OWNERS, ended
from syncd.domain import Money
from syncd.store.problems import HEALTH, Problem
from syncd.store.requests import Asked
from syncd.store.runs import Run
from syncd.stories import Story, Trouble, Waiting
from syncd.sync.shadow import Day, Differing

LONGEST = 100


def listed_requests(found: Sequence[Asked]) -> list[dict[str, Any]]:
    """As programs read them."""
    return [{**_order(one), "args": msgspec.json.decode(one.args)} for one in found]


def show_requests(found: Sequence[Asked]) -> None:
    """What people ordered, newest first: by whom, why, and what became of it."""
    listed = listed_requests(found)
    rows = [["order", "made", "verb", "by", "run", "state", "what"]]
    for one, order in zip(found, listed, strict=True):
        what = " ".join(_argument(*arg) for arg in order["args"].items() if _is_told(*arg))
        why = f"  because: {one.why}" if one.why else ""
        run = str(one.run or "")
        rows.append([str(one.id), moment(one.made), one.verb, one.who, run, _state(one)])
        rows[-1].append(what + why)
    click.echo(table(rows, frozenset({0, 4})))


def _is_told(name: str, value: object) -> bool:
    return name != "evidence" and value not in (None, False, [])


def _argument(name: str, value: object) -> str:
    """Of many rows, how many."""
    return (
        f"{name}={len(value)}" if name == "rows" and isinstance(value, list) else f"{name}={value}"
    )


def _order(one: Asked) -> dict[str, Any]:
    names = ("id", "pair", "verb", "who", "why", "made", "taken", "run", "done", "exit_code")
    return {name: getattr(one, name) for name in names}


def _state(one: Asked) -> str:
    if one.done is None:
        return "taken" if one.taken else "queued"
    return "done" if not one.exit_code else f"done, exit {one.exit_code}"


def show_shadow(
    found: Sequence[Day], differing: Sequence[Differing], names: Mapping[str, str]
) -> None:
    if not found:
        click.echo(
            "no day was compared yet; mode shadow compares once a day: syncd mode PAIR shadow"
        )
        return
    rows = [["day", "cards", "fields", "agree", "differ"]]
    rows += [[d.day, *map(str, (d.cards, d.fields, d.equal, d.differ))] for d in found]
    click.echo(table(rows, frozenset(range(1, 5))))
    if not differing:
        click.echo("\nnothing that people typed differs from what syncd would write")
        return
    click.echo(f"\ndiffering on {found[0].day}")
    rows = [["", "field", "typed", "syncd would write"]]
    for one in differing:
        name = names.get(one.customer, one.customer)
        rows.append([name, one.field, _plain(one.typed), _plain(one.wanted)])
    click.echo(table(rows))


def _plain(value: object) -> str:
    return "-" if value in (None, "") else str(value)


def show_runs(found: Sequence[Run]) -> None:
    if not found:
        click.echo("no run yet; next: syncd run")
        return
    rows = [["run", "began", "command", "mode", "reads", "writes", "result"]]
    for one in found:
        calls = [str(one.reads or 0), str(one.writes or 0)]
        how = ended(one)
        short = how if len(how) <= LONGEST else f"{how[: LONGEST - 1]}…"
        rows.append([str(one.id), moment(one.began), one.command, one.mode, *calls, short])
    click.echo(table(rows, frozenset({0, 4, 5})))


def show_story(story: Story) -> None:
    click.echo(f"{story.kind}:{story.key}   {story.state}")
    if story.error:
        click.echo(f"    {story.error}")
    click.echo("\nin the books, newest first")
    for one in story.versions:
        click.echo(f"  version {one.ver}   {moment(one.at)}   run {one.run} ({one.cause})")
        click.echo(f"    {_image(one.image)}")
    if story.versions and (gone := story.versions[0].ver - len(story.versions)):
        click.echo(f"  {counted(gone, 'older version')} removed: their time was over")
    click.echo("\nat the CRM")
    for part in story.parts:
        place = f"{part.target} {part.remote_id or 'not there'}"
        proof = "confirmed" if part.confirmed else "not read back"
        waits = part.error or (f"waits for {part.waits_for}" if part.waits_for else "")
        name = part.part or "itself"
        click.echo(f"  {name}   {place}   {part.state}   {proof}   {waits}".rstrip())
    if not story.parts:
        click.echo("  nothing")


def _image(image: object) -> str:
    """`number INV-1, total 120.00 EUR`: what a version says, without what it leaves open."""
    if not isinstance(image, msgspec.Struct) or isinstance(image, Money):
        return str(image)
    pairs = [(name, getattr(image, name)) for name in image.__struct_fields__]
    added = [(one.word, one.text) for one in getattr(image, "extras", ())]
    pairs = [pair for pair in pairs if pair[0] != "extras"] + added
    return ", ".join(f"{name} {_shown(value)}" for name, value in pairs if value not in (None, ()))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(f"({_image(one)})" for one in value)
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def show_problems(found: Sequence[Problem], *, closed: bool) -> None:
    """Grouped by who has to look; those that ended in the order they did."""
    waived = sum(bool(one.waived_by) for one in found)
    if closed:
        click.echo(f"{len(found) - waived} closed by themselves, {waived} waived")
    else:
        click.echo(f"{len(found)} open")
    for owner in OWNERS:
        mine = [one for one in found if one.owner == owner]
        if mine:
            click.echo(owner)
        for one in mine:
            at = moment(one.closed if closed else one.opened)
            by = f"  (waived by {one.waived_by}: {one.waived_why})" if one.waived_by else ""
            click.echo(f"  #{one.id}  {at}  {one.text}{by or waiting(one)}")
    if found and not closed:
        number = found[0].id
        click.echo(
            f"all about one: syncd problems show {number}    now: syncd problems retry {number}    "
            f'give up: syncd problems waive {number} --reason "..."'
        )


ENDS = {
    "refused": "tried again when the record or the mapping changes, and daily",
    "unreadable": "closes itself when the record or the rule is mended",
    "unwritable": "closes itself when the rule is mended",
    "clash": "closes itself when the two no longer have one name, or are linked",
    "vanished": "ends when it comes back, or with an answer: syncd problems resolve {id} --deleted "
    "--reason R, or --archived",
    "gone": "ends when the object is restored or recreated, or the customer has another card",
    "merged": "closes itself when one of the two cards is gone, or the question is answered",
    "conflict": "ends with an answer: syncd problems resolve {id} --take books, or --take crm",
    "asked": "ends with an answer: syncd problems resolve {id} --exists REMOTE_ID, or --absent",
    "guard": "ends when its plan is applied, or its cause is mended",
    "connection": "closes itself with the next good answer of the system",
    "won": "closes itself when the cards are as it says",
    "overwritten": "closes itself after a day without; a waiver holds for a week",
    "differs": "closes itself when both agree",
    **dict.fromkeys(HEALTH, "closes itself as it says; a waiver holds until it was over once"),
}
"""First word of a cause -> what ends it."""


def show_trouble(found: Trouble) -> None:
    one = found.problem
    state = "open" if one.closed is None else f"closed {moment(one.closed)}"
    click.echo(f"#{one.id}  [{one.owner}]  since {moment(one.opened)}, run {one.run}   {state}")
    click.echo(one.text)
    if one.waived_by:
        click.echo(f"waived by {one.waived_by}: {one.waived_why}")
    if found.waiting:
        click.echo("\nwaits because of it")
        rows = [["", "", "first seen", "last changed", "version", "why"]]
        click.echo(table([*rows, *map(_waiting, found.waiting)], frozenset({4})))
    if found.more:
        click.echo(f"and {found.more} more")
    if one.closed is None:
        ends = ENDS.get(one.cause.split()[0], "closes itself when nothing has it any more")
        click.echo("\n" + ends.format(id=one.id))
        click.echo(
            f"now: syncd problems retry {one.id}    "
            f'give up: syncd problems waive {one.id} --reason "..."'
        )


def _waiting(one: Waiting) -> list[str]:
    seen = [moment(one.first), moment(one.newest)]
    return [one.ref, one.name or "", *seen, str(one.ver), one.why or ""]
