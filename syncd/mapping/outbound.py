"""From the checked rules of a kind to one function: canonical record -> what is wanted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from syncd.domain import Canonical, Kind, Ref, State, Want
from syncd.mapping import code, wants
from syncd.mapping.document import Place
from syncd.mapping.inbound import apply_chain
from syncd.mapping.say import Clause, Sentence
from syncd.mapping.sections import Applied
from syncd.mapping.transforms import Shape
from syncd.mapping.wants import Card
from syncd.mapping.words import Known


@dataclass(frozen=True, slots=True)
class Written:
    """One word into one path. `unique` is the form for a second object of the same value."""

    place: Place
    word: str
    known: Known
    path: str
    chain: tuple[Applied, ...]
    unique: Clause | None = None
    says: Sentence | None = None

    def meaning(self) -> object:
        unique = [self.unique.texts, self.unique.words] if self.unique else None
        says = self.says.meaning() if self.says else None
        return [self.word, [applied.meaning() for applied in self.chain], unique, says]


@dataclass(frozen=True, slots=True)
class Parent:
    kind: Kind
    part: str


@dataclass(frozen=True, slots=True)
class Part:
    """One object at the target."""

    place: Place
    name: str
    target: str
    marker: str | None
    parents: Mapping[str, Parent]
    fields: tuple[Written, ...]

    def meaning(self) -> object:
        parents = {word: [parent.kind, parent.part] for word, parent in self.parents.items()}
        fields = {field.path: field.meaning() for field in self.fields}
        return [self.target, self.marker, parents, fields]


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of a CRM file, without a mistake in it. `of`: it only updates that customer's
    object. `each`: one part per allocation."""

    kind: Kind
    place: Place
    parts: tuple[Part, ...]
    each: bool = False
    of: Parent | None = None

    def meaning(self) -> object:
        of = [self.of.kind, self.of.part] if self.of else None
        return [{part.name: part.meaning() for part in self.parts}, self.each, of]


Function = Callable[[Canonical, Card], tuple[Want, ...]]


def compile_outbound(
    plan: Plan, currencies: frozenset[str] | None, file: str
) -> tuple[code.Code, Function]:
    """`def invoice(record, card)`."""
    return _Compiler(plan, currencies).function(file)


class _Compiler:
    def __init__(self, plan: Plan, currencies: frozenset[str] | None) -> None:
        self._plan = plan
        self._currencies = currencies
        self._code = code.Code()
        self._place = plan.place

    def function(self, file: str) -> tuple[code.Code, Function]:
        body = list(self._guards())
        if self._plan.kind is Kind.BALANCE:
            known = self._constant(self._currencies)
            figures = self._code.call(wants.single, self._place, self._name("record"), known)
            body.append(code.assign("figures", figures, self._place))
        body.append(code.returns(self._all()))
        made = self._code.function(str(self._plan.kind), ["record", "card"], body, file)
        return self._code, made

    def _all(self) -> ast.expr:
        if not self._plan.each:
            return code.listed([self._want(part) for part in self._plan.parts], self._place)
        rows = self._code.call(wants.settled, self._place, self._name("record"))
        tests = [self._known(self._amount("row"))] if self._currencies is not None else []
        wanted = code.each(self._want(self._plan.parts[0]), "row", rows, tests, self._place)
        return self._code.call(tuple, self._place, wanted)

    def _guards(self) -> list[ast.stmt]:
        """A draft is not shown; a void document only where the file writes its state."""
        kind = self._plan.kind
        if kind not in (Kind.INVOICE, Kind.PAYMENT):
            return []
        shown = [State.EFFECTIVE]
        written = {field.word for part in self._plan.parts for field in part.fields}
        if kind is Kind.INVOICE and "state" in written:
            shown.append(State.VOID)
        nothing = code.listed([], self._place)
        state = self._is_in(self._of("record", "state"), frozenset(shown))
        guards = [code.unless(state, nothing)]
        if self._currencies is not None and not self._plan.each:
            guards.append(code.unless(self._known(self._amount("record")), nothing))
        return guards

    def _want(self, part: Part) -> ast.expr:
        place, marker = part.place, self._marker()
        fields = {field.path: self._field(field) for field in part.fields}
        if part.marker:
            fields[part.marker] = marker
        parents = {word: self._ref(parent, place) for word, parent in part.parents.items()}
        of = self._plan.of
        return self._code.call(
            Want,
            place,
            part=self._of("row", "invoice") if self._plan.each else self._constant(part.name),
            target=self._constant(part.target),
            marker=marker,
            parents=code.table(parents, place),
            fields=code.table(fields, place),
            of=self._ref(of, place) if of else self._constant(None),
        )

    def _marker(self) -> ast.expr:
        return self._of("record", "customer" if self._plan.of else "key")

    def _ref(self, parent: Parent, place: Place) -> ast.expr:
        if parent.kind is Kind.INVOICE:
            key = self._of("row", "invoice")
        else:
            key = self._of("record", "key" if self._plan.kind is parent.kind else "customer")
        part = self._constant(parent.part)
        return self._code.call(Ref, place, self._constant(parent.kind), key, part)

    def _field(self, field: Written) -> ast.expr:
        place = field.place
        if field.says:
            said, changed = self._constant(field.says), self._of("card", "changed")
            record = self._name("record")
            return self._code.call(wants.sentence, place, said, record, changed)
        value = self._word(field)
        if field.unique:
            form = self._unique(value, field, field.unique)
            value = code.choose(self._of("card", "numbered"), form, self._word(field), place)
        return apply_chain(value, field.chain, self._code)

    def _word(self, field: Written) -> ast.expr:
        place, word = field.place, field.word
        if word == "currency" and self._plan.kind in (Kind.INVOICE, Kind.PAYMENT):
            money = self._amount("row" if self._plan.each else "record")
            return code.attribute(money, "currency", place)
        value = self._of(self._holder(word), word)
        match field.known.shape:
            case Shape.MONEY:
                return self._code.call(wants.amount_of, place, value)
            case Shape.DATE:
                return self._code.call(wants.day_of, place, value)
            case Shape.STATE:
                return self._code.call(wants.state_of, place, value)
        if word == "currency" and self._currencies is not None:
            return self._code.call(wants.known, place, value, self._constant(self._currencies))
        return value

    def _holder(self, word: str) -> str:
        if self._plan.kind is Kind.BALANCE and word in ("receivable", "prepaid"):
            return "figures"
        return "row" if self._plan.each and word in ("invoice", "amount") else "record"

    def _unique(self, value: ast.expr, field: Written, form: Clause) -> ast.expr:
        """The form around the word, so that a `max` behind it cuts the word and not the form."""
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
        invoice = self._plan.kind is Kind.INVOICE
        return self._of(holder, "total" if invoice else "amount")

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
