"""The same on a real terminal: what is typed hidden is not shown, Ctrl-C stops, and it goes on."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests.cli.desk import TOKEN
from tests.init.table import Table

PATIENCE = 60.0
"""Seconds to wait for a word; a slow machine needs a few."""


class Terminal:
    """A process on a pseudo terminal: types, and waits for what it shows."""

    def __init__(self, *words: str) -> None:
        self.shown = ""
        self._main, side = pty.openpty()
        env = {name: text for name, text in os.environ.items() if "SYNCD" not in name}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "syncd", *words],
            stdin=side,
            stdout=side,
            stderr=side,
            env=env | {"PYTHONIOENCODING": "utf-8", "TERM": "dumb"},
            cwd=Path(__file__).parents[2],
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._main)

    def until(self, text: str) -> None:
        """Reads on until this is shown, after what was waited for before."""
        start, end = len(self.shown), time.monotonic() + PATIENCE
        while text not in self.shown[start:]:
            assert time.monotonic() < end, f"{text!r} does not come; shown:\n{self.shown}"
            self._read()

    def answer(self, question: str, text: str) -> None:
        self.until(question)
        os.write(self._main, f"{text}\r".encode())

    def interrupt(self, until: str) -> None:
        """Ctrl-C, and again after some silence: one that comes while a prompt is still being made
        is seen with the next key only."""
        start, end = len(self.shown), time.monotonic() + PATIENCE
        while until not in self.shown[start:]:
            assert time.monotonic() < end, f"Ctrl-C does not stop it; shown:\n{self.shown}"
            os.write(self._main, b"\x03")
            for _ in range(3):
                self._read()

    def end(self) -> int:
        """Reads what is still shown; the exit code."""
        end = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < end, f"it does not end; shown:\n{self.shown}"
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._main], [], [], 1.0)
        if not ready:
            return True
        try:
            piece = os.read(self._main, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)


def _own_terminal() -> None:
    """Makes its standard input the terminal that controls it, as a login does: Ctrl-C reaches it,
    and hidden questions ask there."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_hidden_stopped_and_gone_on_with(table: Table) -> None:
    table.folder.mkdir()
    with Terminal("init", "--folder", str(table.folder)) as first:
        first.answer("System", "memory_books")
        first.answer("Address", table.url)
        first.answer("Token (not shown)", "")
        first.answer("is not shown\r\nToken (not shown)", TOKEN)
        first.answer("The CRM", "memory_crm")
        first.until("Address")
        first.interrupt("stopped")
        assert first.end() == 130
    assert "goes on at this question" in first.shown
    assert TOKEN not in first.shown
    assert not table.config.exists()

    with Terminal("init", "--folder", str(table.folder)) as second:
        second.answer("CRM", table.url)
        second.answer("Token (not shown)", TOKEN)
        for question in ("production", "since", "Language", "Zone", "Stages", "Won customers ("):
            second.answer(question, "")
        second.answer("Address of sysadmin (not shown; Enter: nobody)", "json://a:geheim@127.0.0.1")
        second.answer("Language of sysadmin", "ja")
        second.answer("Send a test message there now", "n")
        for owner in ("accounting", "sales"):
            second.answer(f"Address of {owner}", "")
        assert second.end() == 0, second.shown
    assert "going on with 3 answers" in second.shown
    assert second.shown.count("Token (not shown)") == 1, "that of the books is there already"
    assert TOKEN not in second.shown and "geheim" not in second.shown
    assert "sysadmin: {language: ja}" in table.config.read_text(encoding="utf-8")
    assert "looking: 1 request" in second.shown
    assert "reading: " in second.shown, "progress, where somebody looks"
    assert "next: syncd connections setup crm, then" in second.shown
    assert table.proxy.writes == 0
