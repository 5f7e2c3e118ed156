"""The same histories, while people put several customers under one card, choose the primary one and
take them apart again: each card has the sums of its customers, and each document hangs there."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from syncd.errors import UsageError
from syncd.store import link_journal, links, streams
from syncd.sync import linking
from syncd.sync.pair import Scene
from syncd.sync.suggesting import seals
from tests.engine.test_histories import NAMES, Histories, pick

BY = linking.By("anna", "one group")
Decision = Callable[[Scene], object]
DECISIONS = {
    "what": st.sampled_from(["join", "leave", "leave", "choose", "abandon"]),
    "choice": pick,
    "one": pick,
    "nth": st.one_of(st.just(0), st.integers(1, 12)),
    "undone": st.booleans(),
}
"""Carried out in this commit of a run, or with `nth` 0 between two runs."""


class Members(Histories):
    """`groups` are lists of customers of one card, in the order they came to it; `first` is the
    primary one of each."""

    moves = True

    def begun(self) -> None:
        """A card of three customers, that was written."""
        self.groups: list[list[str]] = []
        self.first: list[str] = []
        self.rig.later()
        self._join(0, "Schwester", True, 0)
        self._join(0, "姉妹", False, 0)
        self.rig.later()

    def beside(self) -> dict[str, list[str]]:
        found = {}
        for some, first in zip(self.groups, self.first, strict=True):
            if len(some) > 1:
                found[first] = [one for one in some if one != first]
        return found

    def _decide(self, decision: Decision) -> bool:
        """Between two runs. Whether it was carried out."""
        pair = self.rig.pair
        try:
            with pair.store.transaction() as tx:
                decision(Scene(tx, pair, streams.stream_ids(tx, "main"), 0))
        except UsageError:
            return False  # something is on its way, or nothing is left to be decided
        return True

    def _decide_meanwhile(self, nth: int, decision: Decision) -> bool:
        """In a commit of a run that is at work."""
        left, done = nth, False

        def between(scene: Scene) -> None:
            nonlocal left, done
            left -= 1
            if left == 0:
                with contextlib.suppress(UsageError), scene.tx.begin_nested():
                    decision(scene)
                    done = True

        pair = self.rig.pair
        self.rig.pair = dataclasses.replace(pair, between=between)
        self.rig.later(60)
        self.rig.pair = pair
        return done

    def _carry_out(self, nth: int, decision: Decision) -> bool:
        return self._decide_meanwhile(nth, decision) if nth else self._decide(decision)

    def _cards(self) -> dict[str, str]:
        with self.rig.pair.store.reading() as tx:
            return {one.card_id: one.books_key for one in links.each(tx, "crm", "books")}

    def _group(self, choice: int) -> int | None:
        shared = [at for at, some in enumerate(self.groups) if len(some) > 1]
        return shared[choice % len(shared)] if shared else None

    def _people_decide(self, what: str, choice: int, one: int, nth: int, undone: bool) -> None:
        if what == "join":
            self._join(choice, NAMES[one % len(NAMES)], undone, nth)
        elif what == "leave":
            self._leave(choice, one, nth, undone)
        elif what == "abandon":
            self._abandon(choice, nth, undone)
        else:
            self._choose(choice, one, nth, undone)

    people_decide = rule(**DECISIONS)(_people_decide)
    people_decide_more = rule(**DECISIONS)(_people_decide)
    people_decide_once_more = rule(**DECISIONS)(_people_decide)
    people_decide_again = rule(**DECISIONS)(_people_decide)
    people_decide_anew = rule(**DECISIONS)(_people_decide)

    def _join(self, choice: int, name: str, in_scope: bool, nth: int) -> None:
        """Somebody says that a new customer is one more of a card that is there."""
        key = self.books.add_customer(name, in_scope=in_scope)
        self.books.pay(key, "3.00")
        self.rig.clock.advance(1)
        self.rig.run(write=False)
        cards = self._cards()
        if not cards:
            return
        card = sorted(cards)[choice % len(cards)]
        if not self._carry_out(nth, lambda scene: linking.accept(scene, key, card, BY)):
            return
        known = next((some for some in self.groups if cards[card] in some), None)
        if known is None:
            known = [cards[card]]
            self.groups.append(known)
            self.first.append(cards[card])
        known.append(key)
        event("joined")

    def _leave(self, choice: int, one: int, nth: int, undone: bool) -> None:
        at = self._group(choice)
        if at is None:
            return
        some = self.groups[at]
        key = some[one % len(some)]
        change = 0

        def split(scene: Scene) -> None:
            nonlocal change
            card = links.linked(scene.tx, "crm", "books", [key])[key]
            linking.split(scene, key, seals(scene, [(key, card)])[key, card], BY)
            change = _last(scene, key)

        if not self._carry_out(nth, split):
            return
        event("left as the primary one" if key == self.first[at] else "left")
        some.remove(key)
        was, first = self.first[at], some[0]
        self.first[at] = was if was in some else first
        if undone and self._decide(lambda scene: linking.undo(scene, change, BY)):
            event("came back")
            some.append(key)
            self.first[at] = was

    def _abandon(self, choice: int, nth: int, undone: bool) -> None:
        """The only customer of a card leaves it."""
        grouped = {one for some in self.groups if len(some) > 1 for one in some}
        alone = sorted(key for key in self._cards().values() if key not in grouped)
        if not alone:
            return
        key, change = alone[choice % len(alone)], 0
        card = next(one for one, customer in self._cards().items() if customer == key)

        def split(scene: Scene) -> None:
            nonlocal change
            linking.split(scene, key, seals(scene, [(key, card)])[key, card], BY)
            change = _last(scene, key)

        if not self._carry_out(nth, split):
            return
        event("left a card to nobody")
        if undone and self._decide(lambda scene: linking.undo(scene, change, BY)):
            event("came back to it")
        else:  # else who is called the same is a question
            self.rig.world.crm.edit("account", card, name=f"Niemand {card}")

    def _choose(self, choice: int, one: int, nth: int, undone: bool) -> None:
        at = self._group(choice)
        if at is None:
            return
        some = self.groups[at]
        key, change = some[one % len(some)], 0

        def crown(scene: Scene) -> None:
            nonlocal change
            card = links.linked(scene.tx, "crm", "books", [key])[key]
            linking.accept(scene, key, card, BY, primary=True)
            change = _last(scene, key)

        if not self._carry_out(nth, crown):
            return
        event("chosen")
        was, self.first[at] = self.first[at], key
        if undone and self._decide(lambda scene: linking.undo(scene, change, BY)):
            self.first[at] = was

    @invariant()
    def links_are_as_decided(self) -> None:
        if not hasattr(self, "groups"):
            return
        with self.rig.pair.store.reading() as tx:
            places = links.places(tx, "crm", "books", sorted(self.books.tables["customers"]))
        assert places.keys() == {one for some in self.beside().values() for one in some}


def _last(scene: Scene, key: str) -> int:
    return link_journal.of_customer(scene.tx, "crm", "books", key)[-1].id


Members.TestCase.settings = settings(
    max_examples=int(os.environ.get("SYNCD_MEMBERS", "2")),
    derandomize="SYNCD_MEMBERS" not in os.environ,  # a few that are always the same
    stateful_step_count=15,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history is read, not shrunk
    suppress_health_check=list(HealthCheck),
)
TestMembers = pytest.mark.timeout(1200)(Members.TestCase)
