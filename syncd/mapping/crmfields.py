"""The check of what a file writes into one object: its fields, and the sentences in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

import msgspec

from syncd.domain import DERIVED_KINDS, Kind
from syncd.mapping import grammar
from syncd.mapping.added import Added, addable
from syncd.mapping.document import Entry, Node, Problems, Scalar, Table, suggestion
from syncd.mapping.languages import LANGUAGES
from syncd.mapping.lines import Call, Line, parse_line
from syncd.mapping.outbound import Written
from syncd.mapping.say import WORDS, Clause, Sentence
from syncd.mapping.sections import (
    Context,
    check_chain,
    only,
    scalar_at,
    scalar_of,
    table_at,
    texts_at,
)
from syncd.mapping.transforms import Shape
from syncd.mapping.words import DOCUMENTS, INBOUND, OUTBOUND, OWNER, Known
from syncd.port import Target

_READ_ONLY = {"first_of", "expr", "as"}
"""Keys of a line that is read."""

Given = Callable[[], Added | None]
"""None: it cannot be read, and what is wrong with it is told elsewhere."""

_HOLE = re.compile(r"\{([^{}]*)\}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Tongue(msgspec.Struct, frozen=True):
    """The language and the zone in which sentences are said."""

    language: str
    zone: ZoneInfo | None

    @classmethod
    def read(cls, root: Table, problems: Problems) -> Tongue:
        language, zone = scalar_at(root, "language", problems), scalar_at(root, "zone", problems)
        if language and language.text not in LANGUAGES:
            problems.unknown(language.place, "language", language.text, LANGUAGES)
        return cls(language.text if language else "en", _zone(zone, problems))


def _zone(named: Scalar | None, problems: Problems) -> ZoneInfo | None:
    """None is UTC, which then needs no table of zones."""
    try:
        return ZoneInfo(named.text) if named else None
    except (ValueError, OSError, KeyError):
        if named:
            text = f"unknown zone {named.text}; write it like Europe/Vienna"
            problems.add(named.place, text)
        return None


class Fields:
    """`tongue` is what the file says it in; `given` is what the other file adds to the records,
    where it is known which that is."""

    def __init__(self, context: Context, tongue: Tongue, given: Given | None) -> None:
        self._context = context
        self._problems = context.problems
        self._tongue = tongue
        self._given = given

    def of(
        self,
        kind: Kind,
        key: Scalar,
        section: Table,
        target: Target | None,
        words: Mapping[str, Known],
    ) -> list[Written]:
        table, found = table_at(section, "fields", self._problems), list[Written]()
        if "fields" not in section.entries:
            self._problems.add(section.spot("fields", key.place), f"{key.text} has no fields")
        for word, entry in table.entries.items() if table else ():
            known = words.get(word) or self._added(kind, word, words)
            if known is None:
                self._unknown(kind, word, entry, words, table)
            elif field := self._field(kind, word, entry.value, target, known):
                found.append(field)
        return found

    def _added(self, kind: Kind, word: str, words: Iterable[str]) -> Known | None:
        """A word that the file which reads the records adds to syncd's."""
        if not addable(word, kind, words):
            return None
        given = self._given() if self._given else None
        if given is None:
            return Known(Shape.ANY, required=False, own=True)
        shape = given.get(kind, {}).get(word)
        return None if shape is None else Known(shape, required=False, own=True)

    def _unknown(
        self,
        kind: Kind,
        word: str,
        entry: Entry,
        words: Mapping[str, Known],
        table: Table | None,
    ) -> None:
        place = entry.key.place
        if table and word in table.lent:
            text = f"{kind} has no {word}; write `{word}: none` under its fields"
            self._problems.add(table.lent[word], text)
            return
        added = ((self._given() if self._given else None) or {}).get(kind, {})
        text = f"unknown word {word}{suggestion(word, [*words, *added])}"
        if addable(word, kind, words):
            text += f"; a field of your own is read first: `{kind}.{word}: path | text` in the "
            text += "other mapping of the pair"
        self._problems.add(place, text)

    def _field(
        self, kind: Kind, word: str, node: Node, target: Target | None, known: Known
    ) -> Written | None:
        long = node if isinstance(node, Table) else None
        if long and long.entries.keys() & _READ_ONLY:
            for key in sorted(long.entries.keys() & _READ_ONLY):
                text = f"{key} chooses what is read; a target's field is written from one word"
                self._problems.add(long.entries[key].key.place, text)
            return None
        if long:
            only(long, "key", grammar.FIELD_WRITTEN, self._problems)
            if "path" not in long.entries:
                self._problems.add(long.place, f"`path:` is missing in {word}")
        if long:
            scalar = scalar_at(long, "path", self._problems)
        else:
            scalar = scalar_of(node, word, self._problems)
        line = parse_line(scalar, self._problems) if scalar else None
        says = self._says(kind, word, node, long)
        unique = self._unique(kind, word, long, line, target) if long else None
        if not scalar or not line:
            return None
        if word == OWNER and kind is Kind.CUSTOMER:
            return self._owner(scalar, line, target, known)
        path = self.path(line, target)
        chain, _ = check_chain(line.calls, known.shape, self._context)
        for call in line.calls:
            if call.name == "in":
                self._in(kind, call, known)
        if not path:
            return None
        return Written(scalar.place, word, known, path, tuple(chain), unique, says, scalar.text)

    def _owner(
        self, scalar: Scalar, line: Line, target: Target | None, known: Known
    ) -> Written | None:
        path = line.path.dotted
        if line.calls:
            self._problems.add(line.calls[0].place, "an owner takes no transforms: it is a user")
        if target and target.owner is None:
            self._problems.add(scalar.place, "the object has no owner that could be written")
        elif target and target.owner != path:
            text = f"the owner is written to {target.owner}, not to {path}"
            self._problems.add(line.path.place, text)
        return Written(scalar.place, OWNER, known, path, (), text=scalar.text)

    def _in(self, kind: Kind, call: Call, known: Known) -> None:
        if kind is not Kind.CARD and not known.own:
            self._problems.add(call.place, "a document has one currency; `in` is for cards")
        for word in call.args:
            if not _CURRENCY.fullmatch(word.text):
                self._problems.add(word.place, f"{word.text} is not a currency code like EUR")

    def path(self, line: Line, target: Target | None) -> str | None:
        path = line.path
        if path.several or path.parent:
            self._problems.add(path.place, "a path of a target is dotted names only")
            return None
        if target is None:
            return path.dotted
        wild = [name.removesuffix("*") for name in target.fields if name.endswith(".*")]
        free = any(path.dotted.startswith(start) and path.dotted != start for start in wild)
        if path.dotted not in target.fields and not free:
            self._problems.unknown(path.place, "field", path.dotted, target.fields)
            return None
        return path.dotted

    def _unique(
        self, kind: Kind, word: str, long: Table, line: Line | None, target: Target | None
    ) -> Clause | None:
        form = scalar_at(long, "unique", self._problems)
        if form is None:
            return None
        if kind in DERIVED_KINDS:
            place = long.entries["unique"].key.place
            self._problems.add(place, f"{kind} makes no object of its own")
            return None
        own = INBOUND[kind].items()
        texts = ["key", *(name for name, known in own if known.shape is Shape.TEXT)]
        clause = Clause(("",), ()) if form.off else self.clause(form, texts)
        if clause and not form.off and clause.words.count(word) != 1:
            text = f"the form names {{{word}}} once, or is none: the second one is left empty"
            self._problems.add(form.place, text)
        if line and target and target.unique not in (None, line.path.dotted):
            text = f"{target.unique} must be unique at the target, not {line.path.dotted}"
            self._problems.add(form.place, text)
        return clause

    def _says(self, kind: Kind, word: str, node: Node, long: Table | None) -> Sentence | None:
        if word != "line":
            for key in ("say", "else", "correcting"):
                if long and key in long.entries:
                    place = long.entries[key].key.place
                    self._problems.add(place, f"{key} belongs to line")
            return None
        if long is None or "say" not in long.entries:
            text = 'line is written {path: ..., say: ["Owes {receivable}"], else: "Owes nothing"}'
            self._problems.add(node.place, text)
            return None
        words = self._sayable(kind)
        clauses = [self.clause(text, words) for text in texts_at(long, "say", self._problems)]
        otherwise = scalar_at(long, "else", self._problems)
        if otherwise:
            self.clause(otherwise, ())
        corrected = scalar_at(long, "correcting", self._problems)
        correcting = self.clause(corrected, ("correcting",)) if corrected else None
        kept = tuple(clause for clause in clauses if clause)
        text = otherwise.text if otherwise else ""
        return Sentence(kept, text, self._tongue.language, self._tongue.zone, correcting)

    def _sayable(self, kind: Kind) -> Iterable[str]:
        if kind is Kind.CARD:
            return WORDS
        left_out = {"line", "currency"} if kind in DOCUMENTS else {"line"}
        added = ((self._given() if self._given else None) or {}).get(kind, {})
        said = [word for word, shape in added.items() if shape is not Shape.FLAG]
        return [word for word in (*OUTBOUND[kind], *said) if word not in left_out]

    def clause(self, scalar: Scalar, words: Iterable[str]) -> Clause | None:
        """Text with {words} in it."""
        known, found = list(words), []
        for hole in _HOLE.finditer(scalar.text):
            found.append(hole[1])
            if hole[1] not in known:
                self._problems.unknown(scalar.at(hole.start()), "word", hole[0], known)
        texts = _HOLE.sub("\0", scalar.text).split("\0")
        if any(brace in text for text in texts for brace in "{}"):
            self._problems.add(scalar.place, "a brace without its partner; write {word}")
            return None
        return Clause(tuple(texts), tuple(found)) if set(found) <= set(known) else None
