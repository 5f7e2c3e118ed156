"""Whether two systems that people type into are at one, after a quiet time."""

from __future__ import annotations

from collections import Counter

from syncd.merging import Empty, Owner, alike, loops
from syncd.store import agreed, links, parts, problems, streams
from syncd.sync import conflicts
from syncd.sync.pair import Scene
from tests.engine.companies import Owned
from tests.engine.watch import BOOKS, CRM, WORDS, Watch

Moved = dict[tuple[int, str], set[str]]
"""By company and word, the sides that were typed into since both were seen to agree."""


def both_agree(rig: Owned, watch: Watch, moved: Moved, *, card_is_gone: bool) -> None:
    """Of every customer and its card; what they differ in is asked exactly once. With
    `card_is_gone` people took a card away."""
    with rig.pair.store.reading() as tx:
        scene = Scene(tx, rig.pair, streams.stream_ids(tx, "main"), 1)
        linked = {one.books_key: one.card_id for one in links.each(tx, "crm", "books")}
        asked = {
            (word, one.customer): one for word in WORDS for one in conflicts.conflicts(scene, word)
        }
        marked = {(w, key) for key, some in agreed.asked(tx, "main").items() for w in some}
        bases = agreed.of(tx, "main", linked)
        open_ = [one.cause for one in problems.listed(tx, "main")]
        texts = [one.text for one in problems.listed(tx, "main")]
    assert Counter(one for one in open_ if one.startswith("conflict")) == Counter(
        {f"conflict {word}" for word, _ in asked}
    )
    assert marked == asked.keys(), "asked, and really different"
    for place in watch.places(BOOKS):
        key = place[1]
        card = (CRM, linked.get(key, ""))
        data = watch.fields(place) or {}
        if watch.fields(card) is None:
            told = any(f"ustomer {key}" in text or f":{key}" in text for text in texts)
            told |= any(f"card {c[1]}" in text for c in watch.others(place) for text in texts)
            told |= key in linked  # its card is gone, and nothing had to be written there
            assert told or not data["in_scope"], f"{place} has no card, and nobody is told: {texts}"
            continue
        for word, owning in rig.owners.rules.items():
            mine, theirs = watch.says(place, word), watch.says(card, word)
            owner = owning.now(watch.reached(place))
            if question := asked.get((word, key)):
                assert not alike(word, mine, theirs)
                assert alike(word, question.books, mine) and alike(word, question.crm, theirs)
                company = watch.company[place]
                base = bases.get(key, {}).get(word)
                circles = base is not None and loops([one for one, _ in base.moves])
                emptied = owning.empty is Empty.HOLD and not (mine and theirs)
                sides = moved.get((company, word), set())
                assert circles or emptied or len(sides) == 2, f"{place} {word}: only {sides} typed"
                continue
            if alike(word, mine, theirs):
                continue
            if owner is Owner.BOOKS:  # all cards were read: what is typed over it is put right
                assert not mine, f"{place} {word}: books {mine!r}, card {theirs!r}"
            else:
                assert owning.empty is Empty.SKIP and not (mine and theirs), (
                    f"{place} {word} of {owner}: books {mine!r}, card {theirs!r}"
                )
    waits = {parts.HELD, parts.OWED}
    if card_is_gone:  # the CRM refuses what is to hang on it, and a problem says so
        waits.add(parts.FAILED)
    states = rig.states()
    assert not states.keys() - waits, (states, texts)
