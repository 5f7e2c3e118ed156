"""How long a system asks to be left alone."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Mapping

FLOOR = 1.0
"""Seconds after a 429 that does not say how long."""


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Seconds, from `Retry-After` in seconds or as a date; None where it is absent or unreadable.

    A date counts from the answer's own `Date` if it has one: the two clocks need not agree.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    until = _moment(text)
    if until is None:
        return None
    return max(0.0, (until - (_moment(headers.get("date", "")) or now)).total_seconds())


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
