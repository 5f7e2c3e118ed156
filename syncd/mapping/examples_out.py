"""Examples of what is written: a record in syncd's words, or the figures of a card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from syncd.domain import (
    CANONICAL,
    Allocation,
    Canonical,
    Card,
    Contact,
    Extra,
    Kind,
    Money,
    Sums,
    Want,
)
from syncd.errors import MappingError
from syncd.mapping.code import Unmappable
from syncd.mapping.document import Listing, Node, Place, Problems, Scalar, Table
from syncd.mapping.outbound import Part, Plan, compile_outbound
from syncd.mapping.stages import AMOUNTS, DAYS, Stages
from syncd.mapping.transforms import Shape
from syncd.mapping.typed import Typed, empty, equal, shown, typed
from syncd.mapping.words import (
    AMOUNT,
    DOCUMENTS,
    FIGURES,
    INBOUND,
    OUTBOUND,
    PER_ALLOCATION,
    ROW_WORDS,
    Known,
)

Tried = Callable[[], Sequence[tuple[str, str]]]

_DAY = dt.date(2026, 1, 1)
_ALWAYS: Mapping[str, object] = {
    "key": "1",
    "customer": "1",
    "account": "1",
    "number": "1",
    "name": "Example",
    "date": _DAY,
    "currency": "EUR",
}
"""What a record has to have, where the example does not say it."""
_CARD: Mapping[str, Shape] = {
    "currency": Shape.TEXT,
    "complete": Shape.FLAG,
    **dict.fromkeys((*FIGURES, *AMOUNTS), Shape.MONEY),
    **dict.fromkeys(DAYS, Shape.NUMBER),
    **dict.fromkeys(("orders_count", "open_orders_count"), Shape.NUMBER),
    **dict.fromkeys(("proven", "unproven", "overdue_since"), Shape.DATE),
    **dict.fromkeys(("first_order", "last_order", "last_payment"), Shape.DATE),
    **dict.fromkeys(("stage", "seller", "changed", "correcting"), Shape.TEXT),
}
"""What may be given of a card. Days since something are for the stages alone."""


class _Expected(msgspec.Struct, frozen=True):
    """`path` of the objects of `part` is to be `value`; without a path there are so many of them,
    and `index` says which is meant."""

    place: Place
    part: str
    index: int
    path: str
    value: Node


class OutboundExamples:
    def __init__(
        self, plan: Plan, currencies: frozenset[str] | None, stages: Stages, problems: Problems
    ) -> None:
        self._plan = plan
        self._currencies = currencies
        self._stages = stages
        self._problems = problems
        self._counts: dict[str, tuple[int, Place]] = {}
        """Part -> how many objects of it there are to be."""

    def example(self, given: Table, expect: Node) -> Tried:
        record = self._card(given) if self._plan.kind is Kind.CARD else self._record(given)
        expected = list(self._expected(expect))
        return lambda: self._differences(record, expected)

    # ---------------------------------------------------------------------------------- given

    def _record(self, given: Table) -> Callable[[], Canonical]:
        kind = self._plan.kind
        words: dict[str, Known] = {**INBOUND[kind], **OUTBOUND[kind], **self._added()}
        own: dict[str, object] = {}
        extras: list[Extra] = []
        for word, entry in given.entries.items():
            known = words.get(word)
            if known is None or word == "line":
                said = [one for one in words if one != "line"]
                self._problems.unknown(entry.key.place, "word", word, said)
            elif known.row is Allocation:
                own[word] = self._allocations(entry.value)
            elif known.row is Contact:
                own[word] = self._contacts(entry.value)
            elif known.row is not None:
                self._problems.add(entry.key.place, f"{word} is not written, so it is not given")
            else:
                value = typed(entry.value, word, known.shape, self._problems)
                if known.own and value is not None:
                    extras.append(Extra.of(word, value))  # type: ignore[arg-type]  # typed above
                elif not known.own:
                    own[word] = value
        values = self._complete(own)
        if kind is Kind.DEAL_ORDERS and isinstance(count := values.get("orders_count"), Decimal):
            values["orders_count"] = int(count)
        extras.sort(key=lambda one: one.word)
        if extras:
            values["extras"] = tuple(extras)
        return lambda: CANONICAL[kind](**values)  # type: ignore[arg-type]  # checked word by word

    def _added(self) -> dict[str, Known]:
        fields = [field for part in self._plan.parts for field in part.fields]
        return {field.word: field.known for field in fields if field.known.own}

    def _contacts(self, node: Node) -> tuple[Contact, ...]:
        found: list[Contact] = []
        words = ROW_WORDS[Contact]
        for item in node.items if isinstance(node, Listing) else ():
            row: dict[str, Any] = {"key": str(len(found) + 1), "name": _ALWAYS["name"]}
            for name, entry in item.entries.items() if isinstance(item, Table) else ():
                if name in words:
                    row[name] = typed(entry.value, name, words[name].shape, self._problems)
                else:
                    self._problems.unknown(entry.key.place, "word", name, words)
            found.append(Contact(**row))
        if not isinstance(node, Listing):
            self._problems.add(node.place, "contacts is a list of rows")
        return tuple(found)

    def _allocations(self, node: Node) -> tuple[Allocation, ...]:
        found = []
        for item in node.items if isinstance(node, Listing) else ():
            row = {}
            for name, entry in item.entries.items() if isinstance(item, Table) else ():
                if name in PER_ALLOCATION:
                    shape = PER_ALLOCATION[name].shape
                    row[name] = typed(entry.value, name, shape, self._problems)
                else:
                    self._problems.unknown(entry.key.place, "word", name, PER_ALLOCATION)
            invoice, amount = row.get("invoice", "1"), row.get("amount")
            if isinstance(amount, Money):
                found.append(Allocation(str(invoice), amount))
            else:
                text = "an allocation is `{invoice: KEY, amount: 5.00 EUR}`"
                self._problems.add(item.place, text)
        if not isinstance(node, Listing):
            self._problems.add(node.place, "allocations is a list of rows")
        return tuple(found)

    def _complete(self, said: Mapping[str, object]) -> dict[str, object]:
        """With what the record has to have; of a document, `currency` is that of its amount."""
        kind = self._plan.kind
        needed = {word for word, known in INBOUND[kind].items() if known.required} | {"key"}
        values = {word: _ALWAYS[word] for word in needed if word in _ALWAYS} | dict(said)
        if kind in DOCUMENTS:
            allocations = said.get("allocations")
            named = values.pop("currency", None) or next(
                (one.currency for one in said.values() if isinstance(one, Money)),
                allocations[0].amount.currency if isinstance(allocations, tuple) and allocations
                else min(self._currencies or {"EUR"}),
            )  # fmt: skip
            values.setdefault(AMOUNT[kind], Money(0, str(named)))
        return {word: value for word, value in values.items() if value is not None}

    def _card(self, given: Table) -> Callable[[], Canonical]:
        said: dict[str, Any] = {}
        figures: dict[str, list[Money]] = {}
        for word, entry in given.entries.items():
            shape = _CARD.get(word)
            if shape is None:
                self._problems.unknown(entry.key.place, "word", word, _CARD)
                continue
            listed = isinstance(entry.value, Listing) and (
                shape is Shape.MONEY or word == "correcting"
            )
            nodes = (
                entry.value.items if listed and isinstance(entry.value, Listing) else (entry.value,)
            )
            values = [typed(node, word, shape, self._problems) for node in nodes]
            if shape is Shape.MONEY:
                figures[FIGURES.get(word, word)] = [one for one in values if isinstance(one, Money)]
            else:
                said[word] = self._of_card(word, values, entry.value.place)
        return lambda: self._made(said, figures)

    def _of_card(self, word: str, values: Sequence[Typed], place: Place) -> object:
        if word == "correcting":
            return tuple(str(one) for one in values if one is not None)
        if word == "changed":
            try:
                return dt.datetime.fromisoformat(str(values[0])).astimezone(dt.UTC)
            except ValueError:
                self._problems.add(place, "changed is written like 2026-11-18T16:40+01:00")
        return int(values[0]) if isinstance(values[0], Decimal) else values[0]

    def _made(self, said: Mapping[str, Any], figures: Mapping[str, Sequence[Money]]) -> Card:
        """Raises MappingError where the stage cannot be told."""
        amounts = [(name, one) for name, some in figures.items() for one in some]
        codes = sorted({one.currency for _, one in amounts})
        own = said.get("currency") or (codes[0] if codes else "EUR")
        rows = tuple(_sums(code, amounts) for code in codes)
        mine = next((row for row in rows if row.receivable.currency == own), None)
        facts: dict[str, int | Decimal | None] = {
            name: getattr(mine, name).amount if mine else Decimal(0) for name in AMOUNTS
        }
        counts = {name: said.get(name) or 0 for name in ("orders_count", "open_orders_count")}
        facts |= counts | {word: said.get(word) for word in DAYS}
        stage = said["stage"] if "stage" in said else self._stages.of(facts)
        rest = {word: v for word, v in said.items() if word not in DAYS and v is not None}
        always = {"key": "1", "customer": "1", "complete": True, "changed": None, **counts}
        return Card(**{**always, **rest, "currency": own, "rows": rows, "stage": stage})

    # --------------------------------------------------------------------------------- expect

    def _expected(self, expect: Node) -> Iterator[_Expected]:
        parts = {part.name: part for part in self._plan.parts}
        if not isinstance(expect, Table) or not expect.entries.keys() & parts.keys():
            yield from self._objects(parts[""], expect)
            return
        inner = {word: one for word, one in expect.entries.items() if word not in parts}
        if inner:
            yield from self._objects(parts[""], Table(expect.place, inner))
        for name, entry in expect.entries.items():
            if name in parts:
                yield from self._objects(parts[name], entry.value)

    def _objects(self, part: Part, expect: Node) -> Iterator[_Expected]:
        """One table, or a list of one for each object; none: there is no object."""
        tables: Sequence[Node] = expect.items if isinstance(expect, Listing) else [expect]
        if empty(expect):
            tables = []
        if isinstance(expect, Listing) or empty(expect):
            self._counts[part.name] = (len(tables), expect.place)
        for index, table in enumerate(tables):
            if not isinstance(table, Table):
                self._problems.add(table.place, "expect is a table of the target's paths, or none")
                continue
            for name, entry in table.entries.items():
                path = self._path(part, entry.key, name)
                if path:
                    yield _Expected(entry.value.place, part.name, index, path, entry.value)

    def _path(self, part: Part, key: Scalar, name: str) -> str | None:
        """A path, or the word of the line that writes it."""
        paths = [field.path for field in part.fields]
        if part.marker and part.marker.path:
            paths.append(part.marker.path)
        if name in paths:
            return name
        for field in part.fields:
            if field.word == name:
                return field.path
        self._problems.unknown(key.place, "path that is written", name, paths)
        return None

    # ------------------------------------------------------------------------------------ run

    def _differences(
        self, record: Callable[[], Canonical], expected: Sequence[_Expected]
    ) -> list[tuple[str, str]]:
        where = self._problems.sources.where
        first = expected[0].place if expected else self._plan.place
        code, function = compile_outbound(self._plan, self._currencies, self._problems.sources.name)
        try:
            wants = function(record(), False)
        except Unmappable as failed:
            line = where(code.place_of(failed.__traceback__))
            return [(where(first), f"it is held: {line} {failed}")]
        except MappingError as failed:
            return [(where(first), f"it is held: {failed}")]
        told, miscounted = [], set()
        for name, (count, place) in self._counts.items():
            made = len(self._of_part(wants, name))
            if made != count:
                what = f"{name or self._plan.kind} is written {made} times, expected {count}"
                told.append((where(place), what))
                miscounted.add(name)
        for one in expected:
            text = _differs(one, self._of_part(wants, one.part))
            if text and one.part not in miscounted:
                told.append((where(one.place), text))
        return told

    def _of_part(self, wants: Sequence[Want], name: str) -> list[Want]:
        names = [part.name for part in self._plan.parts if part.name]

        def of(want: Want, part: str) -> bool:
            return want.part == part or want.part.startswith(f"{part}/")

        if name:
            return [want for want in wants if of(want, name)]
        return [want for want in wants if not any(of(want, part) for part in names)]


def _differs(one: _Expected, wants: Sequence[Want]) -> str | None:
    if one.index >= len(wants):
        return None if one.index else f"nothing is written, expected {one.path} {shown(one.value)}"
    fields = wants[one.index].fields
    if one.path not in fields:
        return f"{one.path} is left as it is, expected {shown(one.value)}"
    if equal(one.value, fields[one.path]):
        return None
    return f"{one.path} is {shown(fields[one.path])}, expected {shown(one.value)}"


def _sums(code: str, amounts: Sequence[tuple[str, Money]]) -> Sums:
    zero = Money(0, code)
    named = {name: one for name, one in amounts if one.currency == code}
    names = ("receivable", "prepaid", "credits", "overdue", "total_sales", "sales_12m")
    rest = ("average_order", "open_orders")
    values: dict[str, Any] = {name: named.get(name, zero) for name in (*names, *rest)}
    return Sums(ageing=(values["overdue"], zero, zero, zero), **values)
