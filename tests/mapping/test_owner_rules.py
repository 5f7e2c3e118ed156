"""Who says what a field is: `owners:` of a CRM file, and its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.memory import MemoryCrm
from syncd.errors import ConfigError
from syncd.mapping import load_crm
from syncd.merging import Empty, Owner, Rule


def loaded(folder: Path, owners: str) -> dict[str, Rule]:
    file = folder / "own.yaml"
    file.write_text(f"extends: memory_crm\nowners: {owners}\n", encoding="utf-8")
    return dict(load_crm(file, MemoryCrm({}).facts).owners.rules)


def test_an_owner_and_until_when_and_what_an_empty_field_means(tmp_path: Path) -> None:
    said = "{phone: shared, email: crm until first_invoice, name: {owner: shared, empty: hold}}"
    assert loaded(tmp_path, said) == {
        "phone": Rule(Owner.SHARED),
        "email": Rule(Owner.CRM, "first_invoice"),
        "name": Rule(Owner.SHARED, empty=Empty.HOLD),
    }


@pytest.mark.parametrize(
    ("owners", "told"),
    [
        ("{phone: sharde}", "own.yaml:2:17 unknown owner sharde; did you mean shared?"),
        ("{fone: crm}", "own.yaml:2:10 unknown word fone; did you mean phone?"),
        ("{phone: crm until first_invoce}", "unknown event first_invoce; did you mean"),
        ("{phone: books until first_invoice}", "expected books, crm, shared, or as"),
        ("{phone: {empty: hold}}", "`owner:` is missing in phone"),
        ("{phone: {owner: crm, empty: skip}}", "unknown policy skip"),
        ("{city: crm}", "city has two sides, and customer.fields has no line for it"),
        ("[phone]", "owners is a table"),
    ],
)
def test_a_mistake_has_its_place_and_what_was_meant(tmp_path: Path, owners: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, owners)
    assert any(told in one for one in caught.value.problems), caught.value.problems


def test_another_owner_is_another_mapping(tmp_path: Path) -> None:
    facts = MemoryCrm({}).facts
    file = tmp_path / "own.yaml"
    versions = set()
    for owners in ("{phone: shared}", "{phone: crm}", "{phone: {owner: shared, empty: hold}}"):
        file.write_text(f"extends: memory_crm\nowners: {owners}\n", encoding="utf-8")
        versions.add(load_crm(file, facts).version)
    assert len(versions) == 3
