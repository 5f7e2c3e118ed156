"""What an admin says is no evidence: the phone of the front desk, `Retail customer`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from syncd.matching.contacts import account_of, emails_of, phones_of
from syncd.matching.names import name_of
from syncd.matching.party import Party
from syncd.matching.rules import Rules


def without(rules: Rules) -> Callable[[Party], Party]:
    """Takes away what `rules.ignore` names, in whatever way it is written there."""
    if not rules.ignore:
        return lambda party: party
    plain = {one.casefold().strip() for one in rules.ignore}
    names = {name_of(one)[0] for one in rules.ignore}
    mails = {*emails_of(rules.ignore)}
    accounts = {account_of(one) for one in rules.ignore}

    def clean(party: Party) -> Party:
        phones = {*phones_of(rules.ignore, party.country, None)}
        return replace(
            party,
            name="" if party.name in names else party.name,
            legal_ids=tuple(o for o in party.legal_ids if o.partition(":")[2] not in accounts),
            emails=tuple(one for one in party.emails if one not in mails),
            phones=tuple(one for one in party.phones if one not in phones),
            domains=tuple(one for one in party.domains if one not in plain),
            accounts=tuple(one for one in party.accounts if one not in accounts),
        )

    return clean
