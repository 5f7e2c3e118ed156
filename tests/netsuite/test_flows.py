"""What a NetSuite connection asks, and what it makes of the answers; each flow by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.netsuite import NetSuite
from connectors.netsuite.clock import Wall
from connectors.netsuite.wire import HiddenError, Wire
from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    ConfigError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    UnavailableError,
)
from syncd.port import OUTSIDE, All, FieldDef, Keys, Op, Outcome, Read, Request, Since, Write
from tests.flows import Answer, drive

OPTIONS = {"account": "1", "zone": "America/New_York", "client_id": "c", "certificate_id": "k"}
DATE = {"date": "Thu, 26 Nov 2026 12:00:00 GMT"}
CURRENCIES = [
    {"id": "1", "symbol": "USD", "isbasecurrency": "T"},
    {"id": "3", "symbol": "EUR", "isbasecurrency": "F"},
]
SUBSIDIARIES = [{"id": "1", "name": "Пример Inc."}, {"id": "2", "name": "日本", "parent": "1"}]


def page(rows: Sequence[object], more: bool = False) -> Answer:
    body = {"links": [], "items": rows, "hasMore": more, "totalResults": len(rows)}
    return Answer(200, body, DATE)


def refused(status: int, code: str, detail: str, path: str = "") -> Answer:
    one = {"o:errorCode": code, "detail": detail, **({"o:errorPath": path} if path else {})}
    return Answer(status, {"title": "x", "status": status, "o:errorDetails": [one]})


UNKNOWN = "Search error occurred: Unknown identifier 'custbody_x'"
TAKEN = refused(400, "USER_ERROR", "This entity already exists.", "companyName")
NOBODY = refused(404, "NONEXISTENT_ID", "The record instance does not exist.")


def hidden(name: str) -> Answer:
    said = f"Search error occurred: Record '{name}' was not found."
    return refused(400, "INVALID_PARAMETER", f"Invalid search query. {said}")


ALONE = (page(CURRENCIES), hidden("subsidiary"), hidden("accountingbook"))
"""An account of one company."""
SEVERAL = (page(CURRENCIES), page(SUBSIDIARIES), page([{"id": "1"}]))


def connector(*opened: Answer, **options: str) -> NetSuite:
    made = NetSuite({**OPTIONS, **options})
    drive(made.identity(), *(opened or ALONE))
    return made


def sql(request: Request) -> str:
    assert isinstance(request.json, dict)
    return str(request.json["q"])


def test_a_query_is_a_read_that_asks_for_one_page() -> None:
    [asked], answer = drive(Wire().query("SELECT 1", 7), page([{"links": [], "a": "1"}]))
    assert (asked.method, asked.write, asked.headers) == ("POST", False, {"Prefer": "transient"})
    assert asked.query == {"limit": "7", "offset": "0"}
    assert answer.rows == [{"a": "1"}]


def test_what_does_not_fit_one_page_is_asked_for_in_two() -> None:
    asked, rows = drive(
        Wire().by_keys(["1", "2", "3"], lambda some: f"IN ({some})"),
        page([{"a": "1"}], more=True), page([{"a": "1"}]), page([{"a": "2"}, {"a": "3"}]),
    )  # fmt: skip
    assert [sql(one) for one in asked] == ["IN (1, 2, 3)", "IN (1)", "IN (2, 3)"]
    assert [row["a"] for row in rows] == ["1", "2", "3"]


def test_one_key_with_too_many_rows_is_an_error_and_no_part_of_them() -> None:
    with pytest.raises(ProtocolError, match="more than 1000 rows for one: link"):
        drive(Wire().by_keys(["1"], lambda some: f"SELECT a FROM link {some}"), page([], more=True))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (hidden("x"), HiddenError),
        (refused(400, "INVALID_PARAMETER", f"{UNKNOWN}. Available: {{t=t}}."), HiddenError),
        (refused(400, "INVALID_PARAMETER", "Invalid or unsupported search."), ProtocolError),
        (refused(401, "INVALID_LOGIN", "Invalid login attempt."), AccessError),
        (refused(403, "INSUFFICIENT_PERMISSION", "no"), AccessError),
        (Answer(200, b"<html>"), ProtocolError),
        (Answer(200, {"items": []}), ProtocolError),
    ],
)  # fmt: skip
def test_what_a_read_is_refused_with(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        drive(Wire().query("SELECT 1"), answer)


def test_the_identity_is_the_account_and_its_answers_may_not_name_another() -> None:
    links = [{"rel": "self", "href": "https://1-sb1.suitetalk.api.netsuite.com/services/rest"}]
    body = {"links": links, "items": CURRENCIES, "hasMore": False, "totalResults": 2}
    made = NetSuite({**OPTIONS, "account": "1_SB1"})
    _, found = drive(made.identity(), Answer(200, body), *SEVERAL[1:])
    assert (found.id, found.label) == ("1_SB1", "Пример Inc.")
    with pytest.raises(AccessError, match=r"leads to the account 1_SB1, and the setting .* says 1"):
        drive(NetSuite(OPTIONS).identity(), Answer(200, body), *SEVERAL[1:])


def test_a_subsidiary_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"names Nobody; NetSuite has: Пример Inc\.; 日本"):
        connector(*SEVERAL, subsidiaries="Nobody")
    with pytest.raises(ConfigError, match="this account has one company"):
        connector(*ALONE, subsidiaries="Nobody")


# ------------------------------------------------------------------------------------ the clock

NEW_YORK = Wall(ZoneInfo("America/New_York"))


def test_times_are_on_the_accounts_wall() -> None:
    noon = dt.datetime(2026, 7, 1, 16, 0, tzinfo=dt.UTC)
    assert NEW_YORK.moment("2026-07-01 12:00:00", None) == noon
    assert NEW_YORK.shown(noon) == "TO_TIMESTAMP('2026-07-01 12:00:00', 'YYYY-MM-DD HH24:MI:SS')"


def test_in_the_hour_that_comes_twice_what_is_saved_later_is_never_older() -> None:
    first = dt.datetime(2026, 11, 1, 5, 50, tzinfo=dt.UTC)  # 01:50 before the clock goes back
    second = dt.datetime(2026, 11, 1, 6, 10, tzinfo=dt.UTC)  # 01:10 after it
    seen = dt.timedelta(minutes=1)
    assert NEW_YORK.moment("2026-11-01 01:50:00", first + seen) == first
    assert NEW_YORK.moment("2026-11-01 01:10:00", second + seen) == second


# ------------------------------------------------------------------------------------ documents


def transaction(id: str, **values: Any) -> dict[str, Any]:
    row = {"id": id, "type": "CustInvc", "status": "A", "posting": "T", "voided": "F",
           "tranid": f"INV{id}", "entity": "7", "currency": "1", "foreigntotal": "120.5",
           "trandate": "2026-11-18", "stamp": "2026-11-18 12:00:00"}  # fmt: skip
    return {name: value for name, value in {**row, **values}.items() if value is not None}


PATHS = ("customer", "number", "dated", "due_date", "currency", "total", "standing", "allocations")


def read(kind: Kind, *paths: str) -> Read:
    return Read(kind, "transaction", paths or PATHS)


def test_an_invoice_has_its_own_currency_and_no_sign() -> None:
    made = connector()
    rows = [transaction("12", foreigntotal="-.5", currency="3", duedate="2026-12-18")]
    [asked], found = drive(
        made.pull(read(Kind.INVOICE, *PATHS[:-1], "otherrefnum", "terms.name"), All()),
        page([{**rows[0], "otherrefnum": "PO-1", "terms_name": "Net 30"}]),
    )  # fmt: skip
    [record] = found.records
    assert record.key == "12" and record.stamp == dt.datetime(2026, 11, 18, 17, tzinfo=dt.UTC)
    assert record.data == {
        "customer": "7", "number": "INV12", "dated": "2026-11-18", "due_date": "2026-12-18",
        "currency": "EUR", "total": Decimal("0.5"), "standing": "CustInvc:A",
        "otherrefnum": "PO-1", "terms": {"name": "Net 30"},
    }  # fmt: skip
    text = sql(asked)
    assert "t.otherrefnum AS otherrefnum" in text
    assert "BUILTIN.DF(t.terms) AS terms_name" in text
    assert "t.type IN ('CustInvc', 'CashSale')" in text and text.endswith("ORDER BY t.id")
    assert "subsidiary" not in text, "there is no such column in an account of one company"


def test_a_page_goes_on_behind_the_last_id() -> None:
    made = connector(page=("1"))
    _, first = drive(
        made.pull(read(Kind.INVOICE, "number"), All()), page([transaction("12")], more=True)
    )
    assert first.next == "12"
    [asked], last = drive(made.pull(read(Kind.INVOICE, "number"), All("12")), page([]))
    assert "t.id > 12" in sql(asked) and last.next is None
    assert asked.query == {"limit": "1", "offset": "0"}


def test_what_changed_is_asked_for_on_the_accounts_clock_with_what_was_linked() -> None:
    made = connector()
    since = Since(dt.datetime(2026, 11, 26, 11, 50, tzinfo=dt.UTC))
    asked, _ = drive(made.pull(read(Kind.PAYMENT, "number"), since), page([]), page([]))
    log, text = (sql(one) for one in asked)
    assert log.startswith("SELECT recordid AS recordid, MAX(TO_CHAR(deleteddate")
    assert text.count("TO_TIMESTAMP('2026-11-26 06:50:00', 'YYYY-MM-DD HH24:MI:SS')") == 3
    assert "l.linktype = 'Payment'" in text and "o.type = 'DepAppl'" in text


def test_a_payment_settles_what_its_links_say_and_a_deposit_what_its_applications_do() -> None:
    made = connector()
    rows = [
        transaction("20", type="CustPymt", status="C", foreigntotal="-50"),
        transaction("21", type="CustDep", status="B", foreigntotal="-30"),
        transaction("22", type="CustRfnd", status="Z", foreigntotal="5"),
        transaction("23", type="CashSale", status="C", foreigntotal="9"),
        transaction("24", type="CustPymt", status="C", voided="T", foreigntotal="0"),
    ]
    asked, found = drive(
        made.pull(read(Kind.PAYMENT, "amount", "standing", "allocations"), All()),
        page(rows),
        page([{"settler": "20", "invoice": "12", "amount": "38.2"}]),
        page([{"deposit": "21", "application": "31"}]),
        page([{"settler": "31", "invoice": "13", "amount": "10"}]),
    )
    assert "l.nextdoc IN (20)" in sql(asked[1]), "what is void settles nothing"
    assert "l.previousdoc IN (21)" in sql(asked[2]) and "l.nextdoc IN (31)" in sql(asked[3])
    told = {
        one.key: (
            one.data["amount"],
            [(a["invoice"], a["amount"]) for a in one.data["allocations"]],
        )
        for one in found.records
    }
    assert told == {
        "20": (Decimal(50), [("12", Decimal("38.2"))]),
        "21": (Decimal(30), [("13", Decimal(10))]),
        "22": (Decimal(-5), []),
        "23": (Decimal(9), [("23", Decimal(9))]),
        "24": (Decimal(0), []),
    }
    assert [one.data["standing"] for one in found.records][-1] == "void"


def test_of_an_order_is_open_what_nothing_bills() -> None:
    made = connector()
    rows = [
        transaction("40", type="SalesOrd", status="E", foreigntotal="100"),
        transaction("41", type="SalesOrd", status="H", foreigntotal="100"),
        transaction("42", type="SalesOrd", status="B", foreigntotal="100"),
    ]
    bills = [
        {"orderid": "40", "bill": "50", "total": "60"},
        {"orderid": "40", "bill": "51", "total": "15.5"},
    ]
    _, found = drive(made.pull(read(Kind.ORDER, "open"), All()), page(rows), page(bills))
    assert [one.data["open"] for one in found.records] == [Decimal("24.5"), 0, Decimal(100)]


def test_a_journal_is_one_adjustment_for_each_customer() -> None:
    made = connector()
    rows = [transaction("60", type="Journal", status="B", entity=None)]
    lines = [
        {"journal": "60", "customer": "7", "amount": "-2.5"},
        {"journal": "60", "customer": "8", "amount": "2.5"},
    ]
    _, found = drive(
        made.pull(read(Kind.ADJUSTMENT, "customer", "amount", "reason", "in_kind"), All()),
        page(rows), page(lines), page([]), page([]),
    )  # fmt: skip
    assert [(one.key, one.data["amount"], one.data["reason"]) for one in found.records] == [
        ("60.7", Decimal("-2.5"), "manual"), ("60.8", Decimal("2.5"), "manual"),
    ]  # fmt: skip


def test_what_was_deleted_is_outside_and_what_has_the_id_of_something_living_is_not() -> None:
    made = connector()
    since = Since(dt.datetime(2026, 11, 26, 11, 50, tzinfo=dt.UTC))
    log = [{"recordid": id, "deleted": "2026-11-26 06:55:00"} for id in ("12", "13")]
    asked, found = drive(
        made.pull(read(Kind.INVOICE, "number", "terms.name"), since),
        page(log), page([{"id": "13"}]), page([transaction("14")]),
    )  # fmt: skip
    assert [(one.key, one.outside) for one in found.records] == [("12", True), ("14", False)]
    assert found.records[0].data["number"] is None
    refused_log = connector()
    asked, found = drive(
        refused_log.pull(read(Kind.INVOICE, "number"), since), hidden("deletedrecord"), page([])
    )
    assert len(asked) == 2 and found.records == []
    asked, _ = drive(refused_log.pull(read(Kind.INVOICE, "number"), since), page([]))
    assert len(asked) == 1, "it is asked for once"


def test_of_subsidiaries_that_are_not_read_nothing_is_in_a_full_pass() -> None:
    made = connector(*SEVERAL, subsidiaries="日本")
    rows = [transaction("12", subsidiary_id="1"), transaction("13", subsidiary_id="2")]
    asked = read(Kind.INVOICE, "number", "organisation")
    _, found = drive(made.pull(asked, All()), page(rows))
    assert [(one.key, one.data["organisation"]) for one in found.records] == [("13", "日本")]
    _, found = drive(made.pull(asked, Keys(["12", "13", "x"])), page(rows))
    assert [one.data.get(OUTSIDE) for one in found.records] == [True, None]


def test_a_key_that_is_no_number_asks_nothing() -> None:
    asked, found = drive(connector().pull(read(Kind.INVOICE, "number"), Keys(["a b"])))
    assert (asked, found.records) == ([], [])


def test_a_balance_is_what_is_open_by_currency() -> None:
    made = connector()
    _, found = drive(
        made.pull(Read(Kind.BALANCE, "customer", ("customer", "company_currency", "rows")), All()),
        page([{"id": "7", "searchstage": "Customer"}, {"id": "8"}]),
        page([
            {"customer": "7", "currency": "1", "type": "CustInvc", "owed": "100", "unused": "0"},
            {"customer": "7", "currency": "1", "type": "CustCred", "owed": "0", "unused": "6.1"},
        ]),
        page([{"customer": "7", "currency": "3", "type": "CustPymt", "owed": "0", "unused": "2"}]),
        page([{"customer": "7", "currency": "1", "type": "CustDep", "unused": "5"}]),
    )  # fmt: skip
    first, second = found.records
    assert first.data["rows"] == [
        {"currency": "USD", "receivable": 100, "prepaid": 5, "credits": Decimal("6.1")},
        {"currency": "EUR", "receivable": 0, "prepaid": Decimal(2), "credits": 0},
    ]  # fmt: skip
    assert second.data == {"customer": "8", "company_currency": "USD", "rows": []}


# ------------------------------------------------------------------------------------ writing


def write(op: Op = Op.CREATE, remote_id: str | None = None, **fields: Any) -> Write:
    return Write(op, "customer", "CRM-4876", remote_id, {}, fields)


def one(made: NetSuite, write: Write, *answers: Answer) -> tuple[list[Request], Outcome]:
    asked, outcomes = drive(made.push([write]), *answers)
    [outcome] = outcomes
    return asked, outcome


def test_a_customer_is_made_by_its_external_id_and_may_be_sent_twice() -> None:
    made = NetSuite({**OPTIONS, "new_subsidiary": "2", "new_status": "13"})
    place = {
        "location": "https://1.suitetalk.api.netsuite.com/services/rest/record/v1/customer/647"
    }
    fields = {"name": "株式会社サンプル", "email": None, "street": "銀座 1", "country": "JP"}
    [asked], outcome = one(made, write(**fields), Answer(204, None, place))
    assert (asked.method, asked.path) == ("PUT", "/services/rest/record/v1/customer/eid:CRM-4876")
    assert asked.write and asked.repeatable
    address = {"addr1": "銀座 1", "country": {"id": "JP"}}
    book = {"defaultBilling": True, "defaultShipping": True, "addressBookAddress": address}
    assert asked.json == {
        "isPerson": False, "companyName": "株式会社サンプル", "subsidiary": {"id": "2"},
        "entityStatus": {"id": "13"}, "addressBook": {"items": [book]},
    }  # fmt: skip
    assert outcome == Outcome("647"), "the answer carries no values"


def test_an_update_has_what_differs_and_empties_what_goes_away() -> None:
    fields = {"phone": None, "custom_fields.custentity_erp_owes": Decimal("48200.00")}
    [asked], outcome = one(NetSuite(OPTIONS), write(Op.UPDATE, "647", **fields), Answer(204))
    assert (asked.method, asked.path) == ("PATCH", "/services/rest/record/v1/customer/647")
    assert asked.json == {"phone": None, "custentity_erp_owes": Decimal("48200.00")}
    assert outcome == Outcome("647")


@pytest.mark.parametrize(
    ("answer", "error", "field"),
    [
        (TAKEN, DuplicateError, "name"),
        (refused(400, "USER_ERROR", "Please enter value(s) for: Subsidiary"), RejectedError, None),
        (NOBODY, NotFoundError, None),
    ],
)  # fmt: skip
def test_a_refusal_is_of_this_customer_alone(
    answer: Answer, error: type[Exception], field: str | None
) -> None:
    _, outcome = one(NetSuite(OPTIONS), write(name="A"), answer)
    assert type(outcome.error) is error and outcome.error.field == field


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(409, "RCRD_HAS_BEEN_CHANGED", "Record has been changed"), UnavailableError),
        (refused(403, "INSUFFICIENT_PERMISSION", "no"), AccessError),
        (Answer(401), AccessError),
        (Answer(500, b"<html>"), DoubtError),
        (refused(500, "UNEXPECTED_ERROR", "An unexpected error occurred."), DoubtError),
        (Answer(200, {"id": "647"}), DoubtError),
    ],
)
def test_what_is_no_refusal_leaves_the_flow(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        one(NetSuite(OPTIONS), write(name="A"), answer)


def test_what_cannot_be_an_external_id_is_not_sent() -> None:
    bad = Write(Op.CREATE, "customer", "CRM|1", None, {}, {"name": "A"})
    asked, outcome = one(NetSuite(OPTIONS), bad)
    assert asked == [] and isinstance(outcome.error, RejectedError)


def test_a_marker_finds_the_one_that_has_exactly_it() -> None:
    row = {"id": "647", "externalId": "CRM-4876", "companyName": "A"}
    made = NetSuite(OPTIONS)
    _, found = drive(made.find("customer", {"marker": "CRM-4876"}, {}), Answer(200, row))
    assert [(f.remote_id, f.marker, f.fields["name"]) for f in found] == [("647", "CRM-4876", "A")]
    _, found = drive(made.find("customer", {"marker": "crm-4876"}, {}), Answer(200, row))
    assert found == []
    _, found = drive(made.find("customer", {"id": "9"}, {}), NOBODY)
    assert found == []
    with pytest.raises(ProtocolError):
        drive(made.find("customer", {"id": "9"}, {}), Answer(404, b"<html>"))


def test_custom_fields_that_are_missing_are_told() -> None:
    wanted = [FieldDef("customer", f"custom_fields.custentity_{n}", "text", n) for n in "ab"]
    bare, schema = Answer(200, {}), Answer(200, {"properties": {"custentity_a": {}}})
    _, missing = drive(NetSuite(OPTIONS).setup(wanted, False), bare, schema)
    assert [one.path for one in missing] == ["custom_fields.custentity_b"]
