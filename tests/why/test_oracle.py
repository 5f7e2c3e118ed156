"""The oracle: after every run of a month by chance, questions are answered as the world says."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import CrmHabits
from syncd.store import streams
from syncd.why import Answer, Code
from tests.engine.rig import Rig
from tests.why.asking import ask, set_mode
from tests.why.history import KNOWN, SETTLERS, ZERO, Sim

RUNS, PLANNING, EACH = 30, 3, 8
KINDS = {
    "invoices": "invoice",
    "payments": "payment",
    "credit_notes": "credit_note",
    "adjustments": "adjustment",
    "orders": "order",
}
ON_ITS_WAY = {Code.NEXT_RUN, Code.IN_DOUBT, Code.CONNECTION_OUT, Code.OWED}
FIGURES = ("receivable", "prepaid", "credits")


class Oracle:
    """Asks, and compares with what the simulator knows."""

    def __init__(self, sim: Sim) -> None:
        self.sim, self.rig = sim, sim.rig
        self.live = False
        self.told: Counter[str] = Counter()

    def ask(self, kind: str, key: str, field: str | None = None) -> Answer:
        answer = ask(self.rig, kind, key, field)
        self.told[answer.reason.code] += 1
        return answer

    def question(self) -> None:
        chance = self.sim.random
        chance.choice([self.field, self.field, self.document, self.document, self.person])()

    # -- values ----------------------------------------------------------------------------------

    def field(self) -> None:
        sim = self.sim
        customer = sim.any("customers") or ""
        word = sim.random.choice([*FIGURES, "overdue", "total_sales", "orders_count"])
        answer = self.ask("customer", customer, word)
        code, found = answer.reason.code, answer.field
        if not sim.in_scope(customer):
            assert code is Code.FILTERED, answer.reason
            return
        if customer in sim.held:
            assert self._stuck(code), answer.reason
            return
        assert found is not None, answer.reason
        self._sums_up(answer)
        if self.being_corrected(customer):
            return  # the card stays as it was
        if word in ("total_sales", "orders_count"):
            self._over_documents(customer, word, answer)
        else:
            truth = sim.overdue(customer) if word == "overdue" else sim.figure(customer, word)
            assert found.money is not None and found.money.amount == truth, (word, customer)
            assert found.money.currency == sim.shown_currency(customer)
            assert not found.rest, found
        self._as_the_card_shows(customer, answer)

    def _sums_up(self, answer: Answer) -> None:
        field = answer.field
        assert field is not None
        if field.money is None or field.word == "orders_count":
            return
        counted = sum((one.counts.amount for one in field.items if one.counts), ZERO)
        rest = field.rest.amount if field.rest else ZERO
        assert counted + rest == field.money.amount, field

    def _over_documents(self, customer: str, word: str, answer: Answer) -> None:
        sim, field = self.sim, answer.field
        assert field is not None
        if word == "orders_count":
            assert field.wanted == len(sim.posted("orders", customer)) == len(field.items)
            return
        codes = sim.currencies(customer)
        if len(codes) > 1:
            assert field.wanted is None
        elif codes <= KNOWN:
            assert field.wanted == sim.sales(customer)
        else:
            assert field.wanted is None and answer.reason.code is not Code.SEVERAL_CURRENCIES

    def _as_the_card_shows(self, customer: str, answer: Answer) -> None:
        """What is told of the card is what the card has, unless an answer was lost."""
        sim, field, code = self.sim, answer.field, answer.reason.code
        assert field is not None and field.path is not None
        accounts = sim.crm.marked("account", customer)
        if not self.live:
            assert code is Code.MODE_PLAN and not accounts
            return
        if code in ON_ITS_WAY:
            assert self.unsettled, answer.reason
            return
        [account] = accounts
        assert account.id == answer.card
        real = account.fields.get(field.path)
        assert (real or 0) == (field.wanted or 0) == (field.shown or 0)
        empty = {Code.NOTHING_TO_SHOW, Code.SEVERAL_CURRENCIES, Code.CURRENCY_UNKNOWN}
        assert (code is Code.THERE) is bool(real) and (bool(real) or code in empty), answer.reason

    def being_corrected(self, customer: str) -> bool:
        return any(
            self.sim.correcting(table, key)
            for table in ("invoices", *SETTLERS, "orders")
            for key, row in self.sim.books.tables[table].items()
            if row.data["customer"] == customer
        )

    # -- documents -------------------------------------------------------------------------------

    def document(self) -> None:
        sim = self.sim
        table = sim.random.choice(["invoices", "invoices", "payments", "credit_notes", *KINDS])
        if sim.random.random() < 0.1:
            assert self.ask(KINDS[table], "no such").reason.code is Code.NEVER_SEEN
            return
        key = sim.any(table)
        if key is None:
            return
        data = sim.books.tables[table][key].data
        typed = sim.random.choice([key, data["number"]])
        answer = self.ask(KINDS[table], typed)
        assert answer.key == key
        why_not = self._why_not(table, key)
        if why_not is None:
            self._on_the_card(table, key, answer)
        else:
            assert answer.reason.code is why_not, (table, data, answer.reason)
            if why_not is not Code.CORRECTING and not self.unsettled:
                assert sim.actual(table, key) == {} if table != "orders" else True

    def _why_not(self, table: str, key: str) -> Code | None:
        """The one reason why a document has nothing to be written; None where it has."""
        sim, data = self.sim, self.sim.books.tables[table][key].data
        if data["state"] == "draft":
            if sim.correcting(table, key):
                return Code.CORRECTING
            return Code.CANCELLED if (table, key) in sim.counted else Code.DRAFT
        if data["state"] == "cancelled":
            return Code.CANCELLED
        if table == "orders":
            return Code.KIND_NOT_SHOWN
        if sim.expected(table, key):
            return None
        if data["currency"] not in KNOWN and table != "credit_notes":
            return Code.CURRENCY_UNKNOWN
        if table in ("payments", "adjustments"):
            return self._settles_nothing(data)
        return Code.CUSTOMER_FILTERED

    def _settles_nothing(self, data: dict[str, object]) -> Code:
        lines = data["allocations"]
        assert isinstance(lines, list)
        return Code.PARENT_NOT_SHOWN if lines else Code.NOTHING_TO_SHOW

    def _on_the_card(self, table: str, key: str, answer: Answer) -> None:
        sim, code = self.sim, answer.reason.code
        customer = sim.books.tables[table][key].data["customer"]
        if not self.live:
            held = customer in sim.held
            root = answer.reason.root.code
            assert self._stuck(root) if held else root is Code.MODE_PLAN, answer.reason
            return
        if customer in sim.held:
            assert self._stuck(answer.reason.root.code), answer.reason
            return
        there = sim.expected(table, key) == sim.actual(table, key)
        if code is Code.THERE:
            assert there and answer.present, (
                table,
                key,
                answer.places,
                self.sim.trouble,
                self.troubled,
            )
        else:
            assert code in ON_ITS_WAY and self.unsettled, (table, key, answer.reason)

    # -- customers, won cards, deals -------------------------------------------------------------

    def person(self) -> None:
        sim = self.sim
        if sim.crm.deals and sim.random.random() < 0.5:
            deal = sim.random.choice(list(sim.crm.deals.values()))
            self._won(deal, self.ask("deal", deal["id"]))
            return
        customer = sim.any("customers") or ""
        answer = self.ask("customer", sim.books.tables["customers"][customer].data["name"])
        assert answer.key == customer
        code = answer.reason.code
        if not sim.in_scope(customer):
            assert code is Code.FILTERED and not sim.crm.marked("account", customer)
        elif customer in sim.held:
            assert self._stuck(code), answer.reason
        elif not self.live:
            assert code is Code.MODE_PLAN
        elif code is Code.THERE:
            assert [one.id for one in sim.crm.marked("account", customer)] == [answer.card]
        else:
            assert code in ON_ITS_WAY and self.unsettled, answer.reason

    def _won(self, deal: dict[str, str], answer: Answer) -> None:
        sim, code = self.sim, answer.reason.code
        customers = sim.books.tables["customers"].values()
        made = [row.data for row in customers if row.data["code"] == f"CRM-{deal['account']}"]
        if deal["stage"] != "won":
            assert code is Code.NOT_WON and not made, answer.reason
        elif not self.live:
            assert code is Code.MODE_PLAN and not made, answer.reason
        elif code is Code.THERE:
            assert [one["id"] for one in made] == [answer.customer]
        else:
            assert code in {*ON_ITS_WAY, Code.NOT_WON} and self.unsettled, answer.reason

    def _stuck(self, code: Code) -> bool:
        """Of a customer whose name is taken. Nobody knows that before it was tried to make its
        card: in mode plan, of those that came later than the list of cards, and in an outage."""
        early = code is Code.MODE_PLAN and not self.live
        return code is Code.HELD or early or (code in ON_ITS_WAY and self.unsettled)

    @property
    def unsettled(self) -> bool:
        """A run met a fault, and no good one since: something may be on its way."""
        return self.sim.trouble or self.troubled

    troubled = False


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 6])
def test_why_agrees_with_the_world(seed: int, tmp_path: Path) -> None:
    options = {**CrmHabits().honest(), "doubt_time": "5"}
    rig = Rig(tmp_path, crm_options=options)
    sim = Sim(rig, seed)
    oracle = Oracle(sim)
    crm = rig.pair.crm
    crm.ask(crm.connector.setup(rig.pair.writing.custom_fields, True))
    for number in range(RUNS):
        if number == PLANNING:
            set_mode(rig, streams.LIVE_MODE)
            oracle.live = True
        sim.verbs()
        oracle.troubled = sim.trouble
        sim.run(write=oracle.live)
        for _ in range(EACH):
            oracle.question()
    asked = sum(oracle.told.values())
    assert asked >= 200, asked
    assert {Code.THERE, Code.MODE_PLAN, Code.NOTHING_TO_SHOW} <= set(oracle.told)
    assert len(oracle.told) >= 12, oracle.told


def test_a_figure_of_the_simulator_is_counted_without_the_store(tmp_path: Path) -> None:
    """The oracle's own sums, by hand."""
    rig = Rig(tmp_path)
    sim = Sim(rig, 2)
    books = rig.world.books
    one = books.add_customer("By hand")
    invoice = books.post_invoice(one, "100.00", due="2026-11-01")
    books.pay(one, "70.00", allocations=[(invoice, "40.00")])
    books.post_credit_note(one, "5.00")
    assert sim.figure(one, "receivable") == Decimal("60.00") == sim.overdue(one)
    assert (sim.figure(one, "prepaid"), sim.figure(one, "credits")) == (30, 5)
    assert sim.sales(one) == 95
