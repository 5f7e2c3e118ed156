"""The parts of a file about the system as a whole: the credential and what answers mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from syncd.mapping.document import Listing, Node, Scalar, Table
from syncd.rest.answers import Answers, Means, Rule, Says
from syncd.rest.files.beside import names_of
from syncd.rest.files.calls import Calls
from syncd.rest.files.lines import Lines
from syncd.rest.login import TOKEN, Auth, Login
from syncd.rest.wire import PARTS as OBJECTS
from syncd.rest.wire import Template, Wire
from syncd.rest.words import Call, Fixed, Path, Text

WAYS = ("bearer", "basic", "client_credentials", "refresh_token", "login")
SHOWN = ("headers", "query", "over")
SAYS = ("message", "field", "fields")
_LOGIN = ("token", "token_header", "lasts", "address")
_SECRET = re.compile(r"secret\.([a-z][a-z0-9_]*)")
_STATUS = re.compile(r"[1-5](\d\d|xx)")


def auth(lines: Lines | None, calls: Calls) -> tuple[Auth, tuple[str, ...]]:
    """With the names of the secrets that the connection needs."""
    if lines is None:
        return Auth(), ()
    lines.only((*WAYS, *SHOWN))
    ways = [one for one in WAYS if one in lines.table.entries]
    if len(ways) > 1:
        lines.problems.add(lines.place(ways[1]), f"a credential goes by {ways[0]} or {ways[1]}")
    names = _secrets_in(lines)
    secrets = tuple(f"secret.{name}" for name in names)
    words = (*_tokens(lines), *secrets)
    headers, query = calls.texts(lines, "headers", words), calls.texts(lines, "query", words)
    basic = None
    login = None
    way = ways[0] if ways else None
    if way == "bearer":
        entry = lines.table.entries["bearer"].value
        if isinstance(entry, Scalar):
            token = calls.text(lines, entry, words)
            parts = ("Bearer " + token.parts[0], *token.parts[1:])
            headers = {"authorization": Text(parts), **headers}
        else:
            lines.problems.add(entry.place, 'bearer is a text, as "{secret.token}"')
    elif way == "basic":
        basic = _basic(lines, calls, words)
        headers = {"authorization": Text(("Basic ", "basic", "")), **headers}
    elif way is not None:
        login = _login(lines, way, calls, words)
        inner = lines.inner(way)
        if inner and inner.text("client") == "basic":
            basic = (_secret("client_id"), _secret("client_secret"))
        if not headers and not query:
            headers = {"authorization": Text(("Bearer ", TOKEN, ""))}
        names = _with_usual(way, names)
    return Auth(headers, query, basic, login, lines.text("over")), names


def _basic(lines: Lines, calls: Calls, words: tuple[str, ...]) -> tuple[Text, Text] | None:
    inner = lines.inner("basic")
    if inner is None:
        return None
    inner.only(("username", "password"))
    found = []
    for name in ("username", "password"):
        entry = inner.entry(name, required=True)
        if entry and isinstance(entry.value, Scalar):
            found.append(calls.text(inner, entry.value, words))
    return (found[0], found[1]) if len(found) == 2 else None


def _login(lines: Lines, way: str, calls: Calls, words: tuple[str, ...]) -> Login | None:
    inner = lines.inner(way)
    if inner is None:
        return None
    known = _LOGIN if way == "login" else (*_LOGIN, "scope", "client")
    words = (*words, *(f"secret.{name}" for name in _usual(way)))
    call = Calls(options=calls.options).table(inner, words, write=False, also=known)
    if call is None:
        return None
    if way != "login":
        call = _oauth(inner, way, call)
    elif inner.entry("token") is None and inner.entry("token_header") is None:
        inner.problems.add(inner.table.place, "login has no token: where the answer has it")
    parts = inner.inner("token") if names_of(inner, "token") else None
    return Login(
        call,
        (None if parts else inner.path("token")) or ("access_token",),
        (inner.text("token_header") or "").lower() or None,
        _lasts(inner, way),
        inner.path("address"),
        ("refresh_token",) if way == "refresh_token" else None,
        {name: parts.path(name) or () for name in parts.table.entries} if parts else {},
    )


def _tokens(lines: Lines) -> tuple[str, ...]:
    """The words for what a login gives: `token`, or `token.NAME` where it has several parts."""
    inner = lines.inner("login") if "login" in lines.table.entries else None
    parts = names_of(inner, "token") if inner else ()
    return tuple(f"{TOKEN}.{name}" for name in parts) or (TOKEN,)


def _oauth(inner: Lines, way: str, call: Call) -> Call:
    """RFC 6749: the form of a client's request for a token; its own lines go before."""
    form, headers = {"grant_type": Text((way,))}, call.headers
    form |= {name: _secret(name) for name in _usual(way)}
    if inner.choice("client", ("basic", "form")) == "basic":
        headers = {"authorization": Text(("Basic ", "basic", "")), **headers}
        del form["client_id"], form["client_secret"]
    if scope := inner.text("scope"):
        form["scope"] = Text((scope,))
    if call.body is not None:
        return call
    return Call(call.method, call.path, call.query, headers, form={**form, **(call.form or {})})


