"""What set-up and `doctor` learn of a system by its file alone: which lists it lets this credential
read, what stands first in them, how many there are where the paging counts, and whether its times
are in the zone that the file says. Nothing of it writes; what may be written, a read does not show.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from syncd.domain import Kind
from syncd.errors import AccessError, NotFoundError, ProtocolError
from syncd.guide import CustomField, Discovery, Greeting, Right
from syncd.port import Flow
from syncd.rest.answers import Answers, rows_at
from syncd.rest.listing import Listing, Row, key_of, source_time
from syncd.rest.source import Source
from syncd.rest.target import Target
from syncd.rest.words import Call, Words, at

SHOWN = 3
"""Keys of first records."""
SKEW = dt.timedelta(minutes=1)
"""By which a stamp may be ahead of the system's own clock."""


@dataclass
class Looked:
    """One list: what stands first in it, how many there are (None: it does not say), and the newest
    stamp among them. `refused` is why it could not be read."""

    rows: list[Row] = field(default_factory=list)
    count: int | None = 0
    newest: dt.datetime | None = None
    at: dt.datetime | None = None
    forbidden: bool = False
    refused: str = ""


def greet(call: Call, words: Words) -> Flow[Greeting]:
    """By the call for the company, without a credential: an answer in JSON, or that one is wanted.
    ProtocolError for any other."""
    request = call.request(words)
    response = yield request
    if response.status not in (401, 403):
        if response.status == 404:
            raise ProtocolError(f"HTTP 404 at {request.path}, where the connector file asks")
        response.json()
    return Greeting()


def discover(
    company: str,
    sources: Sequence[Source],
    targets: Mapping[str, Target],
    answers: Answers,
    words: Words,
) -> Flow[Discovery]:
    looked = []
    for source in sources:
        looked.append((source, (yield from _of_source(source, answers, words))))
    known = {source.object for source in sources}
    listed = []
    for name, target in targets.items():
        if target.listing is not None and target.facts.listable and name not in known:
            about = {**words, "target": name}
            listed.append((name, (yield from _of_list(target.listing, answers, about))))
    counts = {source.kind: one.count for source, one in looked}
    clock = next((one.at for _, one in looked if one.at), None)
    zones = [source.times.zone for source in sources if isinstance(source.times.zone, ZoneInfo)]
    return Discovery(
        company,
        zone=zones[0].key if zones else None,
        customers=counts.get(Kind.CUSTOMER, counts.get(Kind.WON)),
        rights=(*_rights(looked, listed), *_unseen(targets)),
        fields=(yield from _fields(targets, answers, words)),
        at=clock,
        records=tuple(_sentence(source, one) for source, one in looked if not one.refused),
        odd=tuple(_odd(looked, clock)),
    )


def _of_source(source: Source, answers: Answers, words: Words) -> Flow[Looked]:
    words = {**words, "object": source.object}
    found = yield from _of_list(source.within or source.listing, answers, words)
    if source.within is not None and found.rows:
        first = key_of(found.rows[0], source.within.key)
        found = yield from _of_list(source.listing, answers, {**words, "parent": first})
        found.count = None  # of one parent alone
    try:
        found.newest = _newest(source, found.rows)
    except ProtocolError as error:
        found.refused = str(error)
    return found


def _of_list(lists: Listing, answers: Answers, words: Words) -> Flow[Looked]:
    """The first page of each of its parts."""
    found = Looked()
    for one in [lists.part(number) for number in range(len(lists.parts))] or [lists]:
        request = one.call.request({"size": one.paging.size, **words, **one.paging.words(None)})
        response = yield request
        found.at = found.at or source_time(response)
        try:
            body = answers.taken(request, response)
            rows = rows_at(body, one.records)
            count = one.paging.counted(body, len(rows)) if rows else 0
        except AccessError as error:
            return Looked(at=found.at, forbidden=True, refused=str(error))
        except (NotFoundError, ProtocolError) as error:
            return Looked(at=found.at, refused=str(error))
        found.rows += rows
        found.count = None if found.count is None or count is None else found.count + count
    return found


def _rights(
    looked: Sequence[tuple[Source, Looked]], listed: Sequence[tuple[str, Looked]]
) -> Iterator[Right]:
    for source, one in looked:
        if one.forbidden or not one.refused:
            yield Right("read", source.object, not one.forbidden, f"every {source.kind}")
    for name, one in listed:
        if one.forbidden or not one.refused:
            yield Right("read", name, not one.forbidden, f"finding a {name} again")


def _unseen(targets: Mapping[str, Target]) -> Iterator[Right]:
    for name in targets:
        yield Right("write", name, None, f"every {name}")


def _sentence(source: Source, one: Looked) -> str:
    if not one.rows:
        return f"{source.kind}: none yet in {source.object}"
    keys = []
    for row in one.rows[:SHOWN]:
        with suppress(ProtocolError):
            keys.append(key_of(row, source.listing.key))
    many = "how many is not told" if one.count is None else f"{one.count} in all"
    stamp = f"; newest of the first page {one.newest:%Y-%m-%d %H:%M} UTC" if one.newest else ""
    return f"{source.kind}: {source.object} {', '.join(keys)}, ...; {many}{stamp}"


def _newest(source: Source, rows: Sequence[Row]) -> dt.datetime | None:
    found = [source.times.read(at(row, path)) for row in rows for path in source.stamps]
    return max((one for one in found if one), default=None)


def _odd(looked: Sequence[tuple[Source, Looked]], clock: dt.datetime | None) -> Iterator[str]:
    for source, one in looked:
        if one.refused and not one.forbidden:
            yield f"{source.kind}: {one.refused}"
        elif one.newest and clock and one.newest > clock + SKEW:
            hours = (one.newest - clock) / dt.timedelta(hours=1)
            yield (
                f"{source.kind}: a stamp is {hours:.1f} h ahead of the system's own clock: is "
                "`zone` of `time` in the connector file that of the system?"
            )


def _fields(
    targets: Mapping[str, Target], answers: Answers, words: Words
) -> Flow[tuple[CustomField, ...]]:
    found = []
    for name, target in targets.items():
        custom = target.custom
        if custom is None or custom.known is None:
            continue
        with suppress(AccessError):
            for one in (yield from custom.usable_now(answers, {**words, "target": name})):
                found.append(CustomField(name, f"{custom.prefix}.{one}", one))
    return tuple(found)
