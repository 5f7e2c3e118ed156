"""What is asked of Tryton and what becomes of its answers, without a server."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import Kind
from syncd.errors import AccessError, ConfigError, ProtocolError
from syncd.port import All, Identity, Keys, Read, Since
from tests.tryton.wire import (
    FIRST_CALLS,
    called,
    connector,
    day,
    drive,
    error,
    html,
    moment,
    money,
    pull,
    result,
)

NOW = dt.datetime(2026, 11, 18, 16, 40, tzinfo=dt.UTC)
OLD = moment("2026-11-01 09:00")
CHANGED = {"move": None, "additional_moves": [], "cancel_move": None, "last_modified_at": OLD}


def logs_in(answer: object, login: str = "syncd") -> Any:
    flow = connector(login=login).authenticate({"password": "s3cret"})
    return drive(flow, answer)


# ------------------------------------------------------------------------------------- the wire


def test_a_login_gives_the_session_header() -> None:
    (request,), headers = logs_in([7, "f00d", None])
    assert request.path == "/erp/rpc/"
    assert called(request) == ("common.db.login", ["syncd", {"password": "s3cret"}, "en"])
    assert headers == {"Authorization": "Session c3luY2Q6NzpmMDBk"}


def test_a_login_with_other_letters_is_sent_as_utf_8() -> None:
    _, headers = logs_in([7, "f00d", None], login="Łukasz")
    token = headers["Authorization"].removeprefix("Session ")
    assert base64.b64decode(token).decode() == "Łukasz:7:f00d"


@pytest.mark.parametrize("answer", [html(401), html(403), result(None)])
def test_a_refused_login_is_one_sentence(answer: object) -> None:
    with pytest.raises(AccessError) as caught:
        logs_in(answer)
    assert str(caught.value) == 'Tryton refuses the login "syncd" with this password'


def test_an_unknown_database_is_named() -> None:
    with pytest.raises(AccessError, match='Tryton has no database "erp"'):
        logs_in(html(404))


def test_every_call_has_three_keys_accepts_gzip_and_only_reads() -> None:
    requests, _ = pull(Kind.INVOICE, ("number",), All(), [])
    for request in requests:
        assert isinstance(request.json, dict) and set(request.json) == {"id", "method", "params"}
        assert request.headers["Accept-Encoding"] == "gzip"
        assert not request.write


def test_the_context_is_asked_once_and_goes_last() -> None:
    books = connector()
    drive(books.identity(), *FIRST_CALLS)
    flow = books.pull(Read(Kind.INVOICE, "account.invoice", ("number",)), All())
    (request,), _ = drive(flow, [])
    assert called(request)[1][-1] == FIRST_CALLS[0]


def test_the_identity_is_what_nobody_edits() -> None:
    _, identity = drive(connector().identity(), *FIRST_CALLS)
    assert identity == Identity(
        "erp/1/2026-01-02T03:04:05.000006Z", "Holzhandel Beispiel GmbH (EUR)"
    )


def test_a_user_without_a_company_is_told_so() -> None:
    with pytest.raises(AccessError, match="works for no company"):
        drive(connector().identity(), {"company": None})


@pytest.mark.parametrize("size", ["0", "-1", "ten", "", "²"])
def test_a_page_size_that_is_none_is_a_mistake_in_the_settings(size: str) -> None:
    with pytest.raises(ConfigError, match="the setting page"):
        connector(page=size)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error("UserError", ["You are not allowed to read.", "Ask somebody", None]), "allowed to"),
        (error("'nofield'", ""), "does not know 'nofield'"),
        (error("ConcurrencyException", "Records were modified"), "Records were modified"),
        (html(413), "HTTP 413"),
        (result([{"id": 1, "x": {"__class__": "timedelta", "seconds": 1}}]), "timedelta"),
    ],
)
def test_an_error_says_what_tryton_said(answer: object, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        pull(Kind.INVOICE, ("number",), All(), answer)


def test_a_call_that_is_not_allowed_is_lost_access() -> None:
    with pytest.raises(AccessError, match=r"model\.account\.invoice\.search_read"):
        pull(Kind.INVOICE, ("number",), All(), html(403))


# ----------------------------------------------------------------------------------- documents


def an_invoice(key: int, **changed: object) -> dict[str, Any]:
    return {
        "id": key,
        "party.": {"id": 9},
        "total_amount": money("50.00"),
        "currency.": {"id": 1, "code": "EUR"},
        "number": "INV/2026/00001",
        "last_modified_at": OLD,
        "lines.": [{"id": 1, "last_modified_at": OLD}],
        "move.": {"id": 2, "last_modified_at": OLD, "lines.": []},
        "lines_to_pay.": [a_term("2026-12-01", "50.00")],
        **changed,
    }


def a_term(
    date: str, amount: str, settled: int | None = None, party: int | None = 9
) -> dict[str, Any]:
    value = Decimal(amount)
    return {
        "id": 5,
        "maturity_date": day(date),
        "reconciliation": settled,
        "amount": money(amount),
        "debit": money(str(max(value, Decimal(0)))),
        "credit": money(str(max(-value, Decimal(0)))),
        "party": party,
    }


def test_only_what_the_mapping_reads_is_handed_on() -> None:
    row = an_invoice(4, **{"party.": {"id": 9, "name": "Ольга Петровна"}, "party": 9})
    _, page = pull(Kind.INVOICE, ("number", "party.name", "due_date"), All(), [row])
    assert page.records[0].key == "4"
    assert page.records[0].data == {
        "number": "INV/2026/00001",
        "party": {"name": "Ольга Петровна"},
        "due_date": dt.date(2026, 12, 1),
    }


def test_a_record_asked_for_as_a_whole_is_its_id() -> None:
    _, page = pull(Kind.INVOICE, ("move", "lines"), All(), [an_invoice(4)])
    assert page.records[0].data == {"move": 2, "lines": [1]}


def test_decimals_dates_and_times_are_what_they_are() -> None:
    row = an_invoice(4, total_amount=money("12345678901234.56"), quantity=0.1, when=OLD)
    paths = ("total_amount", "quantity", "when")
    _, page = pull(Kind.INVOICE, paths, All(), [row])
    assert page.records[0].data == {
        "total_amount": Decimal("12345678901234.56"),
        "quantity": Decimal("0.1"),
        "when": dt.datetime(2026, 11, 1, 9, 0, tzinfo=dt.UTC),
    }


def test_the_stamp_is_the_newest_of_the_invoice_and_all_its_parts() -> None:
    late = {"id": 3, "last_modified_at": moment("2026-11-18 16:40")}
    row = an_invoice(4, **{"move.": {"id": 2, "last_modified_at": OLD, "lines.": [late]}})
    _, page = pull(Kind.INVOICE, ("number",), All(), [row])
    assert page.records[0].stamp == NOW


@pytest.mark.parametrize(
    ("lines", "due"),
    [
        ([("2026-12-01", None), ("2026-11-01", None)], dt.date(2026, 11, 1)),
        ([("2026-12-01", None), ("2026-11-01", 8)], dt.date(2026, 12, 1)),
        ([("2026-12-01", 9), ("2026-11-01", 8)], dt.date(2026, 12, 1)),
        ([], None),
    ],
)
def test_due_is_the_earliest_open_date_then_the_last(lines: Any, due: dt.date | None) -> None:
    rows = [a_term(date, "25.00", settled) for date, settled in lines]
    _, page = pull(Kind.INVOICE, ("due_date",), All(), [an_invoice(4, **{"lines_to_pay.": rows})])
    assert page.records[0].data == {"due_date": due}


def test_the_terms_are_whole_and_add_up_to_the_total() -> None:
    rows = [a_term("2026-12-01", "20.00", 8), a_term("2026-11-01", "25.00")]
    rows += [a_term("2026-12-01", "5.00")]
    paths = ("terms.due", "terms.amount", "terms.currency")
    _, page = pull(Kind.INVOICE, paths, All(), [an_invoice(4, **{"lines_to_pay.": rows})])
    assert page.records[0].data == {
        "terms": [
            {"due": dt.date(2026, month, 1), "amount": Decimal("25.00"), "currency": "EUR"}
            for month in (11, 12)
        ]
    }


def test_terms_that_do_not_add_up_are_not_told() -> None:
    rows = [a_term("2026-12-01", "49.99")]
    _, page = pull(Kind.INVOICE, ("terms.due",), All(), [an_invoice(4, **{"lines_to_pay.": rows})])
    assert page.records[0].data == {"terms": []}


@pytest.mark.parametrize(
    ("lines", "debtor"),
    [
        ([], 9),
        ([("50.00", 9)], 9),
        ([("50.00", 5)], 5),
        ([("50.00", 9), ("-50.00", 9), ("50.00", 5)], 5),
        ([("25.00", 9), ("25.00", 5)], 9),
        ([("50.00", None)], 9),
    ],
)
def test_the_debtor_is_whose_account_the_invoice_stands_on(lines: Any, debtor: int) -> None:
    rows = [a_term("2026-12-01", amount, party=party) for amount, party in lines]
    _, page = pull(Kind.INVOICE, ("debtor",), All(), [an_invoice(4, **{"lines_to_pay.": rows})])
    assert page.records[0].data == {"debtor": debtor}


def test_a_full_page_goes_on_after_its_last_id() -> None:
    rows = [an_invoice(key) for key in (4, 7)]
    requests, page = pull(Kind.INVOICE, ("number",), All("3"), rows, page="2")
    domain, _, limit, order = called(requests[0])[1][:4]
    assert ["id", ">", 3] in domain and limit == 2 and order == [["id", "ASC"]]
    assert page.next == "7" and not page.ordered
    assert page.source_time == dt.datetime(2026, 11, 22, 4, 32, 26, tzinfo=dt.UTC)


def test_a_page_that_is_not_full_is_the_last() -> None:
    _, page = pull(Kind.INVOICE, ("number",), All(), [an_invoice(4)], page="2")
    assert page.next is None


def test_keys_that_cannot_be_ids_are_not_asked_for() -> None:
    requests, _ = pull(Kind.INVOICE, ("number",), Keys(["7", "x", "", "²", "-1"]), [])
    domain, _, limit = called(requests[0])[1][:3]
    assert ["id", "in", [7]] in domain and limit is None


def test_changes_of_lines_and_of_the_moves_lines_count_as_changes_of_the_invoice() -> None:
    requests, _ = pull(Kind.INVOICE, ("number",), Since(NOW), [])
    (either,) = [clause for clause in called(requests[0])[1][0] if clause[0] == "OR"]
    since = {"__class__": "datetime", "year": 2026, "month": 11, "day": 18, "hour": 16}
    since |= {"minute": 40, "second": 0, "microsecond": 0}
    assert ["last_modified_at", ">=", since] in either
    assert ["lines.last_modified_at", ">=", since] in either
    assert ["move.lines.last_modified_at", ">=", since] in either


# ------------------------------------------------------------------------------------ customers


def a_party(key: int, **changed: object) -> dict[str, Any]:
    children: dict[str, Any] = {"addresses.": [], "contact_mechanisms.": [], "identifiers.": []}
    return {"id": key, "name": "田中商店", "last_modified_at": OLD, **children, **changed}


def test_an_idle_cycle_asks_four_things_about_customers() -> None:
    requests, page = pull(Kind.CUSTOMER, ("name",), Since(NOW), [], [], [], [])
    models = [called(request)[0].removesuffix(".search_read") for request in requests]
    assert models == [
        "model.account.move.line",
        "model.account.invoice",
        "model.sale.sale",
        "model.party.party",
    ]
    assert page.records == []


def test_whoever_a_document_touched_is_read_again() -> None:
    line = {"id": 1, "party": 5, "last_modified_at": OLD, "move.": {"last_modified_at": OLD}}
    invoice = {"id": 2, "party": 6, "alternative_payees": [8], **CHANGED}
    sale = {"id": 3, "party": 7, "last_modified_at": moment("2026-11-18 16:40")}
    answers: tuple[Any, ...] = (
        [line],
        [invoice],
        [sale],
        [a_party(7)],
        [],
        [],
        [{"id": 3, "party": 7}],
    )
    requests, page = pull(Kind.CUSTOMER, ("name", "in_scope"), Since(NOW), *answers)
    (either,) = [clause for clause in called(requests[3])[1][0] if clause[0] == "OR"]
    assert either[-1] == ["id", "in", [5, 6, 7, 8]]
    assert page.records[0].data == {"name": "田中商店", "in_scope": True}
    assert page.records[0].stamp == NOW, "or the cursor would never pass the sale"


def test_after_very_many_changes_everybody_is_read() -> None:
    late = moment("2026-11-18 16:40")
    many = [{"id": n, "party": n, "last_modified_at": late} for n in range(1000)]
    requests, page = pull(
        Kind.CUSTOMER, ("name",), Since(NOW), many, [], [], [a_party(7)], [], [], []
    )
    assert called(requests[3])[1][0] == [["active", "in", [True, False]]]
    assert page.records[0].stamp == NOW


def test_only_whoever_has_documents_is_in_scope() -> None:
    parties = [a_party(key) for key in (1, 2, 3, 4)]
    documents = ([{"id": 9, "party": 1}], [{"id": 9, "party": 2}], [{"id": 9, "party": 3}])
    requests, page = pull(Kind.CUSTOMER, ("in_scope",), All(), parties, *documents)
    assert [r.data["in_scope"] for r in page.records] == [True, True, True, False]
    asked = [called(request)[1][0][-1] for request in requests[1:]]
    assert asked == [["party", "in", ids] for ids in ([1, 2, 3, 4], [2, 3, 4], [3, 4])]


def test_without_the_sale_module_sales_are_not_asked_for() -> None:
    flow = connector().pull(Read(Kind.CUSTOMER, "party.party", ("name",)), Since(NOW))
    asked, _ = drive(flow, *FIRST_CALLS[:2], 0, [], [], [])
    assert "sale" not in "".join(called(request)[0] for request in asked)


@pytest.mark.parametrize(("marked", "city"), [([0, 1, 0], "Graz"), ([0, 0, 0], "Wien")])
def test_the_address_is_the_one_for_invoices_else_the_first(marked: list[int], city: str) -> None:
    cities = zip(("Wien", "Graz", "Linz"), marked, strict=True)
    rows = [{"id": n, "city": name, "invoice": mark} for n, (name, mark) in enumerate(cities)]
    party = a_party(1, **{"addresses.": rows})
    requests, page = pull(Kind.CUSTOMER, ("invoice_address.city",), All(), [party], [], [], [])
    assert page.records[0].data == {"invoice_address": {"city": city}}
    assert {"addresses.city", "addresses.invoice"} <= set(called(requests[0])[1][4])


def test_a_party_without_an_address_has_none() -> None:
    _, page = pull(Kind.CUSTOMER, ("invoice_address.city",), All(), [a_party(1)], [], [], [])
    assert page.records[0].data == {"invoice_address": None}


# ------------------------------------------------------------------------ payments and balances


def a_line(key: int, amount: str, **changed: object) -> dict[str, Any]:
    """A line in euros on the account of party 9; negative for a credit."""
    value = Decimal(amount)
    return {
        "id": key,
        "debit": money(str(max(value, Decimal(0)))),
        "credit": money(str(max(-value, Decimal(0)))),
        "amount": money(amount),
        "amount_currency.": {"id": 1, "code": "EUR"},
        "date": day("2026-11-18"),
        "maturity_date": None,
        "origin": None,
        "party.": {"id": 9},
        "reconciliation.": None,
        "invoice_payment.": None,
        "move.": a_move(key + 100, "cash"),
        "description": None,
        "last_modified_at": OLD,
        **changed,
    }


def a_move(key: int, journal: str, description: str | None = None) -> dict[str, Any]:
    named = {"number": "55", "description": description}
    return {"id": key, "state": "posted", "journal.": {"id": 3, "type": journal}, **named}


def a_bill(key: int, total: str, unpaid: str, *due: object, **changed: object) -> dict[str, Any]:
    return {
        "id": key,
        "number": f"INV/{key}",
        "state": "posted",
        "party.": {"id": 9},
        "move": key + 200,
        "additional_moves": [],
        "cancel_move": None,
        "total_amount": money(total),
        "amount_to_pay": money(unpaid),
        "currency.": {"id": 1, "code": "EUR", "digits": 2},
        "lines_to_pay.": list(due),
        "payment_lines.": [],
        **changed,
    }


ALLOCATIONS = ("allocations.invoice", "allocations.amount", "allocations.currency")


def test_a_settled_group_is_read_as_a_whole_and_allocated() -> None:
    group = {"reconciliation.": {"id": 3}}
    paid, due = a_line(1, "-80.00", **group), a_line(2, "100.00", **group)
    note = a_line(4, "-20.00", **group)
    bill = a_bill(7, "100.00", "0.00", due)
    requests, page = pull(Kind.PAYMENT, ALLOCATIONS, All(), [paid], [paid, due, note], [bill])
    assert called(requests[1])[1][0] == [["reconciliation", "in", [3]]]
    allocation = {"invoice": 7, "amount": Decimal("80.00"), "currency": "EUR"}
    assert page.records[0].data == {"allocations": [allocation]}


def test_a_linked_payment_is_allocated_before_it_is_settled() -> None:
    paid = a_line(1, "-30.00", **{"invoice_payment.": {"id": 7}})
    links = {"payment_lines.": [paid]}
    bill = a_bill(7, "100.00", "70.00", a_line(2, "100.00"), **links)
    _, page = pull(Kind.PAYMENT, ALLOCATIONS, All(), [paid], [bill])
    allocation = {"invoice": 7, "amount": Decimal("30.00"), "currency": "EUR"}
    assert page.records[0].data == {"allocations": [allocation]}


def test_an_advance_has_no_allocation() -> None:
    paths = ("amount", "currency", *ALLOCATIONS)
    _, page = pull(Kind.PAYMENT, paths, All(), [a_line(1, "-30.00")], [])
    expected = {"amount": Decimal("30.00"), "currency": "EUR", "allocations": []}
    assert page.records[0].data == expected


def test_a_credit_note_tells_what_it_settles_of_which_invoice() -> None:
    group = {"reconciliation.": {"id": 3}}
    due, owed = a_line(4, "-20.00", **group), a_line(2, "100.00", **group)
    paid = a_line(1, "-80.00", **group)
    row = {**an_invoice(8), **a_bill(8, "-20.00", "0.00", due), "move": 104}
    note = a_bill(8, "-20.00", "0.00", due, move=104)
    bill = a_bill(7, "100.00", "0.00", owed, move=102)
    paths = ("number", "standing", *ALLOCATIONS)
    answers = ([row], [due, owed, paid], [note, bill])
    requests, page = pull(Kind.CREDIT_NOTE, paths, All(), *answers)
    below = ["total_amount", "<", {"__class__": "Decimal", "decimal": "0"}]
    assert below in called(requests[0])[1][0]
    allocation = {"invoice": 7, "amount": Decimal("20.00"), "currency": "EUR"}
    assert page.records[0].data == {
        "number": "INV/8",
        "standing": "posted",
        "allocations": [allocation],
    }


def test_a_credit_note_that_took_an_invoice_back_is_cancelled_with_it() -> None:
    group = {"reconciliation.": {"id": 3}}
    due, owed = a_line(4, "-20.00", **group), a_line(2, "20.00", **group)
    row = {**an_invoice(8), **a_bill(8, "-20.00", "0.00", due), "move": 104, "state": "paid"}
    note = a_bill(8, "-20.00", "0.00", due, move=104, state="paid")
    bill = a_bill(7, "20.00", "0.00", owed, move=102, cancel_move=104, state="cancelled")
    answers = ([row], [due, owed], [note, bill])
    _, page = pull(Kind.CREDIT_NOTE, ("standing", *ALLOCATIONS), All(), *answers)
    assert page.records[0].data == {"standing": "cancelled", "allocations": []}


def general(key: int, amount: str, **changed: object) -> dict[str, Any]:
    return a_line(key, amount, **{"move.": a_move(key + 100, "general"), **changed})


ADJUSTED = ("amount", "reason", "in_ledger")


def test_what_is_neither_a_document_nor_money_is_an_adjustment() -> None:
    rows = [general(1, "30.00"), a_line(2, "-5.00", **{"move.": a_move(102, "situation")})]
    requests, page = pull(Kind.ADJUSTMENT, ADJUSTED, All(), rows, [])
    assert [r.data for r in page.records] == [
        {"amount": Decimal("30.00"), "reason": "manual", "in_ledger": True},
        {"amount": Decimal("-5.00"), "reason": "opening", "in_ledger": True},
    ]
    assert called(requests[0])[1][0][-1] == [
        "OR",
        ["move.journal.type", "not in", ["cash", "statement"]],
        ["reconciliation.lines.second_currency", "!=", None],
    ]


@pytest.mark.parametrize(("scope", "told"), [(All(), 0), (Since(None), 0), (Keys(["2"]), 1)])
def test_a_full_pass_leaves_out_what_adjusts_nothing(scope: Any, told: int) -> None:
    """An invoice's own line. Asked for by its key, it says that it is not in the ledger."""
    due = general(2, "50.00")
    bill = a_bill(7, "50.00", "50.00", due, move=102)
    _, page = pull(Kind.ADJUSTMENT, ADJUSTED, scope, [due], [bill], [due])
    assert [r.data["in_ledger"] for r in page.records] == [False] * told


