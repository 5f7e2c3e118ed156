"""How modules, fields and related lists look from outside: the keys that the vendor's SDK and the
published OpenAPI files expect."""

from __future__ import annotations

from syncd.sandbox.zoho_crm.crm import CURRENCIES, Crm
from syncd.sandbox.zoho_crm.schema import ANY, Field, Module
from syncd.sandbox.zoho_crm.standard import STAGES
from syncd.sandbox.zoho_crm.wire import Json

PROFILES = (("5725767000000026011", "Administrator"), ("5725767000000026014", "Standard"))
UNKNOWN: Json = {
    "associated_module": None,
    "tooltip": None,
    "display_format_properties": None,
    "association_details": None,
    "parent_field": None,
    "child_fields": None,
    "private": None,
    "crypt": None,
    "range": None,
    "hipaa_compliance": None,
    "address": None,
    "global_picklist": None,
    "display_format": None,
    "history_tracking": None,
    "additional_column": None,
    "created_time": None,
    "modified_time": None,
    "multi_module_lookup": {},
    "rollup_summary": {},
    "formula": {},
    "multiselectlookup": {},
    "convert_mapping": {"Contacts": None, "Deals": None, "Accounts": None},
}


def profiles() -> list[Json]:
    return [{"name": name, "id": id, "permission_type": "read_write"} for id, name in PROFILES]


def module(crm: Crm, of: Module, *, full: bool = False) -> Json:
    shown: Json = {
        "id": of.id,
        "api_name": of.api_name,
        "module_name": of.api_name if not of.custom else f"CustomModule{of.id[-3:]}",
        "generated_type": "subform" if of.hidden else "custom" if of.custom else "default",
        "api_supported": True,
        "creatable": not of.hidden,
        "editable": not of.hidden,
        "deletable": not of.hidden,
        "viewable": True,
        "visible": True,
        "visibility": 1,
        "status": "visible",
        "show_as_tab": not of.hidden,
        "convertable": of.api_name == "Leads",
        "plural_label": of.plural,
        "singular_label": of.label,
        "actual_plural_label": of.plural,
        "actual_singular_label": of.label,
        "sequence_number": 1 + list(crm.modules).index(of.api_name),
        "profiles": [{"name": one["name"], "id": one["id"]} for one in profiles()],
        "profile_count": len(PROFILES),
        "parent_module": {},
        "web_link": None,
        "description": None,
        "arguments": [],
        "business_card_field_limit": 5,
        "modified_time": None,
        "modified_by": None,
        "global_search_supported": True,
        "filter_status": True,
        "quick_create": True,
        "feeds_required": False,
        "presence_sub_menu": True,
        "access_type": "org_based",
    }
    if full:
        shown |= {"per_page": 50, "display_field": of.display, "recycle_bin_on_delete": True}
        shown |= {"search_layout_fields": [of.display], "kanban_view": False}
        shown |= {"related_list_properties": {"sort_by": None, "fields": [], "sort_order": None}}
    return shown


def field(crm: Crm, home: Module, of: Field) -> Json:
    numeric = of.data_type in ("currency", "double", "percent")
    return {
        **UNKNOWN,
        "id": of.id,
        "api_name": of.api_name,
        "field_label": of.label,
        "display_label": of.label,
        "data_type": of.data_type,
        "json_type": of.json_type,
        "length": of.length,
        "decimal_place": of.decimals if numeric else None,
        "system_mandatory": of.mandatory,
        "read_only": of.read_only,
        "field_read_only": of.read_only,
        "visible": True,
        "custom_field": of.custom,
        "created_source": "crm" if of.custom else "default",
        "type": "used",
        "unique": {"case_sensitive": of.case_sensitive} if of.unique else {},
        "external": {"type": of.external, "show": True} if of.external else None,
        "lookup": _lookup(crm, home, of),
        "pick_list_values": _picks(of),
        "pick_list_values_sorted_lexically": False,
        "currency": {"rounding_option": "normal", "precision": of.decimals}
        if of.data_type == "currency"
        else {},
        "auto_number": {"prefix": "", "suffix": "", "start_number": 1}
        if of.data_type == "autonumber"
        else {},
        "operation_type": {
            "web_create": not of.read_only,
            "web_update": not of.read_only,
            "api_create": not of.read_only,
            "api_update": not of.read_only,
        },
        "view_type": {
            "view": True,
            "edit": not of.read_only,
            "create": not of.read_only,
            "quick_create": False,
        },
        "profiles": profiles(),
        "display_field": of.api_name == home.display,
        "subform": {"module": of.subform, "id": crm.modules[of.subform].id} if of.subform else None,
        "filterable": of.data_type not in ("textarea", "subform"),
        "searchable": True,
        "sortable": of.data_type not in ("textarea", "subform"),
        "webhook": True,
        "mass_update": not of.read_only,
        "virtual_field": False,
        "separator": False,
        "businesscard_supported": True,
        "history_tracking_enabled": False,
        "hipaa_compliance_enabled": False,
        "enable_colour_code": False,
        "colour_code_enabled_by_system": False,
        "customizable_properties": [],
        "column_name": of.api_name.upper(),
        "display_type": -1,
        "ui_type": 1,
        "public": False,
        "email_parser": {"fields_update_supported": True, "record_operations_supported": True},
    }


