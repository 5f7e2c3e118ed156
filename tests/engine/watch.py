"""Looks over the shoulder of a pair of memory systems: who typed what, and what syncd did to it.

Knows nothing of the state. A company is what the books call a customer and the CRM a card, however
often either exists; what cannot be right is a sentence in `wrong`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.memory import World
from connectors.memory.objects import Desk
from syncd.merging import Empty, Owner, Owners, alike
from syncd.port import Request, Response

BOOKS, CRM = "books", "crm"
WORDS = ("name", "email", "phone", "tax_id")
Place = tuple[str, str]
"""The side, and the key of the customer or the id of the card."""


@dataclass
class Typed:
    """What a person typed last into a field. `heard`: the other side has said it since, so that
    whoever changes it there has seen it; or it is what syncd saw both say before one of them
    typed."""

    value: str
    heard: bool


@dataclass
class Watch:
    world: World
    owners: Owners
    company: dict[Place, int] = field(default_factory=dict)
    apart: dict[Place, int] = field(default_factory=dict)
    """The same as far as syncd can know: of the books making one of two without saying which is
    left, only documents that went over are a hint, and it may be read after the card was made."""
    told: dict[Place, int] = field(default_factory=dict)
    """The same as far as syncd can know who of a card is in the books: that it took in the card of
    a customer, the CRM tells by its answer to that card's id alone, and only by the habit."""
    typed: dict[tuple[Place, str], Typed] = field(default_factory=dict)
    shown: dict[tuple[Place, str], str] = field(default_factory=dict)
    """What syncd can have read of a side last, or wrote there."""
    alike: dict[tuple[Place, str], frozenset[str]] = field(default_factory=dict)
    """What a side said when last syncd saw the other side say the same; several where it died, for
    what it saw then may not be stored."""
    known: set[Place] = field(default_factory=set)
    """What syncd can have read, and customers that it made itself."""
    made: dict[Place, Place] = field(default_factory=dict)
    """What syncd made -> what for. Of two customers that are alike each gets a card, if neither has
    one: syncd compares customers with cards."""
    hands: set[Place] = field(default_factory=set)
    """What people made."""
    answered: set[Place] = field(default_factory=set)
    """Target and id of what a person told syncd to be there; it is told once what it says."""
    unheard: set[Place] = field(default_factory=set)
    """Target and id of what syncd made and got no answer about, or gave a marker that the system
    does not show. How the system wrote what it was sent is not known then, so what is found to be
    written otherwise is told once more, and so is that marker."""
    sent: dict[Place, dict[str, Any]] = field(default_factory=dict)
    """Target and id -> what syncd wrote there last."""
    wrong: list[str] = field(default_factory=list)
    deeds: Counter[int] = field(default_factory=Counter)
    """By company, how often people did something."""
    writes: Counter[int] = field(default_factory=Counter)
    """By company, how often syncd wrote one of WORDS."""

    def __post_init__(self) -> None:
        for side, main, desk in (
            (BOOKS, "customers", self.world.books.intake),
            (CRM, "account", self.world.crm),
        ):
            create, update = desk.create, desk.update
            vars(desk).update(create=self._created(side, main, create))
            vars(desk).update(update=self._updated(side, main, update))
        vars(self.world).update(handle=self._handled(self.world.handle))

    # what there is

    def fields(self, place: Place) -> Mapping[str, Any] | None:
        side, key = place
        if side == CRM:
            card = self.world.crm.objects["account"].get(key)
            return card.fields if card else None
        row = self.world.books.tables["customers"].get(key)
        return row.data if row and row.data["active"] else None

    def says(self, place: Place, word: str) -> str:
        return (self.fields(place) or {}).get(word) or ""

    def places(self, side: str, company: int | None = None) -> list[Place]:
        """Of this company, or of all, what is there now."""
        return [
            place
            for place, one in self.company.items()
            if place[0] == side and company in (None, one) and self.fields(place) is not None
        ]

    def others(self, place: Place) -> list[Place]:
        return self.places(CRM if place[0] == BOOKS else BOOKS, self.company[place])

    # what people do

    def appeared(self, place: Place, company: int) -> None:
        """Somebody made it, and typed what it says."""
        self.company[place] = self.apart[place] = self.told[place] = company
        self.hands.add(place)
        self.deeds[company] += 1
        for word in WORDS:
            if value := self.says(place, word):
                self.typed[place, word] = Typed(value, heard=False)
        self._listen(company)

    def types(self, place: Place, word: str, value: str | None, edit: Callable[[], None]) -> None:
        """What was agreed on before is heard; an empty value takes something away only then."""
        before = self.says(place, word)
        edit()
        self.deeds[self.company[place]] += 1
        if alike(word, before, value or ""):
            return
        skipped = not value and self.owners.rules[word].empty is Empty.SKIP
        both = self.alike.get((place, word), frozenset())
        taken_back = any(alike(word, one, value or "") for one in both)
        self.typed[place, word] = Typed(value or "", heard=skipped or taken_back)
        self._listen(self.company[place])

    def by_hand(self, place: Place) -> bool:
        return place in self.hands

    def united(self, kept: Place, lost: Place, *, tells: bool = True) -> None:
        """People say that two companies are one; `tells` whether syncd can hear of it."""
        one, other = self.company[kept], self.company[lost]
        self._unite(self.company, kept, lost)
        if tells:
            self._unite(self.apart, kept, lost)
            self.known |= {place for place in self.made if self.company[place] == one}
        if tells and kept[0] == BOOKS:
            self._unite(self.told, kept, lost)
        if one != other:
            self.deeds[one] += self.deeds.pop(other, 0)
            self.writes[one] += self.writes.pop(other, 0)
        self.deeds[one] += 1

    def _unite(self, known: dict[Place, int], kept: Place, lost: Place) -> None:
        before, after = known[lost], known[kept]
        known.update({place: after for place, each in known.items() if each == before})

    def decided(self, place: Place, word: str) -> None:
        """A person gave up what this side says."""
        self.typed.pop((place, word), None)
        self.deeds[self.company[place]] += 1

    def _listen(self, company: int) -> None:
        for (place, word), typed in self.typed.items():
            if self.company[place] == company and not typed.heard:
                typed.heard = any(
                    alike(word, self.says(other, word), typed.value)
                    for other in self.others(place)
                    if typed.value or self.says(other, word) == ""
                )

    # what syncd does

    @contextlib.contextmanager
    def until(self, death: type[BaseException]) -> Iterator[None]:
        """A run. If it dies, what it read may not be stored, nor what it was answered."""
        known, sent = set(self.known), set(self.sent)
        shown, both = dict(self.shown), dict(self.alike)
        try:
            yield
        except death:
            self.known = known | {place for place in self.known if not self.by_hand(place)}
            self.unheard |= self.sent.keys() - sent
            self.shown = shown
            self.alike |= {one: values | self.alike[one] for one, values in both.items()}

    def _show(self, places: Iterable[Place], words: Sequence[str] = WORDS) -> None:
        """What both sides say between two looks alone is agreed on for people, not for syncd."""
        for place, word in itertools.product(places, words):
            mine = self.shown[place, word] = self.says(place, word)
            for other in self.others(place):
                theirs = self.shown.get((other, word))
                if theirs is not None and alike(word, mine, theirs):
                    both = {(place, word): frozenset([mine]), (other, word): frozenset([theirs])}
                    self.alike.update(both)

    def _handled(self, handle: Callable[[Request], Response]) -> Callable[[Request], Response]:
        """What a list has shown is known; one whose answer is lost raises."""
        lists = {"/crm/cards": CRM, "/books/customers": BOOKS}

        def watched(request: Request) -> Response:
            self.world.settle()
            side = lists.get(request.path) if request.method == "GET" else None
            there = self.places(side) if side else []
            asked = request.query.get("ids")
            shown = [place for place in there if asked is None or place[1] in asked.split(",")]
            unheard = set(self.unheard)
            response = handle(request)
            if response.status < 300:
                self.unheard = unheard  # what was made just now is answered
            if response.status == 200:
                self.known.update(there if asked is None else ())
                self._show(shown)
                self._answered(request, response)
            return response

        return watched

    def _answered(self, request: Request, response: Response) -> None:
        """An id may lead to what people made of that card and another."""
        asked = CRM, request.path.removeprefix("/crm/account/")
        if request.method == "GET" and asked in self.told:
            found = CRM, str(json.loads(response.body)["id"])
            self._unite(self.told, found, asked)

    def _created(self, side: str, main: str, create: Callable[..., Any]) -> Callable[..., Any]:
        def watched(target: str, fields: Mapping[str, Any], parents: Mapping[str, str]) -> Any:
            if target != main:
                one = create(target, fields, parents)
                self.unheard.add((target, one.id))
                return one
            origin = self._origin(side, fields)
            company = self.company[origin]
            same = self.told if side == BOOKS else self.apart
            mine = [one for one in self.places(side) if same[one] == same[origin]]
            double = [one for one in mine if one in self.known or self.made.get(one) == origin]
            made = create(target, fields, parents)
            self.sent[target, made.id] = dict(fields)
            self.unheard.add((target, made.id))
            place = (side, made.id)
            self.company[place], self.apart[place] = company, self.apart[origin]
            self.told[place] = self.told[origin]
            self.made[place] = origin
            if side == BOOKS:
                self.known.add(place)
            if double:
                self.wrong.append(f"{place} was made for {origin}, and {double} were there")
            self._listen(company)
            self._show([place])
            return made

        return watched

    def _origin(self, side: str, fields: Mapping[str, Any]) -> Place:
        if side == CRM:
            return BOOKS, str(fields["books_id"])
        return CRM, str(fields["code"]).removeprefix("CRM-")

    def _updated(self, side: str, main: str, update: Callable[..., Any]) -> Callable[..., Any]:
        def watched(target: str, key: str, fields: Mapping[str, Any], *more: Any) -> Any:
            before = dict(self.world.crm.get(target, key).fields) if side == CRM else {}
            if side == BOOKS:
                before = dict(self.world.books.intake.get(target, key).fields)
            changed = update(target, key, fields, *more)
            asked = (target, key) in self.answered
            self.answered.discard((target, key))
            otherwise = any(changed.fields.get(path) != value for path, value in fields.items())
            unseen = self._hides_marker(side, target, fields)
            asked |= (otherwise or unseen) and (target, key) in self.unheard
            self.unheard.discard((target, key))
            if unseen:
                self.unheard.add((target, key))
            sent = self.sent.setdefault((target, key), {})
            same = all(
                before.get(path) == changed.fields.get(path)
                and sent.get(path) == value
                and self.shown.get(((side, key), path)) in (None, before.get(path) or "")
                for path, value in fields.items()
            )
            sent.update(fields)
            if same and not asked:
                self.wrong.append(f"{target} {key} was told {sorted(fields)} in vain")
            if target == main:
                place = (side, key)
                words = [word for word in WORDS if word in fields]
                self.writes[self.company[place]] += bool(words)
                for word in words:
                    self._told(place, word, before.get(word) or "", self.says(place, word))
                self._listen(self.company[place])
                self._show([place], words)
            return changed

        return watched

    def _hides_marker(self, side: str, target: str, fields: Mapping[str, Any]) -> bool:
        """Whether these name a marker that nobody can look up."""
        desk: Desk = self.world.crm if side == CRM else self.world.books.intake
        return desk.forms[target].marker in fields and desk.habits.tier_of(target) == "T4"

    def _told(self, place: Place, word: str, before: str, after: str) -> None:
        """Whether somebody's edit is gone that nobody has heard of."""
        self.known.add(place)
        rule = self.owners.rules[word]
        owner = rule.now(self.reached(place))
        side = place[0]
        if rule.owner is Owner.BOOKS:
            owner = Owner.BOOKS
        if side == BOOKS and owner is Owner.BOOKS:
            self.wrong.append(f"{place} was told {word}, which is the books' own")
        if side == CRM and owner is Owner.CRM and before and not alike(word, before, after):
            self.wrong.append(f"{place} was told {word}, which is the CRM's own")
        typed = self.typed.get((place, word))
        if alike(word, before, after):
            return
        mine = typed is not None and alike(word, typed.value, before) and not typed.heard
        if owner is Owner.SHARED and mine:
            self.wrong.append(
                f"{place}: {word} {before!r} became {after!r}, and nobody had heard of it"
            )
        self.typed.pop((place, word), None)
        for other in self.others(place):  # who took an edit back did not know that it was told
            back = self.typed.get((other, word))
            if back and not alike(word, back.value, after):
                back.heard = False

    def reached(self, place: Place) -> frozenset[str]:
        """What has happened to a customer, or to any that a card may be of."""
        company = self.company[place]
        customers = {key for side, key in self.company if side == BOOKS}
        customers = {key for key in customers if self.company[BOOKS, key] == company}
        if place[0] == BOOKS:
            customers = {place[1]}
        rows = self.world.books.tables["invoices"].values()
        some = any(row.data["customer"] in customers for row in rows)
        return frozenset({"first_invoice"} if some else ())

    # what it came to

    def too_many_writes(self) -> Iterator[str]:
        for company, count in self.writes.items():
            if count > 2 * self.deeds[company]:
                yield f"company {company}: {count} writes for {self.deeds[company]} edits"
