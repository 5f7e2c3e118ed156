"""A plan of exchange: what is registered, how often it is told, and when it is forgotten."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from syncd.sandbox.onec.exchange import NODE, THIS
from syncd.sandbox.port import Answer
from tests.sandbox.onec.client import CUSTOMERS, DEBTS, ORDER, Client

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def exchange(client: Client, name: str, number: int, node: str = NODE) -> Answer:
    point = f"DataExchangePoint='http://books/ExchangePlan_CRM(guid'{node}')'"
    return client.ask("POST", f"{name}?{point}&MessageNo={number}")


def select(client: Client, number: int) -> tuple[list[str], list[str]]:
    """(addresses of entries, of tombstones), without the root."""
    answer = exchange(client, "SelectChanges", number)
    assert answer.status == 200, answer.body.decode()
    feed = ElementTree.fromstring(answer.body)
    entries = [str(one.findtext(f"{ATOM}id")) for one in feed.iter(f"{ATOM}entry")]
    gone = [str(one.get("ref")) for one in feed.iter(TOMBSTONE)]
    return [one.partition(".odata/")[2] for one in entries], [
        one.partition(".odata/")[2] for one in gone
    ]


@pytest.fixture
def told(client: Client) -> Client:
    """The node has received everything there is."""
    select(client, 1)
    assert exchange(client, "NotifyChangesReceived", 1).status == 200
    return client


def test_everything_written_is_registered_once(client: Client) -> None:
    entries, gone = select(client, 1)
    assert len(entries) == len({*entries}) > 200 and not gone
    assert select(client, 1)[0] == entries  # until it is acknowledged
    exchange(client, "NotifyChangesReceived", 1)
    assert select(client, 2) == ([], [])
    node = client.get(f"ExchangePlan_CRM(guid'{NODE}')?$select=ReceivedNo,SentNo")
    assert node == {"ReceivedNo": "1", "SentNo": "2"}


def test_a_write_between_reading_and_acknowledging_is_told_again(told: Client) -> None:
    there = told.write("POST", CUSTOMERS, {"Description": "x"})["Ref_Key"]
    address = f"{CUSTOMERS}(guid'{there}')"
    assert select(told, 2)[0] == [address]
    told.write("PATCH", address, {"ИНН": "1"})
    exchange(told, "NotifyChangesReceived", 2)
    assert select(told, 3)[0] == [address]


def test_what_is_told_again_takes_the_new_number(told: Client) -> None:
    first = told.write("POST", CUSTOMERS, {"Description": "x"})["Ref_Key"]
    select(told, 2)
    second = told.write("POST", CUSTOMERS, {"Description": "y"})["Ref_Key"]
    assert len(select(told, 3)[0]) == 2
    exchange(told, "NotifyChangesReceived", 2)  # late, and too low by now
    assert select(told, 4)[0] == [f"{CUSTOMERS}(guid'{key}')" for key in (first, second)]


def test_a_document_comes_with_the_rows_it_moved_and_moved_back(told: Client) -> None:
    order = next(key for key, one in told.onec.base.objects[ORDER].items() if one["Posted"])
    told.write("POST", f"{ORDER}(guid'{order}')/Unpost")
    recordset = f"{DEBTS}(Recorder='{order}', Recorder_Type='StandardODATA.{ORDER}')"
    assert {f"{ORDER}(guid'{order}')", recordset} <= {*select(told, 2)[0]}
    empty = exchange(told, "SelectChanges", 2).body.decode()
    assert f'm:type="Collection(StandardODATA.{DEBTS}_RowType)"></d:RecordSet>' in empty


def test_what_was_deleted_is_a_tombstone(told: Client) -> None:
    there = told.write("POST", CUSTOMERS, {"Description": "x"})["Ref_Key"]
    told.ask("DELETE", f"{CUSTOMERS}(guid'{there}')")
    assert select(told, 2) == ([], [f"{CUSTOMERS}(guid'{there}')"])
    assert b'when="2026-11-20T09:00:00Z"' in exchange(told, "SelectChanges", 2).body


def test_what_is_not_published_waits(told: Client) -> None:
    there = told.write("POST", CUSTOMERS, {"Description": "x"})["Ref_Key"]
    told.onec.switches.unpublished = CUSTOMERS
    assert select(told, 2) == ([], [])
    exchange(told, "NotifyChangesReceived", 2)
    told.onec.switches.unpublished = ""
    assert select(told, 3)[0] == [f"{CUSTOMERS}(guid'{there}')"]


def test_one_sign_that_xml_forbids_fails_the_whole_package(told: Client) -> None:
    there = told.write("POST", CUSTOMERS, {"Description": "x\x02"})["Ref_Key"]
    assert exchange(told, "SelectChanges", 2).status == 400
    assert told.get(f"{CUSTOMERS}(guid'{there}')")["Description"] == "x\x02"
    told.write("PATCH", f"{CUSTOMERS}(guid'{there}')", {"Description": "x"})
    assert len(select(told, 2)[0]) == 1


def test_whom_nothing_is_told(client: Client) -> None:
    assert exchange(client, "SelectChanges", 1, THIS).status == 400
    assert exchange(client, "SelectChanges", 1, "0" * 8 + NODE[8:]).status == 404
    client.onec.switches.exchange_plan = False
    assert exchange(client, "SelectChanges", 1).status == 404
    assert client.refused("GET", "ExchangePlan_CRM") == (404, "8")


def test_two_nodes_know_which_one_they_are(client: Client) -> None:
    nodes = client.rows("ExchangePlan_CRM?$select=Ref_Key,ThisNode")
    assert {one["Ref_Key"]: one["ThisNode"] for one in nodes} == {THIS: True, NODE: False}
