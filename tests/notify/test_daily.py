"""The mail of the day: one a day whatever happens, at most ten lines, right in three languages."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from syncd.mapping.languages import LANGUAGES
from syncd.notify import say
from syncd.notify.tongues import TONGUES
from tests.cli.desk import Desk
from tests.notify.office import Office

RU = '  accounting: {language: ru, mail_at: "08:30", zone: Europe/Moscow}\n'


def test_it_goes_once_a_day_at_its_time_or_later_that_day(tmp_path: Path) -> None:
    office = Office(tmp_path, RU)
    office.problem("differs ledger", "accounting")
    office.at("2026-11-19T08:29:00+03:00")
    assert office.tick(0) == []
    [mail] = office.tick(1)
    assert mail.subject == "syncd: 1 проблема для бухгалтерии"
    assert [office.tick(60) for _ in range(15)] == [[]] * 15
    office.at("2026-11-20T21:00:00+03:00")  # it was down all day
    assert len(office.tick(0)) == 1
    office.at("2026-11-21T01:00:00+03:00")
    assert office.tick(0) == []
    office.dead.add("accounting/1")
    office.at("2026-11-21T09:00:00+03:00")
    assert office.tick(0) == []
    office.dead.clear()
    assert len(office.tick(2)) == 1
    assert office.tick(2) == []


@pytest.mark.parametrize(
    ("day", "ticks"),
    [("2026-03-29", "02:30"), ("2026-10-25", "02:30")],
    ids=["there is no 02:30 on that day", "there are two"],
)
def test_it_goes_once_on_days_the_clocks_are_changed(tmp_path: Path, day: str, ticks: str) -> None:
    alerts = f'  sales: {{mail_at: "{ticks}", zone: Europe/Vienna}}\n'
    office = Office(tmp_path, alerts)
    office.problem("won proposed", "sales")
    office.at(f"{day}T00:01:00+01:00")
    sent = [len(office.tick(5)) for _ in range(25 * 12)]
    assert sum(sent) == 1
    local = office.clock.utc().astimezone(office.settings.alerts.hearers["sales"].zone)
    assert local.date().isoformat() > day


def test_it_has_at_most_ten_lines_the_oldest_first(tmp_path: Path) -> None:
    office = Office(tmp_path, '  sysadmin: {mail_at: "08:30"}\n')
    office.problem("connection crm")
    office.at("2026-11-19T09:00:00+00:00")
    office.tick(0)
    for number in range(25):
        office.clock.advance(1)
        office.problem(f"gone invoice {number}", "sysadmin")
    office.at("2026-11-20T09:00:00+00:00")
    [mail] = office.tick(0)
    lines = mail.body.splitlines()
    assert len(lines) == 10
    assert lines[0] == "26 problems for the administrator, 25 new since the last mail."
    assert lines[1].startswith("#1 since 18 Nov: Crm cannot be used now.")
    assert lines[2].startswith("#2 NEW since 19 Nov: Somebody removed an object (invoices 0).")
    assert lines[-2:] == ["... and 19 more.", "All of it: syncd problems --pair main"]


def test_silence_lasts_a_week_at_most(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.world.books.post_invoice(desk.world.books.add_customer("ООО «Пример»"), "120.00")
        desk.live()
        desk.syncd("prove")
        alerts = '  sales: {mail_at: "08:30", language: ja}\n'
        office = Office(desk.folder / "office", alerts, state=desk.state)
        sent = [[m.body for m in office.tick(24 * 60)] for _ in range(15)]
        assert [day for day, mails in enumerate(sent) if mails] == [0, 7, 14]
        assert sent[7] == [
            "営業で対応が必要なものはありません。\n"
            "main：稼働中、カードは11/18 12:00時点の情報です。11/18照合済み、1件中1件が一致。\n"
            "一覧：syncd status"
        ]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 проблема"),
        (2, "2 проблемы"),
        (4, "4 проблемы"),
        (5, "5 проблем"),
        (11, "11 проблем"),
        (12, "12 проблем"),
        (14, "14 проблем"),
        (21, "21 проблема"),
        (22, "22 проблемы"),
        (25, "25 проблем"),
        (101, "101 проблема"),
        (111, "111 проблем"),
        (0, "0 проблем"),
    ],
)
def test_russian_counts(count: int, said: str) -> None:
    assert say.problems("ru", count) == said


def test_every_language_says_the_same_with_the_same_values() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert set(TONGUES) == set(LANGUAGES)
    english = TONGUES["en"]
    for tongue in TONGUES.values():
        assert tongue.frame.keys() == english.frame.keys()
        for name, text in tongue.frame.items():
            assert blanks(text) == blanks(english.frame[name]), name
        for table in ("causes", "systems"):
            mine, theirs = getattr(tongue, table), getattr(english, table)
            assert mine.keys() == theirs.keys()
            for cause, (first, end) in mine.items():
                assert blanks(end) == blanks(theirs[cause][1]), cause
                assert first and end
        assert tongue.guards.keys() == english.guards.keys()


RAISED = [
    "connection crm",
    "implausible invoice",
    "restored credit_note",
    "guard money",
    "differs ledger",
    "emptied crm",
    "sellers 1f2e3d4c",
    "unmappable invoice memory_books.yaml:36:15",
    "unwritable customer memory_crm.yaml:12:5",
    "vanished payment",
    "refused books.customers email",
    "refused account #1f2e3d4c",
    "not accepted account custom_fields.line",
    "clash customer 4",
    "fixed payment amount, currency",
    "asked payment:7/1",
    "doubled customer:4",
    "gone invoice 12",
    "won lacks tax_id, email",
    "won match account-7",
    "won proposed",
    "won earlier",
    "alerts sysadmin/1",
    "guard mapping",
    "silence books",
    "silence books payment",
    "unexplained books documents",
    "hidden books invoice",
    "stale books",
    "frozen crm",
    "clock machine",
    "schedule main",
    "paused main",
    "service files",
    "state restored",
    "disk state.sqlite",
]


@pytest.mark.parametrize("language", TONGUES)
@pytest.mark.parametrize("cause", RAISED)
def test_every_cause_has_a_sentence_of_its_own(language: str, cause: str) -> None:
    first, end = say.what(language, cause, "UNTRANSLATED. Run syncd apply 7f3c2a.")
    assert first and end and "UNTRANSLATED" not in first
    assert not {"{", "}"} & set(first + end)
    if language != "en":
        ascii_only = [one for one in (first, end) if one.isascii() and "syncd" not in one]
        assert ascii_only == []
