"""A mail server of some twenty lines: takes every message and keeps it. It is a stand-in for real
ones, spoken to by smtplib through Apprise."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast

ANSWERS = {"EHLO": "250 test", "HELO": "250 test", "DATA": "354 go on", "QUIT": "221 bye"}


class MailServer:
    """Context manager. `port` is where it listens, `mails` what arrived."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.mails = self.mails
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    allow_reuse_address = True
    mails: list[EmailMessage]


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 test")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].decode("ascii").upper()
            self._say(ANSWERS.get(verb, "250 ok"))
            if verb == "DATA":
                self._take()
            if verb == "QUIT":
                return

    def _take(self) -> None:
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        cast(_Server, self.server).mails.append(cast(EmailMessage, mail))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
