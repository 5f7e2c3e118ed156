"""What every target and every source promises, checked on the sandbox, in this process and behind
HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.zoho_crm import ZohoCrm
from tests.clocks import ManualClock
from tests.conformance import kit

from .driver import DOCUMENTS, NEEDED, PAGE, ZohoDriver, ZohoReader
from .office import Office

FACTS = ZohoCrm.facts


@pytest.fixture(scope="module", params=["inside", "http"])
def subject(request: pytest.FixtureRequest) -> Iterator[kit.Subject[kit.CrmDriver]]:
    office, connector = Office(), ZohoCrm({})
    if request.param == "inside":
        transport = office.inside(connector)
        transport.run(connector.setup(NEEDED, True))
        stranger = office.stranger(connector)
        yield kit.Subject(connector, transport.run, ZohoDriver(office), stranger.run)
        return
    with office.behind_http(connector) as (over_http, unknown):
        over_http.run(connector.setup(NEEDED, True))
        yield kit.Subject(connector, over_http.run, ZohoDriver(office), unknown.run)


@pytest.mark.parametrize("case", kit.crm_cases(FACTS), ids=str)
def test_conformance(case: kit.Case[kit.CrmDriver], subject: kit.Subject[kit.CrmDriver]) -> None:
    case(subject)


@pytest.mark.parametrize("case", kit.books_cases(FACTS, ZohoReader.can), ids=str)
def test_sources(case: kit.Case[kit.BooksDriver]) -> None:
    clock = ManualClock()
    office, connector = Office(clock), ZohoCrm({"page": str(PAGE)})
    run, stranger = office.inside(connector).run, office.stranger(connector).run
    case(kit.Subject(connector, run, ZohoReader(office, clock), stranger))


def test_what_is_left_out_is_left_out_by_a_declared_fact() -> None:
    assert kit.not_applicable(FACTS, ZohoReader.can) == {
        "fixed-Accounts": "no fixed field",
        **{f"fixed-{one}": "no fixed field" for one in DOCUMENTS},
        **{f"unique-{one}": "no unique field" for one in DOCUMENTS},
        "child-deal": "cannot child",
        "child-won": "cannot child",
    }
