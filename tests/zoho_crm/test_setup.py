"""What `connections setup` finds missing, makes, or asks an administrator for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.errors import ConfigError, ProtocolError
from syncd.port import FieldDef
from tests.flows import Answer, drive

from .flows import done, failed, refused

CRM = ZohoCrm({})
KEY = FieldDef("ERP_Orders", "custom_fields.ERP_ID", "text", "ERP ID")
AMOUNT = FieldDef("ERP_Orders", "custom_fields.Amount", "number", "Amount")
LINE = FieldDef("Accounts", "custom_fields.ERP_Line", "long_text", "ERP Line")
LOOKUP = FieldDef("ERP_Orders", "custom_fields.Account", "lookup", "Account")
MODULE = FieldDef("ERP_Orders", "ERP_Orders", "module", "ERP Orders")


def modules(*names: str) -> Answer:
    return Answer(200, {"modules": [{"api_name": name} for name in names]})


def fields(**types: str) -> Answer:
    """API name -> data type; the key of the books is unique."""
    known = [
        {
            "api_name": name,
            "data_type": kind,
            "custom_field": True,
            "unique": {"case_sensitive": True} if name == "ERP_ID" else {},
        }
        for name, kind in types.items()
    ]
    return Answer(200, {"fields": known})


ALL = fields(ERP_ID="text", Amount="double", Account="lookup")


def made(root: str, *elements: dict[str, Any]) -> Answer:
    return Answer(201, {root: elements})


def test_nothing_is_missing() -> None:
    _, missing = drive(CRM.setup([KEY, AMOUNT], True), modules("ERP_Orders"), ALL)
    assert missing == []


def test_what_is_missing_is_told_and_nothing_is_made() -> None:
    asked, missing = drive(
        CRM.setup([KEY, AMOUNT, LINE], False), modules("Accounts"), fields(ERP_ID="text")
    )
    assert missing == [MODULE, KEY, AMOUNT, LINE, LOOKUP]
    assert not any(one.write for one in asked)


def test_modules_and_then_their_fields_are_made_and_looked_at() -> None:
    asked, _ = drive(
        CRM.setup([KEY, AMOUNT], True),
        modules("Accounts"),
        Answer(200, {"profiles": [{"id": "11"}, {"id": "12"}]}),
        made("modules", done("1")),
        made("fields", done("2"), done("3"), done("4")),
        modules("ERP_Orders"),
        ALL,
    )
    module, new = asked[2], asked[3]
    assert (module.method, module.path, module.write) == ("POST", "/crm/v8/settings/modules", True)
    assert module.json == {
        "modules": [
            {
                "plural_label": "ERP Orders",
                "singular_label": "ERP Order",
                "api_name": "ERP_Orders",
                "profiles": [{"id": "11"}, {"id": "12"}],
                "display_field": {"field_label": "Number", "data_type": "text"},
            }
        ]
    }
    assert (new.method, new.path, new.query) == (
        "POST", "/crm/v8/settings/fields", {"module": "ERP_Orders"},
    )  # fmt: skip
    assert new.json == {
        "fields": [
            {
                "field_label": "ERP ID",
                "data_type": "text",
                "length": 255,
                "unique": {"case_sensitive": True},
            },
            {"field_label": "Amount", "data_type": "double", "length": 16, "decimal_place": 2},
            {
                "field_label": "Account",
                "data_type": "lookup",
                "lookup": {"module": {"api_name": "Accounts"}, "display_label": "ERP Orders"},
            },
        ]
    }


def test_fields_are_made_five_at_a_time() -> None:
    wanted = [FieldDef("Accounts", f"custom_fields.F_{n}", "text", "F") for n in range(7)]
    there = fields(**{f"F_{n}": "text" for n in range(7)})
    asked, _ = drive(
        CRM.setup(wanted, True),
        modules("Accounts"),
        fields(),
        made("fields", *(done(str(n)) for n in range(5))),
        made("fields", *(done(str(n)) for n in range(2))),
        modules("Accounts"),
        there,
    )
    assert [one.write for one in asked] == [False, False, True, True, False, False]


def test_a_user_that_may_not_make_modules_is_told_where_an_administrator_does() -> None:
    refusals = [
        refused("NO_PERMISSION", status=403),
        refused("LIMIT_EXCEEDED", "limit", limit=10),
        Answer(400, {"modules": [failed("NOT_ALLOWED", api_name="modules")]}),
    ]
    for refusal in refusals:
        with pytest.raises(ConfigError, match="New Module; name it ERP Orders, singular ERP Order"):
            drive(
                CRM.setup([KEY], True),
                modules("Accounts"),
                Answer(200, {"profiles": [{"id": "11"}]}),
                refusal,
            )


def test_a_field_that_zoho_makes_not_is_told_with_the_way_by_hand() -> None:
    limit = failed("FIELD_LIMIT_EXCEEDED", "no more decimals")
    with pytest.raises(ConfigError) as caught:
        drive(
            CRM.setup([KEY, AMOUNT], True),
            modules("ERP_Orders"),
            fields(Account="lookup"),
            Answer(207, {"fields": [done("1"), limit]}),
        )
    [problem] = caught.value.problems
    assert "no more decimals" in problem
    assert "ERP_Orders, a field Amount of type double" in problem


@pytest.mark.parametrize(
    "kind, serves", [("currency", True), ("integer", True), ("text", False), ("date", False)]
)
def test_a_field_of_another_type_serves_or_is_in_the_way(kind: str, serves: bool) -> None:
    there = fields(ERP_ID="text", Amount=kind, Account="lookup")
    flow = CRM.setup([KEY, AMOUNT], False)
    if serves:
        assert drive(flow, modules("ERP_Orders"), there)[1] == []
        return
    with pytest.raises(ConfigError, match=f"Amount of ERP_Orders holds {kind}, the mapping writes"):
        drive(flow, modules("ERP_Orders"), there)


def test_a_key_that_is_not_unique_is_refused_with_what_to_click() -> None:
    there = Answer(
        200,
        {
            "fields": [
                {"api_name": "ERP_ID", "data_type": "text", "custom_field": True, "unique": {}}
            ]
        },
    )
    with pytest.raises(ConfigError, match="Do not allow duplicate values"):
        drive(CRM.setup([KEY], False), modules("ERP_Orders"), there)


def test_a_deal_on_an_order_is_a_lookup() -> None:
    deal = FieldDef("ERP_Orders", "custom_fields.Deal", "text", "Deal")
    there = fields(ERP_ID="text", Account="lookup")
    asked, missing = drive(
        CRM.setup([deal], True),
        modules("ERP_Orders"),
        there,
        made("fields", done("1")),
        modules("ERP_Orders"),
        fields(ERP_ID="text", Account="lookup", Deal="lookup"),
    )
    assert missing == [deal]
    assert isinstance(asked[2].json, dict)
    assert asked[2].json["fields"][0]["lookup"]["module"] == {"api_name": "Deals"}


def test_what_was_taken_and_is_not_shown_is_no_success() -> None:
    with pytest.raises(ProtocolError, match="does not show them: Accounts ERP_Line"):
        drive(
            CRM.setup([LINE], True),
            modules("Accounts"),
            fields(),
            made("fields", done("1")),
            modules("Accounts"),
            fields(),
        )


def test_only_what_can_be_made_is_asked_for() -> None:
    wanted = FieldDef("Leads", "custom_fields.X", "text", "X")
    with pytest.raises(ConfigError, match=r"no custom field custom_fields\.X of text on Leads"):
        drive(CRM.setup([wanted], False))
