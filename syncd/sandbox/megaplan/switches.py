"""What the vendor's pages leave open, or what clients disagree about, and the limits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Switches:
    skew: float = 0.0
    """Seconds that Megaplan's clock is ahead of this machine's."""
    account: str = "primer.megaplan.ru"
    """The permanent host of the account: another one is another company."""
    prepared: bool = True
    """The extra fields that the shipped mapping of syncd writes are there already."""

    # OAuth
    revoked: bool = False
    """The password was changed: no login and no token is valid any more."""
    token_seconds: int = 172_800
    rotates: bool = True
    """A refresh token is good once."""

    # Limits, which one client states and no page of the vendor
    per_second: int = 5
    """0: no limit."""
    per_hour: int = 1_000
    """0: no limit."""

    # Reading
    max_limit: int = 100
    """Rows of one list, whatever is asked for."""
    unknown_fields: str = "refuse"
    """Or ignore: a name in `fields` that nothing has."""
    nested_fields: bool = True
    """Whether `fields` may hold {field: [its own fields]}; else such an entry is ignored."""
    gone_anchor: str = "404"
    """What a page after an entity answers that is no longer there: 404, empty, or start."""
    filter_extra: str = "heed"
    """What a filter does with terms on extra fields: heed, ignore (and find everything), or
    refuse."""
    filter_case: bool = False
    """Whether `equals` heeds the case of letters."""
    errors_inside: bool = False
    """Errors come with HTTP 200, and their status in the envelope alone; but for 401 and 429."""
    sees: str = "all"
    """Or own: the cards and deals that the employee is responsible for."""
    forbidden: str = ""
    """Ids of cards and deals that this employee may not see, separated by commas."""

    # Writing
    unknown_keys: str = "ignore"
    """Or refuse: a key that the entity does not have."""
    null_clears: bool = True
    """Else a null leaves what is there."""
    contact_info: str = "replace"
    """Or append: what a list of contacts does to the one that is there."""
    answer: str = "card"
    """Or short: how much of an entity the answer to a write shows."""
    equal_update_moves: bool = True
    """Whether an update that changes nothing moves `timeUpdated`."""
    payer_moves_card: bool = False
    """Whether a change of requisites moves the `timeUpdated` of their card."""
    locked: str = ""
    """Ids of cards that this employee may not change, separated by commas."""
    trace: int = 200_000
    """Characters of the trace in a 422."""
