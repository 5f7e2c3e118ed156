"""From the checked rules of a kind to one function: canonical record -> what is wanted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import msgspec

from syncd.domain import Canonical, Kind, Ref, State, Want
from syncd.mapping import code, extras, wants
from syncd.mapping.document import Place
from syncd.mapping.inbound import apply_chain
from syncd.mapping.say import Clause, Sentence
from syncd.mapping.sections import Applied
from syncd.mapping.transforms import Shape
from syncd.mapping.words import AMOUNT, DOCUMENTS, FIGURES, Known

ALLOCATIONS, CONTACTS = "allocations", "contacts"
"""Table parts of a record that may be an object for each row."""

ADDED = "added"
"""The table of the record's added fields, in generated code."""


class Written(msgspec.Struct, frozen=True):
    """One word into one path. `unique` is the form for a second object of the same value, empty
    where that has none."""

    place: Place
    word: str
    known: Known
    path: str
    chain: tuple[Applied, ...]
    unique: Clause | None = None
    says: Sentence | None = None
    text: str = ""
    """As it was typed."""

    @property
    def currency(self) -> str | None:
        """The one of `| in EUR`."""
        named = (one.args[0] for one in self.chain if one.transform.name == "in")
        return next((str(arg) for arg in named), None)

    def meaning(self) -> object:
        unique = [self.unique.texts, self.unique.words] if self.unique else None
        says = self.says.meaning() if self.says else None
        meaning = [self.word, [applied.meaning() for applied in self.chain], unique, says]
        return [*meaning, self.known.shape] if self.known.own else meaning


class Parent(msgspec.Struct, frozen=True):
    kind: Kind
    part: str


class Marker(msgspec.Struct, frozen=True):
    """Where the books key stands, None for a place of the target's own; `form` says it otherwise,
    with {key} and {number}."""

    path: str | None
    form: str | None = None


class Part(msgspec.Struct, frozen=True):
    """One object at the target, or one for each row of the record's table part `each`."""

    place: Place
    name: str
    target: str
    marker: Marker | None
    parents: Mapping[str, Parent]
    fields: tuple[Written, ...]
    each: str = ""
    owner: Written | None = None
    """Where the user is named whose object it is: as it is made, and never again."""

    def meaning(self) -> object:
        parents = {word: [parent.kind, parent.part] for word, parent in self.parents.items()}
        fields = {field.path: field.meaning() for field in self.fields}
        marker = [self.marker.path, self.marker.form] if self.marker else None
        each = self.each if self.each == CONTACTS else bool(self.each)
        meaning = [self.target, marker, parents, fields, each]
        return [*meaning, self.owner.path] if self.owner else meaning


class Plan(msgspec.Struct, frozen=True):
    """One kind of a file, without a mistake in it. `of`: it only updates that customer's object;
    `named`: the object whose remote id is the record's key. `prefix` stands before the words of its
    targets."""

    kind: Kind
    place: Place
    parts: tuple[Part, ...]
    of: Parent | None = None
    named: bool = False
    prefix: str = ""
    language: str = "en"

    def meaning(self) -> object:
        of = [self.of.kind, self.of.part] if self.of else None
        says = any(field.word in ("ageing", "open_orders") for field in self._fields())
        spoken = self.language if says else None
        return [{part.name: part.meaning() for part in self.parts}, of, self.prefix, spoken]

    def spares(self, name: str, path: str) -> bool:
        """Whether an object of this part may be without a value that must be unique."""
        fields = [field for part in self.parts if part.name == name for field in part.fields]
        return any(one.path == path and one.unique and not one.unique.words for one in fields)

    def _fields(self) -> list[Written]:
        return [field for part in self.parts for field in part.fields]


Function = Callable[[Canonical, bool], tuple[Want, ...]]


def compile_outbound(
    plan: Plan, currencies: frozenset[str] | None, file: str
) -> tuple[code.Code, Function]:
    """`def invoice(record, numbered)`."""
    return _Compiler(plan, currencies).function(file)


