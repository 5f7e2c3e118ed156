"""What NetSuite tells whoever sets up a connection, or looks after one; nothing of it writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError
from syncd.guide import CustomField, Discovery, Greeting, Listed, Right
from syncd.port import Flow, Request, User

from .account import Account
from .clock import FORM
from .columns import one_of
from .customers import CUSTOM, TABLE
from .documents import TYPES
from .wire import QUERY, HiddenError

LIMITS = "/services/rest/system/v1/governanceLimits"
_LATE = dt.timedelta(days=90)
_SLACK = dt.timedelta(minutes=10)
_NEEDS = (
    ("transaction", "orders, invoices, payments and credit memos"),
    ("transactionline", "balances, journals and subsidiaries"),
    ("transactionaccountingline", "balances"),
    ("nexttransactionlinelink", "which payment paid which invoice"),
)


def greet() -> Flow[Greeting]:
    """Without a credential NetSuite asks for one, in words of its own."""
    response = yield Request(
        "POST", QUERY, {"limit": "1"}, {"q": "SELECT 1 FROM DUAL"}, headers={"Prefer": "transient"}
    )
    asks = response.headers.get("www-authenticate", "").lower()
    if response.status == 401 and ("bearer" in asks or "oauth" in asks):
        return Greeting()
    if b"o:errorDetails" in response.body or b'"hasMore"' in response.body:
        return Greeting()
    raise ProtocolError(
        f"HTTP {response.status} at {QUERY}: this is no REST address of NetSuite. It stands under "
        "Setup > Company > Company Information > Company URLs as SuiteTalk, such as "
        "https://1234567.suitetalk.api.netsuite.com"
    )


def discover(
    account: Account, realm: str, since: Sequence[dt.date], closed: dt.date, at_once: int
) -> Flow[Discovery]:
    wire = account.wire
    rights: list[Right] = []
    for name, need in _NEEDS:
        rights.append((yield from _right(account, name, need)))
    rights.append(Right("create", TABLE, None, "customers whose deals were won"))
    documents: dict[Kind, tuple[int, ...]] = {}
    for kind in (Kind.ORDER, Kind.INVOICE, Kind.PAYMENT):
        documents[kind] = yield from _counts(account, kind, since)
    stages = yield from _stages(account)
    newest = yield from _newest(account)
    odd = yield from _odd(account, newest, at_once)
    others = sorted(set(account.currencies.values()) - {account.own})
    return Discovery(
        company=account.company or realm,
        zone=str(account.wall.zone),
        currencies=(account.own, *others),
        customers=stages.get("Customer", 0),
        documents=documents,
        rights=tuple(rights),
        fields=(yield from _fields(account)),
        listed=tuple(
            Listed("searchstage", "Stage", name, count, TABLE) for name, count in stages.items()
        ),
        at=wire.now,
        newest=newest,
        production=not any(one in realm for one in ("_SB", "_RP", "TSTDRV")),
        organisations=(yield from _busy(account)),
        odd=odd,
        sellers=(yield from _sellers(account)),
    )


def _right(account: Account, name: str, need: str) -> Flow[Right]:
    try:
        yield from account.wire.query(f"SELECT 1 AS n FROM {name} WHERE ROWNUM <= 1")
    except HiddenError:
        return Right("read", name, False, need)
    return Right("read", name, True, need)


def _counts(account: Account, kind: Kind, since: Sequence[dt.date]) -> Flow[tuple[int, ...]]:
    counts = []
    for day in (None, *since):
        later = f" AND trandate >= TO_DATE('{day}', 'YYYY-MM-DD')" if day else ""
        counts.append(
            (
                yield from _count(
                    account, f"transaction WHERE type IN ({one_of(TYPES[kind])}){later}"
                )
            )
        )
    return tuple(counts)


def _count(account: Account, where: str) -> Flow[int]:
    rows = yield from account.wire.rows(f"SELECT COUNT(*) AS n FROM {where}")
    return int(rows[0]["n"]) if rows else 0


def _stages(account: Account) -> Flow[Mapping[str, int]]:
    rows = yield from account.wire.rows(
        "SELECT searchstage AS stage, COUNT(*) AS n FROM customer GROUP BY searchstage "
        "ORDER BY searchstage"
    )
    return {str(row["stage"]): int(row["n"]) for row in rows if row.get("stage")}


def _busy(account: Account) -> Flow[dict[str, int | None]]:
    """Subsidiary -> orders and invoices of late."""
    if account.subsidiaries is None or account.wire.now is None:
        return {}
    since = (account.wire.now - _LATE).date()
    rows = yield from account.wire.rows(
        "SELECT l.subsidiary AS subsidiary, COUNT(*) AS n FROM transaction t "
        "JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T' "
        "WHERE t.type IN ('SalesOrd', 'CustInvc') "
        f"AND t.trandate >= TO_DATE('{since}', 'YYYY-MM-DD') "
        "GROUP BY l.subsidiary ORDER BY l.subsidiary"
    )
    counts = {str(row.get("subsidiary")): int(row["n"]) for row in rows}
    return {name: counts.get(id, 0) for id, name in account.subsidiaries.items()}


def _sellers(account: Account) -> Flow[tuple[User, ...]]:
    try:
        rows = yield from account.wire.rows(
            "SELECT DISTINCT e.id AS id, e.email AS email, e.isinactive AS isinactive, "
            "BUILTIN.DF(t.employee) AS name FROM transaction t JOIN employee e "
            "ON e.id = t.employee WHERE t.type = 'SalesOrd' ORDER BY e.id"
        )
    except HiddenError:
        return ()
    return tuple(
        User(str(row["id"]), str(row["name"]), row.get("email"), row.get("isinactive") != "T")
        for row in rows
        if row.get("name")
    )


def _fields(account: Account) -> Flow[tuple[CustomField, ...]]:
    """Of the customer; none where the role may not see the catalog."""
    try:
        properties = (yield from account.wire.schema(TABLE))["properties"]
    except (AccessError, ProtocolError):
        return ()
    return tuple(
        CustomField(TABLE, f"{CUSTOM}.{name}", str(one.get("title") or name))
        for name, one in sorted(properties.items())
        if name.startswith("custentity") and isinstance(one, dict)
    )


def _newest(account: Account) -> Flow[dt.datetime | None]:
    """When the newest transaction was changed, on the account's wall."""
    rows, *_ = yield from account.wire.query(
        f"SELECT TO_CHAR(lastmodifieddate, '{FORM}') AS newest FROM transaction "
        "ORDER BY lastmodifieddate DESC",
        1,
    )
    return dt.datetime.fromisoformat(str(rows[0]["newest"])) if rows else None


def _odd(account: Account, newest: dt.datetime | None, at_once: int) -> Flow[tuple[str, ...]]:
    """The wall against the newest document, and what others of the account have left."""
    found = []
    if not (yield from _right(account, "deletedrecord", "")).allowed:
        found.append(
            "the role may not read deletedrecord (permission Deleted Records): what is deleted is "
            "found by the daily full read"
        )
    there = newest.replace(tzinfo=account.wall.zone) if newest else None
    if there and account.wire.now and there > account.wire.now + _SLACK:
        found.append(
            f"the newest transaction was changed at {newest}, which is ahead of now in "
            f"{account.wall.zone}: the setting zone is not the account's"
        )
    limit = yield from _limit()
    if limit is not None and at_once * 2 > limit:
        found.append(
            f"the account takes {limit} requests at once, and at_once gives syncd {at_once} of "
            "them: other integrations get what is left"
        )
    return tuple(found)


def _limit() -> Flow[int | None]:
    """None where only an administrator is told."""
    response = yield Request("GET", LIMITS)
    if response.status != 200:
        return None
    body = response.json()
    told = body.get("accountConcurrencyLimit") if isinstance(body, dict) else None
    return int(told) if told is not None else None
