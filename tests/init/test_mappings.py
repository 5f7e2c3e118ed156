"""What init writes into a mapping: an overlay of the lines that differ, and no other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from syncd import registry
from syncd.guide import CustomField, Discovery
from syncd.mapping import load_books, load_crm
from syncd.mapping.languages import LANGUAGES
from syncd.setup.choices import id_fields, likely_test, lines
from syncd.setup.files import differing, tree

SHIPPED = registry.shipped("mappings")


@pytest.mark.parametrize("system", ["bottlecrm", "memory_crm", "zoho_crm", "megaplan"])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_card_in_any_language_is_a_valid_mapping(
    system: str, language: str, tmp_path: Path
) -> None:
    file, facts = SHIPPED / f"{system}.yaml", registry.facts(system)
    shipped = load_crm(file, facts)
    since = dt.date(2025, 1, 1)
    changed = lines(
        shipped,
        tree(file),
        since=since,
        language=language,
        zone="Asia/Tokyo",
        stages=["WON", "Выиграно"],
    )
    own = tmp_path / file.name
    own.write_text(differing(file, changed), encoding="utf-8")

    mapping = load_crm(own, facts)
    assert (mapping.language, mapping.zone, mapping.history) == (language, "Asia/Tokyo", since)
    assert mapping.custom_fields == shipped.custom_fields
    written = own.read_text(encoding="utf-8").splitlines()
    assert written[0] == f"extends: {system}"
    names = [line.partition(":")[0] for line in written[1:] if not line.startswith(" ")]
    assert {"zone", "history.from", "deal.where"} <= set(names)
    assert ("card.line.say" in names) is (language != shipped.language), "only lines that differ"
    assert ("{proven}" in own.read_text("utf-8")) is (
        language != shipped.language and system != "megaplan"
    ), "its line has no day of proof"


def test_stages_stand_in_place_of_the_one_that_the_shipped_file_names() -> None:
    file = SHIPPED / "zoho_crm.yaml"
    shipped = load_crm(file, registry.facts("zoho_crm"))
    changed = lines(
        shipped, tree(file), since=None, language="en", zone="UTC", stages=["Закрыто успешно"]
    )
    where = 'Stage in ["Закрыто успешно"] and Account_Name is not None'
    assert changed == {"deal.where": where}


def test_what_does_not_differ_needs_no_file_of_its_own() -> None:
    file = SHIPPED / "bottlecrm.yaml"
    shipped = load_crm(file, registry.facts("bottlecrm"))
    same = lines(shipped, tree(file), since=None, language="en", zone="UTC", stages=None)
    assert same == {}


def test_the_books_get_the_zone_in_which_their_days_begin(tmp_path: Path) -> None:
    file = SHIPPED / "tryton.yaml"
    own = tmp_path / file.name
    own.write_text(differing(file, {"zone": "Asia/Tokyo"}), encoding="utf-8")
    zone = load_books(own, registry.facts("tryton")).zone
    assert zone is not None and zone.key == "Asia/Tokyo"


def test_fields_that_look_like_an_id_somebody_left() -> None:
    shipped = load_crm(SHIPPED / "bottlecrm.yaml", registry.facts("bottlecrm"))
    fields = [
        CustomField("account", "custom_fields.books_id", "Books id", 9),  # its own
        CustomField("account", "custom_fields.erp_id", "ERP", 12),
        CustomField("account", "custom_fields.x7", "Код 1С", 30),
        CustomField("account", "custom_fields.guid", "Guid", 0),
        CustomField("account", "custom_fields.video", "Video idea", 5),
    ]
    found = id_fields(shipped, Discovery("Org", fields=tuple(fields)))
    assert [one.path for one in found] == ["custom_fields.x7", "custom_fields.erp_id"]


def test_names_of_trial_systems() -> None:
    assert likely_test("Acme (Demo)", "https://crm.example")
    assert likely_test("Acme", "https://crm-staging.example")
    assert not likely_test("Contest GmbH", "https://crm.example")
