"""What the books no longer have, once a person has said what became of it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory.rows import Row
from syncd.answers import Answer
from syncd.decisions import QUICK
from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.orders import Asking
from syncd.store import mirror, problems, proofs, streams
from syncd.sync.pair import Scene
from syncd.why import Code, why
from tests.engine.agreement import differences, sent_in_vain
from tests.engine.rig import MAPPINGS, Killed, Rig, one_of_each, open_problems
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close
from tests.engine.test_clock import card

DELETED, ARCHIVED = mirror.DELETED, mirror.ARCHIVED
DAY = 90_000


@pytest.fixture
def live(rig: Rig) -> Rig:
    """A customer with an invoice that is paid in part, and others with one each that is paid."""
    settled_customers(rig)
    rig.set_up()
    rig.later()
    return rig


def settled_customers(rig: Rig) -> None:
    books = rig.world.books
    one_of_each(rig)
    for name in ("株式会社サンプル", "Ёлка и Ко", "Acme"):
        key = books.add_customer(name)
        invoice = books.post_invoice(key, "30.00")
        books.pay(key, "30.00", allocations=[(invoice, "30.00")])
        order = books.add_order(key, "10.00")
        books.post_credit_note(key, "1.00", allocations=[])
        books.adjust(key, "1.00")
        books.invoice_order(order, "10.00")


def vanish(rig: Rig, object: str, key: str) -> Row:
    """Out of the books, and noticed. The row, as it was."""
    row = rig.world.books.tables[object][key]
    rig.world.books.delete(object, key)
    rig.later(full=True)
    return row


def back(rig: Rig, object: str, key: str, row: Row, *, saved: bool) -> None:
    """Into the books again, with its old time or with a new one."""
    rig.world.books.tables[object][key] = row
    if saved:
        rig.world.books.touch(object, key)
    customer = row.data.get("customer", key)
    rig.world.books.touch("customers", customer)
    rig.later(full=True)


def asked(rig: Rig) -> list[tuple[int, str]]:
    with rig.pair.store.reading() as tx:
        return [(one.id, one.cause) for one in problems.listed(tx, "main")]


def answer(rig: Rig, state: str, number: int, only: Sequence[str] = ()) -> str:
    args = {"problem": number, "state": state, "only": list(only)}
    with rig.pair.store.transaction() as tx:
        scene = Scene(tx, rig.pair, streams.stream_ids(tx, "main"), 0)
        [said] = QUICK["resolve missing"](
            scene, Asking("resolve missing", args, "eva@desk", "typed twice")
        ).said
    return said


def accept(rig: Rig, state: str, *causes: str) -> None:
    """A person's word on these, and the next run."""
    for number, cause in asked(rig):
        if cause in causes:
            answer(rig, state, number)
    rig.later()
    the_sums_close(rig)
    due_is_what_a_fresh_look_finds(rig)


def state_of(rig: Rig, kind: Kind, key: str) -> str:
    with rig.pair.store.reading() as tx:
        ids = streams.stream_ids(tx, "main")
        return mirror.known(tx, ids[kind], [key])[key].state


def quiet(rig: Rig) -> None:
    """Full passes that lack it again ask nothing and write nothing."""
    writes = rig.world.writes()
    for _ in range(2):
        report = rig.later(DAY, full=True)
        assert (open_problems(rig), rig.states(), report.new_problems) == ([], {}, 0)
    assert rig.world.writes() == writes and sent_in_vain(rig.world) == []
    the_sums_close(rig)
    due_is_what_a_fresh_look_finds(rig)


# -- deleted -------------------------------------------------------------------------------------


def test_a_deleted_invoice_is_cancelled_its_payments_first_and_counts_no_more(live: Rig) -> None:
    live.world.books.delete("payments", "1")
    live.world.books.tables["invoices"].pop("1")
    live.later(full=True)
    assert card(live, "1")["total_sales"] == Decimal("120.00"), "nothing before a person says so"
    before = len(live.world.crm.journal)
    accept(live, DELETED, "vanished invoice", "vanished payment")
    done = [(one.op, one.target) for one in live.world.crm.journal[before:]]
    assert done[:2] == [("remove", "payment"), ("update", "invoice")]
    [there] = live.world.crm.marked("invoice", "1")
    assert there.fields["state"] == "cancelled"
    assert card(live, "1")["total_sales"] == card(live, "1")["prepaid"] == 0
    assert differences(live.world) == []
    quiet(live)


