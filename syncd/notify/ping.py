"""The dead man's switch: a watcher elsewhere hears after each complete green cycle, and raises the
alarm when it hears nothing. It works when syncd, its machine or its mail do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from syncd import __version__
from syncd.notify.post import within
from syncd.settings.alerts import PING, Ping
from syncd.store import runs
from syncd.store.outlets import Outlet


class Beat(msgspec.Struct, frozen=True):
    """`runs` names the newest run of each pair; `green`: all of them did their work."""

    runs: str
    green: bool


def due(
    tx: sa.Connection, ping: Ping, seen: Outlet, pairs: Sequence[str], now: dt.datetime
) -> Beat | None:
    """What is to be said of the newest runs, if it was not said yet and it is time again. Pairs
    that never ran say nothing."""
    newest = [run for pair in pairs for run in runs.recent(tx, pair, 1)]
    if not newest or any(run.ended is None for run in newest):
        return None
    beat = Beat(" ".join(str(run.id) for run in newest), all(r.result == runs.OK for r in newest))
    early = seen.wrote is not None and seen.wrote <= now < seen.wrote + _seconds(ping.every)
    failed = any(run.result == runs.FAILED_RUN for run in newest)
    said = not early if beat.green else failed and ping.fail
    return beat if said and beat.runs != seen.mark else None


def send(url: str, beat: Beat, seconds: float) -> str | None:
    """One GET; why it failed, or None."""
    address = url if beat.green else url.rstrip("/") + "/fail"
    return within(PING, seconds, lambda: _get(address, seconds))


def _get(address: str, seconds: float) -> str | None:
    import requests

    headers = {"User-Agent": f"syncd/{__version__}"}
    try:
        answer = requests.get(address, timeout=seconds, headers=headers, allow_redirects=False)
    except requests.RequestException as error:
        return type(error).__name__
    return None if answer.status_code < 300 else f"HTTP {answer.status_code}"


def _seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)
