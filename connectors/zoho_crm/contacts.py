"""The persons of accounts, as rows of the account under `Contacts`, the one made first first.

One query asks for those of fifty accounts and costs a credit; a related list is a call for each
account. A contact belongs to one account, or to none.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from syncd.port import Flow

from . import coql
from .coql import Row
from .facts import CONTACTS, CUSTOM
from .metadata import those_there

ACCOUNT = "Account_Name"
"""The lookup of a contact; the same API name as an account's own name."""


def inside(paths: Sequence[str]) -> list[str]:
    """Those of the paths that lead into contacts, as seen from there."""
    return [path.removeprefix(f"{CONTACTS}.") for path in paths if path.startswith(f"{CONTACTS}.")]


def of_accounts(accounts: Sequence[str], paths: Sequence[str]) -> Flow[dict[str, list[Row]]]:
    """By account, with what the paths lead through."""
    heads = [path.removeprefix(CUSTOM).partition(".")[0] for path in paths]
    names = list(dict.fromkeys(["id", ACCOUNT, *heads]))
    found: dict[str, list[Row]] = {one: [] for one in accounts}
    for some in coql.chunks(accounts):
        where = [coql.one_of(ACCOUNT, some)]
        asked = functools.partial(coql.every, module=CONTACTS, where=where)
        for row in (yield from those_there(names, CONTACTS, asked)):
            found[str(row[ACCOUNT]["id"])].append(row)
    return found


def accounts_of(email: str) -> Flow[list[str]]:
    """Accounts with a contact of this e-mail."""
    where = [f"Email = {coql.quoted(email.strip())}", f"{ACCOUNT} is not null"]
    rows = yield from coql.every(["id", ACCOUNT], CONTACTS, where)
    return list(dict.fromkeys(str(row[ACCOUNT]["id"]) for row in rows))
