"""`syncd connector new`: a connector file to begin with, out of answers or an OpenAPI document."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from syncd.cli.asking import Asker, one_of, some
from syncd.errors import UsageError
from syncd.rest.new import guesses
from syncd.rest.new.document import Document
from syncd.rest.new.openapi import outline_of
from syncd.rest.new.outline import (
    WAYS,
    Credential,
    Listing,
    Outline,
    Pages,
    Reading,
    Writing,
)

NONE = "none"
TYPES = ("text", "number", "number as text", "date", "flag")
PAGINGS = ("none", "page", "offset", "cursor", "next_link", "link_header", "keyset")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORD = {"page": "page", "offset": "offset", "cursor": "cursor", "keyset": "after"}
_AT = {"cursor": "next_cursor", "next_link": "next"}
_TOKEN = {"client_credentials": "/oauth/token", "refresh_token": "/oauth/token", "login": "/login"}


def name_of(typed: str) -> str:
    if not _NAME.fullmatch(typed):
        raise UsageError(f"{typed!r}: a connector is called by small letters, digits and _")
    return typed


def from_document(name: str, file: Path, crm: bool, chosen: Mapping[str, str]) -> Outline:
    """UsageError where the file is no OpenAPI document, or tells of nothing that is known."""
    document = Document(_loaded(file))
    if not document.version.startswith(("2.", "3.")):
        raise UsageError(
            f"{file}: no OpenAPI document of version 2 or 3: it has no `openapi: 3...`"
        )
    kinds = guesses.CRM if crm else guesses.BOOKS
    for kind in chosen:
        if kind not in kinds:
            raise UsageError(f"--list {kind}: expected one of {', '.join(kinds)}")
    title = f" of {document.title}" if document.title else ""
    outline = outline_of(name, document, f"the OpenAPI document{title}", crm, chosen)
    if not outline.reads and not outline.writes:
        known = ", ".join(words[0] for words in kinds.values())
        raise UsageError(
            f"{file}: no collection is called like {known}; name them: --list customer=/PATH"
        )
    return outline


def _loaded(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else _yaml(text)
    except ValueError as error:
        raise UsageError(f"{file}: neither JSON nor YAML: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{file}: no OpenAPI document: expected a table")
    return found


def _yaml(text: str) -> object:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def from_answers(name: str, asker: Asker, crm: bool) -> Outline:
    ask = _Ask(asker)
    base = ask("base", "what stands before every path, as /api/v2", NONE)
    credential = ask.credential()
    identity = (
        ask("identity", "a call that tells whose company it is", "/me"),
        ask("identity.id", "where its answer has an id that never changes", "id"),
        ask("identity.name", "where it has a name", "name"),
    )
    known = guesses.CRM if crm else guesses.BOOKS
    usual = "customer, deal" if crm else "customer, invoice, payment"
    text = "kinds of records it has"
    kinds = asker.ask("kinds", text, _some_of(tuple(known)), usual, known=tuple(known))
    reads: list[Reading] = []
    writes: list[Writing] = []
    for kind in kinds:
        reading = ask.reading(kind)
        if not crm or kind in ("customer", "deal"):
            reads.append(reading)
        if crm or kind == "customer":
            writes += ask.writing(kind, reading)
    if crm:
        reads = [_won(one) for one in reads]
    return Outline(name, "answers", base, credential, identity, tuple(reads), tuple(writes))


def _won(one: Reading) -> Reading:
    kind = "won" if one.kind == "customer" else one.kind
    return Reading(kind, one.listing, one.inside, one.stamp, one.since)


def again(head: list[str], asker: Asker) -> str:
    """What was answered so far, as one command."""
    answers = [word for one in asker.asked.items() for word in ("--answer", "=".join(one))]
    return " ".join(shlex.quote(word) for word in [*head, *answers])


class _Ask:
    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def __call__(self, name: str, text: str, usual: str | None) -> str:
        """Empty where the answer is `none`."""
        found = self._asker.ask(name, text, some, usual)
        return "" if found == NONE else found

    def credential(self) -> Credential:
        for way, meaning in WAYS.items():
            click.echo(f"  {way.ljust(20)}{meaning}")
        text = "how a request is let in"
        way = self._asker.ask("auth", text, one_of(tuple(WAYS)), "bearer")
        if way in ("header", "query"):
            usual = "X-Api-Key" if way == "header" else "api_key"
            return Credential(way, self("auth.name", "what the key is called there", usual))
        if way not in _TOKEN:
            return Credential(way)
        path = self("auth.path", "the call that gives a token", _TOKEN[way])
        token = self("auth.token", "where its answer has it", "token") if way == "login" else ""
        return Credential(way, "", path, token)

    def reading(self, kind: str) -> Reading:
        click.echo(f"{kind}:")
        path = self(f"{kind}.list", "the call that lists them", f"/{kind}s")
        records = self(
            f"{kind}.records", "where they stand in the answer (. is the answer)", "data"
        )
        key = self(f"{kind}.key", "the field that tells one from another", "id")
        item = self(f"{kind}.one", "the call for one of them", f"{path.rstrip('/')}/{{id}}")
        inside = self(f"{kind}.inside", "where it stands in that answer (. is the answer)", ".")
        pages = self.pages(kind)
        stamp = self(f"{kind}.stamp", "the field with the time of its last change", NONE)
        text = "the parameter that asks for what changed since"
        since = self(f"{kind}.since", text, NONE) if stamp else ""
        listing = Listing(path, _below(records), re.sub(r"\{[^{}]*\}", "{}", item), key, pages)
        return Reading(kind, listing, _below(inside), stamp, since)

    def pages(self, kind: str) -> Pages:
        text = "how pages follow each other"
        type = self._asker.ask(f"{kind}.paging", text, one_of(PAGINGS), "page", known=PAGINGS)
        if type == NONE:
            return Pages()
        word = at = ""
        if type in _WORD:
            word = self(f"{kind}.page", "the parameter that says which page", _WORD[type])
        if type in _AT:
            at = self(f"{kind}.next", "where the answer has the next one", _AT[type])
        size_word = self(f"{kind}.limit", "the parameter that says how many", "limit")
        text = "so many in one page"
        size = self._asker.ask(f"{kind}.size", text, _number, "100") if size_word else None
        return Pages(type, word, size_word, size, at)

    def writing(self, kind: str, reading: Reading) -> list[Writing]:
        text = "fields to write, as: name, phone, limit: number, since: date"
        fields = self._asker.ask(f"{kind}.fields", text, _fields, NONE)
        if not fields:
            return []
        texts = [one for one, type in fields.items() if type == "text"]
        text = "the field for syncd's key, which nobody else writes"
        marker = self._asker.ask(f"{kind}.marker", text, one_of((*texts, NONE)), NONE)
        how = self._asker.ask(f"{kind}.update", "an update is", one_of(("patch", "put")), "patch")
        target = reading.listing.path.strip("/").rpartition("/")[2]
        made = kind != "deal"
        found = Writing(
            target,
            reading.listing,
            fields,
            marker="" if marker == NONE else marker,
            update=how,
            inside=reading.inside,
            made=made,
        )
        return [found]


def _below(path: str) -> str:
    return "" if path == "." else path


def _number(typed: str) -> int:
    if not typed.isdecimal() or int(typed) < 1:
        raise UsageError(f"{typed!r}: expected a whole number from 1")
    return int(typed)


def _some_of(known: tuple[str, ...]) -> Callable[[str], list[str]]:
    def take(typed: str) -> list[str]:
        return [one_of(known)(one.strip()) for one in typed.split(",") if one.strip()]

    return take


def _fields(typed: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in typed.split(",") if typed != NONE else ():
        name, _, type = (word.strip() for word in one.partition(":"))
        if not name or (type or "text") not in TYPES:
            raise UsageError(f"{one.strip()!r}: expected NAME or NAME: one of {', '.join(TYPES)}")
        found[name] = type or "text"
    return found
