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
    CHANGED,
    CONTEXT,
    FIRST_CALLS,
    OLD,
    a_term,
    an_invoice,
    called,
    connector,
    drive,
    error,
    html,
    moment,
    money,
    pull,
    result,
)

NOW = dt.datetime(2026, 11, 18, 16, 40, tzinfo=dt.UTC)


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


def test_terms_that_were_moved_are_not_told() -> None:
    """The invoice takes its first line back, on another day than that was due."""
    rows = [a_term("2026-11-01", "50.00", 8), a_term("2026-11-18", "-50.00", 8)]
    rows += [a_term("2026-12-01", "50.00")]
    _, page = pull(Kind.INVOICE, ("terms.due",), All(), [an_invoice(4, **{"lines_to_pay.": rows})])
    assert page.records[0].data == {"terms": [{"due": dt.date(2026, 12, 1)}]}


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


def test_a_model_tells_its_fields_and_where_they_lead() -> None:
    told = {
        "id": {"type": "integer"},
        "total_amount": {"type": "numeric"},
        "currency": {"type": "many2one", "relation": "currency.currency"},
    }
    asked, found = drive(connector().fields("account.invoice"), *FIRST_CALLS, told)
    assert found == {"id": "", "total_amount": "", "currency": "currency.currency"}
    assert called(asked[-1]) == ("model.account.invoice.fields_get", [[], CONTEXT])
    assert not any(request.write for request in asked)
