"""A table as it is shown: a column of names beside the keys, and words where nobody is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncd.report.result import Cell, Column, Group, Shape, Table

NOBODY = {
    Shape.SELLER: "(no seller)",
    Shape.ORGANISATION: "(no organisation)",
    Shape.STAGE: "(no stage)",
    Shape.CUSTOMER: "(not linked)",
}


def with_names(table: Table, names: Mapping[str, str] | None) -> Table:
    """Customers by name, with their keys in a column of their own; without names by key alone."""
    columns = [one for column in table.columns for one in _columns(column, names)]
    return Table(
        table.title,
        columns,
        [tuple(_cells(table, row, names)) for row in table.rows],
        [tuple(_cells(table, row, names)) for row in table.totals],
        sheet=table.sheet,
    )


def _columns(column: Column, names: Mapping[str, str] | None) -> Iterator[Column]:
    yield column
    if column.shape is Shape.CUSTOMER and names is not None:
        yield Column("key", Shape.TEXT)


def _cells(table: Table, row: Group, names: Mapping[str, str] | None) -> Iterator[Cell]:
    for column, cell in zip(table.columns, row, strict=True):
        if column.shape is not Shape.CUSTOMER or names is None:
            yield cell
        else:
            yield names.get(str(cell), cell if cell == "all" else None)
            yield None if cell == "all" else cell


def worded(column: Column, cell: Cell) -> Cell:
    return NOBODY.get(column.shape) if cell is None else cell
