"""What an alarm says: what was expected, what is seen, since when, what to look at, what ends it.

Without personal data: kinds, connections, counts and moments alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from syncd.store.problems import ACCOUNTING, SALES, SYSADMIN

OF_SALES = ("deal",)
NAMES = {"credit_note": "credit note"}


class Alarm(msgspec.Struct, frozen=True):
    """`since` is when it began; a waiver holds as long as that stays."""

    cause: str
    owner: str
    text: str
    since: dt.datetime


class Sentences(msgspec.Struct, frozen=True):
    pair: str
    books: str
    zone: ZoneInfo

    def at(self, moment: dt.datetime) -> str:
        return moment.astimezone(self.zone).strftime("%a %d %b %H:%M")

    def all_silent(self, news: dt.datetime, read: dt.datetime, usual: int) -> Alarm:
        text = (
            f"{self.books} answers, but nothing new has come from it since {self.at(news)}; until "
            f"{self.at(read)} {_changes(usual)} usual. It may answer from a copy that stands "
            "still, or hide what is new from syncd's user: change something there and see whether "
            f"syncd run reads it. {self._ends('the next change')}"
        )
        return Alarm(f"silence {self.books}", SYSADMIN, text, news)

    def silent(
        self, connection: str, kind: str, news: dt.datetime, read: dt.datetime, usual: int
    ) -> Alarm:
        text = (
            f"No {name(kind)} has come from {connection} since {self.at(news)}; until "
            f"{self.at(read)} {_changes(usual)} usual, and other things do come. Perhaps nobody "
            "entered any, as a bank file that was not taken in; else look at the rights of "
            f"syncd's user there. {self._ends('the next one')}"
        )
        owner = SALES if kind in OF_SALES else ACCOUNTING
        return Alarm(f"silence {connection} {kind}", owner, text, news)

    def _ends(self, what: str) -> str:
        return (
            f"Closes itself with {what}; quiet days belong into pairs.{self.pair}.calendar, a "
            "silence that is right is ended by syncd problems waive ID --reason R."
        )

    def ledger_alone(self, reads: int, news: dt.datetime) -> Alarm:
        text = (
            f"Balances in {self.books} moved in {reads} reads in a row, and no invoice, payment, "
            f"credit note or adjustment came with them since {self.at(news)}. Look at whether "
            "syncd's user may still see documents. Closes itself with the next document."
        )
        return Alarm(f"unexplained {self.books} documents", SYSADMIN, text, news)

    def documents_alone(self, reads: int, news: dt.datetime) -> Alarm:
        text = (
            f"Documents in {self.books} changed in {reads} reads in a row, and no balance moved "
            f"with them since {self.at(news)}. Look at whether syncd's user may still see "
            "balances. Closes itself when one moves."
        )
        return Alarm(f"unexplained {self.books} balances", SYSADMIN, text, news)

    def hidden(self, connection: str, kind: str, since: dt.datetime) -> Alarm:
        text = (
            f"Asked for what changed, {connection} leaves out the newest {name(kind)}, which a "
            f"full read shows, since {self.at(since)}. Nothing is lost: everything is read in "
            "each run instead, and that costs calls. Look at its filter by time and at its "
            "caches. Closes itself when both agree."
        )
        return Alarm(f"hidden {connection} {kind}", SYSADMIN, text, since)

    def stale(self, connection: str, kinds: Sequence[str], oldest: dt.datetime) -> Alarm:
        text = (
            f"Runs end, but the last complete read of {', '.join(map(_plural, kinds))} from "
            f"{connection} was {self.at(oldest)}. Look at the notes of the last runs: syncd log. "
            "Closes itself with the next complete read."
        )
        return Alarm(f"stale {connection}", SYSADMIN, text, oldest)

    def frozen(self, connection: str, time: dt.datetime, since: dt.datetime) -> Alarm:
        text = (
            f"{connection} tells the same time in every answer, {self.at(time)}, since "
            f"{self.at(since)}: something between stores its answers and repeats them. Look at "
            "proxies and caches on the way. Closes itself when its clock goes on."
        )
        return Alarm(f"frozen {connection}", SYSADMIN, text, since)

    def skew(self, connection: str, ahead: dt.timedelta, now: dt.datetime) -> Alarm:
        way = "ahead of" if ahead > dt.timedelta(0) else "behind"
        text = (
            f"The clock of {connection} is {length(ahead)} {way} this machine's; one of them is "
            "wrong. What becomes overdue at midnight is worked out by this machine's. Look at "
            "timedatectl on both. Closes itself when they agree."
        )
        return Alarm(f"clock {connection}", SYSADMIN, text, now)

    def jump(self, at: dt.datetime, by: float) -> Alarm:
        way = "forward" if by > 0 else "back"
        text = (
            f"This machine's clock was set {way} by {length(dt.timedelta(seconds=by))} at "
            f"{self.at(at)}, while it ran. Look at timedatectl; until the next read nothing is "
            "concluded from the time. Closes itself when a system tells the same time, when the "
            "clock is set back, or after a day."
        )
        return Alarm("clock machine", SYSADMIN, text, at)

    def schedule(self, last: dt.datetime, every: dt.timedelta) -> Alarm:
        text = (
            f"No run of {self.pair} began since {self.at(last)}, though one is expected every "
            f"{length(every)} and it is not paused. Look at the service: systemctl status syncd, "
            "and its journal. Closes itself with the next run."
        )
        return Alarm(f"schedule {self.pair}", SYSADMIN, text, last)

    def forgotten(self, what: str, since: dt.datetime) -> Alarm:
        text = (
            f"{what} has been paused since {self.at(since)}, and no end is near. Cards are no "
            f"longer fresh. syncd resume {what}, or pause it again with an end: syncd pause "
            f"{what} --until 3d --reason R. Closes itself when it goes on, or its end is within "
            "a week."
        )
        return Alarm(f"paused {what}", SYSADMIN, text, since)


def name(kind: str) -> str:
    return NAMES.get(kind, kind)


def _plural(kind: str) -> str:
    return f"{name(kind)}s"


def _changes(usual: int) -> str:
    return "one change is" if usual <= 1 else f"{usual} changes are"


def length(span: dt.timedelta) -> str:
    """`40 s`, `5 minutes`, `3 hours`, `2 days`: the largest unit of which there are two or more."""
    seconds = abs(round(span.total_seconds()))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
