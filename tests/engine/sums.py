"""What holds of a state between two runs, whatever happened: asked of the store alone."""

from __future__ import annotations

from syncd.store import mirror, runs, streams, tallies
from syncd.sync.pair import Scene
from syncd.sync.want import evaluate, items
from tests.engine.rig import Rig


def the_sums_close(rig: Rig) -> None:
    with rig.pair.store.reading() as tx:
        ended = [one for one in runs.recent(tx, "main", 1) if one.ended]
        for one in ended:
            for kind, stream in streams.stream_ids(tx, "main").items():
                tally = runs.read_tally(tx, one.id, stream)
                assert tally.closes, (kind, tally)
                page = runs.page_totals(tx, one.id, stream)
                parted = page.new + page.unchanged + page.filtered + page.unmappable
                assert page.read == parted, (kind, page)


def due_is_what_a_fresh_look_finds(rig: Rig) -> None:
    """Judging every record again changes nothing."""
    with rig.pair.store.reading() as tx:
        ids = streams.stream_ids(tx, "main")
        last = runs.recent(tx, "main", 1)[0]
        if last.ended is None:
            return  # a killed cycle may have begun one page and judged none of it yet
        scene = Scene(tx, rig.pair, ids, last.id)
        before = {kind: tallies.count_states(tx, stream) for kind, stream in ids.items()}
        for kind, stream in ids.items():
            records = mirror.batch(tx, stream, 0)
            evaluate(scene, kind, items(scene, kind, records))
        after = {kind: tallies.count_states(tx, stream) for kind, stream in ids.items()}
        tx.rollback()
    assert before == after
