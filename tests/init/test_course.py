"""From nothing to a plan: what is asked, what is found, what is written, and that nothing is
written to either system."""

from __future__ import annotations

import json
import re
import shlex
import stat
from pathlib import Path

import pytest

from syncd.cli.init import FLAGS
from syncd.settings import load
from syncd.setup.kept import NAME
from tests.cli.desk import TOKEN
from tests.init.table import Table

BY_HAND = [
    "memory_books",
    "{host}/customers/7?tab=1#!/x",  # as pasted from a browser, without a scheme
    "wrong-token",
    TOKEN,
    "memory_crm",
    "{url}/",
    TOKEN,
    "y",
    "yesterday",  # no day: asked again
    "2",
    "ru",
    "Mars/Olympus",
    "Europe/Moscow",
    "",
    "create",
    "",
    "",
    "",
]


def by_hand(table: Table) -> list[str]:
    host = table.url.removeprefix("http://")
    return [one.format(host=host, url=table.url) for one in BY_HAND]


def test_from_nothing_to_a_plan_by_answering(table: Table) -> None:
    table.world.crm.define("account", "custom_fields.код_1с", "text")
    for number in range(3):
        table.world.crm.add_account(f"Card {number}", custom_fields__код_1с=str(number))
    table.world.crm.win(table.world.crm.open_deal("account-1", "Печать"))

    said = table.init(answers=by_hand(table))

    assert said.code == 0, said.text
    assert "! the token is not valid" in said.out
    assert "at most 3 customers, 0 orders, 6 invoices, 3 payments" in said.out
    first = r"1  2026-01-01 +6 +about 15 +about 1\n"
    assert re.search(first, said.out), "the shortest history first"
    assert "expected a day as 2026-01-31, or all" in said.out
    assert "'Mars/Olympus' is no zone" in said.out
    assert "custom_fields.код_1с (“код_1с”) is filled on 3 of 3 cards" in said.out
    assert "so 1 deal of the last 30 days would have counted" in said.out
    assert TOKEN not in said.text and "wrong-token" not in said.text

    settings = load(table.config)
    assert settings.pairs["main"].won.mode == "create"
    assert settings.connections["books"].url == table.url, "the way behind the host is dropped"
    own = (table.folder / "mappings" / "memory_crm.yaml").read_text(encoding="utf-8")
    assert own.startswith("extends: memory_crm\n"), "only what differs"
    assert 'history.from: "2025-01-01"' in own and 'zone: "Europe/Moscow"' in own
    assert '- "Долг {receivable}"' in own

    assert table.proxy.reads > 20 and table.proxy.writes == 0
    assert table.world.writes() == 0
    plan = said.out[said.out.index("\nPlan ") :]
    assert re.search(r"^invoice +6 +3 +0 +3 +0 +0 +0 +0$", plan, re.M)
    assert "syncd connections setup crm, then" in plan
    assert table.syncd("check").code == 0


def test_secrets_are_files_of_this_user_and_stand_nowhere_else(table: Table) -> None:
    assert table.init(*table.flags(), "--yes").code == 0
    secrets = table.folder / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    for name in ("books.token", "crm.token"):
        file = secrets / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text(encoding="utf-8") == TOKEN + "\n"
    others = [one for one in table.folder.rglob("*") if one.is_file() and one.parent != secrets]
    assert len(others) >= 3
    assert not [one for one in others if TOKEN.encode() in one.read_bytes()]


