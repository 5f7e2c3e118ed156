"""What was deleted: NetSuite keeps a log of it (`deletedrecord`), if the role may read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from syncd.port import Flow

from .account import Account, Gone
from .clock import FORM
from .columns import ids
from .wire import HiddenError

FRESH = dt.timedelta(minutes=1)
"""One look serves all kinds that are read within it: their reads overlap by more."""


def deleted(account: Account, since: dt.datetime) -> Flow[Mapping[str, dt.datetime]]:
    """Ids that were deleted since, with the time, and are those of no transaction now. The log
    names records of all types by their ids, and how it calls a type is not told reliably: an id of
    something else is that of no transaction syncd knows."""
    known, now = account.gone, account.wire.now
    if known is None or now is None or known.since > since or now - known.asked > FRESH:
        keys = yield from _look(account, since)
        known = Gone(since, account.wire.now or since, keys)
        account.gone = known
    floor = since.replace(microsecond=0)
    return {key: moment for key, moment in known.keys.items() if moment >= floor}


def _look(account: Account, since: dt.datetime) -> Flow[Mapping[str, dt.datetime]]:
    found: dict[str, dt.datetime] = {}
    last = ""
    while account.deletions:
        behind = f" AND recordid > {last}" if last else ""
        try:
            answer = yield from account.wire.query(
                f"SELECT recordid AS recordid, MAX(TO_CHAR(deleteddate, '{FORM}')) AS deleted "
                f"FROM deletedrecord WHERE deleteddate >= {account.wall.shown(since)}{behind} "
                "GROUP BY recordid ORDER BY recordid"
            )
        except HiddenError:
            account.deletions = False
            break
        for row in answer.rows:
            moment = account.wall.moment(row.get("deleted"), account.wire.now)
            for key in ids([str(row["recordid"])]):
                found[key] = moment or since
        if not answer.more:
            break
        last = str(answer.rows[-1]["recordid"])
    there = yield from account.wire.by_keys(
        list(found), lambda some: f"SELECT id AS id FROM transaction WHERE id IN ({some})"
    )
    alive = {str(row["id"]) for row in there}
    return {key: moment for key, moment in found.items() if key not in alive}
