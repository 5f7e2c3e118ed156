"""What a person prefers, out of what was found: how far back, the card, won customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from syncd.cli.asking import Asker, found, one_of, wrong
from syncd.cli.common import counted, table
from syncd.cli.zones import machine_zone, zone_of
from syncd.errors import SyncdError, UsageError
from syncd.guide import Discovery
from syncd.mapping import CrmMapping
from syncd.mapping.languages import LANGUAGES
from syncd.setup import cards, choices, winning
from syncd.setup.reach import System
from syncd.sync.pair import WonMode

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Lines of the mapping: `since` None is everything there is, `stages` None all that count;
    `others` are lines as they are."""

    since: dt.date | None
    language: str
    zone: str
    stages: Sequence[str] | None
    others: Mapping[str, str]


def production(asker: Asker, label: str, url: str, told: bool | None) -> bool:
    """`told` is what the CRM itself says of it."""
    likely = not choices.likely_test(label, url) if told is None else told
    text = f"Is {label} the production organisation"
    answer = asker.confirm("crm.production", text, default=likely)
    if not answer:
        found("then begin in a folder of its own for production: a pair stays with its company")
    return answer


def card(asker: Asker, told: Discovery) -> Discovery:
    """What is told of the cards that were chosen; all of it where there is one kind of them."""
    if not told.cards:
        return told
    if len(told.cards) == 1:
        return cards.chosen(told, told.cards[0])
    for one in told.cards:
        there = "how many is not told" if one.count is None else f"{one.count} there"
        named = f"named by {counted(one.won, 'deal')} of those won in the last 30 days"
        found(f"{one.target}: {there}, {named}")
    known = [one.target for one in told.cards]
    default = cards.likely(told.cards).target
    word = asker.ask("crm.card", "Card of a customer", one_of(known), default, known=known)
    return cards.chosen(told, next(one for one in told.cards if one.target == word))


def history(
    asker: Asker, told: Discovery, shipped: CrmMapping, way: choices.Way, today: dt.date
) -> dt.date | None:
    """None: everything there is."""
    click.echo("\nHow far back")
    rows = choices.histories(told, choices.days(today), shipped, way)
    head = ["", "documents since", "documents", "requests to the CRM, once", "minutes"]
    lines = [[f"  {n}", *_row(one)] for n, one in enumerate(rows, 1)]
    click.echo(table([head, *lines], frozenset({2, 3, 4})))
    known = [str(one.since or EVERYTHING) for one in rows]

    def take(typed: str) -> dt.date | None:
        day = known[int(typed) - 1] if typed in ("1", "2", "3") else typed
        try:
            return None if day == EVERYTHING else dt.date.fromisoformat(day)
        except ValueError:
            raise UsageError(f"{typed}: expected a day as 2026-01-31, or all") from None

    return asker.ask(
        "since", "Show documents since", take, known[1], said=lambda day: str(day or EVERYTHING)
    )


def opening(system: System, since: dt.date | None) -> None:
    """Whether the balances of that day can be read, tried at once."""
    if since is None or not system.facts.opens:
        return
    try:
        told = system.opening(since)
    except SyncdError as error:
        wrong(f"the balances of {since} cannot be read: {error}")
        return
    sums = [
        f"{sum_:,} {code} {what}"
        for code, both in sorted(told.sums.items())
        for sum_, what in zip(both, ("owed", "paid ahead"), strict=True)
        if sum_
    ]
    open_ = f"of {counted(told.customers, 'customer')}: {', '.join(sums)}" if sums else "nothing"
    found(f"opening     the balances of {since} can be read; open was {open_}")


def _row(one: choices.History) -> list[str]:
    word = "about" if one.documents is not None else "at least"
    documents = "not told" if one.documents is None else str(one.documents)
    numbers = [documents, f"{word} {one.calls}", f"{word} {one.minutes}"]
    return [str(one.since or EVERYTHING), *numbers]


def language(asker: Asker, shipped: CrmMapping) -> str:
    click.echo("\nThe card")
    known = sorted(LANGUAGES)
    return asker.ask(
        "language", "Language of its sentences", one_of(known), shipped.language, known=known
    )


def zone(asker: Asker, books: Discovery, crm: Discovery) -> str:
    """That of the books goes before the CRM's and this machine's."""
    default = books.zone or crm.zone or machine_zone() or "UTC"
    return asker.ask("zone", "Zone: whose midnight makes debts overdue", zone_of, default)


def won_by(asker: Asker, mapping: str, told: Discovery) -> Mapping[str, str]:
    """Lines of the mapping; none for a deal that was won and nothing else."""
    click.echo("\nWon customers")
    ways = winning.ways(mapping, told)
    if len(ways) == 1:
        return {}
    for word, way in ways.items():
        found(f"{word}: {way.says}")
    known = list(ways)

    def take(typed: str) -> Sequence[str]:
        return winning.some_of(ways, typed)

    chosen = asker.ask(
        "won.by", "What makes a customer (several with commas)", take, known[0], known=known
    )
    return winning.lines_of(ways, chosen)


def stages(asker: Asker, told: Discovery) -> Sequence[str] | None:
    """None: all that the CRM calls won."""
    if not told.stages:
        return None
    for one in told.stages:
        label = "" if one.label == one.code else f" (“{one.label}”)"
        lacking = _lacking(one.lacking)
        found(f"{one.code}{label}: {counted(one.recent, 'deal')} in the last 30 days{lacking}")
    known = [one.code for one in told.stages]

    def take(typed: str) -> Sequence[str] | None:
        codes = [one.strip() for one in typed.split(",") if one.strip()]
        if typed.strip() == EVERYTHING or set(codes) == set(known):
            return None
        unknown = [one for one in codes if one not in known]
        if unknown or not codes:
            raise UsageError(f"{typed!r}: expected all, or some of {', '.join(known)}")
        return codes

    return asker.ask("stages", "Stages that make a customer", take, EVERYTHING)


def count_deals(told: Discovery, stages: Sequence[str] | None) -> None:
    counting = [one for one in told.stages if stages is None or one.code in stages]
    if counting:
        deals = counted(sum(one.recent for one in counting), "deal")
        known = [one.lacking for one in counting if one.lacking is not None]
        lacking = _lacking(sum(known) if known else None)
        found(f"so {deals} of the last 30 days would have counted{lacking}")


def _lacking(count: int | None) -> str:
    return f", {count} of them without a tax id" if count else ""


def won(asker: Asker) -> str:
    found("create makes them in the books at once, propose asks accounting first, off never")
    known = [one.value for one in WonMode]
    return asker.ask("won", "Won customers", one_of(known), WonMode.PROPOSE, known=known)