class _Compiler:
    def __init__(self, plan: Plan, currencies: frozenset[str] | None) -> None:
        self._plan = plan
        self._currencies = currencies
        self._code = code.Code()
        self._place = plan.place

    def function(self, file: str) -> tuple[code.Code, Function]:
        body = [*self._guards(), *self._tables(), code.returns(self._all())]
        made = self._code.function(str(self._plan.kind), ["record", "numbered"], body, file)
        return self._code, made

    def _all(self) -> ast.expr:
        """The single objects, then those of each table part."""
        single = [self._want(part) for part in self._plan.parts if not part.each]
        wanted: ast.expr = code.listed(single, self._place)
        if self._plan.kind is Kind.WON:
            wanted = self._code.call(wants.filled, self._place, wanted)
        for part in self._plan.parts:
            if part.each:
                more = self._code.call(tuple, self._place, self._rows(part))
                wanted = code.put(ast.BinOp(wanted, ast.Add(), more), self._place)
        return wanted

    def _rows(self, part: Part) -> ast.expr:
        if part.each == CONTACTS:
            return code.each(self._want(part), "row", self._of("record", CONTACTS), [], self._place)
        rows = self._code.call(wants.settled, self._place, self._name("record"))
        tests = [self._known(self._of("row", "amount"))] if self._currencies is not None else []
        return code.each(self._want(part), "row", rows, tests, self._place)

    def _guards(self) -> list[ast.stmt]:
        """A draft is not shown; a void document only where the file writes its state. A document
        in a currency the target does not know is none."""
        kind = self._plan.kind
        if kind not in DOCUMENTS:
            return []
        single = [part for part in self._plan.parts if not part.each]
        written = {field.word for part in single for field in part.fields}
        shown = [State.EFFECTIVE, *([State.VOID] if "state" in written else [])]
        nothing = code.listed([], self._place)
        state = self._is_in(self._of("record", "state"), frozenset(shown))
        guards = [code.unless(state, nothing)]
        if self._currencies is not None and "currency" in written:
            guards.append(code.unless(self._known(self._amount("record")), nothing))
        return guards

    def _tables(self) -> list[ast.stmt]:
        """What is looked at for several fields is made once for a record."""
        if not any(field.known.own for part in self._plan.parts for field in part.fields):
            return []
        table = self._code.call(extras.added, self._place, self._of("record", "extras"))
        return [code.keep(ADDED, table, self._place)]

    def _want(self, part: Part) -> ast.expr:
        place, marker = part.place, self._marker(part)
        fields = {field.path: self._field(field, part) for field in part.fields}
        if part.marker and part.marker.path:
            fields[part.marker.path] = marker
        table: ast.expr = code.table(fields, place)
        if self._plan.kind is Kind.CARD:
            table = self._code.call(wants.known_only, place, table)
        parents = {word: self._ref(parent, place) for word, parent in part.parents.items()}
        of = self._plan.of
        return self._code.call(
            Want,
            place,
            self._part_key(part),
            self._constant(self._plan.prefix + part.target),
            marker,
            code.table(parents, place),
            table,
            self._ref(of, place) if of else self._constant(None),
            self._of("record", "key") if self._plan.named else self._constant(None),
        )

    def _part_key(self, part: Part) -> ast.expr:
        if not part.each:
            return self._constant(part.name)
        row = self._of("row", "key" if part.each == CONTACTS else "invoice")
        return self._glued(self._constant(f"{part.name}/"), row) if part.name else row

    def _glued(self, *texts: ast.expr) -> ast.expr:
        first, *rest = texts
        for text in rest:
            first = code.put(ast.BinOp(first, ast.Add(), text), self._place)
        return first

    def _marker(self, part: Part) -> ast.expr:
        key = self._of("record", "customer" if self._plan.of else "key")
        form = part.marker.form if part.marker else None
        if part.each == CONTACTS:
            # A person may be on several cards, and is another object of each.
            key = self._glued(key, self._constant("/"), self._of("row", "key"))
        if form is None:
            return key
        numbered = self._plan.kind in DOCUMENTS
        number = self._of("record", "number") if numbered else self._constant(None)
        return self._code.call(wants.formed, part.place, self._constant(form), key, number)

    def _ref(self, parent: Parent, place: Place) -> ast.expr:
        if parent.kind is Kind.INVOICE:
            key = self._of("row", "invoice")
        else:
            key = self._of("record", "key" if self._plan.kind is parent.kind else "customer")
        part = self._constant(parent.part)
        return self._code.call(Ref, place, self._constant(parent.kind), key, part)

    def _field(self, field: Written, part: Part) -> ast.expr:
        place = field.place
        if field.says:
            said = self._constant(field.says)
            value = self._code.call(wants.sentence, place, said, self._name("record"))
        else:
            value = self._word(field, part)
        if field.unique:
            form = self._unique(value, field, field.unique)
            value = code.choose(self._name("numbered"), form, self._word(field, part), place)
        chain = tuple(one for one in field.chain if one.transform.name != "in")
        value = apply_chain(value, chain, self._code)
        if chain and self._plan.kind is Kind.CARD and not field.says:
            complete = self._of("record", "complete")
            return code.choose(complete, value, self._constant(wants.UNKNOWN), place)
        return value

    def _word(self, field: Written, part: Part) -> ast.expr:
        place, word = field.place, field.word
        if self._plan.kind is Kind.CARD:
            return self._card_word(field)
        if field.known.own:
            return self._added(field)
        if word == "currency" and self._plan.kind in DOCUMENTS:
            money = self._of("row", "amount") if part.each else self._amount("record")
            return code.attribute(money, "currency", place)
        of_row = part.each == CONTACTS or (part.each and word in ("invoice", "amount"))
        holder = "row" if of_row else "record"
        value = self._of(holder, word)
        match field.known.shape:
            case Shape.MONEY if self._plan.named and self._currencies is not None:
                known = self._constant(self._currencies)
                return self._code.call(wants.known_amount, place, value, known)
            case Shape.MONEY:
                return self._code.call(wants.amount_of, place, value)
            case Shape.DATE:
                return self._code.call(wants.day_of, place, value)
            case Shape.STATE | Shape.REASON:
                return self._code.call(wants.state_of, place, value)
        if word == "currency" and self._currencies is not None:
            return self._code.call(wants.known, place, value, self._constant(self._currencies))
        return value

    def _added(self, field: Written) -> ast.expr:
        place, word = field.place, self._constant(field.word)
        if field.currency is None:
            get = code.attribute(self._name(ADDED), "get", place)
            return code.put(ast.Call(get, [word], []), place)
        currency = self._constant(field.currency)
        found = self._of("record", "extras")
        return self._code.call(extras.added_in, place, found, word, currency)

    def _card_word(self, field: Written) -> ast.expr:
        place, record, word = field.place, self._name("record"), self._constant(field.word)
        if field.word in FIGURES:
            currency, known = self._constant(field.currency), self._constant(self._currencies)
            money = self._code.call(wants.figure, place, record, word, currency, known)
            return self._code.call(wants.amount_or_unknown, place, money)
        if field.word in ("ageing", "open_orders"):
            language = self._constant(self._plan.language)
            return self._code.call(wants.listed, place, record, word, language)
        value = self._code.call(wants.counted, place, record, word)
        if field.known.shape is Shape.DATE:
            return self._code.call(wants.day_or_unknown, place, value)
        return value

    def _unique(self, value: ast.expr, field: Written, form: Clause) -> ast.expr:
        """The form around the word, so that a `max` behind it cuts the word and not the form. An
        empty one is no value at all."""
        if not form.words:
            return self._constant(None)
        own = form.words.index(field.word)
        pieces = [self._constant(text) for text in form.texts]
        others = [self._of("record", word) for word in form.words]
        mixed = [pieces[0]]
        for other, text in zip(others, pieces[1:], strict=True):
            mixed += [other, text]
        before, after = mixed[: 2 * own + 1], mixed[2 * own + 2 :]
        glued = (
            self._code.call(wants.glued, field.place, self._of("record", "key"), *side)
            for side in (before, after)
        )
        most = self._constant(_room(field.chain))
        return self._code.call(wants.unique_form, field.place, value, *glued, most)

    def _amount(self, holder: str) -> ast.expr:
        return self._of(holder, AMOUNT[self._plan.kind])

    def _known(self, money: ast.expr) -> ast.expr:
        currency = code.attribute(money, "currency", self._place)
        return self._is_in(currency, self._currencies)

    def _is_in(self, value: ast.expr, values: object) -> ast.expr:
        return code.put(ast.Compare(value, [ast.In()], [self._constant(values)]), self._place)

    def _of(self, holder: str, name: str) -> ast.expr:
        return code.attribute(self._name(holder), name, self._place)

    def _name(self, name: str) -> ast.expr:
        return code.load(name, self._place)

    def _constant(self, value: object) -> ast.expr:
        return self._code.value(value, self._place)


def _room(chain: tuple[Applied, ...]) -> int | None:
    """Characters a value may have so that no `max` of the chain cuts it."""
    room, before = None, 0
    for applied in chain:
        for arg in applied.args:
            if applied.transform.name == "prefix" and isinstance(arg, str):
                before += len(arg)
            if applied.transform.name == "max" and isinstance(arg, int):
                left = max(arg - before, 0)
                room = left if room is None else min(room, left)
    return room
