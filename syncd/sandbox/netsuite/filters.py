"""`q` of a list of records (vendor: "Record Collection Filtering")."""

from __future__ import annotations

from syncd.sandbox.netsuite.fields import RecordKind
from syncd.sandbox.netsuite.store import Store
from syncd.sandbox.netsuite.wire import Refused


def matching(store: Store, kind: RecordKind, text: str) -> tuple[str, list[object]]:
    """A condition of SQL, and its values."""
    if not text.strip():
        return "1", []
    raise Refused("INVALID_PARAMETER", "not yet", param="q")
