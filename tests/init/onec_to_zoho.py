"""Set-up day with 1C and Zoho CRM: both sandboxes behind HTTP, and an empty folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from syncd.__main__ import execute
from syncd.clock import Clock
from syncd.sandbox.onec.world import PASSWORD
from syncd.sandbox.serve import Served, listen
from syncd.sandbox.serve import url as url_of
from syncd.sandbox.zoho_crm.oauth import CLIENT_ID, CLIENT_SECRET, GRANT
from tests.cli.desk import Said
from tests.onec.over_http import OverHttp, served
from tests.zoho_crm.office import Office as Shop

ZOHO_SECRETS = (CLIENT_ID, CLIENT_SECRET, GRANT)


@dataclass
class Morning:
    """`answers` are typed one after the other, each with Enter; then the terminal is closed."""

    folder: Path
    books: OverHttp
    served: Served
    zoho: Shop
    zoho_url: str
    clock: Clock

    @property
    def config(self) -> Path:
        return self.folder / "syncd.yaml"

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text(encoding="utf-8").strip()

    def syncd(self, *words: str, answers: Sequence[str] = ()) -> Said:
        typed = "".join(f"{answer}\n" for answer in answers)
        with CliRunner().isolation(input=typed) as (out, err, _):
            code = execute(["--config", str(self.config), *words], self.clock)
            return Said(code, out.getvalue().decode(), err.getvalue().decode())

    def init(self, *words: str, answers: Sequence[str] = ()) -> Said:
        return self.syncd("init", *words, answers=answers)

    def onec(self, *more: str) -> list[str]:
        """Its address as people copy it, and a login."""
        pasted = f"{self.books.address}/ru_RU/#e1cib/app"
        return ["onec", pasted, "Обмен", *(more or (PASSWORD,))]

    def writes(self) -> list[str]:
        """What was sent to either system that is no question; a login is none."""
        lines = [str(one["request"]) for one in [*self.served.log, *self.zoho.served.log]]
        harmless = ("GET ", "POST /oauth/v2/token", "POST /crm/v8/coql")
        return [one for one in lines if not one.startswith(harmless)]


@contextmanager
def morning(folder: Path, **options: Any) -> Iterator[Morning]:
    """`options` are those of the office of 1C."""
    with served(**options) as (books, behind):
        zoho = Shop(books.clock)
        zoho.zoho.switches.prepared = False
        server = listen(zoho.served)
        zoho.zoho.hello(url_of(server))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            place = folder / "настройка"
            yield Morning(place, books, behind, zoho, url_of(server), books.clock)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
