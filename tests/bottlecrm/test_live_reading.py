"""Deals and accounts of a real BottleCRM: what reading them rests on, seen."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

import pytest

from connectors.bottlecrm import BottleCRM
from connectors.bottlecrm.sources import BACK_DATED
from syncd.clock import SystemClock
from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.port import All, FieldDef, Keys, Op, Read, Record, Scope, Since, Write
from tests.world.crm import Crm, CrmError

from .reader import CONTACT, OBJECTS, PATHS


class Reader:
    """The connector with small pages, through the real transport."""

    def __init__(self, transport: HttpTransport) -> None:
        self.transport = transport
        self.connector = BottleCRM({"page": "2"})

    def page(self, kind: Kind, scope: Scope, *paths: str) -> tuple[Sequence[Record], str | None]:
        read = Read(kind, OBJECTS[kind], paths or PATHS[kind])
        page = self.transport.run(self.connector.pull(read, scope))
        assert page.source_time is not None
        assert abs(page.source_time - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
        return page.records, page.next

    def all(self, kind: Kind, moment: dt.datetime | None = None) -> list[Record]:
        found: list[Record] = []
        position: str | None = None
        while True:
            scope = Since(moment, position) if moment else All(position)
            records, position = self.page(kind, scope)
            found += records
            if position is None:
                return found

    def one(self, kind: Kind, key: str, *paths: str) -> Record:
        (record,), _ = self.page(kind, Keys((key,)), *paths)
        return record


@pytest.fixture(scope="module")
def reader(crm: Crm) -> Iterator[Reader]:
    transport = HttpTransport(crm.url, BottleCRM({}), {"token": crm.token}, SystemClock())
    yield Reader(transport)
    transport.close()


@pytest.fixture
def account(crm: Crm) -> str:
    return crm.add_account(fresh("ООО «Ромашка»"))


def fresh(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:8]}"


def keys(records: Sequence[Record]) -> list[str]:
    return [record.key for record in records]


# ------------------------------------------------------------------------------------------- deals


def test_a_deal_is_there_from_the_moment_it_is_won(crm: Crm, reader: Reader, account: str) -> None:
    deal = crm.open_deal(account, fresh("Крыша 屋根"), "1234.50", "EUR")
    assert deal not in keys(reader.all(Kind.DEAL))
    crm.win(deal, "2026-11-20")
    (record,) = (each for each in reader.all(Kind.DEAL) if each.key == deal)
    assert record.stamp is None
    assert record.data == {
        "name": record.data["name"],
        "stage": "CLOSED_WON",
        "stage_kind": "won",
        "closed_on": "2026-11-20",
        "amount": "1234.50",
        "currency": "EUR",
        "account": {"id": account, "name": record.data["account"]["name"]},
        "assigned_to": [],
    }


def test_a_deal_that_is_no_longer_won_says_so_by_key_alone(
    crm: Crm, reader: Reader, account: str
) -> None:
    deal = crm.open_deal(account, fresh("Deal"))
    crm.win(deal)
    crm.reopen(deal)
    assert deal not in keys(reader.all(Kind.DEAL))
    data = reader.one(Kind.DEAL, deal).data
    assert (data["stage"], data["stage_kind"]) == ("NEGOTIATION", "open")
    assert data["closed_on"] is not None  # it stays, as the day it is expected to close
    crm.delete(f"/api/opportunities/{deal}/")
    assert reader.page(Kind.DEAL, Keys((deal,))) == ([], None)


def test_a_stage_of_a_persons_own_counts_as_won_by_its_kind(
    crm: Crm, reader: Reader, account: str
) -> None:
    (pipeline,) = (p for p in crm.get("/api/opportunities/pipelines/")["pipelines"])
    stages = f"/api/opportunities/pipelines/{pipeline['id']}/stages/"
    crm.post(stages, {"label": "Closed won back", "kind": "won"})
    crm.post(stages, {"label": "Not closed won", "kind": "open"})
    deals = [crm.open_deal(account, fresh("Deal")) for _ in range(3)]
    for deal, stage in zip(deals, ("CLOSED_WON", "CLOSED_WON_BACK", "NOT_CLOSED_WON"), strict=True):
        crm.win(deal, stage=stage)
    inside = crm.get("/api/opportunities/", stage="CLOSED_WON", limit=100)["opportunities"]
    assert {*deals} <= {row["id"] for row in inside}  # the filter finds what only contains it
    found = keys(reader.all(Kind.DEAL))
    assert sorted({*found} & {*deals}) == sorted(deals[:2])
    assert len(found) == len({*found})


def test_a_day_typed_back_is_seen_as_far_as_declared_and_beyond_by_a_full_pass_alone(
    crm: Crm, reader: Reader, account: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    days = [now.date() - BACK_DATED - dt.timedelta(days=more) for more in (0, 1)]
    near, far = (crm.open_deal(account, fresh("Deal")) for _ in days)
    for deal, day in zip((near, far), days, strict=True):
        crm.win(deal, day.isoformat())
    since = keys(reader.all(Kind.DEAL, now))
    assert near in since and far not in since
    assert {near, far} <= {*keys(reader.all(Kind.DEAL))}


def test_a_deal_dragged_into_won_keeps_the_day_it_was_only_expected_to_close(
    crm: Crm, reader: Reader, account: str
) -> None:
    deal = crm.open_deal(account, fresh("Deal"))
    crm.patch(f"/api/opportunities/{deal}/", {"closed_on": "2026-01-31"})
    crm.patch(f"/api/opportunities/{deal}/move/", {"column_id": "CLOSED_WON"})
    assert reader.one(Kind.DEAL, deal).data["closed_on"] == "2026-01-31"


def test_a_deal_is_not_won_without_a_day_and_an_amount(crm: Crm, account: str) -> None:
    deal = crm.open_deal(account, fresh("Deal"))
    with pytest.raises(CrmError, match="without the date it closed on"):
        crm.patch(f"/api/opportunities/{deal}/", {"stage": "CLOSED_WON"})
    with pytest.raises(CrmError, match="what it was worth"):
        crm.patch(f"/api/opportunities/{deal}/", {"amount": "0"})
        crm.win(deal)


def test_a_deal_may_be_won_without_an_account(crm: Crm, reader: Reader) -> None:
    deal = crm.open_deal(None, fresh("Deal"))
    crm.win(deal)
    assert reader.one(Kind.DEAL, deal).data["account"] is None


def test_lists_come_by_descending_id_whatever_was_made_first(
    crm: Crm, reader: Reader, account: str
) -> None:
    """What a pass that loses no row rests on."""
    for _ in range(6):
        crm.win(crm.open_deal(account, fresh("Deal")))
    listed = crm.get("/api/opportunities/", limit=1000)["opportunities"]
    for ids in ([row["id"] for row in listed], [row["id"] for row in _active(crm)]):
        assert ids == sorted(ids, reverse=True)
        assert len(ids) > 6


def _active(crm: Crm) -> list[dict[str, str]]:
    for _ in range(7):
        crm.add_account(fresh("Acme"))
    rows: list[dict[str, str]] = crm.get("/api/accounts/", limit=1000)["active_accounts"][
        "open_accounts"
    ]
    return rows


def test_deals_that_come_and_go_during_a_pass_hide_none_of_the_others(
    crm: Crm, reader: Reader, account: str
) -> None:
    deals = [crm.open_deal(account, fresh("Deal")) for _ in range(5)]
    for deal in deals:
        crm.win(deal)
    there, seen, position = {*keys(reader.all(Kind.DEAL))}, list[str](), None
    while True:
        records, position = reader.page(Kind.DEAL, All(position))
        seen += keys(records)
        if position is None:
            break
        if records:
            crm.reopen(records[-1].key)
        crm.win(crm.open_deal(account, fresh("Deal")))
    assert {*deals} <= there
    assert not there - {*seen}


# ---------------------------------------------------------------------------------------- accounts


def test_an_account_is_read_with_its_own_names_and_its_first_real_person(
    crm: Crm, reader: Reader
) -> None:
    fields = [
        FieldDef("account", "custom_fields.vat", "text", "VAT number"),
        FieldDef("contact", "custom_fields.books_id", "text", "Books key"),
    ]
    reader.transport.run(reader.connector.setup(fields, True))
    name, email = fresh("山田商事"), f"{uuid.uuid4().hex}@example.test"
    address = {"address_line": "Хофгассе 1", "city": "Wien", "state": "W", "postcode": "1010"}
    account = crm.add_account(
        name, email="office@example.test", website="https://example.test", country="AT",
        currency="EUR", custom_fields={"vat": "ATU1"}, **address,
    )  # fmt: skip
    paths = (*PATHS[Kind.WON], *CONTACT, "custom_fields.vat")
    placeholder = Write(Op.CREATE, "contact", "7", None, {"account": account}, {"last_name": name})
    reader.transport.run(reader.connector.push([placeholder]))
    assert reader.one(Kind.WON, account, *paths).data["contact"] is None

    crm.add_contact(account, "Анна", "Иванова", email=email, phone="+4312345678")
    crm.add_contact(account, "Петр", "Иванов")
    data = reader.one(Kind.WON, account, *paths).data
    assert data == {
        "name": name,
        "email": "office@example.test",
        "phone": None,
        "website": "https://example.test",
        **address,
        "country": "AT",
        "currency": "EUR",
        "is_active": True,
        "custom_fields": {"vat": "ATU1"},
        "contact": {
            "first_name": "Анна",
            "last_name": "Иванова",
            "email": email,
            "phone": "+4312345678",
        },
    }
    without = {path: value for path, value in data.items() if path != "contact"}
    (record,) = (each for each in reader.all(Kind.WON) if each.key == account)
    assert record.data == without | {"custom_fields": {}}


def test_an_inactive_account_is_read_too(crm: Crm, reader: Reader, account: str) -> None:
    crm.patch(f"/api/accounts/{account}/", {"is_active": False})
    assert reader.one(Kind.WON, account).data["is_active"] is False
    assert account in keys(reader.all(Kind.WON))
