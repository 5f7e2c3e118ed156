"""What people, and the configuration's own code, do in a base."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncd.sandbox.onec.base import Base, Posting
from syncd.sandbox.onec.trade import post_ut
from syncd.sandbox.onec.trade.desk import Desk
from syncd.sandbox.onec.trade.ut import UtDesk

BOOKS: Mapping[str, tuple[Callable[[Base], Desk], Posting]] = {"ut": (UtDesk, post_ut.post)}
