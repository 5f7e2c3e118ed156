"""The service: its pace, its signals, what it tells systemd, and that it ends with nothing lost."""

from __future__ import annotations

import datetime as dt
import signal
import time
from collections.abc import Callable
from pathlib import Path

from syncd.daemon.worker import NIGHT
from tests.daemon.unit import Service
from tests.engine.agreement import differences
from tests.polling import polled

ROOT = Path(__file__).parents[2]
MakeService = Callable[..., Service]


def test_it_runs_at_once_and_at_its_pace_says_that_it_lives_and_stops(
    service_of: MakeService,
) -> None:
    service = service_of()
    books = service.stand.world.books
    books.add_customer("ООО «Ромашка»")
    service.start()
    assert differences(service.stand.world) == []
    books.add_customer("株式会社サンプル")
    service.cycle()
    assert differences(service.stand.world) == []
    polled(lambda: service.listener.heard("WATCHDOG=1"), "a sign of life")
    polled(lambda: service.listener.heard("STATUS=main: run"), "its status")
    ended = service.stop()
    assert ended.code == 0, ended.said
    assert service.listener.heard("STOPPING=1")
    assert service.stand.syncd("run").code == 0, "the pair is free"


def test_who_else_wants_its_pair_is_told_and_what_people_ask_is_done(
    service_of: MakeService,
) -> None:
    service = service_of().start()
    for command in ("run", "daemon"):
        ended = service.stand.syncd(command)
        assert ended.code == 75 and "owned by another syncd" in ended.said, ended.said
    service.stand.world.books.add_customer("ООО «Ромашка»")
    (service.stand.folder / "secrets" / "books.token").unlink()  # only the service has it
    assert service.stand.syncd("resync", "--all").code == 0
    assert differences(service.stand.world) == []
    paused = service.stand.syncd("pause", "main", "--until", "2h", "--reason", "stocktaking")
    assert paused.code == 0, paused.said
    before = service.runs()
    service.stand.advance(3600)
    polled(
        lambda: [one for one in service.listener.heard("STATUS=main: pair main is paused")],
        "that it is paused",
    )
    assert service.runs() == before
    assert service.stand.syncd("resume", "main").code == 0
    service.cycle()


def test_new_files_are_taken_on_hangup_and_bad_ones_are_not(service_of: MakeService) -> None:
    service = service_of()
    service.stand.world.books.add_customer("ООО «Ромашка»", phone="+7 495 000-00-00")
    service.start()
    accounts = service.stand.world.crm.objects["account"]

    def phones() -> list[str]:
        return [one.fields["phone"] for one in accounts.values()]

    shipped = (ROOT / "mappings" / "memory_crm.yaml").read_text(encoding="utf-8")

    def reload(text: str) -> None:
        (service.stand.folder / "mine.yaml").write_text(text, encoding="utf-8")
        before = len(service.listener.lines)
        service.signal(signal.SIGHUP)
        polled(lambda: service.listener.heard("READY=1", before), "reloaded")

    service.edit(lambda content: content["pairs"]["main"].update({"crm_mapping": "./mine.yaml"}))
    reload(shipped.replace("phone:", "phne:", 1))
    [(_, cause)] = polled(service.stand.problems, "a problem")
    assert cause == "service files"
    told = service.stand.syncd("problems").said
    assert "mine.yaml:" in told and "did you mean phone?" in told
    service.cycle()
    assert service.stand.problems(), "the last good ones stay, and that is still said"
    reload(shipped.replace("phone:    phone", "phone:    phone | max 6", 1))
    polled(lambda: not service.stand.problems(), "the problem closes itself")
    polled(lambda: phones() == ["+7 495"], "the new mapping")


def test_a_run_in_the_middle_of_its_writes_ends_within_ten_seconds(
    service_of: MakeService,
) -> None:
    """The CRM does not answer; what is on its way is handed back, and found by the next run."""
    service = service_of()
    service.edit(lambda content: content["numbers"].update({"request_timeout": 30}))
    service.start()
    service.stand.world.books.add_customer("ООО «Ромашка»")
    hold = service.stand.hold("POST /crm/account*", "after")
    service.stand.advance(3600)
    assert hold.reached.wait(20)
    began = time.monotonic()
    ended = service.stop()
    assert ended.code == 0 and time.monotonic() - began < 10, ended.said
    hold.released.set()
    assert service.stand.syncd("run").code == 0, "in doubt, not owned"
    service.stand.advance(120)
    assert service.stand.syncd("run").code == 0
    assert len(service.stand.world.crm.objects["account"]) == 1
    assert differences(service.stand.world) == []


def test_a_run_that_only_waits_ends_at_once(service_of: MakeService) -> None:
    service = service_of().start()
    service.stand.world.fault("GET /books/*", "refuse", times=1000)
    service.stand.advance(3600)
    polled(lambda: service.stand.rows("SELECT 1 FROM run WHERE ended IS NULL"), "a run")
    began = time.monotonic()
    assert service.stop().code == 0
    assert time.monotonic() - began < 5
    [(result,)] = service.stand.rows("SELECT result FROM run ORDER BY id DESC LIMIT 1")
    assert result == "stopped"


def test_a_clock_that_is_set_back_does_not_stop_the_pace(service_of: MakeService) -> None:
    service = service_of().start()
    before = service.runs()
    day = service.stand.clock.with_suffix(".day")
    day.write_text("-7200")
    service.until_run(before)
    day.write_text("7200")
    service.until_run(before + 1)
    assert service.stop().code == 0


def test_a_pair_that_cannot_be_worked_on_is_a_problem_and_is_taken_up_again(
    service_of: MakeService,
) -> None:
    service = service_of().start()
    service.stand.world.sides.books.id = "another company"
    service.cycle()
    [(_, cause)] = polled(service.stand.problems, "a problem")
    assert cause == "service cycle"
    assert "was bound to" in service.stand.syncd("problems").said
    service.stand.world.sides.books.id = "books-1"
    service.cycle()
    polled(lambda: not service.stand.problems(), "the problem closes itself")


def test_it_does_not_start_where_it_cannot_work(service_of: MakeService) -> None:
    service = service_of()
    hold = service.stand.hold("GET /books/customers", "before")
    owner = service.stand.start("run")
    assert hold.reached.wait(20)
    assert service.stand.syncd("daemon").code == 75
    hold.released.set()
    assert owner.end().code == 0
    service.edit(lambda content: content["pairs"]["main"].update({"every": "often"}))
    ended = service.stand.syncd("daemon")
    assert ended.code == 78 and "every is a whole number of seconds" in ended.said


def test_every_night_the_cards_are_proven_once(service_of: MakeService) -> None:
    service = service_of()
    books = service.stand.world.books
    books.post_invoice(books.add_customer("ООО «Ромашка»"), "5.00")
    service.start()
    for _ in range(25):
        service.cycle()
    runs = [
        (command, dt.datetime.fromtimestamp(began / 1e6, dt.UTC))
        for command, began in service.stand.rows("SELECT command, began FROM run ORDER BY id")
    ]
    first, last = runs[0][1], runs[-1][1]
    nights = [dt.datetime.combine(first + dt.timedelta(n), NIGHT, dt.UTC) for n in range(3)]
    passed = [night for night in nights if first < night <= last]
    assert [command for command, _ in runs].count("prove") == len(passed) > 0
    [account] = service.stand.world.crm.objects["account"].values()
    assert "proven" in account.fields["custom_fields.line"]
