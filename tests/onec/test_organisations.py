"""Of a base with several organisations some are read: their documents, their balances and their
ledger alone, so that the three still close; and what becomes of the others when the choice
changes."""

from __future__ import annotations

import dataclasses
import random
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.onec import OneC
from connectors.onec.layouts import CONTRACTS, ORGANISATIONS
from syncd.domain import Kind
from syncd.errors import ConfigError
from syncd.mapping import load_books
from syncd.port import All, Keys, Op, Write
from syncd.sandbox.onec.truth import truth
from syncd.store import mirror, plans, streams
from syncd.sync.pair import Limits
from syncd.sync.remapping import CHANGED
from tests.onec.history import History
from tests.onec.office import Office
from tests.onec.pair import Company
from tests.onec.test_pair import live, shown

TRADE, WHOLESALE = "ООО «Пример-Торг»", "ООО «Пример-Опт»"
WAYS = pytest.mark.parametrize("plan", [False, True], ids=["polling", "plan"])
PAPERS = (Kind.INVOICE, Kind.PAYMENT)
FIGURES = ("custom_fields.receivable", "custom_fields.prepaid")


def key_of(office: Office, name: str) -> str:
    firms = office.sandbox.base.objects[ORGANISATIONS]
    return next(key for key, one in firms.items() if one["Description"] == name)


def expected(office: Office, *names: str) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Out of the documents alone, without any of syncd's code."""
    today = office.clock.utc().astimezone(ZoneInfo("Europe/Moscow")).date()
    keys = [key_of(office, name) for name in names]
    figures = truth(office.sandbox.base, today, keys)
    return {who: (one.receivable, one.prepaid) for who, one in figures.items()}


def balances(office: Office) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    return {
        (key, row["currency"]): (row["receivable"], row["prepaid"])
        for record in office.records(Kind.BALANCE, All())
        for key, row in [(record.key, row) for row in record.data["rows"]]
    }


def differences(company: Company, *names: str) -> list[str]:
    """Where a card shows other figures than the documents of these organisations make."""
    wanted = expected(company.office, *names)
    found = []
    for key, fields in shown(company).items():
        mine = {code: figures for (who, code), figures in wanted.items() if who == key}
        if len(mine) > 1:
            continue  # a card shows one currency
        figures = next(iter(mine.values()), (Decimal(0), Decimal(0)))
        seen = tuple(Decimal(str(fields.get(one) or 0)) for one in FIGURES)
        if seen != figures:
            found.append(f"{fields['name']}: {seen}, not {figures}")
    return found


def documents(company: Company) -> set[str]:
    """Keys of the invoices and payments that count."""
    with company.pair.store.reading() as tx:
        ids = streams.stream_ids(tx, "main")
        rows = [one for kind in PAPERS for one in mirror.batch(tx, ids[kind], 0)]
        return {one.key for one in rows if one.state == mirror.LIVE}


@pytest.mark.parametrize(("configuration", "plan"), [("ut", False), ("bp", False), ("unf", True)])
def test_ledger_documents_and_cards_are_those_of_the_organisations_chosen(
    tmp_path: Path, configuration: str, plan: bool
) -> None:
    company = live(tmp_path, configuration, plan=plan, organisations=TRADE)
    assert balances(company.office) == expected(company.office, TRADE)
    assert balances(company.office) != expected(company.office, TRADE, WHOLESALE)
    history = History(company.office.desk, random.Random(3))
    for _ in range(2):
        for _ in range(8):
            history.step()
        company.later()
    company.later(90_000, prove=True)
    assert company.problems() == [], history.log
    assert differences(company, TRADE) == [], history.log


def choose(company: Company, *names: str) -> None:
    """Another choice in the configuration, and a new process."""
    company.office.options["organisations"] = "; ".join(names)
    company.build()
    company.pair = dataclasses.replace(company.pair, limits=Limits(few=1))


def waiting(company: Company) -> str | None:
    with company.pair.store.reading() as tx:
        return plans.newest(tx, "main", CHANGED)


def apply(company: Company) -> None:
    from syncd.sync.plan import approved_parts

    one = waiting(company)
    assert one
    company.later(approved=approved_parts(company.pair, one), consented=True)
    for _ in range(2):
        company.later()


def test_another_choice_is_read_again_and_waits_as_one_plan(tmp_path: Path) -> None:
    company = live(tmp_path)
    before, firms = documents(company), company.office.sandbox.base.objects[ORGANISATIONS]
    identity = company.office.run(company.office.connector.identity())
    assert len(firms) == 2
    choose(company, TRADE)
    company.later()
    [told] = company.problems()
    assert "what is read of the books, changed" in told
    assert differences(company, TRADE, WHOLESALE) == [], "before a person says so"
    apply(company)
    assert company.problems() == []
    assert differences(company, TRADE) == []
    fallen = before - documents(company)
    rows = company.office.sandbox.base.objects[company.office.desk.shipments]
    other = key_of(company.office, WHOLESALE)
    theirs = {key for key, row in rows.items() if row["Организация_Key"] == other}
    assert fallen == theirs & before != set()
    again = company.office.run(company.office.connector.identity())
    assert again.id == identity.id
    assert again.label == "ООО «Пример-Торг» (1 of 2), УТ 11 / КА 2 / ERP 2"
    company.office.transport.lines.clear()
    company.later(90_000, prove=True)
    assert company.problems() == [], "what fell out is not missing"
    asked = [line for line in company.office.transport.lines if "Ref_Key eq" in line]
    assert not [line for line in asked if any(key in line for key in fallen)]
    choose(company)
    company.later()
    apply(company)
    assert differences(company, TRADE, WHOLESALE) == []
    assert documents(company) == before


