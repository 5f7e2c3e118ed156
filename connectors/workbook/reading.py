"""What a workbook shows, out of its bytes: the rows with a key, under the paths of a mapping."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

import msgspec

from syncd.domain import Value
from syncd.errors import UnavailableError
from syncd.port import Found, T

from .cells import text_of, value_of
from .columns import LOWEST, Named, named, no_sheet, places, unknown_sheet
from .facts import COLUMNS, CUSTOMER, DOCUMENT, KEY, NAMES, OWNER, id_in, key_of, sheet_of
from .layout import Layout

_NOT_FIELDS = frozenset({OWNER, CUSTOMER, DOCUMENT})


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one sheet: `paths` are the paths of its values, and `rows` the values by key."""

    paths: tuple[str, ...] = ()
    rows: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)


class Shown(msgspec.Struct, frozen=True):
    """`columns` are those that syncd made and that are still there."""

    sheets: Mapping[str, Rows]
    columns: Named

    def found(self, target: str, remote_id: str) -> Found | None:
        rows = self.sheets[sheet_of(target)]
        row = rows.rows.get(key_of(target, remote_id))
        if row is None:
            return None
        fields = dict(zip(rows.paths, row, strict=True))
        return Found(remote_id, remote_id, {**fields, KEY: remote_id})

    def ids(self, target: str) -> Iterator[str]:
        for key in self.sheets[sheet_of(target)].rows:
            if (remote_id := id_in(target, key)) is not None:
                yield remote_id


NOTHING = Shown(dict.fromkeys(COLUMNS, Rows()), {})
"""What a workbook shows that is not there yet."""


def shown(body: bytes, layout: Layout) -> Shown:
    """UnavailableError for what is no workbook, or not one that syncd made."""
    return whole(lambda: _shown(body, layout))


def whole(work: Callable[[], T]) -> T:
    """Reads a workbook. UnavailableError where it is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features that openpyxl leaves out
            return work()
    except (zipfile.BadZipFile, KeyError, ValueError, ParseError, EOFError) as error:
        raise UnavailableError(
            f"the file is no whole workbook ({type(error).__name__}): bring back one that opens. "
            "Until then nothing is written"
        ) from None


def _shown(body: bytes, layout: Layout) -> Shown:
    from openpyxl import load_workbook

    book: Any = load_workbook(io.BytesIO(body), read_only=True)
    try:
        sheets = set(book.sheetnames)
        columns = named(book[NAMES].iter_rows(values_only=True)) if NAMES in sheets else {}
        rows, there = dict[str, Rows](), dict[str, dict[str, Any]]()
        for sheet in COLUMNS:
            title, mine = layout.title(sheet), columns.get(sheet)
            if mine is None and title in sheets:
                raise unknown_sheet(title)
            if mine is None:
                rows[sheet] = Rows()
                continue
            if title not in sheets:
                raise no_sheet(title)
            rows[sheet], at = _rows(book[title], mine, title)
            there[sheet] = {path: one for path, one in mine.items() if path in at}
        return Shown(rows, there)
    finally:
        book.close()


def _rows(sheet: Any, columns: Mapping[str, Any], title: str) -> tuple[Rows, Mapping[str, int]]:
    head = list(sheet.iter_rows(max_row=LOWEST, values_only=True))
    top, at = places(head, columns, title)
    fields = {path: place for path, place in at.items() if path not in (*_NOT_FIELDS, KEY)}
    found: dict[str, tuple[Value, ...]] = {}
    for row in sheet.iter_rows(min_row=top + 2, values_only=True):
        key = text_of(row[at[KEY]]) if at[KEY] < len(row) else ""
        if key and key not in found:  # a row that somebody copied is theirs
            values = (row[place] if place < len(row) else None for place in fields.values())
            found[key] = tuple(value_of(one) for one in values)
    return Rows(tuple(fields), found), at
