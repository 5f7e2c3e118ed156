"""A problem is told when it comes up, when it gets old and when it is over; never a flood."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notify.office import Died, Office

DAY = 24 * 60


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, "  sysadmin: {}\n")


def test_what_comes_up_together_is_one_message_and_what_is_over_is_told(office: Office) -> None:
    office.problem("connection crm", text="crm refuses syncd: HTTP 403 for ООО «Пример».")
    office.problem("refused invoice currency")
    [message] = office.tick()
    assert message.subject == "syncd: 2 problems, new"
    assert message.body.splitlines() == [
        "#1 Crm refuses syncd. Mend the credential or its rights.",
        "#2 The system refuses invoices because of the field currency. Mend the record, the rule "
        "or the field.",
        "All of it: syncd problems",
    ]
    assert office.tick() == office.tick(60) == []
    office.clock.advance(59 * 60)
    office.close("connection crm")
    [solved] = office.tick()
    assert solved.subject == "syncd: 1 problem, solved"
    assert solved.body.startswith("#1 Solved: Crm refuses syncd, open 2 h\n")
    [old] = office.tick(DAY)
    assert old.body.startswith("#2 Still open after 26 h: The system refuses invoices")
    assert office.tick(DAY) == []


def test_one_that_was_over_before_anybody_heard_of_it_is_not_told(office: Office) -> None:
    office.problem("connection crm")
    office.close("connection crm")
    assert office.tick() == office.tick(60) == []


def test_one_that_flaps_all_day_is_a_handful_of_messages_and_its_end_comes_once(
    office: Office,
) -> None:
    told = []
    for _ in range(30):
        office.problem("connection crm")
        told += office.tick(5)
        office.close("connection crm")
        told += office.tick(5)
    assert len(told) <= 4
    told = [message for _ in range(DAY // 60) for message in office.tick(60)]
    [over] = told
    assert "solved" in over.subject


def test_who_dies_between_sending_and_noting_it_sends_once_more_and_not_at_once(
    office: Office,
) -> None:
    office.problem("connection crm")
    office.dies_after_sending = True
    with pytest.raises(Died):
        office.tick()
    office.dies_after_sending = False
    assert office.tick(0.5) == []
    assert len(office.tick(1)) == 1
    assert office.tick(10) == []


def test_two_processes_that_tell_at_once_send_one_message(office: Office) -> None:
    office.problem("connection crm")
    first = office._send

    def send_while_the_other_looks(*all_of_it: object) -> str | None:
        office._send = first  # type: ignore[method-assign]
        assert office.tick(0) == []
        return first(*all_of_it)  # type: ignore[arg-type]

    office._send = send_while_the_other_looks  # type: ignore[method-assign]
    assert len(office.tick()) == 1


def test_a_dead_target_is_tried_later_and_later_and_is_itself_told(tmp_path: Path) -> None:
    """The other target hears everything once meanwhile, and that the first one is dead."""
    office = Office(tmp_path, "  sysadmin: {}\n", sysadmin="mailto://a:b@dead json://alive")
    office.dead.add("sysadmin/1")
    office.problem("connection crm")
    heard = [message.body for _ in range(DAY // 15 + 1) for message in office.tick(15)]
    assert [[line.split(". ")[0] for line in body.splitlines()[:-1]] for body in heard] == [
        ["#1 Crm cannot be used now", "#2 Messages to sysadmin/1 do not get through"],
        ["#1 Still open after 24 h: Crm cannot be used now"],
        ["#2 Still open after 24 h: Messages to sysadmin/1 do not get through"],
    ]
    assert office.causes() == ["connection crm", "alerts sysadmin/1"]
    assert 24 <= office.tried - len(heard) <= 30
    office.dead.clear()
    office.tick(60)
    office.tick(1)
    [mine, over] = office.sent[-2:]
    assert (mine[0], over[0]) == ("sysadmin/1", "sysadmin/2")
    assert mine[1].body.startswith("#1 ") and "#2" not in mine[1].body
    assert over[1].body.startswith("#2 Solved: Messages to sysadmin/1 do not get through, open ")
    assert office.causes() == ["connection crm"]


def test_owners_hear_their_own_and_the_administrator_what_nobody_else_does(tmp_path: Path) -> None:
    office = Office(tmp_path, "  accounting: {language: ru}\n  sysadmin: {}\n")
    office.problem("differs ledger", "accounting")
    office.problem("won proposed", "sales")
    office.tick()
    assert [(name, m.body.splitlines()[0][:33]) for name, m in office.sent] == [
        ("accounting/1", "#1 Регистр расчётов и документы р"),
        ("sysadmin/1", "#2 Won customers wait for consent"),
    ]


def test_a_cause_that_has_no_translation_is_told_in_english_without_what_it_quotes(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path, "  sysadmin: {language: ja}\n")
    office.problem(
        "silent payment main",
        text='No payments since Tuesday, said "ООО Пример" to boss@example.ru. Look at books.',
    )
    [message] = office.tick()
    assert message.subject == "syncd：新しい問題1件"
    assert message.body.startswith('#1 No payments since Tuesday, said "…" to ***。Look at books。')


def test_a_clock_that_was_wrong_for_a_moment_does_not_silence_anybody(office: Office) -> None:
    office.dead.add("sysadmin/1")
    office.problem("connection crm")
    office.tick(10 * 365 * DAY)
    office.dead.clear()
    assert len(office.tick(-10 * 365 * DAY)) == 1
