"""A workbook and what is to be written make the next workbook: bytes to bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from syncd.errors import NotFoundError, RejectedError
from syncd.port import FieldDef, Op, Outcome, Write

from .about import About
from .cells import Content, contents
from .columns import HEAD, named, no_sheet, unknown_sheet
from .facts import (
    ABOUT,
    CARDS,
    COLUMNS,
    CUSTOM,
    CUSTOMER,
    DOCUMENT,
    DOCUMENTS,
    KEY,
    NAME,
    NAMES,
    OWNER,
    USUAL,
    key_of,
    sheet_of,
)
from .layout import Column, Layout
from .reading import whole
from .sheets import Sheet


class Rewritten(msgspec.Struct, frozen=True):
    """`body` None: nothing would be other than it is. `outcomes` are without what was seen."""

    body: bytes | None
    outcomes: Sequence[Outcome] = ()


def written(body: bytes | None, writes: Sequence[Write], layout: Layout, about: About) -> Rewritten:
    """UnavailableError for what is no workbook, or not one that syncd made."""
    book, outcomes = _Book(body, layout), list[Outcome]()
    for write in writes:
        try:
            book.carry_out(write)
        except RejectedError as error:
            outcomes.append(Outcome(None, error=error))
        else:
            outcomes.append(Outcome(write.remote_id or write.marker))
    if all(one.error for one in outcomes):
        return Rewritten(None, outcomes)
    return book.saved(outcomes, about)


def with_columns(
    body: bytes | None, wanted: Sequence[FieldDef], layout: Layout, about: About
) -> Rewritten:
    """With columns of these fields. RejectedError where people have a column of that heading."""
    book = _Book(body, layout)
    for one in wanted:
        book.add(one)
    return book.saved((), about)


class _Book:
    def __init__(self, body: bytes | None, layout: Layout) -> None:
        from openpyxl import Workbook, load_workbook

        self._layout = layout
        if body is None:
            self._book: Any = Workbook()
            del self._book[self._book.sheetnames[0]]
        else:
            self._book = whole(lambda: load_workbook(io.BytesIO(body), rich_text=True))
        titles = self._book.sheetnames
        known = named(self._book[NAMES].iter_rows(values_only=True)) if NAMES in titles else {}
        self._sheets = {sheet: self._sheet(sheet, known.get(sheet)) for sheet in COLUMNS}

    def _sheet(self, sheet: str, known: dict[str, Column] | None) -> Sheet:
        title = self._layout.title(sheet)
        there = title in self._book.sheetnames
        if known is None and there:
            raise unknown_sheet(title)
        if known is not None and not there:
            raise no_sheet(title)
        if known is not None:
            return Sheet(self._book, self._book[title], known, new=False)
        columns = {
            path: self._layout.column(sheet, path, type) for path, type in USUAL[sheet].items()
        }
        return Sheet(self._book, self._book.create_sheet(title), columns, new=True)

    # -- columns

    def add(self, wanted: FieldDef) -> None:
        sheet = self._sheets[sheet_of(wanted.target)]
        column = self._layout.column(sheet_of(wanted.target), wanted.path, wanted.type)
        known = sheet.columns.get(wanted.path)
        if known is None and column.heading in sheet.headings():
            raise RejectedError(
                f"the sheet {self._layout.title(sheet_of(wanted.target))} has a column "
                f"{column.heading} of somebody's own: give the field another name",
                wanted.path,
            )
        sheet.add(column)

    def _types(self, sheet: str, paths: Sequence[str]) -> dict[str, str]:
        """What the columns of these paths hold; one of syncd's that is missing is made."""
        mine, types = self._sheets[sheet], dict[str, str]()
        for path in paths:
            if path.startswith(CUSTOM) and not mine.has(path):
                raise RejectedError(
                    f"the sheet {self._layout.title(sheet)} has no column for it; "
                    "syncd connections setup makes one",
                    path,
                )
            if not mine.has(path):
                mine.add(self._free(sheet, self._layout.column(sheet, path, COLUMNS[sheet][path])))
            types[path] = mine.columns[path].type
        return types

    def _free(self, sheet: str, column: Column) -> Column:
        """Under a heading that people have no column of."""
        mine = self._sheets[sheet]
        if column.path in mine.columns or column.heading not in mine.headings():
            return column
        return replace(column, heading=f"{column.heading} (books)")

    # -- rows

    def carry_out(self, write: Write) -> None:
        """All of it or nothing. RejectedError."""
        name = sheet_of(write.target)
        sheet = self._sheets[name]
        key = key_of(write.target, write.remote_id or write.marker)
        if write.op is not Op.CREATE and key not in sheet.rows:
            title = self._layout.title(name)
            raise NotFoundError(f"the sheet {title} has no row of this key any more")
        if write.op is Op.REMOVE:
            sheet.remove(key)
            return
        if write.op is Op.CREATE and name == DOCUMENTS:
            self._owned(write)
        fields = {path: value for path, value in write.fields.items() if path != KEY}
        filled: dict[str, Content] = contents(fields, self._types(name, list(fields)))
        if name == DOCUMENTS:
            more = {DOCUMENT: self._layout.document(write.target)}
            if CARDS in write.parents:
                more[OWNER] = write.parents[CARDS]
            self._types(name, [*more, CUSTOMER])
            filled |= more
        sheet.put(sheet.row(key), filled)

    def _owned(self, write: Write) -> None:
        """A document without its card stands in a workbook that is another one by now."""
        if write.parents.get(CARDS) not in self._sheets[CARDS].rows:
            title = self._layout.title(CARDS)
            raise RejectedError(f"the sheet {title} has no row of its customer", CARDS)

    def _name_customers(self) -> None:
        """Documents say whose they are by the name that the card has now."""
        cards, papers = self._sheets[CARDS], self._sheets[DOCUMENTS]
        if not papers.has(CUSTOMER):
            return
        names = {key: cards.text(row, NAME) for key, row in cards.rows.items()}
        for row in papers.rows.values():
            owner = papers.text(row, OWNER)
            if name := names.get(owner):
                papers.put(row, {CUSTOMER: name})

    # -- the end

    def saved(self, outcomes: Sequence[Outcome], about: About) -> Rewritten:
        self._name_customers()
        if not any(sheet.changed for sheet in self._sheets.values()):
            return Rewritten(None, outcomes)
        for sheet in self._sheets.values():
            sheet.finish()
        self._list_columns()
        counts = {sheet: len(one.rows) for sheet, one in self._sheets.items()}
        columns = {name: one.columns for name, one in self._sheets.items()}
        title = self._layout.title(ABOUT)
        there = title in self._book.sheetnames
        about.write(self._book[title] if there else self._book.create_sheet(title), counts, columns)
        made = io.BytesIO()
        self._book.save(made)
        return Rewritten(made.getvalue(), outcomes)

    def _list_columns(self) -> None:
        if NAMES in self._book.sheetnames:
            self._book.remove(self._book[NAMES])
        names = self._book.create_sheet(NAMES)
        names.sheet_state = "veryHidden"
        names.append(HEAD)
        for sheet, mine in self._sheets.items():
            for column in mine.columns.values():
                names.append((sheet, column.path, column.heading, column.type))
