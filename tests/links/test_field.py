"""A field of cards with the books' keys, left by an earlier integration."""

from __future__ import annotations

from tests.links.conftest import Full
from tests.links.test_decisions import links, stored

FIELD = "custom_fields.legacy"
COUNT = 6


def carried(full: Full, numbers: str) -> dict[str, str]:
    """Customer -> the card that names it; each has a twin with its tax id, which names nobody."""
    found = {}
    for n in range(COUNT):
        key = full.customer(f"Kunde {n}", f"ATU1234567{n}")
        tax_id = f"ATU{numbers}{n}"
        found[key] = full.card(f"Card {n}", tax_id=tax_id, custom_fields__legacy=key)
        full.card(f"Twin {n}", tax_id=tax_id)
    full.desk.clock.advance(90_000)
    full.syncd("run")
    return found


def test_a_field_that_agrees_with_everything_else_links(full: Full) -> None:
    found = carried(full, "1234567")
    unread = full.syncd("links", "import", "--from-field", "nothing")
    assert unread.code == 2 and "has nothing" in unread.err
    before = stored(full)
    dry = full.done("links", "import", "--from-field", FIELD, "--dry-run")
    assert f"{COUNT} of {COUNT} that have other evidence agree" in dry
    assert stored(full) == before
    full.done("links", "import", "--from-field", FIELD)
    now = {key: card for key, (card, _) in links(full).items()}
    assert found.items() <= now.items()
    again = full.done("links", "import", "--from-field", FIELD)
    assert f"{COUNT} are linked already" in again and "nothing to link" in again


def test_a_field_that_contradicts_the_tax_ids_links_nothing(full: Full) -> None:
    carried(full, "2345678")
    before = stored(full)
    refused = full.syncd("links", "import", "--from-field", FIELD)
    assert refused.code == 2 and "is not to be believed" in refused.err
    assert f"{COUNT} disagree" in refused.err and "whose tax id is another" in refused.err
    assert stored(full) == before
