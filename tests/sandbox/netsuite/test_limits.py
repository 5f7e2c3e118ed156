"""Governance, requests that are answered later, faults."""

from __future__ import annotations

import json

import pytest

from syncd.sandbox.faults import Fault
from syncd.sandbox.port import Asked
from tests.sandbox.netsuite.desk import RECORD, SUITEQL, Desk, error


def test_requests_at_a_time_are_counted_over_the_whole_account(desk: Desk) -> None:
    desk.switch(concurrency=5, others=2)
    assert desk.answered("GET", "customer", open=3).status == 200
    answer = desk.answered("GET", "customer", open=4)
    found = error(json.loads(answer.body))
    told = "Concurrent request limit exceeded. Request blocked."
    assert (answer.status, found) == (429, ("CONCURRENCY_LIMIT_EXCEEDED", told))
    assert "retry-after" not in answer.headers
    desk.switch(busy_is_401=True)
    assert desk.answered("GET", "customer", open=4).status == 401


def test_the_limits_can_be_read(desk: Desk) -> None:
    desk.switch(concurrency=5, others=2)
    _, found = desk.call("GET", "/services/rest/system/v1/governanceLimits")
    assert found["accountConcurrencyLimit"] == 5
    assert found["accountUnallocatedConcurrencyLimit"] == 3


def test_a_request_that_is_answered_later(desk: Desk) -> None:
    body = {"companyName": "ООО «Позже»", "subsidiary": {"id": "1"}}
    headers = {"prefer": "respond-async", "x_netsuite_idempotency_key": "k1"}
    first = desk.answered("POST", "customer", None, body, **headers)
    assert (first.status, first.headers["preference-applied"]) == (202, "respond-async")
    path = first.headers["location"].partition(":8080")[2]
    status, job = desk.call("GET", path)
    assert (status, job["progress"], job["completed"]) == (200, "succeeded", True)
    done = desk.answered("GET", f"{path}/task/1/result")
    assert (done.status, f"{RECORD}/customer/" in done.headers["location"]) == (204, True)

    again = desk.answered("POST", "customer", None, body, **headers)
    assert (again.status, again.headers["location"]) == (400, first.headers["location"])
    assert error(json.loads(again.body))[0] == "IDEMPOTENCY_ERROR"
    assert len(desk.rows("SELECT id FROM customer WHERE companyname = 'ООО «Позже»'")) == 1


def test_a_key_alone_makes_nothing_sure(desk: Desk) -> None:
    """The header counts with respond-async only: a second POST makes a second customer."""
    body = {"companyName": "ООО «Дважды»", "subsidiary": {"id": "1"}}
    for _ in range(2):
        assert desk.call("POST", "customer", None, body, x_netsuite_idempotency_key="k")[0] == 204
    assert len(desk.rows("SELECT id FROM customer WHERE companyname = 'ООО «Дважды»'")) == 2


def test_a_job_that_failed_says_so(desk: Desk) -> None:
    first = desk.answered("POST", "customer", None, {}, prefer="respond-async")
    path = first.headers["location"].partition(":8080")[2]
    assert desk.call("GET", path)[1]["progress"] == "failed"
    status, found = desk.call("GET", f"{path}/task/1/result")
    assert (status, error(found)[0]) == (400, "USER_ERROR")


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        (Fault.RATE_LIMITED, 429, b"CONCURRENCY_LIMIT_EXCEEDED"),
        (Fault.ERROR, 500, b"UNEXPECTED_ERROR"),
        (Fault.UNAVAILABLE, 503, b"<html>"),
        (Fault.EXPIRED, 401, b"INVALID_LOGIN"),
    ],
)
def test_faults_in_the_vendors_words(desk: Desk, fault: str, status: int, told: bytes) -> None:
    desk.call("GET", "customer")
    asked = Asked("POST", SUITEQL, "", {"authorization": f"Bearer {desk.token}"})
    refused = desk.netsuite.refuse(fault, asked)
    assert refused is not None
    assert (refused.status, told in refused.body) == (status, True)
    still = desk.answered("GET", "customer").status
    assert still == (401 if fault == Fault.EXPIRED else 200)
