"""An outline of a system out of its OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from syncd.errors import UsageError
from syncd.rest.new import guesses
from syncd.rest.new.credential import credential_of
from syncd.rest.new.document import Document, Node
from syncd.rest.new.guesses import kind_of, last_of, matching, one_of
from syncd.rest.new.outline import Listing, Outline, Pages, Reading, Writing

LARGEST = 1000
"""Records a page that are asked for at most, whatever a document allows."""
USUAL = 100

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_TYPES = {"string": "text", "integer": "number", "number": "number", "boolean": "flag"}
_FIRST = ("data", "items", "results", "records", "rows", "value", "content", "list", "objects")
_DECIMAL = "number as text"


def outline_of(
    name: str, document: Document, origin: str, crm: bool, chosen: Mapping[str, str] | None = None
) -> Outline:
    """Of several collections for one kind that with the best name, and the shortest address;
    `chosen` goes before, by kind. UsageError where the document has no such address."""
    kinds = guesses.CRM if crm else guesses.BOOKS
    api = Api(document, {(path, method): one for path, method, one in document.operations()})
    best = {**api.collections(kinds), **(chosen or {})}
    for kind, path in best.items():
        if (path, "get") not in api.operations:
            raise UsageError(f"{kind}: the document lists nothing at {path}")
    check: dict[str, str] = {}
    server = next(iter(document.servers()), "")
    if not server:
        check["base"] = "the document names no server"
    reads: list[Reading] = []
    writes: list[Writing] = []
    for kind, path in best.items():
        if not crm:
            reads.append(api.reading(kind, path))
        if crm and kind in ("deal", "customer"):
            reads.append(api.reading("won" if kind == "customer" else kind, path))
        if crm or kind == "customer":
            writes.extend(api.writing(kind, path, best))
    return Outline(
        name,
        origin,
        urlsplit(server).path.rstrip("/"),
        credential_of(document, check),
        api.identity(check),
        tuple(reads),
        tuple(writes),
        {name: f"what the address has for {name}" for name in _options(best.values())},
        check,
    )


class _Rows(msgspec.Struct, frozen=True):
    """Where the records are in the answer of a list, what they have, and where else lists are."""

    at: str = ""
    fields: Node = msgspec.field(default_factory=dict)
    others: tuple[str, ...] = ()


class Api(msgspec.Struct, frozen=True):
    document: Document
    operations: Mapping[tuple[str, str], Node]

    def collections(self, kinds: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Kind -> its address."""
        found: dict[str, tuple[tuple[int, int, int], str]] = {}
        for path, method in self.operations:
            named = kind_of(path, kinds)
            if method != "get" or named is None or self._rows(path) is None:
                continue
            kind, place = named
            rank = (len(_PARAMETER.findall(path)), place, len(path))
            if kind not in found or rank < found[kind][0]:
                found[kind] = rank, path
        return {kind: found[kind][1] for kind in kinds if kind in found}

    def item(self, path: str) -> str:
        """The address of one record of a collection, with its key as it is named; empty: none."""
        for other, method in self.operations:
            rest = other.rstrip("/").removeprefix(path.rstrip("/") + "/")
            if method == "get" and rest != other.rstrip("/") and _PARAMETER.fullmatch(rest):
                return other
        return ""

    def reading(self, kind: str, path: str) -> Reading:
        operation = self.operations[path, "get"]
        rows = self._rows(path) or _Rows()
        check: dict[str, str] = {}
        listing = self._listing(path, rows, check)
        names = _flat(self.document, rows.fields)
        stamp = matching(rows.fields, guesses.STAMPS)
        words = [str(one["name"]) for one in self.document.parameters(operation)]
        since = matching(words, guesses.SINCE) if stamp else ""
        if since:
            check["changes"] = "does it ask for the time that `stamp` is?"
        inside = self._inside(self.item(path), rows.fields)
        values = {name: "number" for name, type in names.items() if type == _DECIMAL}
        choices = {name: _choices(schema) for name, schema in rows.fields.items()}
        lists = {
            name: tuple(self.document.properties(schema.get("items")))
            for name, schema in rows.fields.items()
            if schema.get("type") == "array"
        }
        return Reading(kind, listing, inside, stamp, since, values, names, choices, lists, check)

    def writing(self, kind: str, path: str, best: Mapping[str, str]) -> Iterator[Writing]:
        """Nothing where the document has no way to write it."""
        item = self.item(path)
        post = self.operations.get((path, "post"))
        how = next((one for one in ("patch", "put") if (item, one) in self.operations), "")
        if not item or not how or (post is None and kind != "deal"):
            return
        operation = post if post is not None else self.operations[item, how]
        body, sent, required = self._body(operation)
        fields = _flat(self.document, sent, writable=True)
        if not fields:
            return
        check: dict[str, str] = {}
        rows = self._rows(path) or _Rows()
        listing = self._listing(path, rows, check)
        parents: dict[str, str] = {}
        card = last_of(best.get("customer", ""))
        whose = one_of(fields, (f"{one}{end}" for one in guesses.OF for end in ("_id", "id", "")))
        if card and whose and kind not in ("customer", "deal"):
            parents[card] = whose
            del fields[whose]
            check["parents"] = "whose it is: does that field take the card's id?"
        texts = [one for one, type in fields.items() if type == "text"]
        marker = one_of(texts, guesses.MARKERS)
        if marker:
            check["marker"] = "syncd writes its key there; nobody else may"
        words = [str(one["name"]) for one in self.document.parameters(self.operations[path, "get"])]
        find = marker if marker in words else ""
        yield Writing(
            last_of(path),
            listing,
            fields,
            frozenset(required) & fields.keys(),
            parents,
            marker,
            how,
            body,
            self._inside(item, rows.fields),
            find,
            kind != "deal",
            (item, "delete") in self.operations,
            check,
        )

    def identity(self, check: dict[str, str]) -> tuple[str, str, str]:
        for word in guesses.WHOSE:
            for path, method in self.operations:
                if method != "get" or _PARAMETER.search(path) or last_of(path).lower() != word:
                    continue
                answer = self.document.answer(self.operations[path, method])
                rows = {"": answer, **self.document.properties(answer)}
                for at, schema in rows.items():
                    names = self.document.properties(schema)
                    id = one_of(names, guesses.KEYS)
                    if id:
                        check["identity"] = "is that the company, and does its id never change?"
                        label = one_of(names, guesses.LABELS) or id
                        before = f"{at}." if at else ""
                        return path, before + id, before + label
        check["identity"] = "the document has no call that tells whose company it is"
        return "/me", "id", "name"

    def _listing(self, path: str, rows: _Rows, check: dict[str, str]) -> Listing:
        operation = self.operations[path, "get"]
        item = self.item(path)
        names = rows.fields
        key = one_of(names, guesses.KEYS) or _key_in(item, names)
        if not key:
            key, check["key"] = "id", "the document shows no key in these records"
        if not rows.fields:
            check["records"] = "the document does not say what this answers"
        if rows.others:
            check["records"] = f"or {', '.join(rows.others)}?"
        if not item:
            check["by_key"] = "the document has no call for one record"
        pages = self._pages(operation, key, check)
        item = item or path.rstrip("/") + "/{}"
        last = _PARAMETER.findall(item)[-1]
        item = item.replace(f"{{{last}}}", "{}")
        return Listing(_with_options(path), rows.at, _with_options(item), key, pages)

    def _pages(self, operation: Node, key: str, check: dict[str, str]) -> Pages:
        given = {str(one["name"]): one for one in self.document.parameters(operation)}
        answer = self.document.answer(operation)
        said = dict(_below(self.document, answer))
        size_word = one_of(given, guesses.SIZES)
        size = _size(self.document, given[size_word]) if size_word else None
        ends = {
            "more": matching_last(said, guesses.MORE),
            "total": matching_last(said, guesses.TOTALS),
            "pages": matching_last(said, guesses.PAGES),
        }
        usual = Pages(size_word=size_word, size=size)
        link = matching_last(said, guesses.LINKS)
        for type, words in guesses.WORDS.items():
            word = one_of(given, words)
            if not word or word == size_word:
                continue
            if type == "cursor":
                at = matching_last(said, guesses.CURSORS)
                if not at:
                    check["paging"] = "where does the answer have the next cursor?"
                    at = "next_cursor"
                return replace(usual, type=type, word=word, at=at)
            if type != "page":
                ends["pages"] = ""
            check["paging"] = "does the order of the list stay while records change?"
            end = next((name for name in ("pages", "more", "total") if ends[name]), "more")
            usual = Pages(size_word=size_word, size=size, **{end: ends[end]})
            return replace(usual, type=type, word=word)
        if link:
            return replace(usual, type="next_link", at=link)
        if "link" in self.document.headers(operation):
            return replace(usual, type="link_header")
        if size_word:
            check["paging"] = f"{size_word} limits the list, and the document names no next page"
            return Pages(size_word=size_word, size=size)
        check["paging"] = "the document names no pages; does the whole list come in one answer?"
        return Pages()

    def _rows(self, path: str) -> _Rows | None:
        """None: it answers no list."""
        answer = self.document.answer(self.operations[path, "get"])
        if not answer:
            return _Rows() if self.item(path) else None
        if answer.get("type") == "array":
            return _Rows("", self.document.properties(answer.get("items")))
        lists = {
            at: self.document.properties(one.get("items"))
            for at, one in _below(self.document, answer)
            if one.get("type") == "array"
        }
        lists = {at: row for at, row in lists.items() if row}
        own = last_of(path)
        if not lists:
            return None
        names = {at.rpartition(".")[2]: at for at in reversed(lists)}
        best = one_of(names, (*_FIRST, own, own.replace("-", "_")))
        alike = next((at for at in lists if at.casefold().endswith(own.casefold())), "")
        at = names[best] if best else alike or next(iter(lists))
        return _Rows(at, lists[at], () if best else tuple(one for one in lists if one != at))

    def _inside(self, item: str, row: Node) -> str:
        """The name under which one record stands in the answer of `item`; empty: it is the
        answer."""
        if not item:
            return ""
        names = self.document.properties(self.document.answer(self.operations[item, "get"]))
        if not names or any(key in names for key in guesses.KEYS):
            return ""
        for name, schema in names.items():
            inner = self.document.properties(schema)
            if inner and len(set(inner) & set(row)) * 2 >= len(inner):
                return name
        return ""

    def _body(self, operation: Node) -> tuple[str, Node, list[str]]:
        """The name that stands around the object that is sent, what it may have, and must have."""
        schema, name = self.document.sent(operation), ""
        sent = self.document.properties(schema)
        if len(sent) == 1:
            [(around, inner)] = sent.items()
            if below := self.document.properties(inner):
                schema, name, sent = inner, around, below
        required = schema.get("required")
        return name, sent, required if isinstance(required, list) else []


