"""Random lives of customers in both systems: whatever people type on either side, wherever the
process dies and whatever the network loses, after a quiet time both sides agree or a person is
asked once, nobody's edit is lost, and nothing is there twice."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from connectors.memory import BooksHabits, CrmHabits, Fault
from syncd.decisions import resolve, waive
from syncd.domain import Kind
from syncd.merging import Empty, Owner, Owners, Rule, alike
from syncd.orders import Asking
from syncd.store import links, mirror, parts, problems, streams
from syncd.store.ownership import take
from syncd.sync import conflicts, linking
from syncd.sync.accepted import vanished
from syncd.sync.linking import By
from syncd.sync.order import Report
from syncd.sync.pair import Scene
from syncd.sync.recover import answer_asked
from syncd.sync.want import follow
from tests.engine.both_agree import Moved, both_agree
from tests.engine.companies import NAMES, TAX_IDS, Owned, value
from tests.engine.rig import Killed
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close
from tests.engine.watch import BOOKS, CRM, WORDS, Place, Watch

POINTS = ("before commit", "linked", "deriving", "committed", "answered", "recovering", "recovered")
LATE, LAG, DOUBT = 3.0, 4.0, 8.0
"""Seconds: a lost request is carried out after so many, a search finds it so much later, and syncd
waits for both."""
DAY = 90_000
PROPOSED = re.compile(r"links merge --books (\S+) (\S+)")
ASKED_FOR = os.environ.get("SYNCD_BOTH_SIDES")
"""So many examples, longer ones; else a few that are always the same."""

owners = st.sampled_from(
    [
        Rule(Owner.BOOKS),
        Rule(Owner.CRM),
        Rule(Owner.CRM, "first_invoice"),
        Rule(Owner.SHARED, "first_invoice"),
        *[Rule(Owner.CRM, empty=empty) for empty in (Empty.VALUE, Empty.HOLD)],
        *[Rule(Owner.SHARED, empty=empty) for empty in Empty],
    ]
)
pick = st.integers(0, 1_000)
words = st.sampled_from(["phone", "phone", "email", "name", "tax_id"])
sides = st.sampled_from([BOOKS, CRM])
versions = st.integers(0, 5)


class BothSides(RuleBasedStateMachine):
    @initialize(
        tier=st.sampled_from(["T1", "T2", "T3", "T4"]),
        bulk=st.sampled_from([1, 3]),
        granularity=st.sampled_from(["microsecond", "second", "none"]),
        answers_values=st.booleans(),
        echoes=st.booleans(),
        rewrites_phone=st.booleans(),
        capitals=st.booleans(),
        tells_merges=st.booleans(),
        lag=st.sampled_from([0.0, LAG]),
        rules=st.fixed_dictionaries({word: owners for word in WORDS}),
    )
    def begin(
        self,
        tier: str,
        bulk: int,
        granularity: str,
        answers_values: bool,
        echoes: bool,
        rewrites_phone: bool,
        capitals: bool,
        tells_merges: bool,
        lag: float,
        rules: dict[str, Rule],
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-both-"))
        written: dict[str, Any] = {"tier": tier, "search_lag": lag}
        books = BooksHabits(**written, **{"granularity": granularity})
        crm = CrmHabits(
            **written,
            bulk=bulk,
            answers_values=answers_values,
            echoes=echoes,
            rewrites_phone=rewrites_phone,
            capitals=capitals,
            tells_merges=tells_merges,
            unique_names=False,
        )
        Owned.owners = Owners(rules)
        self.rig = Owned(
            self.folder,
            books=books,
            crm=crm,
            books_options={**books.honest(), "doubt_time": str(DOUBT)},
            crm_options={**crm.honest(), "doubt_time": str(DOUBT)},
        )
        self.watch = Watch(self.rig.world, self.rig.owners)
        self.moved: Moved = {}
        self.card_is_gone = False
        for name in ("Tischlerei Gruber", "鈴木商店"):
            self.rig.world.crm.add_account(name)  # nobody's, so that never all cards are gone
        self.starts(0, BOOKS, 0, 2)
        self.rig.set_up()

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            try:
                self.settle()
            finally:
                self.rig.pair.store.close()
                shutil.rmtree(self.folder)

    # -- what people do --------------------------------------------------------------------------

    def any_of(self, side: str, choice: int) -> Place | None:
        there = sorted(self.watch.places(side))
        return there[choice % len(there)] if there else None

    @rule(company=st.integers(0, 3), side=sides, phone=versions, email=versions)
    def starts(self, company: int, side: str, phone: int, email: int) -> None:
        """A company is typed into one side; people make no doubles on it."""
        there = self.watch.places(CRM if side == BOOKS else BOOKS, company)
        if self.watch.places(side, company) or not all(
            self.watch.says(one, "tax_id") for one in there
        ):
            return  # without it nobody could say that the two are one
        typed = {"phone": value(company, "phone", phone), "email": value(company, "email", email)}
        who = {"tax_id": TAX_IDS[company], **typed}
        if side == CRM:
            key = self.rig.world.crm.add_account(NAMES[company], **who)
        else:
            key = self.rig.world.books.add_customer(NAMES[company], **who)
        self.watch.appeared((side, key), company)
        for word in WORDS:
            self.moved.setdefault((company, word), set()).add(side)

    @rule(side=sides, choice=pick, word=words, version=versions)
    def types(self, side: str, choice: int, word: str, version: int) -> None:
        if place := self.any_of(side, choice):
            self.type(place, word, version)

    @rule(choice=pick, word=words, mine=versions, theirs=versions)
    def both_type(self, choice: int, word: str, mine: int, theirs: int) -> None:
        """In the same second."""
        if place := self.any_of(BOOKS, choice):
            self.type(place, word, mine)
            for card in self.watch.others(place):
                self.type(card, word, theirs)

    def type(self, place: Place, word: str, version: int) -> None:
        company, (side, key), world = self.watch.company[place], place, self.rig.world
        new = value(company, word, version)
        if word == "tax_id" and not new and not self.linked(place):
            return  # without it nobody could say that the two are one
        if side == CRM:
            edit = functools.partial(world.crm.edit, "account", key, **{word: new})
        else:
            edit = functools.partial(world.books.edit_customer, key, **{word: new})
        self.watch.types(place, word, new, edit)
        self.moved.setdefault((company, word), set()).add(side)

    @rule(choice=pick)
    def buys(self, choice: int) -> None:
        if place := self.any_of(BOOKS, choice):
            self.rig.world.books.post_invoice(place[1], "120.00")
            self.watch.deeds[self.watch.company[place]] += 1

    @rule(choice=pick)
    def wins(self, choice: int) -> None:
        if place := self.any_of(CRM, choice):
            crm = self.rig.world.crm
            crm.win(crm.open_deal(place[1], "Kitchen", "900", "EUR"))
            self.watch.deeds[self.watch.company[place]] += 1

    # -- merged and deleted by people ------------------------------------------------------------

    @rule(side=sides, choice=pick, inactive=st.booleans())
    def deletes(self, side: str, choice: int, inactive: bool) -> None:
        if place := self.any_of(side, choice):
            self.take_away(place, inactive)

    @rule(side=sides, choice=pick, other=pick, tells=st.booleans())
    def merges(self, side: str, choice: int, other: int, tells: bool) -> None:
        """What hung on one of two hangs on the other; the one is gone."""
        kept, lost = self.any_of(side, choice), self.any_of(side, other)
        if not kept or not lost or kept == lost:
            return
        world = self.rig.world
        self.watch.united(kept, lost, tells=tells or side == CRM)
        if side == CRM:
            self.card_is_gone = True
            world.crm.merge(lost[1], kept[1])
        else:
            world.books.merge(lost[1], kept[1], tells=tells)
        for word in WORDS:
            self.moved[self.watch.company[kept], word] = {BOOKS, CRM}

    def take_away(self, place: Place, inactive: bool) -> None:
        side, key = place
        self.watch.deeds[self.watch.company[place]] += 1
        if side == CRM:
            self.card_is_gone = True
            self.rig.world.crm.delete("account", key)
        elif inactive:
            self.rig.world.books.deactivate(key)
        else:
            self.rig.world.books.delete("customers", key)

    @rule(state=st.sampled_from([mirror.DELETED, mirror.ARCHIVED]))
    def says_what_became_of_it(self, state: str) -> None:
        """A person's word on all that the books no longer have."""
        with self.rig.pair.store.transaction() as tx:
            scene = Scene(tx, self.rig.pair, streams.stream_ids(tx, "main"), 0)
            for one in problems.listed(tx, "main"):
                if vanished(scene, one.id):
                    args = {"problem": one.id, "state": state}
                    resolve(scene, Asking("resolve missing", args, "eva@desk", "told by phone"))

    @rule(same=st.booleans())
    def says_whether_the_books_made_one_of_two(self, same: bool) -> None:
        """A person's answer where the books did not say it, of all that is asked about."""
        with self.rig.pair.store.transaction() as tx:
            scene = Scene(tx, self.rig.pair, streams.stream_ids(tx, "main"), 0)
            for one in problems.listed(tx, "main"):
                if not (named := PROPOSED.search(one.text)):
                    continue
                lost, kept = named.groups()
                if same:
                    linking.merge_customers(scene, lost, kept, By("eva@desk", "told by phone"))
                    self.watch.united((BOOKS, kept), (BOOKS, lost))
                else:
                    waive(scene, Asking("waive", {"problem": one.id}, "eva@desk", "two shops"))

    # -- what happens to syncd -------------------------------------------------------------------

    def later(self, seconds: float, **rest: bool) -> Report:
        report = self.rig.later(seconds, **rest)
        the_sums_close(self.rig)
        return report

    @rule(seconds=st.sampled_from([0, 1, 60, 300, DAY]), full=st.booleans())
    def run(self, seconds: int, full: bool) -> None:
        self.later(seconds, full=full)

    @rule(point=st.sampled_from(POINTS), nth=st.integers(1, 6), full=st.booleans())
    def run_and_die(self, point: str, nth: int, full: bool) -> None:
        left = nth

        def checkpoint(name: str) -> None:
            nonlocal left
            left -= name == point
            if left == 0:
                raise Killed

        self.rig.again(checkpoint)
        with self.watch.until(Killed):
            self.rig.run(full=full)
        self.rig.again()

    @rule(
        match=st.sampled_from(
            [f"{verb} /crm/*" for verb in ("POST", "PATCH", "GET", "*")]
            + [f"{verb} /books/*" for verb in ("POST", "PATCH", "GET", "*")]
        ),
        kind=st.sampled_from([*Fault, Fault.CUT_AFTER, Fault.ERROR_AFTER, Fault.LATE]),
        times=st.integers(1, 3),
    )
    def run_over_a_bad_line(self, match: str, kind: Fault, times: int) -> None:
        self.rig.world.fault(match, kind, times, seconds=LATE)
        self.later(10, full=True)
        self.rig.world.faults.planned.clear()

    @rule(
        point=st.sampled_from(["linked", "deriving", "committed", "answered"]),
        side=sides,
        choice=pick,
        word=words,
        version=versions,
    )
    def types_during_a_run(
        self, point: str, side: str, choice: int, word: str, version: int
    ) -> None:
        left = 1

        def checkpoint(name: str) -> None:
            nonlocal left
            place = self.any_of(side, choice)
            if name == point and left and place:
                left = 0
                self.type(place, word, version)
                self.moved[self.watch.company[place], word] |= {BOOKS, CRM}

        pair = self.rig.pair
        self.rig.pair = dataclasses.replace(pair, checkpoint=checkpoint)
        self.later(60, full=True)
        self.rig.pair = pair

    @rule(word=words, side=st.sampled_from([Owner.BOOKS, Owner.CRM]))
    def decides(self, word: str, side: Owner) -> None:
        """A person says whose value it is, of every customer that is asked about."""
        with self.rig.pair.store.transaction() as tx:
            scene = Scene(tx, self.rig.pair, streams.stream_ids(tx, "main"), 1)
            decided = conflicts.take(scene, word, side)
            cards = links.primary(tx, "crm", "books", decided)
            follow(scene, Kind.CUSTOMER, decided)
        for key in decided:
            loser = (CRM, cards[key]) if side is Owner.BOOKS else (BOOKS, key)
            self.watch.decided(loser, word)

    # -- a quiet time ----------------------------------------------------------------------------

    @precondition(lambda self: ASKED_FOR is not None)
    @rule()
    def settles(self) -> None:
        self.settle()

    def settle(self) -> None:
        for seconds in (600, DAY, DAY):
            self.later(seconds)
            self.answer_what_is_asked()
        both_agree(self.rig, self.watch, self.moved, card_is_gone=self.card_is_gone)
        assert list(self.watch.too_many_writes()) == []
        writes = self.rig.world.writes()
        report = self.later(60)
        assert self.rig.world.writes() == writes
        assert sum(page.new for page in report.pages.values()) == 0
        due_is_what_a_fresh_look_finds(self.rig)
        self.forget_what_was_moved()

    def answer_what_is_asked(self) -> None:
        """At T4 a person looks in the system, and says what is there."""
        pair, world = self.rig.pair, self.rig.world
        with pair.store.reading() as tx:
            asked = [
                (one.id, one.cause.removeprefix("asked "))
                for one in problems.listed(tx, "main")
                if one.cause.startswith("asked ")
            ]
            states = Counter(self.rig.states())
        assert len(asked) == states[parts.ASKED], "one question for each"
        for problem, about in asked:
            kind, _, rest = about.partition(":")
            key, _, part = rest.partition("/")
            if kind == Kind.WON:
                target = {"": "customers", "contact": "contacts"}[part]
                found = world.books.intake.marked(target, f"CRM-{key}")
            else:
                target = {"": {"customer": "account"}.get(kind, kind)}.get(part, part)
                found = world.crm.marked(target, key)
            owner = take(pair.store, pair.clock, "main", 60, DOUBT)
            try:
                answer_asked(pair, owner, problem, found[0].id if found else None)
            finally:
                owner.release()
            self.watch.answered |= {(target, one.id) for one in found}

    def forget_what_was_moved(self) -> None:
        for company, word in self.moved:
            sides = [
                [self.watch.says(one, word) for one in self.watch.places(side, company)]
                for side in (BOOKS, CRM)
            ]
            if all(sides) and all(
                alike(word, one, other) for one in sides[0] for other in sides[1]
            ):
                self.moved[company, word] = set()

    def linked(self, place: Place) -> bool:
        with self.rig.pair.store.reading() as tx:
            some = links.each(tx, "crm", "books")
        return any(place in ((CRM, one.card_id), (BOOKS, one.books_key)) for one in some)

    # -- what holds at every moment --------------------------------------------------------------

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "rig"):
            assert self.watch.wrong == []
            assert self.rig.world.crm.doubles() == []
            assert self.rig.world.books.doubles() == []


BothSides.TestCase.settings = settings(
    max_examples=int(ASKED_FOR or "20"),
    stateful_step_count=20 if ASKED_FOR else 10,
    derandomize=ASKED_FOR is None,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history is read, not shrunk
    suppress_health_check=list(HealthCheck),
)
TestBothSides = pytest.mark.timeout(3600)(BothSides.TestCase)
