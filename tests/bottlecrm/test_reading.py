"""What is asked for when deals and accounts are read, and what is made of it; without a server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from connectors.bottlecrm import BottleCRM
from syncd.domain import Kind
from syncd.errors import AccessError, ConfigError
from syncd.port import All, Keys, Page, Read, Record, Request, Scope, Since
from tests.flows import Answer, drive

from .flows import ACCOUNT, CONTACT, INVOICE, NOTE, deal, uid

CRM = BottleCRM({"page": "2"})
DEAL = Read(Kind.DEAL, "opportunity", ("account.id", "closed_on", "name", "stage_kind"))
WON = Read(Kind.WON, "account", ("name", "custom_fields.vat"))
PERSON = Read(Kind.WON, "account", ("name", "contact.first_name", "contact.email"))
DATE = {"date": "Wed, 25 Nov 2026 17:40:00 GMT"}


def pipelines(*stages: tuple[str, str]) -> Answer:
    """Of two pipelines, each with these stages."""
    rows = [{"code": code, "kind": kind} for code, kind in stages or (("CLOSED_WON", "won"),)]
    return Answer(200, {"pipelines": [{"stages": rows}, {"stages": rows}]}, DATE)


def deals(*rows: dict[str, Any]) -> Answer:
    return Answer(200, {"opportunities": rows})


def listed(*rows: dict[str, Any], active: bool = True) -> Answer:
    shown, hidden = (rows, ()) if active else ((), rows)
    return Answer(
        200,
        {
            "active_accounts": {"open_accounts": shown},
            "closed_accounts": {"close_accounts": hidden},
        },
    )


def card(*people: dict[str, Any], name: str = "Acme", remote_id: str = ACCOUNT) -> Answer:
    account = {"id": remote_id, "name": name, "custom_fields": {}}
    return Answer(200, {"account_obj": account, "contacts": people})


def person(first_name: str, day: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "id": uid(day),
        "first_name": first_name,
        "last_name": "Novak",
        "email": f"{first_name}@example.test",
        "phone": None,
        "is_active": True,
        "created_at": f"2026-11-{day:02}T10:00:00Z",
        "custom_fields": {},
        **changed,
    }


def pulled(read: Read, scope: Scope, *answers: Answer) -> tuple[list[Request], Page]:
    return drive(CRM.pull(read, scope), *answers)


def keys(records: Sequence[Record]) -> list[str]:
    return [record.key for record in records]


# ------------------------------------------------------------------------------------------- deals


def test_a_deal_is_reduced_to_what_the_mapping_reads() -> None:
    _, page = pulled(DEAL, All(), pipelines(), deals(deal(7)))
    assert page.records == [
        Record(
            uid(7),
            {
                "account": {"id": ACCOUNT},
                "closed_on": "2026-11-20",
                "name": "Deal 7",
                "stage_kind": "won",
            },
        )
    ]
    assert (page.next, page.ordered) == (None, False)
    assert page.source_time == dt.datetime(2026, 11, 25, 17, 40, tzinfo=dt.UTC)


def test_whole_records_are_their_ids_and_people_come_in_one_order() -> None:
    read = Read(Kind.DEAL, "opportunity", ("account", "amount", "assigned_to"))
    row = deal(7, assigned_to=[{"id": uid(2)}, {"id": uid(1)}])
    _, page = pulled(read, All(), pipelines(), deals(row))
    assert page.records[0].data == {
        "account": ACCOUNT,
        "amount": "1000.00",
        "assigned_to": [uid(1), uid(2)],
    }


def test_a_deal_without_an_account_is_read_without_one() -> None:
    _, page = pulled(DEAL, All(), pipelines(), deals(deal(7, account=None)))
    assert page.records[0].data["account"] is None


def test_only_stages_of_the_kind_won_are_asked_for_one_after_the_other() -> None:
    stages = pipelines(("SIGNED", "won"), ("CLOSED_LOST", "lost"), ("CLOSED_WON", "won"))
    asked, page = pulled(DEAL, All(), stages, deals(deal(7)))
    assert asked[1].query == {"stage": "CLOSED_WON", "limit": "3", "offset": "0"}
    asked, last = pulled(DEAL, All(page.next), stages, deals(deal(9, "SIGNED")))
    assert asked[1].query["stage"] == "SIGNED"
    assert (keys(last.records), last.next) == ([uid(9)], None)


def test_the_filter_by_stage_is_not_believed() -> None:
    """It finds every code with this one inside, and a code means nothing without its pipeline."""
    rows = [deal(9, "WON_BACK"), deal(8, "WON", "open"), deal(7, "WON")]
    _, page = pulled(DEAL, All(), pipelines(("WON", "won")), deals(*rows[1:]))
    assert keys(page.records) == [uid(7)]
    _, page = pulled(DEAL, All(), pipelines(("WON", "won"), ("WON_BACK", "won")), deals(*rows[:1]))
    assert keys(page.records) == []  # it comes with its own stage


def test_since_reaches_back_a_quarter_because_the_day_is_typed() -> None:
    moment = dt.datetime(2026, 11, 25, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    asked, _ = pulled(DEAL, Since(moment), pipelines(), deals())
    assert asked[1].query["closed_on__gte"] == "2026-08-24"
    for scope in (Since(None), All()):
        asked, _ = pulled(DEAL, scope, pipelines(), deals())
        assert "closed_on__gte" not in asked[1].query


def test_a_deal_asked_for_by_key_comes_in_whatever_stage_it_is() -> None:
    lost = Answer(200, {"opportunity_obj": deal(7, "CLOSED_LOST", "lost")}, DATE)
    gone = Answer(404, {"error": True, "errors": "Opportunity not found."})
    asked, page = pulled(DEAL, Keys((uid(7), uid(8), "no id", uid(7))), lost, gone)
    assert [request.path for request in asked] == [
        f"/api/opportunities/{uid(7)}/",
        f"/api/opportunities/{uid(8)}/",
    ]
    assert [record.data["stage_kind"] for record in page.records] == ["lost"]
    assert page.next is None and page.source_time is not None


def test_a_switched_off_pipeline_is_not_an_empty_one() -> None:
    off = {"detail": "Deals is switched off for this organization.", "code": "module_off"}
    with pytest.raises(AccessError, match="does not offer this: Deals is switched off"):
        pulled(DEAL, All(), Answer(404, off))


def test_the_size_of_a_page_is_a_whole_number() -> None:
    with pytest.raises(ConfigError, match="whole number above 0"):
        BottleCRM({"page": "0"})


# ------------------------------------------------------------- rows that move between two pages


def test_a_page_begins_with_the_last_row_of_the_one_before() -> None:
    _, first = pulled(DEAL, All(), pipelines(), deals(deal(9), deal(8), deal(7)))
    assert keys(first.records) == [uid(9), uid(8), uid(7)]
    asked, last = pulled(DEAL, All(first.next), pipelines(), deals(deal(7), deal(6)))
    assert asked[1].query == {"stage": "CLOSED_WON", "limit": "3", "offset": "2"}
    assert (keys(last.records), last.next) == ([uid(6)], None)


def test_what_moved_up_because_rows_went_is_asked_for_again_from_further_ahead() -> None:
    position = f"CLOSED_WON/6/{uid(7)}"
    answers = [deals(deal(3)), deals(deal(6), deal(5), deal(4)), deals(deal(8), deal(6), deal(5))]
    asked, page = pulled(DEAL, All(position), pipelines(), *answers)
    assert [request.query["offset"] for request in asked[1:]] == ["5", "3", "1"]
    assert keys(page.records) == [uid(6), uid(5)]
    assert page.next == f"CLOSED_WON/4/{uid(5)}"


def test_a_list_that_became_shorter_than_the_position_is_read_from_where_it_still_is() -> None:
    position = f"CLOSED_WON/3/{uid(7)}"
    asked, page = pulled(DEAL, All(position), pipelines(), deals(), deals(deal(6)))
    assert [request.query["offset"] for request in asked[1:]] == ["2", "0"]
    assert (keys(page.records), page.next) == ([uid(6)], None)


def test_rows_that_were_put_in_ahead_are_passed_over_and_the_pass_goes_on() -> None:
    position = f"CLOSED_WON/3/{uid(7)}"
    ahead = deals(deal(10), deal(9), deal(7))
    _, page = pulled(DEAL, All(position), pipelines(), ahead)
    assert (keys(page.records), page.next) == ([], f"CLOSED_WON/5/{uid(7)}")
    _, page = pulled(DEAL, All(page.next), pipelines(), deals(deal(7), deal(6)))
    assert keys(page.records) == [uid(6)]


def test_a_stage_that_went_during_the_pass_is_passed_over() -> None:
    stages = pipelines(("CLOSED_WON", "won"), ("SIGNED", "won"))
    asked, _ = pulled(DEAL, All(f"PAID/2/{uid(7)}"), stages, deals())
    assert asked[1].query == {"stage": "SIGNED", "limit": "3", "offset": "0"}
    _, page = pulled(DEAL, All(f"UNDER/2/{uid(7)}"), stages)
    assert (page.records, page.next) == ([], None)


# ---------------------------------------------------------------------------------------- accounts


def test_accounts_are_read_active_ones_first_and_with_their_own_names() -> None:
    row = {"id": ACCOUNT, "name": "Acme", "email": "", "custom_fields": {"vat": "ATU1", "x": 2}}
    asked, page = pulled(WON, All(), listed(row))
    assert asked[0].query == {"is_active": "true", "limit": "3", "offset": "0"}
    assert page.records[0].data == {"name": "Acme", "custom_fields": {"vat": "ATU1"}}
    asked, last = pulled(WON, All(page.next), listed(row, active=False))
    assert asked[0].query["is_active"] == "false"
    assert (keys(last.records), last.next) == ([ACCOUNT], None)


def test_custom_fields_can_be_read_as_a_whole() -> None:
    row = {"id": ACCOUNT, "name": "Acme", "custom_fields": {"vat": "ATU1"}}
    _, page = pulled(Read(Kind.WON, "account", ("custom_fields",)), Since(None), listed(row))
    assert page.records[0].data == {"custom_fields": {"vat": "ATU1"}}


def test_a_contact_that_is_read_costs_a_call_for_each_account_and_none_otherwise() -> None:
    rows = [{"id": remote_id, "name": "Acme", "custom_fields": {}} for remote_id in (NOTE, INVOICE)]
    asked, page = pulled(
        PERSON, All(), listed(*rows), card(person("Jan"), remote_id=NOTE), Answer(404, {})
    )
    assert [request.path for request in asked[1:]] == [
        f"/api/accounts/{NOTE}/",
        f"/api/accounts/{INVOICE}/",
    ]
    assert keys(page.records) == [NOTE]  # the other one went meanwhile
    asked, _ = pulled(WON, All(), listed(*rows))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("people", "first"),
    [
        ([], None),
        ([person("Jan", 3), person("Eva", 2), person("Ota", 4)], "Eva"),
        ([person("Jan", 3), person("Eva", 2, is_active=False)], "Jan"),
        ([person("-", 1, custom_fields={"books_id": "7"})], None),
        ([person("-", 1, custom_fields={"books_id": "7"}), person("Jan", 3)], "Jan"),
        ([person("Eva", 1, custom_fields={"books_id": "7"}), person("Jan", 3)], "Eva"),
        ([person("-", 1), person("Jan", 3)], "-"),
    ],
)
def test_the_contact_is_the_first_real_person(
    people: list[dict[str, Any]], first: str | None
) -> None:
    asked, page = pulled(PERSON, Keys((ACCOUNT, CONTACT)), card(*people), Answer(404, {}))
    assert len(asked) == 2
    (record,) = page.records
    wanted = first and {"first_name": first, "email": f"{first}@example.test"}
    assert record.data == {"name": "Acme", "contact": wanted}


def test_all_real_persons_come_with_a_card_that_is_asked_for() -> None:
    people = [person("Jan", 3), person("-", 1, custom_fields={"books_id": "7"}), person("Eva", 2)]
    read = msgspec.structs.replace(PERSON, paths=("contacts.id", "contacts.first_name"))
    _, page = pulled(read, Keys((ACCOUNT,)), card(*people))
    (record,) = page.records
    told = {one["id"]: one["first_name"] for one in record.data["contacts"]}
    assert told == {uid(3): "Jan", uid(2): "Eva"}


def test_an_object_tells_its_fields_by_one_record_and_its_custom_fields_by_definitions() -> None:
    deal = {"id": "1", "name": "Печать", "account": {"id": "7"}, "closed_on": None}
    crm = BottleCRM({})
    asked, found = drive(crm.fields("opportunity"), Answer(200, {"opportunities": [deal]}))
    assert found == {
        "id": "",
        "name": "",
        "account": "opportunity/account",
        "closed_on": "opportunity/closed_on",
    }
    nobody = Answer(200, {"opportunities": []})
    assert drive(crm.fields("opportunity"), nobody)[1] == {}, "that is: it cannot be told"
    defined = [
        {"target_model": "Account", "key": "line", "is_active": True},
        {"target_model": "Account", "key": "old", "is_active": False},
        {"target_model": "Invoice", "key": "books_id", "is_active": True},
    ]
    answer = Answer(200, {"definitions": defined})
    more, custom = drive(crm.fields("account/custom_fields"), answer)
    assert custom == {"line": ""}
    assert not any(request.write for request in [*asked, *more])


# ------------------------------------------------------------------------- accounts that were saved

SEEN = dt.datetime(2026, 11, 25, 17, 30, tzinfo=dt.UTC)


def feed(*entries: tuple[int, str, str]) -> Answer:
    """(minutes after SEEN, what was done, account)."""
    rows = [
        {
            "entity_id": key,
            "action": action,
            "timestamp": (SEEN + dt.timedelta(minutes=at)).isoformat(),
        }
        for at, action, key in entries
    ]
    return Answer(200, {"activities": rows, "count": len(rows)}, DATE)


def test_what_was_saved_since_is_told_by_the_feed_and_read_singly() -> None:
    told = feed(
        (5, "UPDATE", ACCOUNT), (4, "CREATE", ACCOUNT), (3, "DELETE", NOTE), (-9, "UPDATE", INVOICE)
    )
    asked, page = pulled(WON, Since(SEEN, seen=SEEN), told, card())
    assert (asked[0].path, asked[0].query) == (
        "/api/activities/",
        {"entity_type": "Account", "limit": "50"},
    )
    assert [request.path for request in asked[1:]] == [f"/api/accounts/{ACCOUNT}/"]
    assert page.records == [
        Record(ACCOUNT, {"name": "Acme", "custom_fields": {}}),
        Record(NOTE, {}),
    ]
    assert (page.next, page.source_time) == (None, SEEN + dt.timedelta(minutes=10))


def test_a_quiet_crm_costs_one_call() -> None:
    asked, page = pulled(WON, Since(SEEN, seen=SEEN), feed(*[(-9, "UPDATE", ACCOUNT)] * 50))
    assert (len(asked), page.records) == (1, [])


@pytest.mark.parametrize(
    "told",
    [
        feed(*[(1, "UPDATE", uid(n)) for n in range(50)]),
        Answer(403, {"detail": "This token is not scoped for read access to activities."}),
    ],
    ids=["more than it shows", "not for this token"],
)
def test_where_the_feed_tells_too_little_the_list_is_read(told: Answer) -> None:
    row = {"id": ACCOUNT, "name": "Acme", "custom_fields": {}}
    asked, page = pulled(WON, Since(SEEN, seen=SEEN), told, listed(row))
    assert asked[1].path == "/api/accounts/"
    assert keys(page.records) == [ACCOUNT]


def test_of_contacts_the_feed_tells_nothing() -> None:
    asked, _ = pulled(PERSON, Since(SEEN, seen=SEEN), listed())
    assert asked[0].path == "/api/accounts/"
