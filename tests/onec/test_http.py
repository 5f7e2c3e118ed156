"""The same over real HTTP: addresses with Cyrillic names and blanks, and a line that breaks."""

from __future__ import annotations

from urllib.parse import quote

from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.sandbox.faults import Lane
from tests.onec.office import Office
from tests.onec.over_http import served


def test_what_comes_over_http_is_what_the_base_has() -> None:
    with served() as (office, behind):
        over = office.everything()
        plain = Office(sandbox=office.sandbox).everything()
        assert over == plain
        assert over[Kind.INVOICE]
        assert not [line for line in behind.log if line["status"] != 200]
        [first] = {str(line["query"]).count("+") for line in behind.log}
        assert first == 0


def test_a_line_that_breaks_costs_repeats_and_nothing_else() -> None:
    lane = Lane(rate=0.1, seed=3)
    with served(lane) as (office, behind):
        plain = Office(sandbox=office.sandbox).everything()
        assert office.everything() == plain
        assert [line for line in behind.log if line["fault"]]


def test_a_wrong_password_is_said() -> None:
    import pytest

    from syncd.errors import AccessError

    with served() as (office, _):
        wrong = {"password": "другой"}
        base = office.transport_._base
        transport = HttpTransport(base, office.connector, wrong, office.clock)
        with pytest.raises(AccessError, match="refuses the login"):
            transport.run(office.connector.identity())
        transport.close()


def test_no_address_is_longer_than_web_servers_take() -> None:
    with served(configuration="bp", size=40) as (office, behind):
        office.everything()
        longest = max(len(quote(f"{line['request']}?{line['query']}")) for line in behind.log)
        assert longest < 8000