def test_what_changed_is_told_even_where_it_adjusts_nothing_any_more() -> None:
    due = general(2, "50.00")
    bill = a_bill(7, "50.00", "50.00", due, move=102)
    _, page = pull(Kind.ADJUSTMENT, ADJUSTED, Since(NOW), [], [due], [bill], [due])
    assert page.records[0].data["in_ledger"] is False


def test_a_full_page_of_lines_that_adjust_nothing_is_not_the_last() -> None:
    due = general(2, "50.00")
    bill = a_bill(7, "50.00", "50.00", due, move=102)
    _, page = pull(Kind.ADJUSTMENT, ADJUSTED, All(), [due], [bill], [due], page="1")
    assert (page.records, page.next) == ([], "2")


def test_lines_of_the_moves_of_changed_invoices_are_read_again() -> None:
    changed = {"id": 7, "party": 9, "alternative_payees": [], **CHANGED}
    changed |= {"move": 4, "additional_moves": [6]}
    requests, _ = pull(Kind.ADJUSTMENT, ("amount",), Since(NOW), [changed], [])
    assert ["move", "in", [4, 6]] in called(requests[1])[1][0][-1]


# ------------------------------------------------------------------------------------------ orders


def test_after_very_many_invoices_changed_every_line_is_read_again() -> None:
    changed = [
        {"id": n, "party": 9, "alternative_payees": [], **CHANGED, "move": n} for n in range(1000)
    ]
    requests, _ = pull(Kind.ADJUSTMENT, ("amount",), Since(NOW), changed, [])
    domain = called(requests[1])[1][0]
    assert not any("last_modified_at" in str(clause) for clause in domain)


