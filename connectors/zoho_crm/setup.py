"""What `connections setup` makes: modules for documents, and the fields that a mapping writes.

Zoho makes a field's API name out of its label, so the label is the name with blanks; it can be
changed afterwards. The field with the key of the books has to be unique and to heed the case of
letters, or an upsert would take one customer for another. A field for a number is a decimal: one
for a currency would show the sign of the record's currency, whatever the books meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncd.errors import AccessError, ConfigError, ProtocolError, RejectedError
from syncd.port import FieldDef, Flow

from .answers import ask, elements, judged
from .facts import CUSTOM, DOCUMENTS, FACTS, LOOKUPS, PARENTS
from .metadata import fields_of, modules

AT_ONCE = 5
"""Fields in one request."""
MODULE_COST = 500
"""Credits for making one (vendor: "Create custom modules")."""
LOOKUP, MODULE = "lookup", "module"
"""Types of what the connector itself needs, beside those of a FieldDef."""

_MADE: Mapping[str, Mapping[str, Any]] = {
    "text": {"data_type": "text", "length": 255},
    "long_text": {"data_type": "textarea", "length": 2000, "textarea": {"type": "small"}},
    "number": {"data_type": "double", "length": 16, "decimal_place": 2},
    "date": {"data_type": "date"},
    "flag": {"data_type": "boolean"},
}
_TEXTS = frozenset({"text", "textarea", "picklist", "website", "email", "phone"})
_SERVES: Mapping[str, frozenset[str]] = {
    "text": _TEXTS,
    "long_text": frozenset({"text", "textarea"}),
    "number": frozenset({"double", "currency", "integer", "bigint"}),
    "date": frozenset({"date"}),
    "flag": frozenset({"boolean"}),
    LOOKUP: frozenset({"lookup"}),
}
"""A FieldDef's type -> types of fields that hold it."""

