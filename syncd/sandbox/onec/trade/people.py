"""What people do to documents that are there already."""

from __future__ import annotations

from typing import Any

from syncd.sandbox.onec.base import Base, Record
from syncd.sandbox.onec.refusals import no_object


class People:
    """`name` is the set of a document, `key` its Ref_Key. Refusal as 1C says it."""

    def __init__(self, base: Base) -> None:
        self.base = base

    def post(self, name: str, key: str) -> None:
        """Again, where it is posted."""
        self.base.post(name, key)

    def unpost(self, name: str, key: str) -> None:
        self.base.unpost(name, key)

    def mark(self, name: str, key: str) -> None:
        """For deletion; 1C's own window unposts before, and so does this."""
        if self.base.get(name, key).get("Posted"):
            self.base.unpost(name, key)
        self.base.change(name, key, {"DeletionMark": True})

    def unmark(self, name: str, key: str) -> None:
        """Not posted by that."""
        self.base.change(name, key, {"DeletionMark": False})

    def delete(self, name: str, key: str) -> None:
        """Physically."""
        self.base.delete(name, key)

    def change(self, name: str, key: str, **values: Any) -> None:
        """Fields of the head; a posted document is posted again."""
        self.base.change(name, key, values)

    def change_line(self, name: str, key: str, part: str, number: int, **values: Any) -> None:
        """One row of a part; a posted document is posted again."""
        rows: list[Record] = [dict(row) for row in self.base.get(name, key)[part]]
        if not 1 <= number <= len(rows):
            raise no_object(f"{name}_{part}", f"{key} {number}")
        rows[number - 1] |= values
        self.base.change(name, key, {part: rows})