def _lookup(crm: Crm, home: Module, of: Field) -> Json:
    if of.data_type != "lookup":
        return {}
    target = crm.modules.get(of.lookup) if of.lookup != ANY else None
    name = target.api_name if target else "se_module"
    return {
        "id": of.id,
        "display_label": of.related_label or home.plural,
        "api_name": of.related or None,
        "module": {"api_name": name, "id": target.id if target else None},
        "query_details": {},
    }


def _picks(of: Field) -> list[Json]:
    picks = of.picks
    if of.api_name == "Currency":
        picks = tuple(one.iso_code for one in CURRENCIES if one.active)
    shown = []
    for number, value in enumerate(picks, 1):
        one: Json = {
            "id": str(int(of.id) * 100 + number)[-19:],
            "display_value": value,
            "actual_value": value,
            "reference_value": value,
            "sequence_number": number,
            "colour_code": None,
            "type": "used",
        }
        if of.api_name == "Stage" and value in STAGES:
            won, lost = value == "Closed Won", value == "Closed Lost"
            one["probability"] = 100 if won else 0 if lost else 10 * number
            one["forecast_type"] = "Closed" if won else "Omitted" if lost else "Open"
            one["deal_category"] = "Closed Won" if won else "Closed Lost" if lost else "Open"
        shown.append(one)
    return shown


def related_list(crm: Crm, home: Module, name: str, child: Module, of: Field, place: int) -> Json:
    label = of.related_label or child.plural
    return {
        "id": of.id,
        "api_name": name,
        "name": name,
        "display_label": label,
        "sequence_number": str(place),
        "module": {"api_name": child.api_name, "id": child.id},
        "action": None,
        "href": f"{home.api_name}/{{ENTITYID}}/{name}",
        "type": "custom_lookup" if of.custom else "default",
        "connectedmodule": None,
        "linkingmodule": None,
        "connectedlookupApiName": of.api_name,
        "customize_fields": True,
        "customize_sort": True,
        "customize_display_label": True,
        "status": "visible",
        "visibility": 1,
        "fields": [{"api_name": child.display, "id": child.fields[child.display].id}],
        "sort_by": None,
        "sort_order": None,
    }


def organisation(crm: Crm) -> Json:
    switches = crm.switches
    first = next(iter(crm.users.values()))
    base = CURRENCIES[0]
    return {
        "id": switches.organisation,
        "zgid": switches.organisation,
        "company_name": "Торговый дом «Пример»",
        "alias": None,
        "type": switches.organisation_type,
        "primary_email": first.email,
        "primary_zuid": "700000001",
        "country": "Russia",
        "country_code": "RU",
        "city": "Москва",
        "time_zone": switches.zone,
        "currency": base.name,
        "currency_symbol": base.symbol,
        "currency_locale": "ru_RU",
        "iso_code": base.iso_code,
        "mc_status": switches.multi_currency,
        "max_per_page": 200,
        "privacy_settings": False,
        "translation_enabled": False,
        "hipaa_compliance_enabled": False,
        "created_time": "2024-01-15T10:00:00+03:00",
        "domain_name": f"org{switches.organisation}",
        "license_details": {
            "paid": switches.edition != "free",
            "paid_type": switches.edition,
            "paid_expiry": None,
            "trial_type": None,
            "trial_expiry": None,
            "trial_action": None,
            "users_license_purchased": 14,
        },
    }


def user(crm: Crm, id: str) -> Json:
    one = crm.users[id]
    admin = id == next(iter(crm.users))
    profile = PROFILES[0] if admin else PROFILES[1]
    return {
        "id": id,
        "zuid": str(700000001 + list(crm.users).index(id)),
        "first_name": one.first_name,
        "last_name": one.last_name,
        "full_name": one.name,
        "email": one.email,
        "status": "active" if one.active else "inactive",
        "confirm": True,
        "country_locale": "ru_RU",
        "locale": "ru_RU",
        "language": "ru_RU",
        "time_zone": crm.switches.zone,
        "profile": {"id": profile[0], "name": profile[1]},
        "role": {"id": "5725767000000026005", "name": "CEO" if admin else "Manager"},
        "category": "regular_user",
        "personal_account": False,
        "microsoft": False,
        "isonline": False,
    }


def currencies(crm: Crm) -> list[Json]:
    return [
        {
            "id": str(5725767000000038990 + number),
            "iso_code": one.iso_code,
            "name": one.name,
            "symbol": one.symbol,
            "exchange_rate": one.exchange_rate,
            "is_base": number == 0,
            "is_active": one.active,
            "prefix_symbol": number != 0,
            "format": {
                "decimal_places": one.decimals,
                "decimal_separator": "Period",
                "thousand_separator": "Comma",
            },
        }
        for number, one in enumerate(CURRENCIES)
    ]
