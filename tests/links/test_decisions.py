"""One pair after the other: accepted, rejected, split, merged, taken back, and never by halves."""

from __future__ import annotations

from contextlib import closing
from sqlite3 import connect

from tests.links.conftest import Full

WHY = ("--why", "told by phone")


def ours(full: Full) -> tuple[str, str]:
    return full.customers["ООО «Пример»"], full.cards["Primer"]


def links(full: Full) -> dict[str, tuple[str, str]]:
    """Customer -> its card, and by whom."""
    found = full.syncd("links", "--json").json()
    return {one["books_key"]: (one["card_id"], one["by"]) for one in found}


def suggested(full: Full) -> set[tuple[str, str]]:
    found = full.syncd("links", "suggest", "--json").json()
    return {(one["customer"], one["card"]) for one in found["proposals"]}


def stored(full: Full) -> list[str]:
    with closing(connect(full.desk.state)) as state:
        return list(state.iterdump())


def of_links(full: Full) -> list[str]:
    tables = ("link", "link_change", "link_rejected", "part")
    return [
        one for one in stored(full) if one.startswith(tuple(f'INSERT INTO "{t}"' for t in tables))
    ]


def test_an_accepted_card_is_the_customers_and_what_it_shows_is_the_base(full: Full) -> None:
    key, card = ours(full)
    full.desk.world.crm.edit("account", card, phone="+7 495 000-00-00")
    with full.desk.nothing_written():
        full.done("links", "accept", key, f"https://crm.example.com/accounts/{card}", *WHY)
        full.syncd("run")
    assert links(full)[key][0] == card
    full.syncd("run", "--go-live")
    assert full.accounts()[card] == key
    assert list(full.accounts().values()).count(key) == 1
    fields = full.desk.world.crm.objects["account"][card].fields
    assert fields["phone"] == "+7 495 000-00-00", "the books have none: theirs stays"
    assert fields["custom_fields.receivable"] == 120
    assert full.done("db", "check").rstrip().endswith("in order")


def test_every_decision_is_journalled_with_who_and_why(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "accept", key, card, *WHY)
    full.done("links", "undo", "1", "--why", "another company")
    changes = full.syncd("links", "show", key, "--json").json()["changes"]
    assert [(one["what"], one["before"], one["after"]) for one in changes] == [
        ("accepted", None, card),
        ("undone", card, None),
    ]
    assert [one["why"] for one in changes] == ["told by phone", "another company"]
    assert all("@" in one["who"] for one in changes) and changes[0]["undone"] == changes[1]["id"]
    assert "told by phone" in full.done("links", "show")
    assert full.syncd("links", "accept", key, card).code == 2, "no reason was given"


def test_what_cannot_be_linked_says_why(full: Full) -> None:
    key, card = ours(full)
    other = full.customers["株式会社サンプル"]
    full.done("links", "accept", key, card, *WHY)
    for words, said in {
        (key, card): "are linked already",
        (key, full.cards["Wien"]): f"is linked to card {card}",
        (other, "account-99"): "crm has no card account-99",
        ("nobody", card): "no customer has 'nobody'",
    }.items():
        refused = full.syncd("links", "accept", *words, *WHY)
        assert refused.code == 2 and said in refused.err, refused.err


def test_a_rejected_pair_comes_back_with_new_evidence_alone(full: Full) -> None:
    key, card = ours(full)
    assert (key, card) in suggested(full)
    full.done("links", "reject", key, card, *WHY)
    assert (key, card) not in suggested(full)
    full.desk.later()
    full.desk.later()
    assert (key, card) not in suggested(full) and key not in links(full)
    full.desk.world.crm.edit("account", card, tax_id="7707083893")
    full.desk.world.books.edit_customer(key, tax_id="7707083893")
    full.desk.clock.advance(90_000)
    full.desk.syncd("run")
    assert (key, card) in suggested(full)


def test_a_rejected_pair_is_taken_back(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "reject", key, card, *WHY)
    assert "rejected already" in full.syncd("links", "reject", key, card, *WHY).err
    assert "may be suggested again" in full.done("links", "undo", "1", *WHY)
    assert (key, card) in suggested(full)
    assert "taken back already" in full.syncd("links", "undo", "1", *WHY).err


def test_a_customer_whose_pair_was_rejected_gets_a_card_of_its_own(full: Full) -> None:
    key, card = ours(full)
    for one in (card, full.cards["Primer Zwei"]):
        full.done("links", "reject", key, one, *WHY)
    full.syncd("run", "--go-live")
    assert full.accounts()[card] is None
    assert list(full.accounts().values()).count(key) == 1


def test_a_split_leaves_the_card_as_it_is_and_is_not_suggested_again(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "accept", key, card, *WHY)
    full.syncd("run")
    full.done("links", "reject", key, full.cards["Primer Zwei"], *WHY)
    before = dict(full.desk.world.crm.objects["account"][card].fields)
    assert "off card" in full.done("links", "split", key, *WHY)
    assert key not in links(full) and (key, card) not in suggested(full)
    full.syncd("run", "--go-live")
    assert full.desk.world.crm.objects["account"][card].fields == before
    assert list(full.accounts().values()).count(key) == 1
    assert full.done("db", "check").rstrip().endswith("in order")


def test_a_split_is_taken_back(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "accept", key, card, *WHY)
    full.syncd("run")
    full.done("links", "split", key, *WHY)
    full.done("links", "undo", "2", *WHY)
    assert links(full)[key][0] == card
    full.syncd("run", "--go-live")
    assert full.accounts()[card] == key


