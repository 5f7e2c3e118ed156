"""The keys of a mapping file, as data: what may stand at the top, in a section, and in a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.mapping.words import DOCUMENTS, OWNED_WORDS

EXTENDS = "extends"
HEAD = ("system", "version", "lookups")
"""At the top of every file."""
BOOKS_HEAD = ("zone",)
PEOPLE = "people"
OWNERS = "owners"
MATCH = "match"
CRM_HEAD = ("language", "zone", "history", PEOPLE, MATCH, OWNERS)
OWNED = ("owner", "empty")
"""Of a word under `owners`, where more is said than who owns it."""
TABLES: Mapping[str, Sequence[str]] = {
    "history": ("from",),
    PEOPLE: ("by", "fallback", "is"),
    MATCH: ("upper", "lower", "weights", "ignore", "home", "make"),
    OWNERS: OWNED_WORDS,
}
"""Keys of the top whose value is a table of these."""
NAMED: Mapping[str, str] = {PEOPLE: "is", MATCH: "weights"}
"""The key of such a table whose value is a table of names, which may have dots."""

READ = ("like", "read", "where", "fields", "examples")
"""Of a section that is read; without `like` where no other section has such lines."""
FROM = ("from", "currency")
"""Of the balance, where it is not read."""
DOCUMENTS_ALONE = "documents"
READ_WON = ("require", "hint")
"""Of the cards that were won, besides."""
WRITE = ("like", "write", "marker", "parents", "fields", "parts", "examples")
"""Of a section that is written."""
PART = ("write", "marker", "parents", "fields")
EACH = ("each",)
"""Of what settles invoices, and of a part of a won customer, besides."""
CARD = ("update", "of", "stages", "fields", "examples")
DEAL_ORDERS = ("update", "fields", "examples")
SECTION = frozenset({*READ, *READ_WON, *WRITE, *PART, *EACH, *CARD})
"""No field is called like one of these, so `customer.where` is never one."""

FIELD_READ = ("path", "expr", "as", "first_of")
FIELD_WRITTEN = ("path", "unique", "say", "else", "correcting")
ROWS = ("each", "where")
SUM = "sum"
"""Of the rows of a balance, besides."""
MARKER = ("path", "form")
STAGE = ("stage", "when")
EXAMPLE = ("says", "given", "expect")

ALIKE = (Kind.CUSTOMER, *DOCUMENTS)
"""Kinds whose sections may be `like` each other's."""
UNLIKE = frozenset({"like", "read", "examples"})
"""Keys that `like` does not bring: each kind reads an object of its own."""
OTHERWISE = "default"
"""The key of a lookup table whose value stands for every key that the table lacks."""
