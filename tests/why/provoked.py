"""Who provokes which reason: each of the closed list once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from syncd.why import Answer, Code

Provoked = Callable[[Path], Answer]
PROVOKED: dict[Code, Provoked] = {}


def provokes(code: Code) -> Callable[[Provoked], Provoked]:
    def noted(function: Provoked) -> Provoked:
        assert code not in PROVOKED
        PROVOKED[code] = function
        return function

    return noted
