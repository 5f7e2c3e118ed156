"""The pure loop between a flow and what answers it."""

from __future__ import annotations

import pytest

from syncd.errors import RejectedError, UnavailableError
from syncd.http import drive
from syncd.port import Flow, Request, Response
from tests.http.flows import READ, WRITE, each

OK = Response(200, {}, b"")


def test_a_flow_gets_the_answer_to_each_request_in_order() -> None:
    asked: list[Request] = []

    def exchange(request: Request) -> Response:
        asked.append(request)
        return Response(200 + len(asked), {}, b"")

    assert drive(each(READ, WRITE), exchange) == [201, 202]
    assert asked == [READ, WRITE]


def test_a_flow_without_requests_returns_at_once() -> None:
    def flow() -> Flow[str]:
        return "nothing to ask"
        yield

    assert drive(flow(), lambda request: pytest.fail("asked")) == "nothing to ask"


def test_an_error_is_thrown_into_the_flow_which_may_go_on() -> None:
    def flow() -> Flow[str]:
        try:
            yield READ
        except UnavailableError:
            response = yield WRITE
            return f"second try: {response.status}"
        return "not reached"

    def exchange(request: Request) -> Response:
        if request is READ:
            raise UnavailableError("books refuses the connection")
        return OK

    assert drive(flow(), exchange) == "second try: 200"


def test_an_error_the_flow_does_not_catch_leaves_it() -> None:
    def exchange(request: Request) -> Response:
        raise RejectedError("too long", field="name")

    with pytest.raises(RejectedError, match="too long"):
        drive(each(READ), exchange)


def test_an_error_the_flow_raises_itself_leaves_it() -> None:
    def flow() -> Flow[None]:
        response = yield READ
        raise RejectedError(f"HTTP {response.status}")

    with pytest.raises(RejectedError, match="HTTP 200"):
        drive(flow(), lambda request: OK)


def test_a_bug_is_not_thrown_into_the_flow_but_ends_it() -> None:
    ended = []

    def flow() -> Flow[None]:
        try:
            yield READ
        except ZeroDivisionError:
            pytest.fail("a bug went into the flow")
        finally:
            ended.append(True)

    with pytest.raises(ZeroDivisionError):
        drive(flow(), lambda request: Response(1 // 0, {}, b""))
    assert ended == [True]