@pytest.mark.parametrize("object", ["payments", "orders", "credit_notes", "adjustments"])
def test_a_deleted_document_of_each_kind_counts_no_more(live: Rig, object: str) -> None:
    books = live.world.books
    key = {
        "payments": lambda: books.pay("1", "20.00", allocations=[("1", "20.00")]),
        "orders": lambda: books.add_order("1", "33.00"),
        "credit_notes": lambda: books.post_credit_note("1", "9.00", allocations=[("1", "9.00")]),
        "adjustments": lambda: books.adjust("1", "-4.00", "write_off", allocations=[("1", "4.00")]),
    }[object]()
    live.later()
    assert differences(live.world) == []
    vanish(live, object, key)
    accept(live, DELETED, f"vanished {object.removesuffix('s')}")
    assert differences(live.world) == []
    quiet(live)


def test_a_deleted_customer_keeps_its_card_and_owes_nothing(live: Rig) -> None:
    books, accounts = live.world.books, live.world.crm.objects["account"]
    before = {key: dict(one.fields) for key, one in accounts.items()}
    [mine] = live.world.crm.marked("account", "1")
    books.delete("payments", "1")
    books.delete("invoices", "1")
    vanish(live, "customers", "1")
    causes = {cause for _, cause in asked(live)}
    assert causes == {f"vanished {one}" for one in ("customer", "invoice", "payment", "balance")}
    accept(live, DELETED, "vanished customer", "vanished invoice", "vanished payment")
    assert open_problems(live) == [], "its balance went with it"
    assert accounts.keys() == before.keys()
    shown = accounts[mine.id].fields
    assert (shown["name"], shown["books_id"]) == ("ООО «Пример»", "1")
    assert card(live, "1")["receivable"] == card(live, "1")["prepaid"] == 0
    quiet(live)


def test_documents_of_a_deleted_customer_count_until_they_are_deleted_too(live: Rig) -> None:
    """Books that let a customer go and keep its invoices."""
    row = live.world.books.tables["customers"].pop("1")
    live.later(full=True)
    accept(live, DELETED, "vanished customer")
    assert live.world.crm.marked("invoice", "1")[0].fields["state"] == "open"
    assert card(live, "1")["total_sales"] == Decimal("120.00")
    quiet(live)
    back(live, "customers", "1", row, saved=True)
    assert differences(live.world) == []


def test_a_customer_that_was_never_on_a_card_is_given_none(rig: Rig) -> None:
    settled_customers(rig)
    key = rig.world.books.add_customer("Niemand")
    rig.set_up()
    rig.world.books.delete("customers", key)
    rig.run(write=False, full=True)
    accept(rig, DELETED, "vanished customer")
    assert len(rig.world.crm.objects["account"]) == 4
    quiet(rig)


@pytest.mark.parametrize("marked", [True, False])
def test_the_question_whether_it_was_merged_can_be_answered_with_deleted(
    live: Rig, marked: bool
) -> None:
    """All its documents name one other customer; that is no merge, says a person."""
    live.world.books.merge("2", "3", tells=False)
    live.later(full=True)
    if not marked:
        live.world.books.edit_customer("2", merged_into=None)
        live.later(full=True)
    vanish(live, "customers", "2")
    live.later()
    assert "merged 2" in {cause for _, cause in asked(live)}
    accept(live, DELETED, "merged 2", "vanished customer")
    for _ in range(3):
        live.later(DAY, full=True)
        causes = {cause for _, cause in asked(live)}
        assert causes == {"fixed invoice its card"}, "this CRM moves no invoice to another card"
    assert live.world.crm.marked("account", "2")


# -- archived ------------------------------------------------------------------------------------


