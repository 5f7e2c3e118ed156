"""Reads a connector file of kind `table`. Every mistake has its line and column, and all are told
at once."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from syncd.domain import Kind
from syncd.mapping.document import Problems, Scalar, parse, read_text
from syncd.port import Facts, Source
from syncd.rest.files import WHAT, access
from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines
from syncd.rest.files.reads import KINDS
from syncd.table.connector import COMPANY, Description
from syncd.table.delimited import DELIMITERS
from syncd.table.forms import TYPES, Form, fits
from syncd.table.header import LINES as ROWS
from syncd.table.passing import Table
from syncd.table.records import Layout

LINES = ("connector", "kind", "version", "auth", "defaults", "read")
TABLE = (
    *("object", "file", "sheet", "header", "key", "columns", "lines", "fixed"),
    *("encoding", "delimiter", "grows", "rests", "missing"),
)
AKIN = {"shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "windows-1251": "cp1251"}
"""What people call an encoding -> what reads all that is written by that name."""
WORDS = {word: mark for mark, word in DELIMITERS.items()}
OPTIONS = {COMPANY: "whose books these are: a name that never changes"}


def load(file: Path) -> Description:
    """Raises ConfigError with every mistake."""
    problems = Problems(str(file))
    return compiled(read_text(file, problems), file.stem, problems)


def compiled(text: str, name: str, problems: Problems) -> Description:
    """`name` is what the file is called, and so the system."""
    lines = Lines(parse(text, problems, WHAT), problems, "the file")
    lines.only(LINES)
    called = lines.text("connector", required=True)
    if called is not None and called != name:
        place = lines.place("connector")
        problems.add(place, f"the file is called {name}.yaml, and its connector {called}")
    lines.choice("kind", ("table",), required=True)
    if lines.entry("version", required=True) and lines.number("version") not in (1, None):
        problems.add(lines.place("version"), "this syncd knows version 1 of connector files")
    auth, secrets = access.auth(lines.inner("auth"), Calls())
    if auth.login is not None:
        problems.add(lines.place("auth"), "a file is asked for without a login before it")
    usual = lines.inner("defaults")
    if usual is not None:
        usual.only(("read",))
    lines.entry("read", required=True)
    read = usual.inner("read") if usual else None
    tables = [table for table in _tables(lines, read) if table is not None]
    if lines.entry("read") and not lines.each("read"):
        problems.add(lines.place("read"), "read names no kind: nothing to do with these files")
    problems.stop()
    sources = {
        table.layout.kind: Source(
            table.object, frozenset(), stamped=False, open_rows=ROWS if table.open_alone else ""
        )
        for table in tables
    }
    facts = Facts(
        name,
        sources,
        secrets=secrets,
        options=OPTIONS,
        needed=(COMPANY,),
        described=True,
        folders=True,
        changes="reads a file whole each time it has changed, and compares",
    )
    return Description(facts, auth, {(one.layout.kind, one.object): one for one in tables})


def _tables(lines: Lines, usual: Lines | None) -> Iterator[Table | None]:
    section = lines.inner("read")
    for name, one in lines.each("read").items():
        if section is not None and name not in KINDS:
            place = section.table.entries[name].key.place
            lines.problems.unknown(place, "kind", name, KINDS)
            continue
        yield _table(Kind(name), one.over(usual))


def _table(kind: Kind, lines: Lines) -> Table | None:
    lines.only(TABLE)
    file = lines.text("file", required=True)
    lines.entry("key", required=True)
    inner = lines.inner("fixed")
    fixed = {name: inner.text(name) or "" for name in inner.table.entries} if inner else {}
    layout = Layout(kind, lines.texts("key"), _columns(lines), lines.texts("lines"), fixed)
    if file is None:
        return None
    _check_file(lines, file)
    book = file.lower().endswith(".xlsx")
    for name in ("encoding", "delimiter") if book else ("sheet",):
        if lines.entry(name):
            what = "a workbook" if book else "a CSV file"
            lines.problems.add(lines.place(name), f"{what} has no {name}")
    both = sorted({*layout.key} & {*layout.lines})
    if both:
        place = lines.place("lines")
        lines.problems.add(place, f"{both[0]} is the key, which all rows of one record share")
    open_alone = lines.choice("missing", ("zero",)) is not None
    if open_alone and (kind is not Kind.BALANCE or not layout.lines):
        said = "missing: zero is for a balance whose open items are its `lines`"
        lines.problems.add(lines.place("missing"), said)
    return Table(
        lines.text("object") or str(kind),
        file,
        layout,
        lines.text("sheet"),
        lines.number("header"),
        _encoding(lines),
        _delimiter(lines),
        lines.flag("grows", False),
        10 if (rests := lines.number("rests", least=0)) is None else rests,
        open_alone=open_alone,
    )


def _check_file(lines: Lines, file: str) -> None:
    place = lines.place("file")
    folder = file.rpartition("/")[0]
    if file.startswith("/") or ".." in file.split("/") or "://" in file:
        lines.problems.add(place, "file lies in the folder of the connection, which is its url")
    elif any(mark in folder for mark in "*?["):
        lines.problems.add(place, "a pattern is in the name of the file alone, not of its folder")
    elif not file.lower().endswith((".csv", ".txt", ".tsv", ".xlsx")):
        lines.problems.add(place, f"{file} is neither CSV (.csv, .tsv, .txt) nor XLSX")


def _columns(lines: Lines) -> dict[str, Form]:
    found: dict[str, Form] = {}
    inner = lines.inner("columns")
    for name, entry in inner.table.entries.items() if inner else ():
        if not isinstance(entry.value, Scalar):
            lines.problems.add(entry.value.place, f"{name} is a form as: date as %d.%m.%Y")
            continue
        type, _, sent = entry.value.text.partition(" as ")
        if type not in TYPES:
            lines.problems.unknown(entry.value.place, "form", type, TYPES)
        elif not fits(type, sent.strip()):
            lines.problems.add(entry.value.place, _example(type, sent.strip()))
        else:
            found[" ".join(name.split())] = Form(type, sent.strip())
    return found


def _example(type: str, sent: str) -> str:
    match type:
        case "number":
            return f"{sent} is no example of a number, as 1 234,56"
        case "date":
            return f"{sent} is no pattern of a day, as %d.%m.%Y"
        case "flag":
            return f"{sent} are not two words for yes and no, as да/нет"
    return f"a {type} is not sent as {sent}"


def _encoding(lines: Lines) -> str | None:
    said = lines.text("encoding")
    if said is None:
        return None
    try:
        name = codecs.lookup(AKIN.get(said.casefold(), said)).name
        plain = "1;\n".encode(name) == b"1;\n"
    except (LookupError, UnicodeError):
        plain = False
    if not plain:
        expected = "utf-8, cp1251, shift_jis or another one that begins with ASCII"
        lines.problems.add(lines.place("encoding"), f"unknown encoding {said}: expected {expected}")
        return None
    return name


def _delimiter(lines: Lines) -> str | None:
    said = lines.text("delimiter")
    if said is None or said in DELIMITERS:
        return said
    if said not in WORDS:
        lines.problems.unknown(lines.place("delimiter"), "delimiter", said, WORDS)
    return WORDS.get(said)
