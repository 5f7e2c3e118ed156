"""Random histories of merges on both sides: whoever merges what, in whichever order, and wherever
the process dies: once people have answered each question, all hangs on the survivor's card."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.memory import CrmHabits
from syncd.errors import UsageError
from syncd.store import links, problems, streams
from syncd.sync import linking
from syncd.sync.linking import By
from syncd.sync.pair import Scene
from tests.engine.agreement import differences
from tests.engine.rig import Killed, Rig, open_problems
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close

NAMES = ["ООО «Пример»", "株式会社サンプル", "Acme", "Ёлка и Ко"]
POINTS = ["before commit", "committed", "answered", "deriving"]
pick = st.integers(0, 1_000_000)
amounts = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
QUESTIONS = {
    "cards": re.compile(r"each has a card: (\S+) and (\S+)\. Merge these two cards"),
    "customers": re.compile(r"Merge the customers (\S+) and (\S+) in books"),
    "books": re.compile(r"links merge --books (\S+) (\S+)"),
    "follow": re.compile(r"syncd links merge (\S+) (account-\S+) --why"),
}
GONE = re.compile(r"Card (\S+) of customer (\S+) is no longer in crm: .* CARD --why")


class Merges(RuleBasedStateMachine):
    @initialize(tells=st.booleans())
    def begin(self, tells: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-merges-"))
        crm = CrmHabits(tells_merges=tells)
        self.rig = Rig(self.folder, crm=crm, crm_options=crm.honest())
        self.books, self.crm = self.rig.world.books, self.rig.world.crm
        self.stray = self.crm.add_account("Niemand")
        self.went: dict[str, str] = {}
        """Card, or customer -> the one that it was merged into, as people know."""
        for name in NAMES:
            key = self.books.add_customer(name)
            self.books.pay(
                key, "30.00", allocations=[(self.books.post_invoice(key, "100.00"), "20.00")]
            )
        self.rig.set_up()
        self.rig.run()

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            self.settle()
            self.rig.pair.store.close()
            shutil.rmtree(self.folder)

    def alive(self) -> list[str]:
        """Customers that were not merged into another."""
        rows = self.books.tables["customers"].items()
        return [key for key, row in rows if not row.data["merged_into"]]

    def cards(self) -> dict[str, str]:
        with self.rig.pair.store.reading() as tx:
            return {one.books_key: one.card_id for one in links.each(tx, "crm", "books")}

    @rule(choice=pick, amount=amounts, paid=st.booleans())
    def trade(self, choice: int, amount: Decimal, paid: bool) -> None:
        key = self.alive()[choice % len(self.alive())]
        invoice = self.books.post_invoice(key, amount)
        if paid:
            self.books.pay(key, amount, allocations=[(invoice, amount)])

    @rule(choice=pick, name=st.sampled_from(NAMES))
    def rename(self, choice: int, name: str) -> None:
        self.books.rename(self.alive()[choice % len(self.alive())], name)

    @rule(choice=pick, other=pick, tells=st.booleans())
    def merge_customers(self, choice: int, other: int, tells: bool) -> None:
        alive = self.alive()
        loser, into = alive[choice % len(alive)], alive[other % len(alive)]
        if loser != into:
            self.books.merge(loser, into, tells=tells)
            self.went[loser] = into

    @rule(choice=pick, other=pick)
    def merge_cards(self, choice: int, other: int) -> None:
        there = sorted(self.crm.objects["account"])
        loser, into = there[choice % len(there)], there[other % len(there)]
        ours = [one.id for one in self.crm.listed("account") if one.fields.get("books_id")]
        if loser != into and ours != [loser]:  # a CRM without any of them looks emptied
            self.unite(loser, into)

    def whose(self, one: str) -> str:
        while one in self.went:
            one = self.went[one]
        return one

    def unite(self, loser: str, into: str) -> None:
        self.crm.merge(loser, into)
        self.went[loser] = into

    @rule(seconds=st.sampled_from([60, 300]))
    def run(self, seconds: int) -> None:
        self.rig.later(seconds)

    @rule(point=st.sampled_from(POINTS), nth=st.integers(1, 4))
    def run_and_die(self, point: str, nth: int) -> None:
        left = nth

        def checkpoint(name: str) -> None:
            nonlocal left
            left -= name == point
            if left == 0:
                raise Killed

        self.rig.pair.store.close()
        self.rig.build(checkpoint)
        with contextlib.suppress(Killed):
            self.rig.run()
        self.rig.pair.store.close()
        self.rig.build()

    # -- people answer -----------------------------------------------------------------------------

    def answer(self, text: str) -> None:
        if "hang on another card" in text:
            self.put_right()
        if gone := GONE.search(text):
            one, customer = gone.groups()
            if self.whose(customer) != customer:
                self.say("books", customer, self.whose(customer))
            else:
                self.say("follow", one, self.whose(one))
        for what, words in QUESTIONS.items():
            if found := words.search(text):
                one, other = found.groups()
                if what == "cards" and {one, other} <= self.crm.objects["account"].keys():
                    self.unite(one, other)
                elif what == "customers" and {one, other} <= {*self.alive()}:
                    self.books.merge(one, other)
                    self.went[one] = other
                elif what in ("follow", "books"):
                    self.say(what, one, other.rstrip("."))
                return

    def put_right(self) -> None:
        """Everything goes to the card of its customer."""
        cards, crm, customers = self.cards(), self.crm, self.books.tables["customers"]
        of_person = {key: key for key in customers}
        of_invoice = {k: r.data["customer"] for k, r in self.books.tables["invoices"].items()}
        for target, customer_of in (("contact", of_person), ("invoice", of_invoice)):
            for one in crm.listed(target):
                key = customer_of[one.fields["books_id"]]
                while (into := customers[key].data["merged_into"]) in customers:
                    key = into
                if (card := cards.get(key, "")) in crm.objects["account"]:
                    one.parents["account"] = card

    def say(self, what: str, one: str, other: str) -> None:
        """Nobody says that two companies share a card."""
        if what == "follow" and other in self.cards().values():
            return
        order = linking.merge if what == "follow" else linking.merge_customers
        with (
            contextlib.suppress(UsageError),
            self.rig.pair.store.transaction() as tx,
        ):
            scene = Scene(tx, self.rig.pair, streams.stream_ids(tx, "main"), 0)
            order(scene, one, other, By("eva", "they are the same"))

    @rule()
    def settle(self) -> None:
        """Each question is answered until there is none."""
        for _ in range(8):
            for seconds in (600, 60, 90_000):
                self.rig.later(seconds, prove=seconds > 3600)
            if not (said := open_problems(self.rig)):
                break
            for text in said:
                self.answer(text)
        assert open_problems(self.rig) == []
        self.rig.later(60)
        assert differences(self.rig.world) == []
        assert self.rig.states() == {}

    # -- at every moment ---------------------------------------------------------------------------

    @invariant()
    def nothing_is_doubled(self) -> None:
        if hasattr(self, "rig"):
            assert self.crm.doubles() == []
            cards = Counter(self.cards().values())
            assert [card for card, count in cards.items() if count > 1] == []

    @invariant()
    def the_store_is_sound(self) -> None:
        if hasattr(self, "rig"):
            the_sums_close(self.rig)
            due_is_what_a_fresh_look_finds(self.rig)

    @invariant()
    def a_customer_is_asked_about_once(self) -> None:
        if not hasattr(self, "rig"):
            return
        with self.rig.pair.store.reading() as tx:
            causes = [one.cause for one in problems.listed(tx, "main")]
        about = Counter(one.rpartition(" ")[2] for one in causes if one[:6] in ("merged", "gone a"))
        assert max(about.values(), default=0) <= 1, open_problems(self.rig)


Merges.TestCase.settings = settings(
    max_examples=int(os.environ.get("SYNCD_HISTORIES", "2")),
    derandomize="SYNCD_HISTORIES" not in os.environ,  # a few that are always the same
    stateful_step_count=int(os.environ.get("SYNCD_HISTORY_STEPS", "10")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history is read, not shrunk
)
TestMerges = pytest.mark.timeout(1200)(Merges.TestCase)
