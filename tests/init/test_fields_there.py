"""How many custom fields are there is counted over what the system tells of."""

from __future__ import annotations

from syncd import registry
from syncd.guide import CustomField, Discovery
from syncd.mapping import load_crm
from syncd.setup.choices import asked_about, present


def test_fields_of_objects_that_were_not_told_are_not_missing() -> None:
    shipped = load_crm(registry.shipped("mappings") / "bottlecrm.yaml", registry.facts("bottlecrm"))
    assert {one.target for one in shipped.custom_fields} > {"account"}
    of_accounts = [one for one in shipped.custom_fields if one.target == "account"]
    told = Discovery(
        "Demo", fields=tuple(CustomField("account", one.path, one.path) for one in of_accounts)
    )
    assert present(shipped, told) == asked_about(shipped, told)
    assert len(asked_about(shipped, Discovery("Demo"))) == len(shipped.custom_fields)
