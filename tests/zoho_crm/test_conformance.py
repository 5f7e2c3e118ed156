"""What every target and every source promises, checked on the sandbox: in this process, with what
is uncertain the other way round, and behind HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.port import FieldDef, Response
from syncd.sandbox.port import Answer
from syncd.sandbox.serve import switch
from syncd.sandbox.zoho_crm.limits import too_many
from syncd.sandbox.zoho_crm.oauth import invalid
from tests.clocks import ManualClock
from tests.conformance import kit

from .driver import CARDS, DOCUMENTS, NEEDED, PAGE, ZohoDriver, ZohoReader
from .office import Office

FACTS = ZohoCrm.facts


CONTRARY: Mapping[str, object] = {
    "zone": "America/St_Johns",
    "multi_currency": False,
    "prepared": False,
    "throttle_status": 200,
    "coql_names": True,
    "unknown_id": 400,
    "permanent_after_days": 0.0,
    "mixed_status": 200,
    "all_bad_status": 202,
    "over_100": "INVALID_DATA",
    "unknown_keys": "refuse",
    "unknown_picks": "store",
    "equal_update_moves": False,
    "default_check_fields": False,
    "api_name_taken": True,
}
"""Everything that the vendor's pages leave open, the other way round."""


def wire(connect: kit.Connect) -> kit.Wire:
    return kit.Wire(connect, [_response(too_many().answer)], _response(invalid().answer))


def _response(answer: Answer) -> Response:
    return Response(answer.status, answer.headers, answer.body)


@pytest.fixture(scope="module", params=["inside", "contrary", "http"])
def subject(request: pytest.FixtureRequest) -> Iterator[kit.Subject[kit.CrmDriver]]:
    office, connector = Office(), ZohoCrm({})
    if request.param == "contrary":
        switch(office.zoho, CONTRARY)
    office.zoho.switches.tokens_per_10_minutes = 10_000  # logins are what the cases make
    driver = ZohoDriver(office)
    if request.param != "http":
        run, stranger = office.inside(connector).run, office.stranger(connector).run
        run(connector.setup(NEEDED, True))
        yield kit.Subject(connector, run, driver, stranger, wire(office.inside))
        return
    with office.behind_http() as connect:
        run = connect(connector, office.clock).run
        stranger = connect(connector, office.clock, client_secret="не-тот").run
        run(connector.setup(NEEDED, True))
        yield kit.Subject(connector, run, driver, stranger, wire(connect))


@pytest.mark.parametrize("case", kit.crm_cases(FACTS), ids=str)
def test_conformance(case: kit.Case[kit.CrmDriver], subject: kit.Subject[kit.CrmDriver]) -> None:
    case(subject)


@pytest.mark.parametrize(
    ("switches", "card"),
    [({}, "Accounts"), (CONTRARY, "Accounts"), ({}, "Contacts")],
    ids=["usual", "contrary", "persons"],
)
@pytest.mark.parametrize("case", kit.books_cases(FACTS, ZohoReader.can), ids=str)
def test_sources(
    case: kit.Case[kit.BooksDriver], switches: Mapping[str, object], card: str
) -> None:
    clock = ManualClock()
    office, connector = Office(clock), ZohoCrm({"page": str(PAGE)})
    switch(office.zoho, {**switches, "tokens_per_10_minutes": 10_000})
    run, stranger = office.inside(connector).run, office.stranger(connector).run
    run(connector.setup([FieldDef(card, "custom_fields.Tax_ID", "text", "Tax ID")], True))
    reader = ZohoReader(office, clock, card)
    case(kit.Subject(connector, run, reader, stranger, wire(office.inside)))


def test_what_is_left_out_is_left_out_by_a_declared_fact() -> None:
    assert kit.not_applicable(FACTS, ZohoReader.can) == {
        **{f"fixed-{one}": "no fixed field" for one in (*CARDS, *DOCUMENTS)},
        **{f"unique-{one}": "no unique field" for one in DOCUMENTS},
        "child-deal": "cannot child",
        "child-won": "cannot child",
        "voided-won": "cannot void",
    }