def test_a_secret_may_come_from_the_environment(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = [one for one in table.flags() if "token" not in one]
    for side in ("BOOKS", "CRM"):
        monkeypatch.setenv(f"SYNCD_SECRETS__{side}__TOKEN", TOKEN)
    said = table.init(*flags, "--yes")
    assert said.code == 0, said.text
    assert (table.folder / "secrets" / "crm.token").read_text(encoding="utf-8") == TOKEN + "\n"


def test_the_command_at_the_end_gives_the_same_files(table: Table, tmp_path: Path) -> None:
    said = table.init(answers=by_hand(table))
    line = next(line for line in said.out.splitlines() if line.startswith("  syncd --config"))
    words = shlex.split(line)[3:]
    again = tmp_path / "again" / "syncd.yaml"
    first, table.folder = table.folder, again.parent

    said = table.syncd(*words)

    assert said.code == 0, said.text
    assert "not shown" not in said.out, "nobody is asked"
    for file in first.rglob("*"):
        if file.is_file() and "state" not in file.parts:
            same = again.parent / file.relative_to(first)
            assert same.read_bytes() == file.read_bytes(), file


def test_every_question_is_a_flag_and_stands_in_the_command(table: Table) -> None:
    table.folder.mkdir()
    table.config.write_text("state: x\n", encoding="utf-8")
    owners = ("sysadmin", "accounting", "sales")
    hears = str(table.desk.secret("alerts", "json://localhost/x", name="given"))
    heard = [word for one in owners for word in (f"--{one}-alerts-file", hears)]
    said = table.init("--replace", "y", *table.flags(), *heard, "--yes", "--books-option", "page=7")
    assert said.code == 0, said.text
    command = said.out[said.out.index("The same again") :]
    of_books = {"books.database", "books.login", "books.zone", "books.changes"}
    of_others = {*of_books, "crm.adopt", "won.by", "owners", "sellers", "fallback"}
    for name in FLAGS.keys() - of_others:
        assert f"--{name.replace('.', '-')} " in command, name
    for owner in owners:
        kept = table.folder / "secrets" / f"alerts.{owner}"
        assert f"--{owner}-alerts-file {shlex.quote(str(kept))}" in command
    assert "--books-option page=7" in command
    assert load(table.config).connections["books"].options == {"page": "7"}


def test_what_is_stopped_goes_on_at_that_question(table: Table) -> None:
    """The terminal is closed at the CRM's address; the next time only the rest is asked."""
    answers = by_hand(table)
    said = table.init(answers=answers[:5])
    assert said.code == 130
    assert "the same command goes on at this question" in said.err
    kept = json.loads((table.folder / NAME).read_text(encoding="utf-8"))
    assert sorted(kept) == ["books.system", "books.url", "crm.system"]
    assert TOKEN not in (table.folder / NAME).read_text(encoding="utf-8")
    assert not table.config.exists()

    said = table.init(answers=answers[5:])
    assert said.code == 0, said.text
    assert "going on with 3 answers" in said.out
    assert not (table.folder / NAME).exists(), "what was answered stands in the configuration"


def test_a_kept_answer_that_no_longer_works_is_asked_again(table: Table) -> None:
    answers = by_hand(table)
    table.init(answers=answers[:5])
    table.world.sides.books.token = "renewed"
    said = table.init(answers=["renewed", *answers[5:]])
    assert said.code == 0, said.text
    assert "! the token is not valid" in said.out
    assert (table.folder / "secrets" / "books.token").read_text(encoding="utf-8") == "renewed\n"


def test_a_configuration_is_never_replaced_without_a_word(table: Table) -> None:
    table.folder.mkdir()
    old = "state: mine\n"
    table.config.write_text(old, encoding="utf-8")
    own = table.folder / "mappings" / "memory_crm.yaml"
    own.parent.mkdir()
    own.write_text("system: memory_crm\nversion: 1\n# ours\n", encoding="utf-8")

    said = table.init(*table.flags(), "--yes")
    assert said.code == 2
    assert "syncd.yaml stays as it was; --replace y, or another --folder" in said.err
    assert table.config.read_text(encoding="utf-8") == old
    assert table.proxy.calls == []

    said = table.init(*table.flags(), "--yes", "--replace", "y")
    assert said.code == 0, said.text
    for copy in (table.config, own):
        assert f"{copy}.before-1: what was there before" in said.out
    assert Path(f"{table.config}.before-1").read_text(encoding="utf-8") == old
    assert "# ours" in Path(f"{own}.before-1").read_text(encoding="utf-8")


def test_without_an_answer_and_without_a_person_it_says_which_flag(table: Table) -> None:
    said = table.init("--yes", "--books-system", "memory_books")
    assert said.code == 2 and "--books-url is missing" in said.err
    flags = [one for one in table.flags() if "token" not in one and "given" not in one]
    said = table.init("--yes", *flags)
    assert said.code == 2 and "--books-token-file FILE is missing" in said.err
    said = table.init("--yes", *table.flags(), "--stages", "lost")
    assert said.code == 2 and "expected all, or some of won" in said.err
    said = table.init("--yes", *table.flags(), "--books-option", "page")
    assert said.code == 2 and "expected NAME=VALUE" in said.err
    assert not table.config.exists()


def test_a_chosen_stage_narrows_what_counts_as_won(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.memory import about

    told = about.of_crm

    def two_stages(*args: object) -> dict[str, object]:
        lead = {"code": "converted", "label": "Lead converted", "recent": 4}
        found = told(*args)  # type: ignore[arg-type]
        return {**found, "stages": [*found["stages"], lead]}

    monkeypatch.setattr(about, "of_crm", two_stages)
    said = table.init(*table.flags(), "--yes", "--stages", "converted")
    assert said.code == 0, said.text
    assert "so 4 deals of the last 30 days would have counted" in said.out
    own = (table.folder / "mappings" / "memory_crm.yaml").read_text(encoding="utf-8")
    assert """where: 'stage in ["converted"]'""" in own


def test_a_plan_that_cannot_be_made_leaves_the_files_in_place(table: Table) -> None:
    table.world.fault("GET /crm/contact*", "error", times=99)
    said = table.init(*table.flags(), "--yes")
    assert said.code == 1
    assert "The files are in place; the plan can be made again: syncd plan" in said.err
    assert "no plan was made" in said.err and "HTTP 500" in said.err
    assert load(table.config).pairs.keys() == {"main"}
