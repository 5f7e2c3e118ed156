"""The connector: which requests each operation takes, and in which order.

The connection's url is a folder, as file:///srv/share. A workbook is read whole and replaced whole,
under the condition that it is still the one that was read (RFC 9110, If-Match). While somebody has
it open, a file lies beside it: `~$cards.xlsx` of Excel, `.~lock.cards.xlsx#` of LibreOffice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

import msgspec

from syncd.errors import (
    AccessError,
    ConfigError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)
from syncd.port import (
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Identity,
    Op,
    Outcome,
    Page,
    Read,
    Request,
    Response,
    Scope,
    Write,
)

from . import reading, rewriting
from .about import About
from .facts import FACTS, sheet_of
from .layout import Layout
from .reading import NOTHING, Shown
from .rewriting import Rewritten

ATTEMPTS = 3
"""A workbook that somebody saves between our reading and writing is read again, so many times."""
PAGE = 1000
"""Rows in one page of a survey."""


class _File(msgspec.Struct, frozen=True):
    """`body` None: there is no such file yet. `date` is the folder's own time."""

    body: bytes | None
    etag: str
    date: str | None


class Workbook:
    facts = FACTS

    def __init__(self, options: Mapping[str, str]) -> None:
        self._file = _file_name(options.get("file", "cards.xlsx"))
        self._layout = Layout.read(options.get("headings", ""))
        self._about = About(self._layout, options.get("books"))
        self._read: tuple[str, Shown] | None = None  # of this etag

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        """Who may open the folder may open the file."""
        yield from ()
        return {}

    def identity(self) -> Flow[Identity]:
        self._read = None  # a run is over, and its rows need no memory
        self._checked((yield Request("HEAD", self._path)))
        return Identity(f"workbook {self._file}", self._file)

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        yield from ()
        return {}

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        yield from ()
        raise ProtocolError("a workbook of cards is only written")

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        """What was written is read back out of the file."""

        def made(file: _File) -> Rewritten:
            about = replace(self._about, written=file.date)
            return rewriting.written(file.body, batch, self._layout, about)

        rewritten = yield from self._rewrite(made)
        shown = yield from self._shown()
        pairs = zip(batch, rewritten.outcomes, strict=True)
        return [_seen(shown, write, outcome) for write, outcome in pairs]

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        shown = yield from self._shown()
        [(word, text)] = by.items()
        if word in ("id", "marker"):
            found = shown.found(target, text)
            return [found] if found else []
        every = (shown.found(target, one) for one in shown.ids(target))
        return [one for one in every if one and str(one.fields.get(word)) == text]

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        shown = yield from self._shown()
        start = int(position or 0)
        ids = list(islice(shown.ids(target), start, start + PAGE + 1))
        found = [one for one in (shown.found(target, key) for key in ids[:PAGE]) if one]
        return FoundPage(found, str(start + PAGE) if len(ids) > PAGE else None)

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        if not wanted:
            return []
        columns = (yield from self._shown()).columns
        missing = [w for w in wanted if w.path not in columns.get(sheet_of(w.target), ())]

        def made(file: _File) -> Rewritten:
            about = replace(self._about, written=file.date)
            return rewriting.with_columns(file.body, missing, self._layout, about)

        if missing and write:
            yield from self._rewrite(made)
        return missing

    # -- the file

    @property
    def _path(self) -> str:
        return quote(self._file)

    def _rewrite(self, made: Callable[[_File], Rewritten]) -> Flow[Rewritten]:
        """Reads the file, and puts what is made of it in its place. RateLimitedError while somebody
        has it open: nothing is wrong then."""
        yield from self._closed()
        for _ in range(ATTEMPTS):
            file = yield from self._load()
            rewritten = made(file)
            if rewritten.body is None:
                return rewritten
            as_read = {"If-Match": file.etag} if file.body is not None else {"If-None-Match": "*"}
            put = Request("PUT", self._path, headers=as_read, write=True, content=rewritten.body)
            response = yield put
            if response.status == 412:
                continue
            self._checked(response)
            return rewritten
        raise UnavailableError(
            f"{self._file} is saved by somebody again and again; it is tried later"
        )

    def _closed(self) -> Flow[None]:
        """Looked at before the work is done; the folder looks once more before it writes."""
        for lock in (f"~${self._file}", f".~lock.{self._file}#"):
            if self._checked((yield Request("HEAD", quote(lock)))).status != 404:
                raise self._open()

    def _load(self) -> Flow[_File]:
        response = self._checked((yield Request("GET", self._path)))
        body = None if response.status == 404 else response.body
        return _File(body, response.headers.get("etag", ""), response.headers.get("date"))

    def _shown(self) -> Flow[Shown]:
        known = {"If-None-Match": self._read[0]} if self._read else {}
        response = self._checked((yield Request("GET", self._path, headers=known)))
        if response.status == 404:
            return NOTHING
        if response.status == 304 and self._read:
            return self._read[1]
        shown = reading.shown(response.body, self._layout)
        etag = response.headers.get("etag")
        self._read = (etag, shown) if etag else None
        return shown

    def _checked(self, response: Response) -> Response:
        """Good, or there is no such file. AccessError, RateLimitedError, ProtocolError."""
        if response.status in (200, 201, 204, 304, 404):
            return response
        if response.status == 423:
            raise self._open()
        if response.status in (401, 403):
            raise AccessError(f"{self._file} may not be read and written by the user of syncd")
        raise ProtocolError(f"HTTP {response.status}, where a folder answers")

    def _open(self) -> RateLimitedError:
        return RateLimitedError(
            f"{self._file} is open in Excel or LibreOffice, so nothing is written to it now; what "
            "waits is written once it is closed. If nobody has it open, a lock was left behind: "
            "delete the file beside it that begins with ~$ or .~lock."
        )


def _seen(shown: Shown, write: Write, outcome: Outcome) -> Outcome:
    if outcome.error or write.op is Op.REMOVE or outcome.remote_id is None:
        return outcome
    found = shown.found(write.target, outcome.remote_id)
    if found is None:
        return outcome
    return msgspec.structs.replace(
        outcome, seen={path: found.fields.get(path) for path in write.fields}
    )


def _file_name(text: str) -> str:
    """ConfigError for what is no name of a workbook in the folder."""
    if "/" in text or "\\" in text or text.startswith((".", "~")) or not text.endswith(".xlsx"):
        raise ConfigError(f"the setting file is {text}, expected a name like cards.xlsx")
    return text
