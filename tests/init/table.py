"""Where an admin sits on set-up day: two systems, a counting proxy before them, an empty folder,
and a terminal whose answers are written down beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from click.testing import CliRunner

from syncd.__main__ import execute
from tests.cli.desk import TOKEN, Desk, Said
from tests.proxy import Proxy

BOOKS = ("--books-system", "memory_books")
CRM = ("--crm-system", "memory_crm")


class Table:
    """`folder` is empty. `url` is that of the proxy, which counts what may write."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "настройка"
        self.desk = Desk(_made(place / "desk"))
        self.world, self.clock = self.desk.world, self.desk.clock
        self._stack = ExitStack()
        books = self.world.books
        for name in ("ООО «Пример»", "Sample Trade LLC", "株式会社サンプル"):
            key = books.add_customer(name, email="a@example.test")
            invoice = books.post_invoice(key, "120.00", date="2026-10-01")
            books.post_invoice(key, "30.00", date="2024-10-01")
            books.pay(key, "50.00", allocations=[(invoice, "45.00")])

    def __enter__(self) -> Self:
        self._stack.enter_context(self.desk)
        proxy = Proxy(self.desk.url, is_write=lambda call: call.method != "GET")
        self.proxy = self._stack.enter_context(proxy)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        return self.proxy.url

    @property
    def config(self) -> Path:
        return self.folder / "syncd.yaml"

    def secret(self) -> Path:
        file = self.desk.secret("given", TOKEN)
        assert file.is_file()
        return file

    def flags(self) -> tuple[str, ...]:
        """Everything that has no default."""
        secret = str(self.secret())
        urls = ("--books-url", self.url, "--crm-url", self.url)
        return (*BOOKS, *CRM, *urls, "--books-token-file", secret, "--crm-token-file", secret)

    def syncd(self, *words: str, answers: Sequence[str] = ()) -> Said:
        """Types `answers` one after the other, each with Enter; then the terminal is closed."""
        typed = "".join(f"{answer}\n" for answer in answers)
        with CliRunner().isolation(input=typed) as (out, err, _):
            code = execute(["--config", str(self.config), *words], self.clock)
            return Said(code, out.getvalue().decode(), err.getvalue().decode())

    def init(self, *words: str, answers: Sequence[str] = ()) -> Said:
        return self.syncd("init", *words, answers=answers)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
