"""What may make a card a customer of the books: a deal that was won, a lead that was converted, or
a value of a list on the card; each as lines of the shipped mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.guide import Discovery

DEALS, LEADS = "deals", "leads"


@dataclass(frozen=True, slots=True)
class Way:
    """`says` is what there is of it now, `lines` what differs from the shipped mapping."""

    says: str
    lines: Mapping[str, str]


def ways(mapping: str, told: Discovery) -> dict[str, Way]:
    """By the word that takes it; `mapping` is the shipped one. Its own, deals, is the first."""
    found = {DEALS: Way(_deals(told), {})}
    if mapping not in _CONVERTED:
        return found
    if told.converted is not None:
        says = f"{told.converted} converted in the last 30 days"
        found[LEADS] = Way(says, _CONVERTED[mapping])
    for one in told.listed:
        if '"' not in one.value and "\\" not in one.value:
            says = f"{one.cards} cards have it"
            lines = {**_LISTED[mapping], "deal.where": f'{one.path} == "{one.value}"'}
            found[f"{one.path}={one.value}"] = Way(says, lines)
    return found


def _deals(told: Discovery) -> str:
    stages = ", ".join(one.code for one in told.stages) or "none of its stages is known as won"
    return f"won ({stages})"


def _converted(to: str) -> Mapping[str, str]:
    return {
        "deal.read": "Leads",
        "deal.where": f"Converted_{to} is not None",
        "deal.fields.account": f"Converted_{to}.id",
        "deal.fields.closed": "Converted_Date_Time | date",
    }


def _listed(on: str) -> Mapping[str, str]:
    return {"deal.read": on, "deal.fields.account": "id", "deal.fields.closed": "none"}


_CONVERTED: Mapping[str, Mapping[str, str]] = {
    "zoho_crm": _converted("Account"),
    "zoho_crm_persons": _converted("Contact"),
}
_LISTED: Mapping[str, Mapping[str, str]] = {
    "zoho_crm": _listed("Accounts"),
    "zoho_crm_persons": _listed("Contacts"),
}
"""The variants that each shipped file names in its comments."""
