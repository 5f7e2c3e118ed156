"""Whose wall a system's times are read from, where it names no zone: what its newest document
tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

SLACK = dt.timedelta(minutes=5)
"""Clocks differ."""
EASTWARDS = (
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk"),
    *("Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan"),
    "Asia/Kamchatka",
)
"""One for each hour from 2 to 12 ahead of UTC: where systems without a zone are at home."""


def age(newest: dt.datetime, zone: str, now: dt.datetime) -> dt.timedelta:
    """How long ago it was made, if its wall is there; below zero: it would be of the future."""
    return now - newest.replace(tzinfo=ZoneInfo(zone))


def fits(newest: dt.datetime, zone: str, now: dt.datetime) -> bool:
    """What was made already lies in the past."""
    return age(newest, zone, now) >= -SLACK


def likely(candidates: Sequence[str], newest: dt.datetime | None, now: dt.datetime | None) -> str:
    """The first that fits. Where none does, the nearest to the west of those in which it lies in
    the past; and the first of all where nothing is told."""
    if newest is None or now is None:
        return candidates[0]
    fitting = (one for one in (*candidates, *EASTWARDS) if fits(newest, one, now))
    return next(fitting, candidates[0])
