"""The table `alerts`: what it means, and every mistake with its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from syncd.errors import ConfigError
from syncd.settings import load
from tests.cli.desk import Desk
from tests.notify.office import HEAD, Office


def test_who_has_a_mail_of_the_day_is_not_told_at_once_unless_it_says_so(tmp_path: Path) -> None:
    alerts = (
        '  accounting: {language: ru, mail_at: "8:30", zone: Europe/Moscow, names: true}\n'
        '  sales: {mail_at: "09:00", at_once: true}\n'
        "  sysadmin: {}\n  ping: {every: 60}\n"
    )
    found = Office(tmp_path, alerts).settings.alerts
    one = found.hearers["accounting"]
    assert (one.language, one.mail_at, one.zone.key) == ("ru", dt.time(8, 30), "Europe/Moscow")
    assert [h.at_once for h in found.hearers.values()] == [False, True, True]
    assert [h.names for h in found.hearers.values()] == [True, False, False]
    assert found.ping and (found.ping.every, found.ping.fail) == (60, False)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  acounting: {}", "3 unknown owner of problems acounting; did you mean accounting?"),
        ("  sales: mailto://a:geheim@b", "10 alerts.sales is a table"),
        ("  sales: {langage: ru}", "11 unknown setting langage; did you mean language?"),
        ("  sales: {language: de}", "21 unknown language de; known: en, ja, ru"),
        ("  sales: {mail_at: 8}", '20 mail_at 8: expected a time of day as "08:30"'),
        ("  sales: {mail_at: 24:00}", '20 mail_at 24:00: expected a time of day as "08:30"'),
        ("  sales: {mail_at: 23:30}", "20 mail_at 23:30: at the latest 23:00"),
        ("  sales: {zone: Moscow}", "17 zone Moscow: expected one like Europe/Vienna"),
        ("  sales: {names: yes}", "18 names is true or false"),
        ("  ping: {every: often}", "17 every is a number of 0 or more"),
        ("  ping: {evry: 5}", "10 unknown setting evry; did you mean every?"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "syncd.yaml"
    file.write_text(f"{HEAD}alerts:\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(file)
    assert list(error.value.problems) == [f"{file}:6:{told}"]


def test_a_connection_cannot_have_the_name_of_the_secrets(tmp_path: Path) -> None:
    file = tmp_path / "syncd.yaml"
    file.write_text(HEAD.replace("b:", "alerts:", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="a connection cannot be called alerts"):
        load(file)


def test_check_and_test_name_every_missing_or_wrong_target_and_show_none(desk: Desk) -> None:
    desk.more = {"alerts": {"sales": {}, "accounting": {}, "ping": {}}}
    desk.configure()
    (desk.folder / "secrets" / "alerts.sales").write_text("geheim://x json://a mailto:geheim")
    (desk.folder / "secrets" / "alerts.ping").write_text("geheim")
    for name in ("sales", "ping"):
        (desk.folder / "secrets" / f"alerts.{name}").chmod(0o600)
    for command in (("check",), ("alerts", "test"), ("alerts", "preview", "sales")):
        said = desk.syncd(*command)
        assert said.code == 78 and "geheim" not in said.text
        for told in (
            "alerts.accounting has no secret: put its address into",
            "alerts.sales: target sales/1 of the secret is no address that Apprise knows",
            "alerts.sales: target sales/3 of the secret",
            "alerts.ping: the secret begins with https:// or http://",
        ):
            assert told in said.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("test",), 78, "has no alerts, so nobody is told; see docs/alerts.md"),
        (("preview", "sales"), 78, "has no alerts.sales, so nobody is told"),
        (("test", "boss"), 2, "unknown owner boss; known: accounting, sales, sysadmin"),
    ],
)
def test_alerts_of_a_configuration_without_any(
    desk: Desk, words: tuple[str, ...], code: int, told: str
) -> None:
    said = desk.syncd("alerts", *words)
    assert said.code == code and told in said.err


def test_a_target_that_takes_nothing_is_exit_code_1_and_not_named(desk: Desk) -> None:
    desk.more = {"alerts": {"sales": {}}}
    desk.configure()
    file = desk.folder / "secrets" / "alerts.sales"
    file.write_text("json://user:geheim@127.0.0.1:9/x\n", encoding="utf-8")
    file.chmod(0o600)
    said = desk.syncd("alerts", "test", "sales")
    assert said.code == 1 and said.out == "sales/1 (json) could not be told: not taken\n"
    assert "geheim" not in said.text
    dry = desk.syncd("alerts", "test", "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert dry.out.startswith("sales/1 (json) would be told: This is how messages for sales")
