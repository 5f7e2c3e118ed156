"""Calls, bodies and the words in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from syncd.mapping.document import Listing, Node, Place, Scalar, Table
from syncd.rest.files.lines import Lines
from syncd.rest.wire import PLAIN, Wire
from syncd.rest.words import WHERE, Call, Fixed, Given, Json, Text, Tree

METHODS = ("get", "post", "put", "patch", "delete")
PARTS = ("query", "headers", "body", "form")
SOMETIMES = frozenset({"since", "cursor", "after", "size", "offset", "page"})
"""Words that have no value in some calls, and so cannot stand in a path."""
TAKEN = SOMETIMES | {
    *("object", "target", "key", "keys", "id", "marker", "fields", "parents", "parent", "items"),
    *("field", "value", "name", "path", "type", "label", "token", "basic"),
}
"""Words that a file cannot give a text of its own."""
SAFE = ("get", "post")
"""Methods that may read."""


JSON = "json"
"""The one line of a table in a query that goes out as JSON text."""
NOT_IN_QUERY = (
    "a query has texts, and lists of texts that commas divide; {json: ...} sends anything else, as "
    "JSON text"
)
NOTHING = Text(("",))


@dataclass(frozen=True, slots=True)
class Calls:
    """What all calls of a file have in common. `told` are words that every call knows, beside the
    options."""

    base: Text = NOTHING
    headers: Mapping[str, Text] = field(default_factory=dict)
    options: frozenset[str] = frozenset()
    judged: bool = False
    told: tuple[str, ...] = ()
    numbers: bool = False
    wire: Wire = PLAIN
    own: Mapping[str, str] = field(default_factory=dict)
    """Words that the file itself has given a text, for one kind or one target."""

    def owning(self, lines: Lines) -> Calls:
        """With the words of these lines."""
        inner = lines.inner("words")
        if inner is None:
            return self
        for name, entry in inner.table.entries.items():
            if name in TAKEN or "." in name:
                inner.problems.add(
                    entry.key.place, f"{name} is a word of syncd's own; take another"
                )
        return replace(self, own={name: inner.text(name) or "" for name in inner.table.entries})

    def of(
        self,
        lines: Lines,
        name: str,
        words: Iterable[str],
        *,
        write: bool,
        also: Iterable[str] = (),
    ) -> Call | None:
        """The call under `name`: a path alone is a GET. `also` are lines of its table that are not
        the call's."""
        entry = lines.entry(name)
        if entry is None:
            return None
        if isinstance(entry.value, Scalar) and not write:
            path = self._path(lines, entry.value, words)
            numbers = self.numbers
            return Call("GET", path, headers=self.headers, judged=self.judged, numbers=numbers)
        inner = lines.lines(entry.value, f"{lines.what} {name}")
        return self.table(inner, words, write=write, also=also) if inner else None

    def table(
        self, lines: Lines, words: Iterable[str], *, write: bool, also: Iterable[str] = ()
    ) -> Call | None:
        """`also` are lines of the table that are not the call's."""
        lines.only((*METHODS, *PARTS, *also))
        named = [one for one in METHODS if one in lines.table.entries]
        if len(named) != 1:
            what = "no method" if not named else " and ".join(named)
            lines.problems.add(
                lines.table.place, f"{lines.what} has {what}; one line as `get: /path` is expected"
            )
            return None
        [method] = named
        if not write and method not in SAFE:
            lines.problems.add(lines.place(method), f"{lines.what} reads: by get or by post")
        place = lines.table.entries[method].value
        if not isinstance(place, Scalar):
            lines.problems.add(place.place, f"{method} is a path as /customers")
            return None
        call = Call(
            method.upper(),
            self._path(lines, place, words),
            headers=self.headers,
            write=write,
            judged=self.judged,
            numbers=self.numbers,
        )
        return self.over(call, lines, words)

    def over(self, call: Call, lines: Lines, words: Iterable[str]) -> Call:
        """The call with the query, headers and body of these lines over its own."""
        query = dict(call.query) | dict(self._query(lines, words))
        headers = {**call.headers, **self.texts(lines, "headers", words)}
        entry = lines.entry("body")
        body = call.body if entry is None else self.tree(lines, entry.value, words)
        form = self.texts(lines, "form", words) if lines.entry("form") else call.form
        if body is not None and form is not None:
            lines.problems.add(lines.place("form"), "a call has a body or a form, not both")
        return replace(call, query=tuple(query.items()), headers=headers, body=body, form=form)

    def texts(self, lines: Lines, name: str, words: Iterable[str]) -> dict[str, Text]:
        """A table of texts."""
        found: dict[str, Text] = {}
        inner = lines.inner(name)
        for key, one in inner.table.entries.items() if inner else ():
            text = self.tree(lines, one.value, words)
            if isinstance(text, Text):
                found[key] = text
            elif isinstance(text, Fixed) and isinstance(one.value, Scalar):
                found[key] = Text((one.value.text,))
            else:
                lines.problems.add(one.value.place, f"{name}.{key} is a text")
        return found

    def tree(self, lines: Lines, node: Node, words: Iterable[str]) -> Tree:
        if isinstance(node, Listing):
            return tuple(self.tree(lines, one, words) for one in node.items)
        if isinstance(node, Table):
            word = _unquoted(node)
            if word is not None:
                lines.problems.add(node.place, f'{{{word}}} needs quotes here: "{{{word}}}"')
            [name, *others] = [*node.entries] or [""]
            if name.startswith(WHERE) and not others:
                entry = node.entries[name]
                self._known(lines, entry.key.place, name.removeprefix(WHERE), words)
                return Given(name.removeprefix(WHERE), self.tree(lines, entry.value, words))
            return {key: self.tree(lines, one.value, words) for key, one in node.entries.items()}
        if isinstance(node.value, str) and ("{" in node.text or "}" in node.text):
            return self.text(lines, node, words)
        return Fixed(node.value)

    def text(self, lines: Lines, node: Scalar, words: Iterable[str]) -> Text:
        text = Text.of(node.text)
        for word, place in _places(node, text):
            self._known(lines, place, word, words)
        return text.given(self.own)

    def _known(self, lines: Lines, place: Place, word: str, words: Iterable[str]) -> None:
        known = {*words, *self.told, *self.own, *(f"option.{name}" for name in self.options)}
        if word not in known:
            lines.problems.unknown(place, "word in braces", f"{{{word}}}", known)

    def _path(self, lines: Lines, node: Scalar, words: Iterable[str]) -> Text:
        text = self.text(lines, node, words)
        for word in text.words:
            if word in SOMETIMES:
                lines.problems.add(node.place, f"{{{word}}} is not always known: not for a path")
        if not node.text.startswith("/"):
            lines.problems.add(node.place, f"a path begins with /, as /{node.text.strip('/')}")
        if "?" in node.text:
            lines.problems.add(node.place, "a path has no ?; put what follows into query")
        *before, last = self.base.parts
        return Text((*before, last + text.parts[0], *text.parts[1:]))

    def _query(self, lines: Lines, words: Iterable[str]) -> Iterator[tuple[Text, Tree]]:
        inner = lines.inner("query")
        for one in inner.table.entries.values() if inner else ():
            yield self.text(lines, one.key, words), self._asked(lines, one.value, words)

    def _asked(self, lines: Lines, node: Node, words: Iterable[str], within: bool = False) -> Tree:
        """A value of a query: a text, a list of texts, or what goes out as JSON. `within`: it is an
        item of such a list."""
        [name, *others] = [*node.entries] or [""] if isinstance(node, Table) else [""]
        if isinstance(node, Table) and not others:
            entry = node.entries.get(name)
            if entry and name == JSON and not within:
                return Json(self.tree(lines, entry.value, words))
            if entry and name.startswith(WHERE):
                word = name.removeprefix(WHERE)
                self._known(lines, entry.key.place, word, words)
                return Given(word, self._asked(lines, entry.value, words, within))
        if isinstance(node, Listing) and not within:
            return tuple(self._asked(lines, one, words, within=True) for one in node.items)
        if not isinstance(node, Scalar) and not (isinstance(node, Table) and _unquoted(node)):
            lines.problems.add(node.place, NOT_IN_QUERY)
        return self.tree(lines, node, words)


def _places(node: Scalar, text: Text) -> Iterator[tuple[str, Place]]:
    for word in text.words:
        yield word, node.at(max(node.text.find(f"{{{word}}}"), 0))


def _unquoted(table: Table) -> str | None:
    """YAML takes {word} for a table with one empty line."""
    if len(table.entries) != 1:
        return None
    [entry] = table.entries.values()
    empty = isinstance(entry.value, Scalar) and entry.value.text == "" and not entry.value.quoted
    return entry.key.text if empty and entry.key.place.line == table.place.line else None
