"""Reading: the deals that were won, and accounts as the CRM has them.

BottleCRM tells no time of change for either, so no record has a stamp. What narrows a read of deals
is `closed_on` alone: a day that a person types, and that a deal won by being dragged on the board
keeps from when it was only expected to close. One further back than `BACK_DATED`, or none at all,
is seen by a read without a moment, or by a full pass. Accounts that were saved are named by a feed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.domain import Kind
from syncd.errors import AccessError, NotFoundError, ProtocolError
from syncd.port import All, Flow, Keys, Page, Read, Record, Request, Scope, Since, fields_of

from ..rows import select
from . import feed
from .answers import accepted
from .facts import MARKER
from .objects import NO_FIRST_NAME
from .passes import Fetch, page_of
from .search import address

Row = Mapping[str, Any]

BACK_DATED = dt.timedelta(days=92)
"""How far before the moment a deal that is won only now may say it was closed. At least a day: the
moment is UTC's, and the day is of the zone of whoever typed it."""

_GONE = "@gone"
"""In place of the fields of an account that was deleted."""

_PERSON = ("first_name", "last_name", "email", "phone")


class Dialogue:
    """The calls of one flow. `began` is the server's clock at its first answer."""

    def __init__(self) -> None:
        self.began: dt.datetime | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Flow[Any]:
        request = Request("GET", path, query or {})
        response = yield request
        if self.began is None and "date" in response.headers:
            self.began = parsedate_to_datetime(response.headers["date"]).astimezone(dt.UTC)
        return accepted(request, response)

    def each(self, target: str, keys: Iterable[str]) -> Flow[list[Any]]:
        """The page of each; what is gone, hidden or no id at all is left out."""
        found = []
        for key in dict.fromkeys(keys):
            try:
                answer = yield from self.get(address(target, key))
            except NotFoundError:
                continue
            found.append(answer)
        return found


def pull(read: Read, scope: Scope, size: int) -> Flow[Page]:
    """Passes go by descending id, so `ordered` is never set."""
    if read.kind not in _PULLS:
        raise ProtocolError(f"BottleCRM has no {read.kind} to read")
    talk = Dialogue()
    rows, after = yield from _PULLS[read.kind](talk, read, scope, size)
    records = [
        Record(str(row["id"]), {} if _GONE in row else _chosen(row, read.paths)) for row in rows
    ]
    return Page(records, after, talk.began)


def deals(
    talk: Dialogue, read: Read, scope: Scope, size: int
) -> Flow[tuple[Sequence[Row], str | None]]:
    """Those in a stage of kind `won`; by key in whatever stage they are, so that one that was won
    and no longer is says so. `amount` is text with two decimals. `account` may be null, and so may
    `currency`, on a deal out of a lead."""
    if isinstance(scope, Keys):
        found = yield from talk.each("opportunity", scope.keys)
        return [answer["opportunity_obj"] for answer in found], None
    codes = yield from _won_codes(talk)
    rows, after = yield from page_of(codes, scope.position, size, _deals_in(talk, scope))
    # The list is asked for every stage with this code in its own, in pipelines where it may stand
    # for something else.
    stage = rows.part
    won = [row for row in rows.rows if row["stage_kind"] == "won" and row["stage"] == stage]
    return won, after


def _won_codes(talk: Dialogue) -> Flow[list[str]]:
    """Asked for each page: a person may add a stage while the daemon runs."""
    answer = yield from talk.get("/api/opportunities/pipelines/")
    stages = [stage for pipeline in answer["pipelines"] for stage in pipeline["stages"]]
    return sorted({str(stage["code"]) for stage in stages if stage["kind"] == "won"})


def _deals_in(talk: Dialogue, scope: Since | All) -> Fetch:
    narrow: dict[str, str] = {}
    if isinstance(scope, Since) and scope.moment is not None:
        day = scope.moment.astimezone(dt.UTC).date() - BACK_DATED
        narrow["closed_on__gte"] = day.isoformat()

    def fetch(stage: str, window: Mapping[str, str]) -> Flow[Sequence[Row]]:
        answer = yield from talk.get("/api/opportunities/", {"stage": stage, **narrow, **window})
        rows: Sequence[Row] = answer["opportunities"]
        return rows

    return fetch


