"""Who hears about problems, asked on set-up day: tested at once, shown nowhere, kept secret."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from syncd.settings import load
from syncd.setup.kept import NAME
from tests.init.table import Table
from tests.notify.mail_server import MailServer

GEHEIM = "geheim-word"


def mailto(port: int, to: str) -> str:
    more = f"from=syncd@example.com&to={to}@example.com&mode=insecure&cc=&name={GEHEIM}"
    return f"mailto://127.0.0.1:{port}?{more}"


def secret(table: Table, owner: str) -> Path:
    return table.folder / "secrets" / f"alerts.{owner}"


CARD = ["", "", "", "", "", ""]
"""Enter at production, history, language, zone, stages, won customers."""


def test_each_owner_is_asked_and_one_test_message_leaves_for_whoever_wants_it(table: Table) -> None:
    with MailServer() as server:
        anna, boris = mailto(server.port, "anna"), mailto(server.port, "boris")
        to_sysadmin = ["anna@example.com", f"{anna} {boris}", "", "y"]
        answers = [*CARD, *to_sysadmin, anna, "ru", "n", ""]
        said = table.init(*table.flags(), answers=answers)

    assert said.code == 0, said.text
    assert "! sysadmin/1: no address that Apprise knows, as mailto://user:password@" in said.out
    assert "sysadmin/2 (mailto) was told: This is how messages for the administrator" in said.out
    assert sorted(mail["To"] for mail in server.mails) == ["anna@example.com", "boris@example.com"]
    assert secret(table, "sysadmin").read_text(encoding="utf-8") == f"{anna}\n{boris}\n"
    assert stat.S_IMODE(secret(table, "sysadmin").stat().st_mode) == 0o600
    assert not secret(table, "sales").exists()
    heard = load(table.config).alerts.hearers
    assert {name: one.language for name, one in heard.items()} == {
        "sysadmin": "en",
        "accounting": "ru",
    }
    files = [one for one in table.folder.rglob("*") if one.is_file()]
    telling = [one.parent.name for one in files if GEHEIM.encode() in one.read_bytes()]
    assert telling == ["secrets", "secrets"]
    assert GEHEIM not in said.text
    assert table.syncd("check").code == 0


def test_a_target_that_cannot_be_told_is_asked_for_again_or_kept_and_never_fatal(
    table: Table,
) -> None:
    with MailServer() as gone:
        dead = mailto(gone.port, "anna")
    answers = [*CARD, dead, "", "y", "n", "", dead, "", "y", "y", ""]
    said = table.init(*table.flags(), answers=answers)
    assert said.code == 0, said.text
    assert "! sysadmin/1 (mailto) could not be told: not taken" in said.out
    assert not secret(table, "sysadmin").exists(), "asked again, and then nobody"
    assert "--sysadmin-language" not in said.out
    assert load(table.config).alerts.hearers.keys() == {"accounting"}, "kept all the same"


def test_what_is_settled_is_not_asked_again_after_a_stop(table: Table) -> None:
    with MailServer() as server:
        anna = mailto(server.port, "anna")
        said = table.init(*table.flags(), answers=[*CARD, anna, "ja", "y", ""])
        assert said.code == 130
        kept = (table.folder / NAME).read_text(encoding="utf-8")
        assert GEHEIM not in kept
        assert json.loads(kept)["accounting.alerts"] == "nobody"
        assert not table.config.exists()

        said = table.init(*table.flags(), answers=[""])
    assert said.code == 0, said.text
    assert "sysadmin: mailto" in said.out and "accounting: nobody" in said.out
    assert len(server.mails) == 1, "no second test"
    assert load(table.config).alerts.hearers["sysadmin"].language == "ja"


def test_without_a_person_nobody_hears_unless_a_file_says_so(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = table.init(*table.flags(), "--yes")
    assert said.code == 0, said.text
    assert "nobody: syncd status and syncd problems show them" in said.out
    assert "alerts:" not in table.config.read_text(encoding="utf-8")
    assert "who hears of problems: nobody" in said.out, "doctor says so"

    again = (*table.flags(), "--replace", "y", "--yes")
    bad = str(table.desk.secret("alerts", f"{GEHEIM}@example.com", name="given"))
    said = table.init(*again, "--sales-alerts-file", bad)
    assert said.code == 2
    assert "--sales-alerts-file: sales/1: no address that Apprise knows" in said.err
    assert GEHEIM not in said.text
    said = table.init(*again, "--sales-alerts-file", str(table.desk.secret("alerts", "", name="x")))
    assert said.code == 2 and "--sales-alerts-file: there is no address in it" in said.err

    with MailServer() as server:
        anna = mailto(server.port, "anna")
        monkeypatch.setenv("SYNCD_SECRETS__ALERTS__SYSADMIN", anna)
        said = table.init(*again, "--language", "ru")
    assert said.code == 0, said.text
    assert server.mails == [], "a test leaves only after a yes"
    assert secret(table, "sysadmin").read_text(encoding="utf-8") == f"{anna}\n"
    assert load(table.config).alerts.hearers["sysadmin"].language == "ru", "as the card's"


def test_a_folder_of_root_alone_is_no_defect_for_a_service_whose_secrets_come_from_systemd(
    table: Table,
) -> None:
    """As `init` leaves it for root: the unit hands over copies, and may leave one out."""
    heard = str(table.desk.secret("alerts", "json://localhost/x", name="given"))
    assert table.init(*table.flags(), "--yes", "--sysadmin-alerts-file", heard).code == 0
    settings, user, folder = load(table.config), os.geteuid(), table.folder / "secrets"
    folder.chmod(0)
    os.seteuid(user or 65534)
    try:
        assert settings.secret("alerts", "sysadmin") is None
        assert settings.loose_secrets() == []
    finally:
        os.seteuid(user)
        folder.chmod(0o700)
    assert settings.secret("alerts", "sysadmin") == "json://localhost/x"
