"""What can be chosen, and what each choice means in numbers."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from syncd.domain import Kind
from syncd.guide import CustomField, Discovery
from syncd.mapping import CrmMapping
from syncd.mapping.document import Listing, Node, Scalar, Table
from syncd.port import Target
from syncd.setup.files import at, text_at
from syncd.setup.sentences import SENTENCES

_ID = re.compile(
    r"(^|[_\W])(id|ids|key|code|guid|uuid|ref|1c|1с|erp|ext|external|код|ид)($|[_\W])|_id$|^id_"
)
_STAGE = re.compile(r"\b(stage)\s*==\s*\"[^\"]*\"", re.IGNORECASE)
_HOLE = re.compile(r"\{(\w+)\}")
STORED = 0.02
"""Seconds that a system takes to store one record of many; a second or two for a hundred."""
RECENT = dt.timedelta(days=30)
"""How far back won deals are counted, to show what would have happened."""


class History(msgspec.Struct, frozen=True):
    """Documents since a day (None: all), and the requests and minutes that the first writing would
    take: at least these, where the books do not tell how many documents there are."""

    since: dt.date | None
    documents: int | None
    calls: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Way:
    """To the CRM: its targets, the seconds that a request took at set-up, and how many it allows in
    an hour."""

    targets: Mapping[str, Target]
    pace: float
    hourly: int | None


def days(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of this year and of the last one."""
    return dt.date(today.year, 1, 1), dt.date(today.year - 1, 1, 1)


def histories(
    found: Discovery, since: Sequence[dt.date], writing: CrmMapping, way: Way
) -> list[History]:
    """For each day, the shortest history first, and for all there is. Customers are written
    whatever the day is, and the figures on their cards."""
    customers = found.customers or 0
    rows = []
    for number, day in [*enumerate(since, 1), (0, None)]:
        counts = {kind: of[number] for kind, of in found.documents.items()}
        made = {**counts, Kind.CUSTOMER: customers, Kind.CARD: customers}
        calls = sum(_calls(writing, kind, count, way) for kind, count in made.items())
        records = sum(count for kind, count in made.items() if kind in writing.outbound)
        seconds = calls * way.pace + records * STORED
        hours = calls / way.hourly if way.hourly else 0.0
        minutes = math.ceil(max(seconds / 60, hours * 60))
        documents = sum(counts.values()) if counts else None
        rows.append(History(day, documents, calls, minutes))
    return rows


def _calls(writing: CrmMapping, kind: Kind, count: int, way: Way) -> int:
    """One request for each batch of each object."""
    outbound = writing.outbound.get(kind)
    parts = outbound.plan.parts if outbound else ()
    return sum(math.ceil(count / way.targets[part.target].batch) for part in parts)


def present(writing: CrmMapping, found: Discovery) -> list[str]:
    """The custom fields of the mapping that are there already."""
    there = {(one.target, one.path) for one in found.fields}
    return [one.path for one in writing.custom_fields if (one.target, one.path) in there]


def asked_about(writing: CrmMapping, found: Discovery) -> list[str]:
    """The custom fields of the mapping on objects whose fields the system told; all where it told
    of none."""
    told = {one.target for one in found.fields}
    return [one.path for one in writing.custom_fields if not told or one.target in told]


def marked(marker: str | None, found: Discovery) -> int | None:
    """Cards that carry a key of the books already; None where that is not told."""
    filled = [one.filled for one in found.fields if one.path == marker]
    return filled[0] if filled else None


def id_fields(writing: CrmMapping, found: Discovery) -> list[CustomField]:
    """Fields with values that look like an id an earlier integration left, the fullest first."""
    own = {one.path for one in writing.custom_fields}
    looking = [
        one
        for one in found.fields
        if one.filled and one.path not in own and _looks_like_id(one.path, one.label)
    ]
    return sorted(looking, key=lambda one: -(one.filled or 0))


def _looks_like_id(path: str, label: str) -> bool:
    key = path.rpartition(".")[2].casefold()
    return bool(_ID.search(key) or _ID.search(label.casefold()))


def lines(
    shipped: CrmMapping,
    typed: Table,
    *,
    since: dt.date | None,
    language: str,
    zone: str,
    stages: Sequence[str] | None,
    others: Mapping[str, str] | None = None,
) -> dict[str, str | list[str]]:
    """The lines of the CRM's mapping that differ from the shipped one, by their dotted path.

    `typed` is the shipped file; `others` are lines as they are; `stages` are the codes that alone
    count as won, None: all that do.
    """
    changed: dict[str, str | list[str]] = dict(others or {})
    if language != shipped.language:
        changed["language"] = language
        changed |= {
            path: _said(line, node)
            for path, line in SENTENCES.get(language, {}).items()
            if (node := at(typed, path)) is not None
        }
    if zone != shipped.zone:
        changed["zone"] = zone
    if since != shipped.history and since is not None:
        changed["history.from"] = since.isoformat()
    if stages is not None:
        changed["deal.where"] = _only(text_at(typed, "deal.where"), stages)
    return changed


def _said(line: str | list[str], shipped: Node) -> str | list[str]:
    """The clauses about what the shipped line says, too."""
    if isinstance(line, str) or not isinstance(shipped, Listing):
        return line
    clauses = (one.text for one in shipped.items if isinstance(one, Scalar))
    known = {word for clause in clauses for word in _HOLE.findall(clause)}
    return [clause for clause in line if known.issuperset(_HOLE.findall(clause))]


def _only(where: str | None, stages: Sequence[str]) -> str:
    """The condition for these stages alone: in place of a stage that the shipped file names, where
    it names one, else besides what it says."""
    named = ", ".join(f'"{one}"' for one in stages)
    if where and (shipped := _STAGE.search(where)):
        return f"{where[: shipped.start()]}{shipped[1]} in [{named}]{where[shipped.end() :]}"
    only = f"stage in [{named}]"
    return f"({where}) and {only}" if where else only


def likely_test(label: str, url: str) -> bool:
    """Names of trial systems, as people give them."""
    words = set(re.split(r"[^\w]+|_", f"{label} {url}".casefold()))
    return bool(words & {"test", "demo", "trial", "sandbox", "staging", "dev", "тест", "демо"})


def modules(found: Discovery) -> Mapping[str, str]:
    """What is said of parts of the books that may be missing."""
    return {
        name: "there" if there else "not there: no orders are read"
        for name, there in found.modules.items()
    }


def sessions(found: Discovery) -> str:
    """How many a look took, and so how many licences at a time."""
    if found.sessions == 1:
        return f"1 for {found.requests} requests, and it is closed again: one licence at a time"
    if found.sessions == found.requests:
        return f"{found.sessions}, one for each request: the publication keeps none"
    return f"{found.sessions} for {found.requests} requests: some were lost meanwhile"