def a_sale(key: int, total: str, *invoices: object, **changed: object) -> dict[str, Any]:
    return {
        "id": key,
        "number": "7",
        "state": "processing",
        "sale_date": day("2026-11-18"),
        "create_date": moment("2026-11-17 10:00"),
        "create_uid.": {"id": 1, "rec_name": "admin"},
        "quoted_by.": None,
        "confirmed_by.": None,
        "total_amount": money(total),
        "currency.": {"id": 1, "code": "EUR", "digits": 2},
        "invoices.": list(invoices),
        "lines.": [],
        "last_modified_at": OLD,
        **changed,
    }


def a_billing(key: int, total: str, state: str, untaxed: str = "0") -> dict[str, Any]:
    amounts = {"total_amount": money(total), "untaxed_amount": money(untaxed)}
    return {"id": key, "state": state, "last_modified_at": OLD, **amounts}


@pytest.mark.parametrize(
    ("invoices", "state", "left"),
    [
        ([], "processing", "96.00"),
        ([("40.00", "posted"), ("6.00", "paid")], "processing", "50.00"),
        ([("40.00", "draft"), ("40.00", "cancelled")], "processing", "96.00"),
        ([("97.00", "posted")], "processing", "0"),
        ([("96.00", "posted"), ("-96.00", "posted")], "processing", "0.00"),
        ([("40.00", "paid")], "done", "0"),
    ],
)
def test_open_is_what_is_not_invoiced_yet(invoices: Any, state: str, left: str) -> None:
    bills = [a_billing(n, total, bill) for n, (total, bill) in enumerate(invoices)]
    _, page = pull(Kind.ORDER, ("open",), All(), [a_sale(1, "96.00", *bills, state=state)])
    assert page.records[0].data == {"open": Decimal(left)}


