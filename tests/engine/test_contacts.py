"""The persons of a won card in the books: each once, and never again changed by syncd."""

from __future__ import annotations

import pytest

from connectors.memory import Fault
from syncd.sync.pair import WonMode
from syncd.sync.plan import draw
from syncd.why.reasons import Code
from tests.engine.rig import Rig, one_of_each
from tests.engine.test_won import TAX_ID, consent, link_of, made, policy, quiet, win
from tests.why.asking import ask

ADA = {"role": "Buyer", "phone": "+43 1 100", "email": "ada@example.at"}
A_DAY = 90_000


@pytest.fixture
def live(rig: Rig) -> Rig:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    return rig


def win_with_persons(live: Rig) -> tuple[str, str, str]:
    account = win(live, tax_id=TAX_ID)
    ada = live.world.crm.add_person(account, "Ада Лавлейс", **ADA)
    hana = live.world.crm.add_person(account, "鈴木 花子")
    return account, ada, hana


def persons(live: Rig) -> dict[str, dict[str, object]]:
    """By name, those that syncd made in the books beside the contact that stands for a company."""
    found = live.world.books.intake.listed("contacts")
    mine = [one for one in found if "/" in str(one.fields["code"])]
    assert len({one.fields["code"] for one in mine}) == len(mine), "made twice"
    return {str(one.fields["name"]): {**one.fields, **one.parents} for one in mine}


def test_every_person_of_the_card_is_a_contact_of_the_new_customer(live: Rig) -> None:
    account, ada, _ = win_with_persons(live)
    live.later()
    [customer] = [e.id for e in live.world.books.journal if e.target == "customers"]
    found = persons(live)
    assert set(found) == {"Ада Лавлейс", "鈴木 花子"}
    code = f"CRM-{account}/{ada}"
    assert found["Ада Лавлейс"] == {
        "name": "Ада Лавлейс", "code": code, "customers": customer, **ADA,
    }  # fmt: skip
    quiet(live)


@pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.LATE, Fault.ERROR_AFTER])
def test_an_answer_that_gets_lost_makes_no_second_person(live: Rig, fault: Fault) -> None:
    win_with_persons(live)
    live.world.fault("POST /books/contacts*", fault, seconds=2.0)
    for _ in range(3):
        live.later()
    assert set(persons(live)) == {"Ада Лавлейс", "鈴木 花子"}
    quiet(live)


def test_one_who_joins_later_is_added_and_whoever_leaves_stays(live: Rig) -> None:
    account, _, hana = win_with_persons(live)
    live.later()
    live.world.crm.remove_person(account, hana)
    live.world.crm.add_person(account, "Grace")
    live.later(A_DAY)
    assert set(persons(live)) == {"Ада Лавлейс", "鈴木 花子", "Grace"}
    quiet(live)


def test_an_e_mail_that_changes_makes_no_second_person_and_changes_nothing(live: Rig) -> None:
    account, ada, _ = win_with_persons(live)
    live.later()
    live.world.crm.edit_person(account, ada, email="other@example.at", name="Ada King")
    live.world.crm.edit("account", account, name="Another name", phone="+43 1 999")
    live.later(A_DAY)
    assert persons(live)["Ада Лавлейс"]["email"] == "ada@example.at"
    assert made(live) == ["Neue Kundin GmbH"]
    assert [e.op for e in live.world.books.journal] == ["create"] * 4
    quiet(live)


def test_a_customer_that_was_there_gets_no_persons_of_the_card(live: Rig) -> None:
    customer = live.world.books.add_customer("Neue Kundin", tax_id=TAX_ID)
    account, *_ = win_with_persons(live)
    live.later()
    live.world.crm.add_person(account, "Grace")
    live.later(A_DAY)
    assert link_of(live, account) == (customer, "tax id")
    assert persons(live) == {}
    answer = ask(live, "won", account)
    assert "nothing beside it is made of the card" in answer.reason.detail
    assert not any(one.written for one in answer.trace if one.word == "contacts"), "nor wanted"
    quiet(live)


def test_persons_wait_for_the_consent_that_their_customer_waits_for(live: Rig) -> None:
    policy(live, WonMode.PROPOSE)
    account, *_ = win_with_persons(live)
    live.later()
    assert persons(live) == {}
    consent(live, account)
    live.later()
    assert set(persons(live)) == {"Ада Лавлейс", "鈴木 花子"}
    quiet(live)


def test_why_and_the_plan_tell_what_comes_with_a_customer(live: Rig) -> None:
    account, ada, _ = win_with_persons(live)
    plan = draw(live.pair, live.later(write=False), ())
    assert "with won customers are made in books: contact 1, people 2" in plan.notes
    live.later()
    answer = ask(live, "won", account)
    assert answer.reason.code is Code.THERE
    assert answer.reason.detail.endswith(", with contact 1, people 2")
    [trace] = [one for one in answer.trace if one.word == "contacts"]
    told = {(one.part, one.path): one.shown for one in trace.written}
    assert told[f"people/{ada}", "email"] == "ada@example.at"


def test_a_person_whom_the_books_refuse_waits_alone(live: Rig) -> None:
    account, *_ = win_with_persons(live)
    live.world.crm.add_person(account, " ")
    live.later()
    assert set(persons(live)) == {"Ада Лавлейс", "鈴木 花子"}
    assert made(live) == ["Neue Kundin GmbH"]
