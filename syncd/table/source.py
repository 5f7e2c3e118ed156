"""Reads one kind: a whole pass over its files each time one of them has changed, and nothing but a
look at them where none has."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.domain import FROM_CRM
from syncd.errors import UnavailableError
from syncd.port import All, Flow, Keys, Page, Record, Scope, Since
from syncd.table import store
from syncd.table.book import page_of_workbook
from syncd.table.passing import At, MovedError, Pass, Table
from syncd.table.store import File
from syncd.table.text import page_of_text

AGAIN = "again"
"""The position of a pass that begins again, because the file is another one by now."""


class Reading:
    """Of one table, for one connection."""

    def __init__(self, table: Table, paths: Sequence[str]) -> None:
        self._table = table
        self._paths = paths

    def page(self, scope: Scope, last: Pass) -> Flow[Page]:
        if isinstance(scope, Keys):
            return (yield from self._keys(scope))
        if scope.position in (None, AGAIN):
            return (yield from self._first(scope, last))
        assert scope.position is not None
        if last.next != scope.position:
            last.forget()
        at = msgspec.json.decode(scope.position, type=At)
        return (yield from self._page(at, scope, last))

    def _keys(self, scope: Keys) -> Flow[Page]:
        """Every row is looked at: a file has no other way to find one."""
        wanted = set(scope.keys)
        found: dict[str, Record] = {}
        position: str | None = None
        last = Pass()
        while True:
            page = yield from self.page(All(position), last)
            found |= {record.key: record for record in page.records if record.key in wanted}
            if page.next == AGAIN:
                found = {}
            if page.next is None:
                return Page(list(found.values()), None, page.source_time)
            position = page.next

    def _first(self, scope: Since | All, last: Pass) -> Flow[Page]:
        last.forget()
        files = yield from self._files()
        stamp = store.stamp_of(files)
        new = isinstance(scope, Since) and scope.position is None and scope.seen is not None
        if new and isinstance(scope, Since) and scope.seen == stamp:
            return Page((), None, files[0].at)
        chosen = self._chosen(files, scope, None)
        if chosen is None:
            return Page((), None, files[0].at)
        return (yield from self._page(At(chosen.name, chosen.state, stamp), scope, last))

    def _files(self) -> Flow[list[File]]:
        table = self._table
        if not table.several:
            return [(yield from store.stat(table.file))]
        files = yield from store.matching(table.file)
        if not files:
            raise UnavailableError(f"no file is called like {table.file}")
        return files

    def _chosen(self, files: Sequence[File], scope: Scope, before: str | None) -> File | None:
        """The next file to be read, from the last one by name on. What changed alone, where that is
        asked for: one is not read again for another that came. But deals are asked for by the day
        that people typed."""
        least = scope.moment if isinstance(scope, Since) and self._table.several else None
        if self._table.layout.kind in FROM_CRM:
            least = None
        for file in reversed(files):
            old = least and file.changed and file.changed < least.replace(microsecond=0)
            if (before is None or file.name < before) and not old:
                return file
        return None

    def _page(self, at: At, scope: Scope, last: Pass) -> Flow[Page]:
        read = page_of_workbook if at.file.lower().endswith(".xlsx") else page_of_text
        try:
            page, following = yield from read(self._table, self._paths, at, last)
        except MovedError as moved:
            last.forget()
            return Page((), AGAIN, moved.at)
        if following is None and self._table.several:
            last.leave()
            chosen = self._chosen((yield from self._files()), scope, at.file)
            following = At(chosen.name, "", at.stamp) if chosen else None
        last.next = msgspec.json.encode(following).decode() if following else None
        return msgspec.structs.replace(page, next=last.next)