Fields = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Module -> API name -> field; a module that is not there has no entry."""


def set_up(wanted: Sequence[FieldDef], id_field: str, *, write: bool) -> Flow[Sequence[FieldDef]]:
    """What was missing, lookups and modules with it; with `write` it is there now.

    Raises ConfigError for what another type or setting is in the way of, and for what only an
    administrator can make, with the way there in Zoho's own menus.
    """
    _check(wanted)
    every = [*wanted, *_lookups(wanted)]
    there = yield from _fields(every)
    _compare(every, there, id_field)
    missing = list(_missing(every, there))
    if not write or not missing:
        return missing
    yield from _make_modules([one for one in missing if one.type == MODULE])
    for target in dict.fromkeys(one.target for one in missing):
        mine = [one for one in missing if one.target == target and one.type != MODULE]
        yield from _make_fields(target, mine, id_field)
    there = yield from _fields(every)
    if lost := list(_missing(every, there)):
        names = ", ".join(f"{one.target} {_name(one)}" for one in lost)
        raise ProtocolError(f"Zoho took new fields and does not show them: {names}")
    return missing


def _lookups(wanted: Sequence[FieldDef]) -> Iterator[FieldDef]:
    """A document leads to its card, the account or the contact, by which of them is written."""
    targets = list(dict.fromkeys(one.target for one in wanted))
    for target in targets:
        either = FACTS.targets[target].either
        for word in [one for one in either if one in targets] or either[:1]:
            yield FieldDef(target, CUSTOM + PARENTS[word], LOOKUP, PARENTS[word])


def _fields(every: Sequence[FieldDef]) -> Flow[Fields]:
    known = yield from modules()
    found = {}
    for target in dict.fromkeys(one.target for one in every):
        if target in known:
            rows = yield from fields_of(target)
            found[target] = {str(one["api_name"]): one for one in rows}
    return found


def _missing(every: Sequence[FieldDef], there: Fields) -> Iterator[FieldDef]:
    for target in dict.fromkeys(one.target for one in every):
        if target not in there and target not in DOCUMENTS:
            raise ConfigError(
                f"Zoho does not show the module {target}: give syncd's profile the right to see it"
            )
        if target not in there:
            yield FieldDef(target, target, MODULE, target.replace("_", " "))
    yield from (one for one in every if _name(one) not in there.get(one.target, {}))


def _make_modules(missing: Sequence[FieldDef]) -> Flow[None]:
    """Every profile that there is sees them."""
    if not missing:
        return
    try:
        body = yield from ask("GET", "/settings/profiles")
        profiles = [{"id": one["id"]} for one in body["profiles"]]
        for one in missing:
            module = {
                "plural_label": one.label,
                "singular_label": DOCUMENTS[one.target],
                "api_name": one.target,
                "profiles": profiles,
                "display_field": {"field_label": "Number", "data_type": "text"},
            }
            content = {"modules": [module]}
            body = yield from ask(
                "POST", "/settings/modules", body=content, write=True, cost=MODULE_COST
            )
            if refused := judged(elements(body, "modules", 1)[0], None):
                raise refused
    except (RejectedError, AccessError, ProtocolError) as error:
        raise ConfigError(
            f"Zoho does not let this user make modules ({error})",
            *(_by_hand(one) for one in missing),
            "then run it once more: the fields follow",
        ) from None


def _by_hand(one: FieldDef) -> str:
    return (
        f"an administrator makes {one.target}: Setup > Customization > Modules and Fields > New "
        f"Module; name it {one.label}, singular {DOCUMENTS[one.target]}, and see under Setup > "
        f"Developer Hub > APIs > API Names that its API name is {one.target}"
    )


def _make_fields(target: str, missing: Sequence[FieldDef], id_field: str) -> Flow[None]:
    problems = []
    for start in range(0, len(missing), AT_ONCE):
        some = missing[start : start + AT_ONCE]
        content = {"fields": [_content(one, id_field) for one in some]}
        query = {"module": target}
        try:
            body = yield from ask("POST", "/settings/fields", query, content, write=True)
            answers = elements(body, "fields", len(some))
        except (RejectedError, AccessError) as error:
            raise ConfigError(
                f"Zoho makes no fields of {target}: {error}",
                *(_field_by_hand(one, id_field) for one in missing[start:]),
            ) from None
        for one, answer in zip(some, answers, strict=True):
            if refused := judged(answer, None):
                problems.append(f"{refused}: {_field_by_hand(one, id_field)}")
    if problems:
        raise ConfigError(*problems)


def _content(one: FieldDef, id_field: str) -> dict[str, Any]:
    name = _name(one)
    content: dict[str, Any] = {"field_label": name.replace("_", " ")}
    if leads_to := _leads_to(one):
        module = {"api_name": leads_to}
        label = one.target.replace("_", " ")
        return {
            **content,
            "data_type": "lookup",
            "lookup": {"module": module, "display_label": label},
        }
    content |= _MADE[one.type]
    if name == id_field:
        content["unique"] = {"case_sensitive": True}
    return content


def _field_by_hand(one: FieldDef, id_field: str) -> str:
    kind = str(_content(one, id_field)["data_type"])
    unique = ", with “Do not allow duplicate values”" if _name(one) == id_field else ""
    return (
        f"make it by hand: Setup > Customization > Modules and Fields > {one.target}, a field "
        f"{_name(one).replace('_', ' ')} of type {kind}{unique}"
    )


def _leads_to(one: FieldDef) -> str | None:
    return LOOKUPS.get(_name(one)) if one.target in DOCUMENTS else None


def _type(one: FieldDef) -> str:
    return LOOKUP if _leads_to(one) else one.type


def _name(one: FieldDef) -> str:
    return one.path.removeprefix(CUSTOM)


def _check(wanted: Sequence[FieldDef]) -> None:
    problems = [
        f"Zoho CRM has no custom field {one.path} of {one.type} on {one.target}"
        for one in wanted
        if one.target not in FACTS.targets
        or not one.path.startswith(CUSTOM)
        or one.type not in _MADE
    ]
    if problems:
        raise ConfigError(*problems)


def _compare(every: Sequence[FieldDef], there: Fields, id_field: str) -> None:
    problems = []
    for one in every:
        field = there.get(one.target, {}).get(_name(one))
        if field is None:
            continue
        have = str(field["data_type"])
        if have not in _SERVES[_type(one)]:
            problems.append(
                f"Zoho's field {_name(one)} of {one.target} holds {have}, the mapping writes "
                f"{_type(one)}: choose another field, a type cannot be changed there"
            )
        if _name(one) == id_field and not field.get("unique"):
            problems.append(
                f"Zoho's field {id_field} of {one.target} is not unique, and two cards could carry "
                f"one key: Setup > Customization > Modules and Fields > {one.target} > {id_field} "
                "> Edit Properties > Do not allow duplicate values"
            )
    if problems:
        raise ConfigError(*problems)