@WAYS
def test_a_document_that_goes_to_another_organisation_leaves_the_card_at_once(
    tmp_path: Path, plan: bool
) -> None:
    company = live(tmp_path, plan=plan, organisations=TRADE)
    desk = company.office.desk
    row = next(
        one for one in desk.base.objects[desk.shipments].values() if one["СуммаДокумента"] == 42_000
    )
    other = key_of(company.office, WHOLESALE)
    assert row["Ref_Key"] in documents(company)
    for name in (desk.orders, desk.shipments):
        key = row["ЗаказКлиента"] if name == desk.orders else str(row["Ref_Key"])
        desk.base.change(name, key, {"Организация_Key": other})
    company.later()
    assert row["Ref_Key"] not in documents(company)
    assert differences(company, TRADE) == []
    assert company.problems() == []


@WAYS
def test_what_others_write_is_not_in_the_mirror(plan: bool) -> None:
    office = Office(plan=plan, organisations=TRADE)
    office.changed()
    desk, other = office.desk, key_of(office, WHOLESALE)
    rows = desk.base.objects[desk.shipments].values()
    theirs = [str(row["Ref_Key"]) for row in rows if row["Организация_Key"] == other]
    for key in theirs:
        desk.base.post(desk.shipments, key)
    assert len(theirs) == 2
    assert not office.changed()[Kind.INVOICE].keys() & set(theirs)
    assert not office.canonical(Kind.INVOICE).keys() & set(theirs), "nor in a full pass"
    named = office.records(Kind.INVOICE, Keys(theirs))
    assert [one.outside for one in named] == [True, True], "whoever asks by the key is told"
    lists = [line for line in office.transport.lines if "'$orderby': 'Date,Ref_Key'" in line]
    assert all("Организация_Key eq guid" in line for line in lists if desk.shipments in line)


def test_a_netting_is_of_those_whose_ledger_it_moves() -> None:
    """Its header may name one organisation, and its rows another."""
    office = Office(organisations=TRADE)
    found = office.canonical(Kind.ADJUSTMENT)
    assert found
    others = Office(sandbox=office.sandbox, organisations=WHOLESALE)
    assert [one.outside for one in others.records(Kind.ADJUSTMENT, Keys(list(found)))] == [True]
    name = "Document_СписаниеЗадолженности"
    for row in office.sandbox.base.objects[name].values():
        row["Организация_Key"] = key_of(office, WHOLESALE)  # the rows stay as they are
    assert office.canonical(Kind.ADJUSTMENT).keys() == found.keys()
    assert others.canonical(Kind.ADJUSTMENT) == {}


def opened(**options: Any) -> tuple[Office, tuple[str, ...]]:
    office = Office(**options)
    office.run(office.connector.identity())
    assert office.connector._base is not None
    return office, office.connector._base.firms


def test_organisations_are_named_as_people_see_them_or_by_their_keys() -> None:
    office, firms = opened(organisations=f"  {TRADE.upper()} ")
    assert firms == (key_of(office, TRADE),)
    both = (key_of(office, WHOLESALE), key_of(office, TRADE))
    for typed in (f"{WHOLESALE}; {TRADE}", f"{WHOLESALE},{TRADE}", f"{both[0]};{TRADE}"):
        assert opened(organisations=typed)[1] == both
    assert opened(organisations="")[1] == ()
    firms_of = office.sandbox.base.objects[ORGANISATIONS]
    firms_of[both[0]]["Description"] = "ООО «Пример, Опт и Ко»"
    assert opened(sandbox=office.sandbox, organisations="ООО «Пример, Опт и Ко»")[1] == both[:1]


def test_an_organisation_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ConfigError) as refused:
        opened(organisations=f"{TRADE}; ООО «Пример-Розница»")
    assert str(refused.value) == (
        "1C has no organisation ООО «Пример-Розница», which the setting organisations names; it "
        f"has: {WHOLESALE}; {TRADE}"
    )
    office = Office()
    for row in office.sandbox.base.objects[ORGANISATIONS].values():
        row["Description"] = TRADE
    with pytest.raises(ConfigError, match="takes their keys"):
        opened(sandbox=office.sandbox, organisations=TRADE)


def test_the_choice_tells_itself_and_not_its_order_or_spelling() -> None:
    def scope(text: str) -> str:
        made = OneC({"login": "a", "zone": "UTC", "organisations": text})
        [found] = {one.scope for one in made.facts.sources.values()}
        return found

    assert scope("") == ""
    assert scope("А; Б") == scope(" б;а") != scope("А")


def test_the_contract_of_a_new_customer_is_with_the_first_one_chosen() -> None:
    office = Office(contract="Договор", organisations=f"{TRADE}; {WHOLESALE}")
    fields = {"marker": "CRM-1", "name": "株式会社サンプル商事"}
    office.run(office.connector.push([Write(Op.CREATE, "customer", "CRM-1", None, {}, fields)]))
    rows = office.sandbox.base.objects[CONTRACTS].values()
    made = [row for row in rows if row["Description"] == "Договор"]
    assert [row["Организация_Key"] for row in made] == [key_of(office, TRADE)]


def test_a_changed_mapping_brings_nothing_back_that_is_outside(tmp_path: Path) -> None:
    company = Company(tmp_path, Office())
    company.run(write=False)
    before = documents(company)
    choose(company, WHOLESALE)
    company.run(write=False)
    mine = documents(company)
    assert mine < before
    file = tmp_path / "onec.yaml"
    file.write_text("extends: onec_ut\ninvoice.number: number | trim\n", encoding="utf-8")
    reading = load_books(file, company.office.connector.facts)
    company.pair = dataclasses.replace(company.pair, reading=reading)
    report = company.run(write=False, offline=True)
    assert documents(company) == mine
    assert report.notes == [], "nothing has to be read anew for it"