def test_what_was_archived_counts_and_is_shown_as_before_and_is_asked_about_once(
    live: Rig,
) -> None:
    """The books trimmed what was settled: an invoice and all of its payment."""
    books = live.world.books
    invoice = books.post_invoice("2", "40.00")
    payment = books.pay("2", "40.00", allocations=[(invoice, "40.00")])
    live.later()
    before = {key: dict(one.fields) for key, one in live.world.crm.objects["account"].items()}
    books.delete("payments", payment)
    vanish(live, "invoices", invoice)
    writes = live.world.writes()
    accept(live, ARCHIVED, "vanished invoice", "vanished payment")
    assert live.world.writes() == writes and open_problems(live) == []
    assert {key: dict(one.fields) for key, one in live.world.crm.objects["account"].items()} == {
        key: fields | {"custom_fields.line": live.world.crm.objects["account"][key].fields[LINE]}
        for key, fields in before.items()
    }
    assert live.world.crm.marked("invoice", invoice)[0].fields["state"] == "open"
    quiet(live)


LINE = "custom_fields.line"


def test_an_archived_customer_keeps_card_and_figures(live: Rig) -> None:
    live.world.books.tables["customers"].pop("1")
    live.later(full=True)
    accept(live, ARCHIVED, "vanished customer")
    assert card(live, "1")["receivable"] == Decimal("70.00")
    quiet(live)


# -- it comes back -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [DELETED, ARCHIVED])
@pytest.mark.parametrize("saved", [True, False])
@pytest.mark.parametrize(
    ("object", "kind"), [("invoices", Kind.INVOICE), ("customers", Kind.CUSTOMER)]
)
def test_what_comes_back_lives_again(
    live: Rig, state: str, object: str, kind: Kind, saved: bool
) -> None:
    if object == "invoices":
        key = live.world.books.post_invoice("2", "40.00")
        live.later()
    else:
        key = "3"
    row = vanish(live, object, key)
    accept(live, state, f"vanished {kind}")
    assert state_of(live, kind, key) == state
    back(live, object, key, row, saved=saved)
    assert state_of(live, kind, key) == mirror.LIVE
    assert differences(live.world) == []
    quiet(live)


def test_a_changed_mapping_brings_nothing_back(tmp_path: Path) -> None:
    for name in ("memory_books", "memory_crm"):
        text = (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    rig = Rig(tmp_path, mappings=tmp_path)
    one_of_each(rig)
    more = [rig.world.books.post_invoice("1", "1.00") for _ in range(3)]
    rig.set_up()
    rig.later()
    for key, state in zip(more, (DELETED, ARCHIVED, None), strict=True):
        vanish(rig, "invoices", key)
        if state:
            accept(rig, state, "vanished invoice")
    file = tmp_path / "memory_books.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# another version\n", encoding="utf-8")
    changed = file.read_text(encoding="utf-8").replace("number: number", "number: number | trim", 1)
    file.write_text(changed, encoding="utf-8")
    rig.pair.store.close()
    rig.build()
    rig.later()
    states = [state_of(rig, Kind.INVOICE, key) for key in more]
    assert states == [DELETED, ARCHIVED, mirror.VANISHED]
    assert [cause for _, cause in asked(rig)] == ["vanished invoice"]


# -- crashes, and a run that is going ------------------------------------------------------------


