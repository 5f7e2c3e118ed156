"""The mapping language: one YAML file per system, compiled into one function per kind.

A books file turns raw records into canonical ones; a CRM file turns canonical records into what is
wanted at the target. Won customers go the other way, through the CRM's file into the books'. Both
are checked completely when they are loaded: a ConfigError lists every mistake as `file:line:column
text`. What is loaded does no I/O and reads no clock.
"""

from syncd.mapping.books import BooksMapping, books_add, load_books
from syncd.mapping.crm import CrmMapping, crm_adds, load_crm
from syncd.mapping.examples import Example, failing
from syncd.mapping.reading import Inbound
from syncd.mapping.writing import Outbound

__all__ = [
    "BooksMapping",
    "CrmMapping",
    "Example",
    "Inbound",
    "Outbound",
    "books_add",
    "crm_adds",
    "failing",
    "load_books",
    "load_crm",
]