def _secret(name: str) -> Text:
    return Text(("", f"secret.{name}", ""))


def _lasts(inner: Lines, way: str) -> Path | float | None:
    entry = inner.entry("lasts")
    if entry is None:
        return None if way == "login" else ("expires_in",)
    if isinstance(entry.value, Scalar) and isinstance(entry.value.value, int):
        return float(entry.value.value)
    return inner.path("lasts")


def _usual(way: str) -> tuple[str, ...]:
    names = ("client_id", "client_secret")
    if way == "client_credentials":
        return names
    return (*names, "refresh_token") if way == "refresh_token" else ()


def _with_usual(way: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_usual(way), *names)))


def _secrets_in(lines: Lines) -> tuple[str, ...]:
    """Every `{secret.NAME}` anywhere below, in order."""
    found: dict[str, None] = {}

    def look(node: Node) -> None:
        if isinstance(node, Scalar):
            found.update(dict.fromkeys(_SECRET.findall(node.text)))
        elif isinstance(node, Listing):
            for one in node.items:
                look(one)
        elif isinstance(node, Table):
            for entry in node.entries.values():
                look(entry.value)

    look(lines.table)
    return tuple(found)


def answers(lines: Lines, wire: Wire) -> Answers:
    return Answers(tuple(_rules(lines)), tuple(_says(lines)), wire)


def _says(lines: Lines) -> Iterator[Says]:
    """One table, or a list of them."""
    entry = lines.entry("errors")
    if entry is None:
        return
    for node in entry.value.items if isinstance(entry.value, Listing) else (entry.value,):
        inner = lines.lines(node, "errors")
        if inner is not None:
            inner.only(SAYS)
            yield Says(*(inner.path(name) for name in SAYS))


def wire(lines: Lines) -> Wire:
    """How values and names stand in bodies."""
    objects: dict[str, Template] = {}
    for type, inner in lines.each("objects").items():
        if type not in OBJECTS:
            lines.problems.unknown(inner.table.place, "type that a table can be", type, OBJECTS)
        elif (template := _template(inner, OBJECTS[type])) is not None:
            objects[type] = template
    return Wire(objects, lines.text("strip") or "")


def _template(lines: Lines, words: tuple[str, ...]) -> Template | None:
    """Each line of it is a value, or one word alone: `text`, or all the others."""
    shown = Calls().tree(lines, lines.table, words)
    assert isinstance(shown, Mapping)
    found, used = dict[str, Text | Fixed](), list[str]()
    for name, one in shown.items():
        if isinstance(one, Fixed) or (isinstance(one, Text) and (one.alone or not one.words)):
            found[name] = one
            used += one.words if isinstance(one, Text) else ()
    parts = [word for word in words if word != "text"]
    ways = [["text"], parts, [word for word in parts if word != "microsecond"]]
    if len(found) < len(shown) or not any(way and sorted(used) == sorted(way) for way in ways):
        others = ", ".join(f'"{{{word}}}"' for word in parts)
        also = f", or the lines {others}" if parts else ""
        lines.problems.add(lines.table.place, f'{lines.what} has a line "{{text}}"{also}')
        return None
    return found


def _rules(lines: Lines) -> Iterator[Rule]:
    entry = lines.entry("answers")
    if entry is None:
        return
    if not isinstance(entry.value, Listing):
        lines.problems.add(entry.value.place, "answers is a list of rules, the first that holds")
        return
    for node in entry.value.items:
        rule = lines.lines(node, "a rule of answers")
        if rule is not None:
            yield from _rule(rule)


def _rule(lines: Lines) -> Iterator[Rule]:
    lines.only(("status", "body", "there", "text", "means", "field"))
    means = lines.choice("means", tuple(Means), required=True)
    if not any(name in lines.table.entries for name in ("status", "body", "there", "text")):
        text = "a rule of answers looks at status, body, there or text"
        lines.problems.add(lines.table.place, text)
    if lines.entry("text") and (lines.entry("body") or lines.entry("there")):
        lines.problems.add(lines.place("text"), "a rule looks at the text or at values of the body")
    statuses = []
    for text in lines.texts("status"):
        if not _STATUS.fullmatch(text):
            lines.problems.add(lines.place("status"), f"status {text}: expected as 404 or 4xx")
            continue
        low = int(text.replace("x", "0"))
        statuses.append((low, low + 99 if "x" in text else low))
    body: list[tuple[Path, str]] = []
    inner = lines.inner("body")
    for name, entry in inner.table.entries.items() if inner else ():
        if isinstance(entry.value, Scalar):
            body.append((tuple(name.split(".")), entry.value.text))
        else:
            lines.problems.add(entry.value.place, f"body.{name} is the value it has")
    if means is not None:
        yield Rule(
            Means(means),
            tuple(statuses),
            tuple(body),
            lines.text("text"),
            lines.text("field"),
            lines.path("there"),
        )