def test_what_was_written_on_a_card_is_taken_back_after_a_split(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "accept", key, card, *WHY)
    full.syncd("run", "--go-live")
    crm = full.desk.world.crm
    assert crm.objects["account"][card].fields["custom_fields.receivable"] == 120
    with full.desk.nothing_written():
        assert "taken back by the next run" in full.done("links", "split", key, *WHY)
    refused = full.syncd("links", "accept", key, card, *WHY)
    assert refused.code == 2 and f"card {card} still says what syncd wrote there" in refused.err
    assert (key, card) not in suggested(full)
    other = full.cards["Niemand"]
    full.done("links", "accept", key, other, *WHY)
    full.desk.later()
    full.desk.later()
    fields = crm.objects["account"][card].fields
    assert {path for path, value in fields.items() if value is not None} <= {"name", "currency"}
    assert full.accounts()[other] == key and full.accounts()[card] is None
    states = {one.parents["account"]: one.fields["state"] for one in crm.listed("invoice")}
    assert (states[card], states[other]) == ("cancelled", "open")
    assert full.done("db", "check").rstrip().endswith("in order")


def test_the_same_by_taking_a_link_back_and_back_again(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "accept", key, card, *WHY)
    full.syncd("run", "--go-live")
    with full.desk.nothing_written():
        full.done("links", "split", key, *WHY)
        changes = full.syncd("links", "show", key, "--json").json()["changes"]
        full.done("links", "undo", str(changes[-1]["id"]), *WHY)
        full.desk.later()
    assert full.accounts()[card] == key
    assert "as it was before" in full.done("links", "undo", "1", *WHY)
    full.desk.later()
    assert full.desk.world.crm.objects["account"][card].fields.get("books_id") is None


def test_a_customer_nobody_sold_to_is_let_go_again(full: Full) -> None:
    """It was read for the sake of its card alone: after a split no card is made for it."""
    key = full.desk.world.books.add_customer("Nur Interessent", in_scope=False)
    full.desk.clock.advance(90_000)
    full.syncd("run")
    full.done("links", "accept", key, full.cards["Niemand"], *WHY)
    full.syncd("run")
    full.done("links", "split", key, *WHY)
    full.syncd("run", "--go-live")
    assert key not in full.accounts().values()


def test_cards_that_were_merged_in_the_crm_are_one_here(full: Full) -> None:
    key, card = ours(full)
    full.done("links", "accept", key, card, *WHY)
    full.syncd("run", "--go-live")
    into = full.cards["Niemand"]
    still = full.syncd("links", "merge", card, into, *WHY)
    assert still.code == 2 and "still in crm" in still.err
    crm = full.desk.world.crm
    crm.merge(card, into)
    full.syncd("resync", "--customer", key)
    assert f"moved from card {card} to card {into}" in full.done("links", "merge", card, into, *WHY)
    full.desk.later()
    full.desk.later()
    assert full.accounts()[into] == key
    assert crm.objects["account"][into].fields["custom_fields.receivable"] == 120
    assert crm.doubles() == []
    assert card not in {one.parents["account"] for one in crm.objects["invoice"].values()}
    assert f"customer {key}" not in full.syncd("problems").out, "the CRM moved what hung on it"
    assert full.done("db", "check").rstrip().endswith("in order")


def test_what_the_books_made_one_and_do_not_say_is_said_by_a_person(full: Full) -> None:
    key, card = ours(full)
    other, free = full.customers["株式会社サンプル"], full.cards["Niemand"]
    full.done("links", "accept", key, card, *WHY)
    full.done("links", "accept", other, free, *WHY)
    full.syncd("run", "--go-live")
    before = stored(full)
    said = full.done("links", "merge", "--books", key, other, *WHY, "--dry-run")
    assert f"customer {key} is customer {other} from now on" in said and stored(full) == before
    assert "no customer has" in full.syncd("links", "merge", "--books", key, "nobody", *WHY).err
    full.done("links", "merge", "--books", key, other, *WHY)
    assert "already" in full.syncd("links", "merge", "--books", key, other, *WHY).err
    crm = full.desk.world.crm
    full.desk.later()
    assert crm.objects["account"][free].fields["custom_fields.receivable"] == 240
    assert crm.objects["account"][card].fields["custom_fields.receivable"] == 0
    asked = full.syncd("problems").out
    assert f"each has a card: {card} and {free}" in asked and "1 record" not in asked
    crm.merge(card, free)
    full.desk.later()
    assert links(full)[other][0] == free and key not in links(full)
    full.desk.later()
    assert "each has a card" not in full.syncd("problems").out
    assert full.done("db", "check").rstrip().endswith("in order")


def test_a_dry_run_leaves_nothing_behind(full: Full) -> None:
    key, card = ours(full)
    third = (full.customers["株式会社サンプル"], full.cards["Niemand"])
    full.done("links", "accept", key, card, *WHY)
    number = str(full.syncd("links", "show", "--json").json()[0]["id"])
    before = stored(full)
    for words in (
        ("accept", *third),
        ("reject", *third),
        ("split", key),
        ("merge", card, third[1]),
        ("undo", number),
    ):
        assert "dry run: nothing was changed" in full.done("links", *words, *WHY, "--dry-run")
    assert stored(full) == before


def test_consent_to_a_won_card_is_as_it_was(full: Full) -> None:
    refused = full.syncd("links", "accept", full.cards["Niemand"])
    assert refused.code == 2 and "is no won customer that waits" in refused.err