def accounts(
    talk: Dialogue, read: Read, scope: Scope, size: int
) -> Flow[tuple[Sequence[Row], str | None]]:
    """Accounts, the inactive too, under the API's own names. `contact` and `contacts` (made) are on
    the account's own page alone, so where the mapping reads `contact`, each of a list is read
    singly. Of `contacts` a list tells nothing: they are wanted of cards that are asked for."""
    singly = any(path.partition(".")[0] == "contact" for path in read.paths)
    if isinstance(scope, Since) and scope.seen and not scope.position and not singly:
        saved = yield from _saved(talk, scope.seen)
        if saved is not None:
            return saved, None
    if isinstance(scope, Keys):
        cards = yield from talk.each("account", scope.keys)
        return [_card(answer) for answer in cards], None
    parts = ("active", "inactive")
    rows, after = yield from page_of(parts, scope.position, size, _accounts_in(talk))
    if not singly:
        return rows.rows, after
    cards = yield from talk.each("account", [str(row["id"]) for row in rows.rows])
    return [_card(answer) for answer in cards], after


def _saved(talk: Dialogue, seen: dt.datetime) -> Flow[Sequence[Row] | None]:
    """Accounts that were saved since, each read singly and shown as in a list, which tells nothing
    of `contacts`; one that was deleted has nothing but its id. None: the list has to be read."""
    try:
        told = yield from feed.saved(talk, seen)
    except (AccessError, NotFoundError):
        return None  # a scope of its own, `activities`, which a token may lack
    if told is None:
        return None
    cards = yield from talk.each("account", [key for key, there in told.items() if there])
    found: list[Row] = [answer["account_obj"] for answer in cards]
    return found + [{"id": key, _GONE: True} for key, there in told.items() if not there]


def _accounts_in(talk: Dialogue) -> Fetch:
    def fetch(part: str, window: Mapping[str, str]) -> Flow[Sequence[Row]]:
        active = part == "active"
        query = {"is_active": "true" if active else "false", **window}
        answer = yield from talk.get("/api/accounts/", query)
        rows: Sequence[Row] = (
            answer["active_accounts"]["open_accounts"]
            if active
            else answer["closed_accounts"]["close_accounts"]
        )
        return rows

    return fetch


def described(object: str) -> Flow[Mapping[str, str]]:
    """By one record: BottleCRM answers with every field of it. None there, nothing is told."""
    talk, window = Dialogue(), {"limit": "1", "offset": "0"}
    if object == "opportunity":
        answer = yield from talk.get("/api/opportunities/", window)
        return fields_of(object, answer["opportunities"])
    if object == "account":
        rows = yield from _accounts_in(talk)("active", window)
        return fields_of(object, rows)
    return {}


def _card(answer: Row) -> Row:
    people = _people(answer["contacts"])
    first = {name: people[0][name] for name in _PERSON} if people else None
    persons = [{"id": str(one["id"]), **{name: one[name] for name in _PERSON}} for one in people]
    return {**answer["account_obj"], "contact": first, "contacts": persons}


def _people(people: Iterable[Row]) -> list[Row]:
    """Who was there first goes first, because an account names nobody as its main contact; and
    never the placeholder that syncd itself made, unless somebody gave it a name."""
    real = [one for one in people if one["is_active"] and not _is_placeholder(one)]
    return sorted(real, key=lambda one: (str(one["created_at"]), str(one["id"])))


def _is_placeholder(contact: Row) -> bool:
    key = MARKER.partition(".")[2]
    return bool(contact["custom_fields"].get(key)) and contact["first_name"] == NO_FIRST_NAME


def _chosen(row: Row, paths: Sequence[str]) -> dict[str, Any]:
    """A record or list of which only the whole is asked for is its id, or the list of ids; one
    without an id, such as `custom_fields`, is the whole."""
    return select(row, paths, lambda record: record.get("id", record), _in_order)


def _in_order(items: list[Any]) -> list[Any]:
    """By id, where they have one: the server has no order."""
    return sorted(items, key=_id_of) if all(map(_id_of, items)) else items


def _id_of(item: Any) -> str:
    return str(item.get("id") or "") if isinstance(item, dict) else ""


_Pull = Callable[[Dialogue, Read, Scope, int], Flow[tuple[Sequence[Row], str | None]]]
_PULLS: Mapping[Kind, _Pull] = {Kind.DEAL: deals, Kind.LABEL: accounts, Kind.WON: accounts}
