"""The dead man's switch: heard after green cycles alone, and never in their way."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.desk import Desk
from tests.server import Answer, Call, LocalServer


@pytest.fixture
def watched(tmp_path: Path) -> object:
    calls: list[str] = []
    answers = [200]

    def respond(call: Call) -> Answer:
        calls.append(call.path)
        return Answer(answers[0])

    with LocalServer(respond) as watcher, Desk(tmp_path) as desk:
        content = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
        content["alerts"] = {"ping": {"every": 600, "fail": True}}
        desk.config.write_text(yaml.safe_dump(content), encoding="utf-8")
        secret = desk.folder / "secrets" / "alerts.ping"
        secret.write_text(f"{watcher.url}/uuid\n", encoding="utf-8")
        secret.chmod(0o600)
        desk.world.books.post_invoice(desk.world.books.add_customer("ООО «Пример»"), "120.00")
        desk.live()
        yield desk, calls, answers


def test_it_is_sent_after_green_cycles_at_most_once_an_interval(
    watched: tuple[Desk, list[str], list[int]],
) -> None:
    desk, calls, answers = watched
    assert calls == ["/uuid"]
    assert desk.later(5).code == 0 and calls == ["/uuid"]
    assert desk.later(5).code == 0 and calls == ["/uuid"] * 2
    desk.world.fault("* /crm/*", "refuse", times=99)
    assert desk.later(20).code == 75 and calls[2:] == ["/uuid/fail"]
    desk.world.faults.planned.clear()
    answers[0] = 500
    assert desk.later(20).code == 0 and calls[3:] == ["/uuid"]
    assert desk.syncd("problems").code == 0  # a failure is logged, nothing else
    answers[0] = 200
    assert desk.later(20).code == 0 and calls[4:] == ["/uuid"]
