"""Values: what they are made of, where the rest went, what they were before; and how people ask."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from syncd.cli.explain import screen
from syncd.cli.why import question
from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.why import Code
from tests.cli.desk import Desk
from tests.engine.rig import Rig
from tests.why.asking import ask, live


@pytest.fixture
def example(tmp_path: Path) -> Rig:
    """A customer with two invoices, one overdue; money paid ahead, an order, and a return."""
    rig = Rig(tmp_path)
    books = rig.world.books
    customer = books.add_customer("ООО «Пример»", email="buh@example.ru", tax_id="7700000009")
    first = books.post_invoice(customer, "50500.00", date="2026-10-05", due="2026-11-04")
    second = books.post_invoice(customer, "42000.00", date="2026-11-01", due="2026-12-01")
    books.pay(customer, "43200.00", allocations=[(first, "38200.00")])
    books.add_order(customer, "27000.00")
    live(rig)
    rig.later()
    books.post_credit_note(customer, "6100.00", allocations=[(second, "6100.00")])
    rig.later()
    return rig


def test_the_documents_sum_up_to_what_is_owed(example: Rig) -> None:
    field = ask(example, "customer", "1", "receivable").field
    assert field and field.money and field.rest is None and field.ways
    assert str(field.money) == "48,200.00 EUR"
    rows = [(one.number, str(one.counts), one.overdue) for one in field.items]
    assert rows == [
        ("INV-00001", "12,300.00 EUR", True),
        ("INV-00002", "35,900.00 EUR", False),
    ]
    assert [str(one.paid) for one in field.items] == ["38,200.00 EUR", "0.00 EUR"]
    assert [str(one.returned) for one in field.items] == ["0.00 EUR", "6,100.00 EUR"]
    assert field.ways.ledger == field.ways.documents == field.money
    [account] = example.world.crm.objects["account"].values()
    assert field.ways.card == account.fields["custom_fields.receivable"] == Decimal("48200.00")
    gone = [(str(one.amount), one.where) for one in field.elsewhere]
    assert gone == [
        ("5,000.00 EUR", "custom_fields.prepaid"),
        ("27,000.00 EUR", "custom_fields.open_orders_total"),
    ]


def test_the_value_before_is_told_with_the_document_that_came(example: Rig) -> None:
    field = ask(example, "card", "1", "custom_fields.receivable").field
    assert field and field.before
    assert field.before.value == Decimal("54300.00")
    [change] = field.before.changes
    assert change.text == "credit note CRN-00001 of 6,100.00 EUR came"
    assert change.run == field.before.run == field.written_run


def test_the_lines_of_both_mappings_are_named(example: Rig) -> None:
    field = ask(example, "customer", "1", "receivable").field
    assert field and field.how
    words = {one.word for one in field.how.reads}
    assert {"balance.rows", "invoice.total", "payment.allocations"} <= words
    assert all(one.where.startswith("memory_books.yaml:") for one in field.how.reads)
    [line] = field.how.writes
    assert line.where.startswith("memory_crm.yaml:") and line.text == "custom_fields.receivable"


def test_what_no_document_explains_has_a_line_of_its_own(example: Rig) -> None:
    books = example.world.books
    books.habits.ledger_off["1"] = Decimal("0.02")
    books.post_invoice("1", "1.00")
    example.later()
    field = ask(example, "customer", "1", "receivable").field
    assert field and str(field.rest) == "0.02 EUR" and str(field.money) == "48,201.02 EUR"
    assert "no document" in field.rest_text


def test_more_given_back_than_paid_ahead_is_owed(example: Rig) -> None:
    example.world.books.refund("1", "6000.00")
    example.later()
    field = ask(example, "customer", "1", "receivable").field
    assert field and field.rest is None and str(field.money) == "49,200.00 EUR"
    assert str(field.items[-1].counts) == "1,000.00 EUR"


def test_the_stage_is_told_with_its_facts(example: Rig) -> None:
    field = ask(example, "customer", "1", "stage").field
    assert field and field.stage and field.wanted == "first"
    assert [one.stage for one in field.stage.rules if one.holds] == ["first"]
    assert field.stage.facts["orders_count"] == 1
    assert field.stage.rules[0].when == "days_since_last_order > 180"


def test_a_document_is_traced_from_the_books_to_the_crm(example: Rig) -> None:
    answer = ask(example, "invoice", "INV-00002", "total")
    [trace] = answer.trace
    assert (trace.raw, str(trace.value), trace.text) == (
        "42000.00",
        "42,000.00 EUR",
        "total | money currency",
    )
    [written] = trace.written
    assert (written.path, written.shown) == ("amount", Decimal("42000.00"))
    assert answer.versions and answer.versions[0].run == 1


PASTED = "https://crm.example/accounts/account-1/"


@pytest.mark.parametrize(
    "typed",
    ["1", "K0001", "7700000009", "BUH@example.ru", "ооо «пример»", "account-1", PASTED],
)
def test_a_customer_is_found_by_what_people_have(example: Rig, typed: str) -> None:
    assert ask(example, "customer", typed, "receivable").key == "1"


def test_a_number_of_two_documents_is_refused_with_both(example: Rig) -> None:
    for _ in range(2):
        example.world.books.post_invoice("1", "5.00", number="SAME-1")
    example.later()
    with pytest.raises(UsageError, match="several invoices: 3, 4; name one by key"):
        ask(example, "invoice", "SAME-1")
    with pytest.raises(UsageError, match="did you mean receivable"):
        ask(example, "customer", "1", "recievable")


def test_a_screen_says_first_what_is_true_and_last_what_to_do(example: Rig) -> None:
    lines = list(screen(ask(example, "customer", "1", "receivable")))
    assert lines[1] == "receivable = 48,200.00 EUR   at custom_fields.receivable"
    assert any(line.endswith("04 Nov 2026  OVERDUE") for line in "\n".join(lines).splitlines())
    assert lines[-1] == "nothing to do"
    missing = list(screen(ask(example, "invoice", "no such")))
    assert missing[-1] == "next: syncd resync --key 'invoice:no such'"


def test_a_screen_of_every_kind_can_be_shown(example: Rig) -> None:
    for kind in Kind:
        for key in ("1", "account-1", "no such"):
            assert list(screen(ask(example, kind, key)))


def test_a_question_may_be_typed_in_two_ways() -> None:
    assert question(["customer", "1", "receivable"]) == (Kind.CUSTOMER, "1", "receivable")
    assert question(["credit-note:CN:7"]) == (Kind.CREDIT_NOTE, "CN:7", None)
    for typed in ([], ["invoice"], ["thing", "1"], ["invoice", "1", "a", "b"]):
        with pytest.raises(UsageError, match="KIND KEY"):
            question(typed)


def test_it_answers_while_both_systems_are_down(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        customer = desk.world.books.add_customer("Acme")
        desk.world.books.post_invoice(customer, "12.00")
        desk.live()
        desk.take_down()
        arrived = len(desk.world.requests)
        said = desk.syncd("why", "customer:Acme", "receivable", "--json").json()
        assert said["field"]["money"] == {"amount": "12.00", "currency": "EUR"}
        assert said["reason"]["code"] == Code.THERE and said["sentence"] and said["ends"]
        assert desk.syncd("why", "invoice", "9").last == "next: syncd resync --key invoice:9"
        assert len(desk.world.requests) == arrived