def test_an_invoice_for_several_sales_counts_by_this_ones_part() -> None:
    bill = a_billing(5, "120.00", "posted", untaxed="100.00")
    part = {"id": 9, "invoice": 5, "amount": money("33.33")}
    lines = {"lines.": [{"id": 1, "last_modified_at": OLD, "invoice_lines.": [part]}]}
    _, page = pull(Kind.ORDER, ("open",), All(), [a_sale(1, "96.00", bill, **lines)])
    assert page.records[0].data == {"open": Decimal("56.00")}


@pytest.mark.parametrize(
    ("confirmed", "quoted", "seller"),
    [("Eva", "Udo", "Eva"), (None, "Udo", "Udo"), (None, None, "admin")],
)
def test_the_seller_is_an_employee_else_the_user(
    confirmed: str | None, quoted: str | None, seller: str
) -> None:
    by = {"confirmed_by.": confirmed, "quoted_by.": quoted}
    row = a_sale(1, "1.00", **{k: v and {"id": 1, "rec_name": v} for k, v in by.items()})
    _, page = pull(Kind.ORDER, ("seller",), All(), [row])
    assert page.records[0].data == {"seller": seller}


def test_a_sale_without_a_date_is_dated_when_it_was_made() -> None:
    _, page = pull(Kind.ORDER, ("dated",), All(), [a_sale(1, "1.00", sale_date=None)])
    assert page.records[0].data == {"dated": dt.date(2026, 11, 17)}


