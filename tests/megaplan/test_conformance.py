"""What every target and every source promises, checked on the sandbox: in this process, with what
is uncertain the other way round, and behind HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from connectors.megaplan import Megaplan
from syncd.port import Response
from syncd.sandbox.megaplan.limits import too_many
from syncd.sandbox.megaplan.oauth import unauthorized
from syncd.sandbox.megaplan.schema import COMPANY
from syncd.sandbox.port import Answer
from syncd.sandbox.serve import switch
from tests.clocks import ManualClock
from tests.conformance import kit

from .driver import PAGE, MegaplanDriver, MegaplanReader
from .office import Office

FACTS = Megaplan.facts

CONTRARY: Mapping[str, object] = {
    "rotates": False,
    "max_limit": 3,
    "unknown_fields": "ignore",
    "gone_anchor": "empty",
    "filter_extra": "ignore",
    "filter_case": True,
    "errors_inside": True,
    "unknown_keys": "refuse",
    "answer": "short",
    "equal_update_moves": False,
    "payer_moves_card": True,
}
"""What the vendor's pages leave open, the other way round."""


def wire(connect: kit.Connect) -> kit.Wire:
    return kit.Wire(connect, [_response(too_many(1))], _response(unauthorized().answer()))


def _response(answer: Answer) -> Response:
    return Response(answer.status, answer.headers, answer.body)


@pytest.fixture(scope="module", params=["inside", "contrary", "http"])
def subject(request: pytest.FixtureRequest) -> Iterator[kit.Subject[kit.CrmDriver]]:
    office, connector = Office(), Megaplan({})
    if request.param == "contrary":
        switch(office.megaplan, CONTRARY)
    driver = MegaplanDriver(office)
    if request.param != "http":
        run, stranger = office.inside(connector).run, office.stranger(connector).run
        yield kit.Subject(connector, run, driver, stranger, wire(office.inside))
        return
    with office.behind_http() as connect:
        run = connect(connector, office.clock).run
        stranger = connect(connector, office.clock, password="не-тот").run
        yield kit.Subject(connector, run, driver, stranger, wire(connect))


@pytest.mark.parametrize("case", kit.crm_cases(FACTS), ids=str)
def test_conformance(case: kit.Case[kit.CrmDriver], subject: kit.Subject[kit.CrmDriver]) -> None:
    case(subject)


@pytest.mark.parametrize(
    "switches",
    [{}, CONTRARY, {"gone_anchor": "start"}],
    ids=["usual", "contrary", "start"],
)
@pytest.mark.parametrize("case", kit.books_cases(FACTS, MegaplanReader.can), ids=str)
def test_sources(case: kit.Case[kit.BooksDriver], switches: Mapping[str, object]) -> None:
    clock = ManualClock()
    office, connector = Office(clock), Megaplan({"page": str(PAGE)})
    switch(office.megaplan, switches)
    run, stranger = office.inside(connector).run, office.stranger(connector).run
    reader = MegaplanReader(office, clock)
    case(kit.Subject(connector, run, reader, stranger, wire(office.inside)))


def test_what_is_left_out_is_left_out_by_a_declared_fact() -> None:
    assert kit.not_applicable(FACTS, MegaplanReader.can) == {
        f"fixed-{COMPANY}": "no fixed field",
        f"unique-{COMPANY}": "no unique field",
        f"remove-{COMPANY}": "not removable",
        "child-deal": "cannot child",
        "child-label": "cannot child",
        "voided-won": "cannot void",
    }
