"""One thing that was looked at, how it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from syncd.errors import SyncdError


class Verdict(StrEnum):
    OK = "ok"
    LOOK = "look"
    """Worth knowing, or to be done before going live; nothing stands still because of it."""
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """`about` is a connection, a pair or this machine; `what` names what was looked at; `code` is
    the exit code of what is wrong."""

    about: str
    what: str
    verdict: Verdict
    says: str
    do: str | None = None
    code: int = 1


class Notes(msgspec.Struct, frozen=True):
    """Writes findings about one thing."""

    about: str

    def ok(self, what: str, says: str, do: str | None = None) -> Finding:
        return Finding(self.about, what, Verdict.OK, says, do)

    def look(self, what: str, says: str, do: str | None = None) -> Finding:
        return Finding(self.about, what, Verdict.LOOK, says, do)

    def wrong(self, what: str, says: str, do: str | None = None, code: int = 1) -> Finding:
        return Finding(self.about, what, Verdict.WRONG, says, do, code)

    def failed(self, what: str, error: SyncdError, do: str | None = None) -> Finding:
        return self.wrong(what, str(error), do, error.exit_code)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 where nothing is wrong; a mistake of a file or a credential before a system that is down
    before the rest."""
    codes = {one.code for one in findings if one.verdict is Verdict.WRONG}
    return next((code for code in (78, 75) if code in codes), 1 if codes else 0)
