"""What is told arrives, in every language, through a mail server and over HTTP; and a server that
is dead, slow or rude costs a bounded time."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from syncd import notify
from syncd.notify import post
from syncd.notify.post import Message, Target
from tests.notify.mail_server import MailServer
from tests.notify.office import Office
from tests.server import Answer, Call, LocalServer, json_answer

SUBJECTS = {
    "en": "syncd: 2 problems for accounting",
    "ru": "syncd: 2 проблемы для бухгалтерии",
    "ja": "syncd：経理の問題2件",
}


def mail_to(port: int) -> str:
    return f"mailto://127.0.0.1:{port}?from=syncd@example.com&to=anna@example.com&mode=insecure"


@pytest.mark.parametrize("language", SUBJECTS)
def test_a_mail_arrives_as_it_was_written(tmp_path: Path, language: str) -> None:
    with MailServer() as server:
        alerts = f'  accounting: {{language: {language}, mail_at: "08:00"}}\n'
        office = Office(tmp_path, alerts, accounting=mail_to(server.port))
        office.problem("differs ledger", "accounting")
        office.problem("vanished payment", "accounting")
        [previewed] = _preview(office)
        notify.tick(office.store, office.settings, office.clock)
        [mail] = server.mails
    assert mail["Subject"] == SUBJECTS[language] == previewed.subject
    body = mail.get_body(("plain",))
    assert body is not None and mail.get_content_type() == "text/plain"
    assert body.get_content().replace("\r\n", "\n").strip() == previewed.body
    assert "<br" not in str(mail)


def _preview(office: Office) -> list[Message]:
    with office.store.reading() as tx:
        found = notify.preview(tx, office.settings, None, office.clock.utc())
    return [one.daily for one in found if one.daily]


def test_a_message_over_http_arrives_as_it_was_written() -> None:
    calls: list[Call] = []

    def respond(call: Call) -> Answer:
        calls.append(call)
        return json_answer({})

    message = Message("syncd：経理の問題1件", "ООО «Пример» & <b>株式会社</b>\nвторая строка")
    with LocalServer(respond) as server:
        target = Target("sales/1", server.url.replace("http", "json"))
        assert post.send(target, message, 10) is None
    [call] = calls
    assert (call.json()["title"], call.json()["message"]) == (message.subject, message.body)


def test_a_server_that_never_answers_costs_a_bounded_time_and_no_second_thread() -> None:
    """It takes the connection and says nothing: a mail library would wait for minutes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target("sales/9", mail_to(silent.getsockname()[1]))
        before = threading.active_count()
        assert post.send(target, Message("a", "b"), 0.3) == "no answer within 0.3 s"
        again = post.send(target, Message("a", "b"), 0.3)
        assert again == "the attempt before this one has not ended"
        assert threading.active_count() == before + 1
        thread = next(one for one in threading.enumerate() if one.name == "alert sales/9")
        peer, _ = silent.accept()
        peer.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_server_that_refuses_is_told_without_its_address() -> None:
    with LocalServer(lambda call: Answer(500)) as server:
        url = server.url.replace("http://", "json://user:geheim@")
        target = Target("sales/1", url)
        assert post.send(target, Message("a", "b"), 10) == "not taken"
        assert "geheim" not in repr(target) and server.url[7:] not in repr(target)
    assert post.send(Target("sales/2", "nonsense"), Message("a", "b"), 10) == (
        "no address that Apprise knows"
    )
