"""The connector file of an outline."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from textwrap import indent

import yaml

from syncd.rest.new.outline import Credential, Listing, Outline, Pages, Reading, Writing

COLUMN = 34
"""Where comments begin, so that they stand below each other."""
WIDTH = 98

_PLAIN = re.compile(r"[A-Za-z_/$][\w/.$-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
_LOGINS = {way: {"user": "the login"} for way in ("basic", "login")}
_MARKS = {"page": "page", "offset": "offset", "cursor": "cursor", "keyset": "after"}


def text_of(outline: Outline) -> str:
    """The whole file. It loads as it is, unless the outline leaves out what a file must have."""
    return "\n".join(_lines(outline)) + "\n"


def _lines(outline: Outline) -> Iterator[str]:
    yield f"# How {outline.name} is spoken to. Begun from {' '.join(outline.origin.split())}."
    yield "# Compare it with the system's documentation, above all the lines marked CHECK, and take"
    yield "# the mark away where a line is right."
    yield f"connector: {outline.name}"
    yield "kind: rest"
    yield "version: 1"
    if outline.base:
        said = "stands before every path; the host is the connection's url"
        yield _said(f"base: {quoted(outline.base)}", outline.check.get("base"), said)
    options = {**_LOGINS.get(outline.credential.way, {}), **outline.options}
    if options:
        yield _said(f"options: {_flow(options)}", None, "settings of the connection")
    yield from _credential(outline.credential, outline.check.get("auth"))
    path, id, label = outline.identity
    whose = {"get": path, "id": id, "label": label}
    said = "which company this is; never changes for it"
    yield _said(f"identity: {_flow(whose)}", outline.check.get("identity"), said)
    yield ""
    yield "# Where an answer says what is wrong, and what answers mean that need a rule:"
    yield "# errors: {message: error.message, field: error.field}"
    yield "# answers:"
    yield "#   - {status: 404, body: {error.code: no_results}, means: empty}"
    yield "#   - {status: 409, means: duplicate}"
    if outline.reads:
        yield ""
        yield "read:"
    for reading in outline.reads:
        yield indent("\n".join(_reading(reading)), "  ")
    if outline.writes:
        yield ""
        yield "write:"
    for writing in outline.writes:
        yield indent("\n".join(_writing(writing)), "  ")


def _credential(one: Credential, check: str | None) -> Iterator[str]:
    secret = "its value lies in the secrets folder as CONNECTION.{}"
    match one.way:
        case "header" | "query":
            table = {"headers" if one.way == "header" else "query": {one.name: "{secret.key}"}}
            yield _said(f"auth: {_flow(table)}", check, secret.format("key"))
        case "bearer":
            yield _said('auth: {bearer: "{secret.token}"}', check, secret.format("token"))
        case "basic":
            basic = '{username: "{option.user}", password: "{secret.password}"}'
            yield _said(f"auth: {{basic: {basic}}}", check, secret.format("password"))
        case "client_credentials" | "refresh_token":
            names = "client_id, client_secret" + (", refresh_token" * (one.way == "refresh_token"))
            said = f"secrets: {names}"
            yield _said(f"auth: {_flow({one.way: {'post': one.path}})}", check, said)
        case "login":
            body = {"username": "{option.user}", "password": "{secret.password}"}
            login = {"post": one.path, "body": body, "token": one.token}
            yield "auth:"
            yield _said(f"  login: {_flow(login)}", check, secret.format("password"))
            yield '  headers: {Authorization: "Bearer {token}"}'


def _reading(one: Reading) -> Iterator[str]:
    check = one.check
    at = one.listing
    yield f"{one.kind}:"
    name = at.path.strip("/").rpartition("/")[2] or one.kind
    yield _said(f"  object: {quoted(name)}", None, "what `read:` of the mapping names")
    yield from _listing(at, check)
    single: object = {"get": at.item.replace("{}", "{key}"), "records": one.inside}
    if not one.inside:
        single = at.item.replace("{}", "{key}")
    yield _said(f"  by_key: {_flow(single)}", check.get("by_key"))
    if at.key != "id":
        yield _said(f"  key: {quoted(at.key)}", check.get("key"))
    if one.stamp:
        said = "the newest time of the record and all that is read with it"
        yield _said(f"  stamp: {quoted(one.stamp)}", check.get("stamp"), said)
        if one.since:
            changes = _flow({"query": {one.since: "{since}"}, "inclusive": False})
            yield _said(f"  changes: {changes}", check.get("changes"))
        else:
            changes = '# changes: {query: {updated_since: "{since}"}}'
            yield _said(f"  {changes}", None, "if it can be asked what changed")
    else:
        yield _said("  # stamp: updated_at", check.get("stamp"), "if records have such a time")
    if one.values:
        yield _said(f"  values: {_flow(one.values)}", None, "how the API sends them")


def _listing(at: Listing, check: Mapping[str, str], find: str = "") -> Iterator[str]:
    pages = at.pages
    query = {}
    if pages.word and pages.type in _MARKS:
        query[pages.word] = f"{{{_MARKS[pages.type]}}}"
    if pages.size_word:
        query[pages.size_word] = "{size}"
    call: object = {"get": at.path, "query": query} if query else at.path
    yield _said(f"  list: {_flow(call)}", check.get("list"))
    if pages.type != "none":
        yield _said(f"  paging: {_flow(_paging(pages, at.key))}", check.get("paging"))
    else:
        said = "the whole list comes in one answer"
        yield _said("  paging: {type: none}", check.get("paging"), said)
    if at.records:
        said = "where they stand in the answer"
        yield _said(f"  records: {quoted(at.records)}", check.get("records"), said)
    elif "records" in check:
        yield _said("  # records: data", check["records"])
    if find:
        found = {"get": at.path, "query": {find: "{value}", **query}}
        yield _said(f"  find: {_flow(found)}", check.get("find"))


def _paging(pages: Pages, key: str) -> dict[str, object]:
    found: dict[str, object] = {"type": pages.type}
    if pages.size:
        found["size"] = pages.size
    if pages.type == "keyset":
        found["by"] = key
    for name in ("at", "more", "total", "pages"):
        if path := getattr(pages, name):
            found[name] = path
    return found


def _writing(one: Writing) -> Iterator[str]:
    check, at = one.check, one.listing
    yield f"{one.target}:"
    if not one.made:
        yield _said("  made: false", None, "people alone make these")
    tier = "T3" if one.marker else "T4"
    said = "the marker can be searched for" if one.marker else "no field can hold syncd's key"
    yield _said(f"  tier: {tier}", check.get("tier"), said)
    if one.marker:
        yield _said(f"  marker: {quoted(one.marker)}", check.get("marker"), "holds syncd's key")
    yield "  fields:"
    for path, type in one.fields.items():
        said = "a new one must have it" if path in one.required else ""
        yield _said(f"    {quoted(path)}: {type}", None, said)
    if one.parents:
        said = "whose it is; the card goes before its documents"
        yield _said(f"  parents: {_flow(one.parents)}", check.get("parents"), said)
    item = at.item.replace("{}", "{id}")
    fields: object = {one.body: "{fields}"} if one.body else "{fields}"
    if one.made:
        yield _said(f"  create: {_flow({'post': at.path, 'body': fields})}", check.get("create"))
    yield _said(f"  update: {_flow({one.update: item, 'body': fields})}", check.get("update"))
    if one.update == "put":
        yield _said("  whole: true", check.get("whole"), "a PUT replaces the whole object")
    yield _said(f"  by_id: {quoted(item)}", None)
    if one.inside:
        said = "where one object stands in an answer"
        yield _said(f"  object: {quoted(one.inside)}", check.get("object"), said)
    if at.key != "id":
        yield f"  id: {quoted(at.key)}"
    yield from _listing(at, check, one.find)
    if one.removable:
        yield f"  # remove: {_flow({'delete': item})}   # left out: nothing is removed there"


def _said(line: str, check: str | None, said: str = "") -> str:
    """With what a line means, or why it has to be looked at; above it where both are long."""
    comment = " ".join((f"# CHECK: {check}" if check else f"# {said}" if said else "").split())
    if not comment:
        return line
    whole = f"{line.ljust(COLUMN - 2)}  {comment}"
    before = line[: len(line) - len(line.lstrip())]
    return whole if len(whole) <= WIDTH else f"{before}{comment}\n{line}"


def remarked(line: str, check: str) -> str:
    return _said(line, check)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(str(value))


def quoted(text: str) -> str:
    """Quoted where YAML would take it for something else."""
    if text.isdecimal() or (_PLAIN.fullmatch(text) and text.casefold() not in _WORDS):
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=sys.maxsize)
    return quoted.removesuffix("\n")