@pytest.mark.parametrize("point", ["before commit", "deriving", "committed", "answered"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_killed_between_the_word_and_the_card_it_is_written_by_the_next_run(
    live: Rig, point: str, nth: int
) -> None:
    vanish(live, "invoices", "1")
    for number, _ in asked(live):
        answer(live, DELETED, number)
    left = nth

    def checkpoint(name: str) -> None:
        nonlocal left
        left -= name == point
        if left == 0:
            raise Killed

    live.pair.store.close()
    live.build(checkpoint)
    with contextlib.suppress(Killed):
        live.run()
    live.pair.store.close()
    live.build()
    live.later()
    live.later()
    the_sums_close(live)
    assert differences(live.world) == []
    [there] = live.world.crm.marked("invoice", "1")
    assert there.fields["state"] == "cancelled"
    quiet(live)


def test_a_word_that_comes_in_the_middle_of_a_run_is_taken_in_it_and_its_sums_close(
    live: Rig,
) -> None:
    vanish(live, "invoices", "1")
    [(number, _)] = asked(live)
    said: list[Answer] = []

    def between(scene: Scene) -> None:
        if not said:
            args = {"problem": number, "state": DELETED}
            asking = Asking("resolve missing", args, "eva@desk", "typed twice")
            said.append(QUICK["resolve missing"](scene, asking))

    pair = live.pair
    live.pair = dataclasses.replace(pair, between=between)
    live.later(full=True)
    live.pair = pair
    the_sums_close(live)
    live.later()
    assert said and differences(live.world) == []
    quiet(live)


# -- what is said of it --------------------------------------------------------------------------


def test_why_names_who_said_so_and_the_proof_does_not_miss_it(live: Rig) -> None:
    more = live.world.books.post_invoice("1", "7.00")
    live.later(prove=True)
    row = vanish(live, "invoices", more)
    accept(live, DELETED, "vanished invoice")
    reason = why(live.pair, Kind.INVOICE, more, None).reason
    assert reason.code is Code.DELETED and "eva@desk: typed twice" in reason.detail
    assert "shown there as cancelled" in reason.detail
    changed = why(live.pair, Kind.CUSTOMER, "1", "total_sales").field
    assert changed and changed.before
    assert [one.text for one in changed.before.changes] == [
        f"invoice {row.data['number']} of 7.00 EUR was deleted"
    ]
    live.later(DAY, prove=True)
    assert open_problems(live) == []
    with live.pair.store.reading() as tx:
        assert all(one.agreed for one in proofs.every(tx, "main"))


def test_a_deleted_customer_is_not_missing_in_the_proof_and_an_archived_one_is_proven(
    live: Rig,
) -> None:
    live.later(prove=True)
    vanish(live, "customers", "2")
    accept(live, DELETED, "vanished customer")
    live.world.books.tables["customers"].pop("3")
    live.later(full=True)
    accept(live, ARCHIVED, "vanished customer")
    live.later(DAY, prove=True)
    with live.pair.store.reading() as tx:
        rows = {one.customer: one.agreed for one in proofs.every(tx, "main")}
        assert proofs.unproven(tx, "main", "books", "crm") == 0
        assert proofs.deleted(tx, "main") == {"2"}
    assert rows == {"1": True, "3": True, "4": True}


# -- refusals ------------------------------------------------------------------------------------


def test_some_of_them_may_be_accepted_and_the_rest_stays_asked(live: Rig) -> None:
    one, other = (live.world.books.post_invoice("1", total) for total in ("1.00", "2.00"))
    live.later()
    live.world.books.delete("invoices", one)
    vanish(live, "invoices", other)
    [(number, _)] = asked(live)
    with pytest.raises(UsageError, match=f"problem {number} is not about 77"):
        answer(live, DELETED, number, ["77"])
    assert f"#{number}: invoice:{one} is archived" in answer(live, ARCHIVED, number, [one])
    [text] = open_problems(live)
    assert f"no longer has invoice {other}. " in text
    answer(live, DELETED, number, [f"invoice:{other}"])
    assert open_problems(live) == []
    states = [state_of(live, Kind.INVOICE, key) for key in (one, other)]
    assert states == [ARCHIVED, DELETED]


def test_a_problem_of_another_sort_or_of_nothing_is_refused_with_one_sentence(live: Rig) -> None:
    with pytest.raises(UsageError, match="there is no problem 9; see: syncd problems"):
        answer(live, DELETED, 9)
    vanish(live, "invoices", "1")
    [(number, _)] = asked(live)
    answer(live, DELETED, number)
    with pytest.raises(UsageError, match=f"nothing that problem {number} is about is missing"):
        answer(live, DELETED, number)
    live.world.crm.habits.currencies = ["EUR"]
    live.world.books.post_invoice("1", "7.00", currency="USD")
    live.later()
    [(other, _)] = asked(live)
    with pytest.raises(UsageError, match="is not about what the books no longer have"):
        answer(live, ARCHIVED, other)


def test_what_was_waived_may_be_accepted_later(live: Rig) -> None:
    vanish(live, "invoices", "1")
    [(number, _)] = asked(live)
    with live.pair.store.transaction() as tx:
        problems.waive(tx, number, "eva", "not now", live.clock.utc())
    live.later()
    answer(live, DELETED, number)
    live.later()
    assert differences(live.world) == []
    quiet(live)