def test_the_stamp_of_an_order_is_that_of_its_lines_and_invoices_too() -> None:
    bill = {**a_billing(5, "1.00", "draft"), "last_modified_at": moment("2026-11-18 16:40")}
    requests, page = pull(Kind.ORDER, ("number",), Since(NOW), [a_sale(1, "1.00", bill)])
    either = called(requests[0])[1][0][-1]
    assert [clause[0] for clause in either[1:]] == [
        "last_modified_at",
        "lines.last_modified_at",
        "invoices.last_modified_at",
    ]
    assert page.records[0].stamp == NOW


def test_without_the_sale_module_there_are_no_orders() -> None:
    flow = connector().pull(Read(Kind.ORDER, "sale.sale", ("number",)), All())
    asked, page = drive(flow, *FIRST_CALLS[:2], 0)
    assert len(asked) == 3 and page.records == [] and page.next is None


# ------------------------------------------------------------------------------ what is read again


@pytest.mark.parametrize(
    ("line", "move", "reference"),
    [
        ("Überweisung 17", "bank", "Überweisung 17"),
        (None, "bank", "bank"),
        ("", None, "55"),
    ],
)
def test_a_payment_is_called_by_its_text_then_by_its_moves(
    line: str | None, move: str | None, reference: str
) -> None:
    row = a_line(1, "-30.00", description=line, **{"move.": a_move(101, "cash", move)})
    _, page = pull(Kind.PAYMENT, ("reference",), All(), [row], [])
    assert page.records[0].data == {"reference": reference}


