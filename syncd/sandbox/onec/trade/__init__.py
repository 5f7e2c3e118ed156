"""What people, and the configuration's own code, do in a base."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from syncd.sandbox.onec.base import Base, Posting
from syncd.sandbox.onec.trade.bp import BpDesk
from syncd.sandbox.onec.trade.desk import Desk
from syncd.sandbox.onec.trade.post_plain import BpPosting, UnfPosting
from syncd.sandbox.onec.trade.post_ut import UtPosting
from syncd.sandbox.onec.trade.unf import UnfDesk
from syncd.sandbox.onec.trade.ut import UtDesk

BOOKS: Mapping[str, tuple[Callable[[Base], Desk], Callable[[], Posting]]] = {
    "ut": (UtDesk, UtPosting),
    "bp": (BpDesk, BpPosting),
    "unf": (UnfDesk, UnfPosting),
}
