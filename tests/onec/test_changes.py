"""What is asked to find out what changed, and when 1C is told that it has arrived."""

from __future__ import annotations

import datetime as dt

import pytest

from syncd.domain import Kind
from syncd.errors import (
    ConfigError,
)
from syncd.port import Response, Since
from tests.onec.wire import (
    CURRENCIES,
    DATE,
    FIRMS,
    INVOICE,
    NODE,
    ORDER,
    OTHER,
    ROOT,
    a_document,
    connector,
    drive,
    one,
    pull,
    ready,
)

CYCLE = Since(dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC))


def _versions(key: str = INVOICE, version: str = "AAAAAAAAAAA=") -> dict[str, object]:
    return {**a_document(key), "DataVersion": version}


def test_what_was_acknowledged_and_is_the_same_is_not_read_again() -> None:
    made, paths = ready(), ("number",)
    _, page = pull(
        made, Kind.INVOICE, paths, CYCLE, [_versions()], [a_document(INVOICE)], CURRENCIES, FIRMS
    )
    assert [record.key for record in page.records] == [INVOICE]
    drive(made.acknowledge())
    asked, page = pull(made, Kind.INVOICE, paths, CYCLE, [_versions()])
    assert asked[0].query["$filter"] == "Date ge datetime'2026-10-23T07:32:26'"
    assert not page.records
    drive(made.acknowledge())
    changed = _versions(version="AAAAAAAAAAE=")
    _, page = pull(made, Kind.INVOICE, paths, CYCLE, [changed], [a_document(INVOICE)])
    assert [record.key for record in page.records] == [INVOICE]


def test_without_an_acknowledgement_the_same_comes_again() -> None:
    made, paths = ready(), ("number",)
    for answers in (([a_document(INVOICE)], CURRENCIES, FIRMS), ([a_document(INVOICE)],)):
        _, page = pull(made, Kind.INVOICE, paths, CYCLE, [_versions()], *answers)
        assert [record.key for record in page.records] == [INVOICE]


PLAN = {"exchange_plan": "CRM", "exchange_node": NODE}
FEED = f"""<feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:d="http://d">
 <entry><id>{ROOT}Document_РеализацияТоваровУслуг(guid'{INVOICE}')</id>
  <link rel="edit" href="Document_РеализацияТоваровУслуг(guid'{INVOICE}')"/></entry>
 <entry><link rel="edit" href="AccumulationRegister_РасчетыСКлиентами(Recorder='{OTHER}',
  Recorder_Type='StandardODATA.Document_РеализацияТоваровУслуг')"/></entry>
 <at:deleted-entry ref="{ROOT}Document_ЗаказКлиента(guid'{ORDER}')" when="2026-06-07T10:20:00Z"/>
</feed>"""
EMPTY = '<feed xmlns="http://www.w3.org/2005/Atom"></feed>'
TOMBSTONES = FEED[: FEED.index(" <entry>")] + FEED[FEED.index(" <at:") :]
ADDRESS = {"odata.metadata": f"{ROOT}$metadata#ExchangePlan_CRM", "value": []}


def _atom(text: str) -> Response:
    return Response(200, {"date": DATE}, text.encode())


def test_a_package_is_acknowledged_after_it_is_stored_and_not_before() -> None:
    made = ready(**PLAN)
    asked, page = pull(
        made,
        Kind.INVOICE,
        ("number",),
        CYCLE,
        one({"ReceivedNo": "4"}),
        one(ADDRESS),
        _atom(FEED),
        [a_document(INVOICE), a_document(OTHER)],
        CURRENCIES,
        FIRMS,
    )
    assert {record.key for record in page.records} == {INVOICE, OTHER}
    assert asked[2].path.endswith("/SelectChanges")
    assert asked[2].query == {
        "DataExchangePoint": f"'{ROOT}ExchangePlan_CRM(guid'{NODE}')'",
        "MessageNo": "5",
    }
    assert not any("Notify" in request.path for request in asked)
    [told], _ = drive(made.acknowledge(), _atom(""))
    assert told.path.endswith("/NotifyChangesReceived")
    assert told.query["MessageNo"] == "5"


@pytest.mark.parametrize(("feed", "told"), [(EMPTY, 0), (TOMBSTONES, 1)])
def test_a_package_of_deletions_alone_is_acknowledged_and_an_empty_one_is_not(
    feed: str, told: int
) -> None:
    made = ready(**PLAN)
    pull(made, Kind.INVOICE, (), CYCLE, one({"ReceivedNo": "0"}), one(ADDRESS), _atom(feed))
    asked, _ = drive(made.acknowledge(), *[_atom("")] * told)
    assert len(asked) == told


def test_a_plan_needs_its_node() -> None:
    with pytest.raises(ConfigError, match="exchange_node"):
        connector(exchange_plan="CRM")


def test_a_kind_of_which_nothing_was_ever_there_is_in_the_look_of_the_others() -> None:
    made = ready()
    pull(made, Kind.INVOICE, (), CYCLE, [])
    asked, _ = pull(made, Kind.ORDER, (), Since(None), [])
    assert asked[0].query["$filter"] == "Date ge datetime'2026-10-23T07:00:00'"