def test_money_that_comes_in_is_above_zero_and_money_given_back_below() -> None:
    rows = [a_line(1, "-30.00"), a_line(2, "12.00")]
    requests, page = pull(Kind.PAYMENT, ("amount",), All(), rows, [])
    assert [r.data["amount"] for r in page.records] == [Decimal("30.00"), Decimal("-12.00")]
    assert ["move.journal.type", "in", ["cash", "statement"]] in called(requests[0])[1][0]


def test_a_line_of_a_document_is_no_payment_though_its_journal_is_for_cash() -> None:
    """Due dates can be moved in any journal. The page goes on all the same."""
    rows = [a_line(1, "-30.00"), a_line(2, "-30.00")]
    bill = a_bill(7, "30.00", "30.00", additional_moves=[102])
    _, page = pull(Kind.PAYMENT, ("amount",), All(), rows, [bill], page="2")
    assert [r.key for r in page.records] == ["1"] and page.next == "2"


def test_open_credits_of_the_parties_of_changed_invoices_are_read_again() -> None:
    """A link from a payment to an invoice moves the invoice alone."""
    changed = {"id": 7, "party": 9, "alternative_payees": [], **CHANGED}
    requests, _ = pull(Kind.PAYMENT, ("amount",), Since(NOW), [changed], [])
    either = called(requests[1])[1][0][-1]
    assert either[0] == "OR"
    assert either[-1] == [["reconciliation", "=", None], ["party", "in", [9]]]


