"""What is uncertain about 1C, and what one base has and another has not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

CONFIGURATIONS: Mapping[str, str] = {
    "ut": "УТ 11, КА 2, ERP 2",
    "bp": "БП 3.0",
    "unf": "УНФ",
}
FORMS = ("odata", "exception", "html")


@dataclass
class Switches:
    configuration: str = "ut"
    """`ut` (УТ 11, КА 2, ERP 2), `bp` (БП 3.0) or `unf` (УНФ). A new one starts a new company."""
    zone: str = "Europe/Moscow"
    """Of the server: 1C sends wall time and does not say whose."""
    skew: int = 0
    """Seconds by which the server's clock is ahead."""
    odata: bool = True
    """The base is published with its OData interface; off, the web client alone."""
    exchange_plan: bool = True
    """The base has a plan of exchange that registers changes, and it is published."""
    unpublished: str = ""
    """Sets that are left out of the standard interface, with commas between."""
    settlement_object: bool = True
    """УТ: settlements by ОбъектРасчетов_Key; off, by ЗаказКлиента as in older releases."""
    shuffle: bool = True
    """What the order asked for leaves open comes otherwise in each answer."""
    bom: bool = False
    """JSON begins with a byte order mark, as `/$count` always does."""
    padded: bool = False
    """Number and Code have blanks behind them up to their length."""
    rows_without_key: bool = True
    """One object read by its key has no Ref_Key in the rows of its parts."""
    count: bool = True
    """`/$count` is there."""
    count_ignores_paging: bool = False
    """`$inlinecount` makes `$top` and `$skip` void, as the developer's guide says."""
    page_cap: int = 0
    """The most rows of one answer; 0 for no cap."""
    date_only: bool = False
    """`datetime'2026-01-31'` without a time is understood."""
    client_key: bool = True
    """POST keeps a Ref_Key that the client chose; off, the server chooses another."""
    put_creates: bool = False
    """PUT to a key that is not there creates; off, 404."""
    exists_status: int = 400
    """Of a POST with a Ref_Key that is there already."""
    strict_if_match: bool = False
    """412 where If-Match is not the DataVersion; off, If-Match is ignored."""
    sessions: bool = True
    """The publication knows IBSession; off, the header is ignored."""
    session_limit: int = 0
    """The most sessions open at a time; 0 for no limit."""
    session_seconds: int = 1200
    """After so long without a request a session is closed."""
    stale_status: int = 400
    """Of a cookie whose session is closed."""
    licences: int = 0
    """Client licences, one for each session; 0 for as many as wanted."""
    licence_status: int = 500
    """Of a request that finds no licence."""
    error_form: str = "odata"
    """Who words the fault `error`: `odata` (1C), `exception` (the application server, JSON of its
    own) or `html` (the web extension)."""
    contact_kinds: bool = True
    """The kinds of contact information have 1C's own names of a person's telephone and e-mail, and
    of an address of delivery (УТ) or an actual one. Counts when a company is made."""
    closed_until: str = ""
    """Date on and before which documents may not be changed (дата запрета изменения)."""
    forbidden_organisation: str = ""
    """Description of an organisation whose documents the user may not see."""
    closed_for_update: bool = False
    """The base is being updated: everything is refused."""

    def __setattr__(self, name: str, value: object) -> None:
        """ValueError for what makes no sense."""
        if name == "configuration" and value not in CONFIGURATIONS:
            raise ValueError(f"there is no configuration {value}; {', '.join(CONFIGURATIONS)}")
        if name == "error_form" and value not in FORMS:
            raise ValueError(f"there is no error_form {value}; {', '.join(FORMS)}")
        if name == "closed_until" and value:
            dt.date.fromisoformat(str(value))
        if name == "zone":
            try:
                ZoneInfo(str(value))
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError(f"there is no zone {value}") from None
        object.__setattr__(self, name, value)
