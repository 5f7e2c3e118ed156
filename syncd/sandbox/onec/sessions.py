"""Sessions and licences: `IBSession: start` opens one that its cookie names, `finish` closes it.

A request without a session opens one for itself and closes it at once; where no licence is free,
it is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from random import Random

from syncd.sandbox.onec.switches import Switches
from syncd.sandbox.port import Answer

COOKIE = re.compile(r"\bibsession=([0-9a-f-]+)")
HTML = {"content-type": "text/html; charset=utf-8"}
NO_LICENCE = "Не обнаружено свободной лицензии!"


class Sessions:
    def __init__(self, now: Callable[[], dt.datetime], switches: Switches, chance: Random) -> None:
        self.open: dict[str, dt.datetime] = {}
        """Cookie -> when it was used last."""
        self._now = now
        self._switches = switches
        self._chance = chance

    def enter(self, headers: Mapping[str, str]) -> Answer | Mapping[str, str]:
        """Why a request is refused, or headers of its answer."""
        limits = self._switches
        now = self._now()
        idle = dt.timedelta(seconds=limits.session_seconds)
        self.open = {key: at for key, at in self.open.items() if now - at <= idle}
        said = headers.get("ibsession", "").lower() if limits.sessions else ""
        found = COOKIE.search(headers.get("cookie", "")) if limits.sessions else None
        if found:
            if found[1] not in self.open:
                return Answer(
                    limits.stale_status, HTML, "<h1>Сеанс отсутствует или удален</h1>".encode()
                )
            self.open[found[1]] = now
            if said == "finish":
                del self.open[found[1]]
            return {}
        if limits.session_limit and len(self.open) >= limits.session_limit:
            return Answer(406, HTML, "<h1>Превышено количество сеансов</h1>".encode())
        if limits.licences and len(self.open) >= limits.licences:
            return Answer(limits.licence_status, HTML, f"<h1>{NO_LICENCE}</h1>".encode())
        if said != "start":
            return {}
        key = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        self.open[key] = now
        return {"set-cookie": f"ibsession={key}; path=/"}
