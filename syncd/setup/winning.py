"""What may make a card a customer of the books: a deal that was won, a lead that was converted, a
value of a list on the card, or several of them; each as lines over the shipped mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.errors import UsageError
from syncd.guide import Discovery
from syncd.mapping.document import suggestion
from syncd.setup.files import NONE

DEALS, LEADS = "deals", "leads"
WHERE = "label.where"
"""Of which there is one, whatever the number of values."""


class Way(msgspec.Struct, frozen=True):
    """`says` is what there is of it now, `lines` what it adds to the shipped mapping."""

    says: str
    lines: Mapping[str, str]


def ways(mapping: str, told: Discovery) -> dict[str, Way]:
    """By the word that takes it; `mapping` is the shipped one. Its own, deals, is the first."""
    found = {DEALS: Way(_BY_RESULT.get(mapping) or _deals(told), {})}
    if mapping not in _LISTED:
        return found
    if told.converted is not None and mapping in _CONVERTED:
        says = f"{told.converted} converted in the last 30 days"
        found[LEADS] = Way(says, _CONVERTED[mapping])
    for one in told.listed:
        if '"' not in one.value and "\\" not in one.value:
            says = f"{one.cards} cards have it"
            lines = {**_LISTED[mapping], WHERE: f'{one.path} == "{one.value}"'}
            found[f"{one.path}={one.value}"] = Way(says, lines)
    return found


def some_of(known: Mapping[str, Way], typed: str) -> Sequence[str]:
    """The ways that are meant: words or their numbers, with commas. UsageError."""
    if typed.strip() in known:  # a value may hold a comma
        return [typed.strip()]
    numbered = {str(number): word for number, word in enumerate(known, start=1)}
    words = [numbered.get(one.strip(), one.strip()) for one in typed.split(",") if one.strip()]
    for word in words:
        if word not in known:
            near = suggestion(word, known)
            hint = near if near.startswith("; did") else ""
            raise UsageError(f"{word!r}: expected some of {', '.join(known)}{hint}")
    if not words:
        raise UsageError(f"expected some of {', '.join(known)}")
    return list(dict.fromkeys(words))


def lines_of(known: Mapping[str, Way], chosen: Sequence[str]) -> dict[str, str]:
    """What all of these change of the mapping; without deals, deals are switched off."""
    found = {} if DEALS in chosen else {"deal": NONE}
    for word in chosen:
        for path, line in known[word].lines.items():
            either = path == WHERE and path in found
            found[path] = f"{found[path]} or {line}" if either else line
    return found


def _deals(told: Discovery) -> str:
    stages = ", ".join(one.code for one in told.stages) or "none of its stages is known as won"
    return f"won ({stages})"


def _converted(to: str) -> Mapping[str, str]:
    return {
        "lead.read": "Leads",
        "lead.where": f"Converted_{to} is not None",
        "lead.fields.account": f"Converted_{to}.id",
        "lead.fields.closed": "Converted_Date_Time | date",
    }


def _listed(on: str) -> Mapping[str, str]:
    return {"label.read": on, "label.fields.account": "id"}


_BY_RESULT = {"megaplan": "in a state that their program counts as a success"}
"""Where it needs no names of stages to tell what was won."""
_CONVERTED: Mapping[str, Mapping[str, str]] = {
    "zoho_crm": _converted("Account"),
    "zoho_crm_persons": _converted("Contact"),
}
_LISTED: Mapping[str, Mapping[str, str]] = {
    "zoho_crm": _listed("Accounts"),
    "zoho_crm_persons": _listed("Contacts"),
    "megaplan": _listed("ContractorCompany"),
}
"""The variants that each shipped file names in its comments."""
