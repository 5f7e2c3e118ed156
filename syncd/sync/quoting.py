"""What a system or a mapping says about one record, as a problem may repeat it.

A problem is one sentence for many records and outlives them: it holds keys, amounts and names of
fields. The words as they came stand with the record that has them, for `problems show` and `why`.
"""

from __future__ import annotations

from syncd.domain import PERSONAL, Kind
from syncd.errors import MappingError, RejectedError
from syncd.image import decode
from syncd.redaction import plain, unquoted, without
from syncd.store import mirror
from syncd.store.mirror import Known
from syncd.sync.pair import Scene

NOT_PERSONAL = frozenset({"currency", "country"})


def of_system(scene: Scene, kind: Kind, record: Known, error: RejectedError) -> str:
    """`: its words`, where they are common ones. For a record that is somebody's, without its
    values."""
    said = str(error)
    image = mirror.images(scene.tx, kind, [record]).get(record.id) if kind in PERSONAL else None
    if image is not None:
        one = decode(kind, image)
        fields = (name for name in one.__struct_fields__ if name not in NOT_PERSONAL)
        said = without(said, (v for name in fields if isinstance(v := getattr(one, name), str)))
    said = unquoted(said, words=kind not in PERSONAL)
    return f": {said}" if plain(said) else " (its words: syncd problems show ID)"


def of_mapping(kind: Kind, error: MappingError) -> str:
    """The place and the rule; of the value that failed no more than one plain word."""
    return unquoted(str(error), words=kind not in PERSONAL)
