"""The account's clock. Times in SuiteQL are on the wall of the account's time zone, and name none
(Oracle help: "Using Datetime Fields"); asked for by TO_CHAR they are in one form whatever the
account's own is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from syncd.errors import ConfigError, ProtocolError

FORM = "YYYY-MM-DD HH24:MI:SS"
_PYTHON = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Wall:
    zone: ZoneInfo

    def moment(self, text: str | None, now: dt.datetime | None) -> dt.datetime | None:
        """When it was. In the hour that comes twice, the later of the two that is not ahead of
        `now`: what is saved again then is never taken for older."""
        if not text:
            return None
        try:
            shown = dt.datetime.strptime(text, _PYTHON).replace(tzinfo=self.zone)
        except ValueError:
            raise ProtocolError(f"NetSuite says {text} for a time, expected {FORM}") from None
        first, second = (shown.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        return second if now is None or second <= now else min(first, second)

    def shown(self, moment: dt.datetime) -> str:
        """As a condition compares with it."""
        text = moment.astimezone(self.zone).strftime(_PYTHON)
        return f"TO_TIMESTAMP('{text}', '{FORM}')"


def wall(name: str) -> Wall:
    try:
        return Wall(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"the setting zone is {name}, expected the name of a time zone such as Europe/Moscow"
        ) from None