def _options(paths: Iterable[str]) -> list[str]:
    """Names in the addresses of collections: the same for every record, so of the connection."""
    return list(dict.fromkeys(name for path in paths for name in _PARAMETER.findall(path)))


def _with_options(path: str) -> str:
    return _PARAMETER.sub(lambda one: f"{{option.{one[1]}}}" if one[1] else "{}", path)


def matching_last(said: Mapping[str, Node], pattern: re.Pattern[str]) -> str:
    """The first path whose last name fits."""
    return next((at for at in said if pattern.search(at.rpartition(".")[2])), "")


def _below(document: Document, schema: Node) -> Iterator[tuple[str, Node]]:
    """What an answer has, with what its tables have."""
    inner: list[tuple[str, Node]] = []
    for name, one in document.properties(schema).items():
        yield name, one
        inner += [(f"{name}.{below}", two) for below, two in document.properties(one).items()]
    yield from inner


def _flat(document: Document, row: Node, *, writable: bool = False) -> dict[str, str]:
    """Path -> type of the plain values, those of tables inside by dotted paths."""
    found: dict[str, str] = {}
    for name, schema in row.items():
        if "." in name or (writable and schema.get("readOnly")):
            continue
        inner = document.properties(schema)
        for below, one in inner.items():
            if type := _type(one):
                found[f"{name}.{below}"] = type
        if not inner and (type := _type(schema)):
            found[name] = type
    return found


def _type(schema: Node) -> str:
    type = schema.get("type")
    if isinstance(type, list):  # OpenAPI 3.1: ["string", "null"]
        type = next((one for one in type if one != "null"), None)
    if type == "string" and schema.get("format") in ("date", "decimal"):
        return "date" if schema["format"] == "date" else _DECIMAL
    return _TYPES.get(str(type), "")


def _choices(schema: Node) -> tuple[str, ...]:
    found = schema.get("enum")
    return tuple(str(one) for one in found if one is not None) if isinstance(found, list) else ()


def _key_in(item: str, names: Mapping[str, Node]) -> str:
    """The field that the address of a record is named after."""
    last = (_PARAMETER.findall(item) or [""])[-1]
    return one_of(names, (last, last.rpartition("_")[2], "number", "code"))


def _size(document: Document, parameter: Node) -> int:
    schema = document.schema(parameter.get("schema")) or parameter
    largest = schema.get("maximum")
    if isinstance(largest, int) and largest > 0:
        return min(largest, LARGEST)
    usual = schema.get("default")
    return max(usual, USUAL) if isinstance(usual, int) and usual < LARGEST else USUAL
