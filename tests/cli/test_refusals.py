"""What a system or a word typed makes impossible: one message, its exit code, nothing written."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator

import pytest

from syncd import settings
from syncd.app import build
from syncd.cli.show import show_plan
from syncd.domain import Money
from syncd.registry import shipped
from syncd.store.engine import open_store
from syncd.store.ownership import take
from syncd.sync.plan import MoneyLine
from tests.cli.desk import TOKEN, Desk

CLOSED_PORT = "http://127.0.0.1:9"


@contextlib.contextmanager
def owned(desk: Desk) -> Iterator[None]:
    """Another process works on the pair."""
    store = open_store(desk.state)
    owner = take(store, desk.clock, "main", 60, 1)
    yield
    owner.release()
    store.close()


@pytest.mark.parametrize("command", [("test",), ("setup", "crm")])
def test_a_wrong_credential_at_set_up_is_78(desk: Desk, command: tuple[str, ...]) -> None:
    desk.secret("crm", "wrong")
    with desk.nothing_written():
        said = desk.syncd("connections", *command)
    assert said.code == 78
    assert said.err.startswith("syncd: crm: the token is not valid")
    if "test" in command:
        assert f"Its secret: {desk.folder / 'secrets' / 'crm.token'}" in said.err


@pytest.mark.parametrize("side", ["books", "crm"])
def test_no_plan_is_made_with_a_wrong_credential(desk: Desk, side: str) -> None:
    desk.secret(side, "wrong")
    said = desk.syncd("plan")
    assert (said.code, said.out) == (78, "")
    assert said.err == (
        f"syncd: no plan was made: it needs both systems. {side}: the token is not valid\n"
    )


@pytest.mark.parametrize("side", ["books", "crm"])
def test_a_credential_lost_in_a_live_run_is_a_problem_that_closes_itself(
    live: Desk, side: str
) -> None:
    live.world.books.post_invoice("1", "9.00")
    live.secret(side, "wrong")
    with live.nothing_written():
        said = live.later()
        assert said.code == 1 and said.last == "next: syncd problems"
        assert live.later().code == 0  # the same problem is no news
    shown = live.syncd("status")
    assert shown.code == 1
    assert f"failed; {side}: the token is not valid" in shown.out
    assert f"[sysadmin]  {side} refuses syncd: the token is not valid." in shown.out
    assert "people    1 problem: 1 sysadmin (oldest " in shown.out
    live.secret(side, TOKEN)
    assert live.later().code == 0
    assert live.syncd("problems").out.endswith("\n0 open\n")
    assert len(live.world.crm.objects["invoice"]) == 4


def test_going_live_waits_for_both_systems(desk: Desk) -> None:
    desk.syncd("connections", "setup", "crm")
    plan = desk.syncd("plan", "--json").json()["id"]
    desk.secret("crm", "wrong")
    for command in (("apply", plan), ("run", "--go-live")):
        desk.syncd(*command)
        assert desk.syncd("status", "--json").json()["pair"]["mode"] == "plan"


@pytest.mark.parametrize("side", ["books", "crm"])
def test_an_unreachable_host_is_75(live: Desk, side: str) -> None:
    live.configure(**{side: {"url": CLOSED_PORT}})
    told = f"{side}: 127.0.0.1:9 refuses the connection"
    with live.nothing_written():
        assert live.syncd("connections", "test", side).err == f"syncd: {told}\n"
        for command in (("run",), ("plan",), ("connections", "test", side)):
            said = live.syncd(*command)
            assert said.code == 75 and told in said.text


def test_a_second_process_on_the_pair_is_75(live: Desk) -> None:
    live.world.books.post_invoice("1", "9.00")
    with owned(live), live.nothing_written():
        said = live.syncd("run")
        assert (said.code, said.out) == (75, "")
        assert said.err.startswith("syncd: pair main is owned by another syncd (process ")
        said = live.syncd("resync", "--all", "--no-wait")
        assert said.code == 0
        assert ": queued; what became of it: syncd log --requests\n" in said.out
        assert live.syncd("status").code == 0
    assert live.later().code == 0
    assert len(live.world.crm.objects["invoice"]) == 4


def test_fields_missing_in_the_crm_stop_a_live_run(desk: Desk) -> None:
    with desk.nothing_written():
        said = desk.syncd("run", "--go-live")
    assert (said.code, said.out) == (78, "")
    assert "crm lacks fields that its mapping writes: account custom_fields.average" in said.err
    assert said.err.endswith("Create them first: syncd connections setup crm\n")


def test_another_company_behind_the_url_stops_everything(live: Desk) -> None:
    live.world.books.post_invoice("1", "9.00")
    live.world.sides.crm.id = "another-company"
    with live.nothing_written():
        said = live.later()
    assert (said.code, said.out) == (78, "")
    assert "connection crm now reaches CRM of Memory Ltd (another-company)" in said.err
    assert "was bound to CRM of Memory Ltd (crm-1); nothing was written" in said.err
    shown = live.syncd("status")
    assert shown.code == 1 and "connection crm now reaches" in shown.out
    live.world.sides.crm.id = "crm-1"
    assert live.later().code == 0
    assert len(live.world.crm.objects["invoice"]) == 4


def test_a_plan_of_another_mapping_is_refused(live: Desk) -> None:
    live.world.books.post_invoice("1", "9.00")
    plan = live.syncd("plan", "--json").json()["id"]
    text = (shipped("mappings") / "memory_books.yaml").read_text(encoding="utf-8")
    live.mapping("memory_books", text.replace("email | trim | lower", "email | trim"))
    with live.nothing_written():
        said = live.syncd("apply", plan)
    assert said.code == 2
    assert (
        said.err == f"syncd: the mappings changed since plan {plan}; make a new one: syncd plan\n"
    )


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("apply 0000000", "there is no plan 0000000; make one with: syncd plan"),
        ("run --pair mian", "unknown pair mian; did you mean main?"),
        ("status --pair other", "unknown pair other"),
        ("connections test crn", "unknown connection crn; did you mean crm?"),
        ("connections setup crn", "unknown connection crn; did you mean crm?"),
        ("resync --key invoic:1", "--key invoic:1: expected KIND:KEY, as invoice:42; kinds: cust"),
        ("resync --key invoice", "--key invoice: expected KIND:KEY, as invoice:42; kinds: custom"),
        ("resync --key invoice:999", "invoice:999: the books have no such record"),
        ("resync --customer nobody", "no customer has 'nobody' as key, code, tax id, e-mail, name"),
        ("resync", "say one of --key KIND:KEY, --customer C, --all or --kind won --since DAY"),
        ("resync --all --key invoice:1", "say one of --key KIND:KEY, --customer C, --all or"),
        ("resync --kind won", "--kind won and --since DAY go together"),
        ("resync --kind won --since May", "--since May: expected a day as 2026-11-01"),
        ("apply 0000000 --scope seler=1", "--scope seler=1: expected customer=X, seller=S or card"),
        ("mode main pilot", "unknown mode pilot; a pilot begins with: syncd apply PLAN --scope"),
        ("mode main liv", "unknown mode liv; did you mean live?"),
        ("mode mian live", "unknown pair mian; did you mean main?"),
        ("pause mian --reason x", "no pair and no connection is named mian; did you mean main?"),
        ("pause main --until soon --reason x", "--until soon: expected 18:00, 2026-11-20, 2026-"),
        ("pause main --until 2020-01-01 --reason x", "2020-01-01 00:00 is over; say a moment to"),
        ("problems show 7", "there is no problem 7; see: syncd problems"),
        ("problems retry 7", "there is no problem 7; see: syncd problems"),
        ("problems waive 7 --reason x", "there is no problem 7; see: syncd problems"),
        ("links accept account-1", "card account-1 is no won customer that waits"),
        ("prove --customer nobody", "no customer has 'nobody' as key, code, tax id, e-mail, name"),
        ("log invoice", "log invoice: expected KIND:KEY, as invoice:42; kinds: customer"),
        ("log invoice:999", "invoice:999 has never been seen in the books"),
        (
            "problems resolve 7",
            "say one of --exists REMOTE_ID, --absent, --take books or crm, --deleted",
        ),
        ("problems resolve 7 --absent", "problem 7 asks nothing; see: syncd problems"),
        ("mapping check nothing.yaml", "nothing.yaml: there is no such file"),
    ],
)
def test_a_word_typed_wrongly_is_2_and_says_what_was_expected(
    live: Desk, command: str, told: str
) -> None:
    with live.nothing_written():
        said = live.syncd(*command.split())
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"syncd: {told}")
    assert len(said.err.splitlines()) == 1


def test_status_before_the_first_run_names_the_next_command(desk: Desk) -> None:
    said = desk.syncd("status")
    assert (said.code, said.err) == (2, "syncd: pair main has never run; next: syncd run\n")


def test_a_plan_says_which_of_several_pairs_it_is_applied_to(desk: Desk) -> None:
    desk.more = {"pairs": {"main": desk.pair, "second": dict(desk.pair)}}
    desk.configure()
    drawn = desk.syncd("plan", "--pair", "main", "--json")
    assert drawn.code == 0, drawn
    plan = json.loads(drawn.out)["id"]
    desk.syncd("connections", "setup", "crm")
    said = desk.syncd("apply", plan)
    assert (said.code, "mode LIVE" in said.out) == (0, True), said
    unknown = desk.syncd("apply", "000000x")
    assert (unknown.code, "which pair?" in unknown.err) == (2, True)


def test_a_plan_that_cannot_be_applied_does_not_offer_it(
    live: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = build(settings.load(live.config), live.clock).plan(None)
    show_plan(drawn, {})
    assert capsys.readouterr().out.endswith(f"next: syncd apply {drawn.id}\n")
    show_plan(dataclasses.replace(drawn, compare_first=True), {})
    assert capsys.readouterr().out.endswith("next: syncd plan\n")
    yen = Money(214_970_571_000_000, "JPY")
    show_plan(dataclasses.replace(drawn, money=[MoneyLine("receivable", yen, yen)]), {})
    assert "214,970,571  " in capsys.readouterr().out, "a yen has no hundredths"


def test_no_run_yet_is_said(desk: Desk) -> None:
    assert desk.syncd("log").out == "no run yet; next: syncd run\n"
