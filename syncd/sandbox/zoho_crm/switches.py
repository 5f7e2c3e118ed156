"""What the vendor's pages leave open or where they disagree, and the limits of the edition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Switches:
    zone: str = "Europe/Moscow"
    """Of every user: times in answers carry its offset."""
    skew: float = 0.0
    """Seconds that Zoho's clock is ahead of this machine's."""
    organisation: str = "20071998001"
    """`id` and `zgid` of the organisation: another one is another company."""
    organisation_type: str = "production"
    edition: str = "enterprise"
    multi_currency: bool = True
    prepared: bool = True
    """The modules ERP_* and the card's fields are there already."""

    # OAuth
    revoked: bool = False
    """Somebody withdrew the consent: no refresh token is valid any more."""
    token_seconds: int = 3600
    tokens_per_10_minutes: int = 10
    live_tokens: int = 15
    throttle_status: int = 400
    """400 in two clients' code, 200 in Zoho's Kaizen 43."""
    bearer: bool = False
    """Whether `Authorization: Bearer` is taken too."""
    scopes: str = (
        "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.ALL,ZohoCRM.org.ALL,"
        "ZohoCRM.coql.READ,ZohoCRM.notifications.ALL,ZohoSearch.securesearch.READ"
    )
    """Of tokens made from now on."""

    # Limits
    credits: int = 64_000
    """In 24 hours; Enterprise with 14 users."""
    concurrency: int = 20
    heavy_concurrency: int = 10
    busy_seconds: float = 0.0
    """How long a call holds its place; with 0 the limits of concurrency never bite."""
    page_limit: int = 2_000
    token_limit: int = 100_000
    token_hours: float = 24.0
    """After which a page token has expired."""
    fields_at_once: int = 5
    """Custom fields in one call: 5 on the pages, 25 in the published OpenAPI file."""

    # Reading
    index_delay: float = 30.0
    """Seconds until a search finds what was written."""
    coql_names: bool = False
    """Whether COQL gives a lookup its name beside the id."""
    coql_quotes: str = "doubled"
    """How a text of a query holds its own quote: doubled (Kaizen 171), or after a backslash."""
    coql_columns: int = 50
    coql_values: int = 50
    """50 and 50 on the page of limits; Kaizen 183 says 500 and 100 since version 7."""
    subforms_in_lists: bool = False
    unknown_id: int = 204
    """What GET answers for a record that is not there: 204 or 400."""
    permanent_after_days: float = 60.0
    """After which the recycle bin is emptied of a record."""
    restore_moves: bool = True
    """Whether a record out of the recycle bin has a new Modified_Time."""

    # Writing
    mixed_status: int = 207
    """200 in sandboxes of extensions."""
    all_bad_status: int = 400
    """202 in older versions."""
    over_100: str = "LIMIT_EXCEEDED"
    """Or INVALID_DATA."""
    locked: str = ""
    """Ids of records that nobody may write now, separated by commas."""
    forbidden: str = ""
    """Modules that the profile may not see, separated by commas."""
    unknown_keys: str = "ignore"
    """Or refuse."""
    unknown_picks: str = "refuse"
    """Or store: a value that the picklist does not have."""
    equal_update_moves: bool = True
    """Whether an update that changes nothing moves Modified_Time."""
    default_check_fields: bool = True
    """An upsert that names no fields looks at the module's own one and the unique ones."""
    api_name_taken: bool = False
    """Whether a new field may choose its API name; else it is made from the label."""
    create_modules: bool = True
    """False: the edition or the rights do not allow custom modules over the API."""
