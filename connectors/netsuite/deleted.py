"""What was deleted: NetSuite keeps a log of it (`deletedrecord`), if the role may read it."""

from __future__ import annotations

import datetime as dt

from syncd.port import Flow

from .account import Account
from .columns import ids
from .wire import MOST, HiddenError


def deleted(account: Account, since: dt.datetime) -> Flow[list[str]]:
    """Ids that were deleted since and are those of no transaction now. The log names records of
    all types by their ids, and how it calls a type is not told reliably: an id of something else
    is that of no transaction syncd knows."""
    if not account.deletions:
        return []
    found: list[str] = []
    while True:
        behind = f" AND recordid > {found[-1]}" if found else ""
        try:
            answer = yield from account.wire.query(
                "SELECT DISTINCT recordid AS recordid FROM deletedrecord "
                f"WHERE deleteddate >= {account.wall.shown(since)}{behind} ORDER BY recordid"
            )
        except HiddenError:
            account.deletions = False
            return []
        found += ids(str(row["recordid"]) for row in answer.rows)
        if not answer.more or len(answer.rows) < MOST:
            break
    there = yield from account.wire.by_keys(
        found, lambda some: f"SELECT id AS id FROM transaction WHERE id IN ({some}) ORDER BY id"
    )
    alive = {str(row["id"]) for row in there}
    return [key for key in found if key not in alive]