def test_an_idle_cycle_asks_two_things_about_payments_and_one_about_invoices() -> None:
    assert len(pull(Kind.PAYMENT, ("amount",), Since(NOW), [], [])[0]) == 2
    assert len(pull(Kind.INVOICE, ("number",), Since(NOW), [])[0]) == 1


def test_an_idle_cycle_asks_three_things_about_balances() -> None:
    requests, page = pull(Kind.BALANCE, ("rows.currency",), Since(NOW), [], [], [])
    assert len(requests) == 3 and page.records == [] and page.next is None


def test_a_balance_keeps_what_is_owed_and_what_is_paid_ahead_apart() -> None:
    lines = [a_line(1, "100.00"), a_line(2, "-30.00")]
    bill = a_bill(7, "100.00", "100.00", lines[0])
    own = ("customer", "company_currency", "in_scope", "balance")
    paths = (*own, "rows.currency", "rows.receivable", "rows.prepaid", "rows.credits")
    _, page = pull(Kind.BALANCE, paths, All(), [{"id": 9}], lines, [bill])
    row = {"receivable": Decimal("100.00"), "prepaid": Decimal("30.00"), "credits": Decimal(0)}
    assert page.records[0].data == {
        "customer": 9,
        "company_currency": "EUR",
        "in_scope": True,
        "balance": Decimal("70.00"),
        "rows": [{"currency": "EUR", **row}],
    }


def test_a_customer_without_open_lines_has_a_balance_without_rows() -> None:
    answers: tuple[Any, ...] = ([{"id": 9}], [], [], [{"id": 1, "party": 9}])
    _, page = pull(Kind.BALANCE, ("in_scope", "rows.currency"), All(), *answers)
    assert page.records[0].data == {"in_scope": True, "rows": []}
