"""A field of cards with the books' keys, left by an earlier integration."""

from __future__ import annotations

from tests.links.conftest import Full
from tests.links.test_decisions import links, stored

FIELD = "legacy_id"
COUNT = 10


def carried(full: Full, *, shifted: bool = False) -> dict[str, str]:
    """Customer -> the card that names it; with `shifted` every card names the next customer."""
    keys = [full.customer(f"Kunde {n}", f"ATU1000{n:04}") for n in range(COUNT)]
    named = [*keys[1:], keys[0]] if shifted else keys
    found = {}
    for n, key in enumerate(named):
        found[key] = full.card(f"Card {n}", tax_id=f"ATU1000{n:04}", **{FIELD: key})
    full.desk.clock.advance(90_000)
    full.syncd("run")
    return found


def test_a_field_that_agrees_with_everything_else_links(full: Full) -> None:
    found = carried(full)
    before = stored(full)
    unread = full.syncd("links", "import", "--from-field", "nothing")
    assert unread.code == 2 and "has nothing" in unread.err
    linked = links(full)
    dry = full.done("links", "import", "--from-field", FIELD, "--dry-run")
    assert f"{FIELD} is filled on {COUNT} of" in dry
    assert stored(full) == before
    full.done("links", "import", "--from-field", FIELD)
    now = {key: card for key, (card, _) in links(full).items()}
    assert now == {**{key: card for key, (card, _) in linked.items()}, **found}


def test_a_field_that_contradicts_the_tax_ids_links_nothing(full: Full) -> None:
    carried(full, shifted=True)
    full.done("links", "suggest")
    before = stored(full)
    refused = full.syncd("links", "import", "--from-field", FIELD)
    assert refused.code in (0, 2)
    if refused.code == 2:
        assert "disagree" in refused.err
    assert stored(full) == before
