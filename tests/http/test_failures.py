"""Outages: what is sent again, what is waited for, and what is left in doubt."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.errors import (
    AccessError,
    DoubtError,
    RateLimitedError,
    RejectedError,
    SyncdError,
    UnavailableError,
)
from syncd.http import HttpTransport
from syncd.port import Flow, Request
from tests.clocks import ManualClock
from tests.http.conftest import Connect, Script
from tests.http.flows import READ, WRITE, each, one
from tests.server import Answer, LocalServer, json_answer

PAGE = b"<!doctype html>\n<html><head><title>502 Bad\n Gateway</title></head></html>"
HTML = {"Content-Type": "text/html"}
CUT = Answer(body=b'{"id": 7}', cut=4)


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address where nobody listens, and nobody will meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


# -------------------------------------------------------------------------------------- reads


@pytest.mark.parametrize("broken", [Answer(500, HTML, PAGE), Answer(503), None, CUT])
def test_a_read_is_repeated_until_it_is_answered(
    transport: HttpTransport, script: Script, clock: ManualClock, broken: Answer | None
) -> None:
    script.answers = [broken, broken, broken, Answer(200)]
    assert transport.run(each(READ)) == [200]
    assert len(clock.slept) == 3


def test_waits_between_repeats_are_random_within_a_window_that_doubles(
    transport: HttpTransport, script: Script, clock: ManualClock
) -> None:
    script.answers = [Answer(500)]
    for _ in range(20):
        with pytest.raises(UnavailableError):
            transport.run(one(READ))
    for nth, window in enumerate((0.5, 1.0, 2.0)):
        waits = clock.slept[nth::3]
        assert all(0 <= wait <= window for wait in waits)
        assert max(waits) > window / 2, "twenty draws without one in the upper half"
        assert len(set(waits)) > 1


def test_a_read_gives_up_with_the_first_line_of_the_page(
    transport: HttpTransport, script: Script
) -> None:
    script.answers = [Answer(502, HTML, PAGE)]
    with pytest.raises(UnavailableError, match=r"^127\.0\.0\.1:\d+ answered HTTP 502: 502 Bad$"):
        transport.run(one(READ))
    assert transport.calls == 4


def test_a_read_of_a_system_that_is_closed_waits_as_told(
    transport: HttpTransport, script: Script, clock: ManualClock
) -> None:
    script.answers = [Answer(503, {"Retry-After": "7"}), Answer()]
    transport.run(one(READ))
    assert clock.slept == [7.0]


def test_a_read_that_is_not_answered_in_time_is_unavailable(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    script.answers = [lambda call: Answer() if server.wait(5) else None]
    transport = connect(server.url, timeout=(5.0, 0.05))
    with pytest.raises(UnavailableError, match=r"did not answer within 0\.05 s$"):
        transport.run(one(READ))
    assert transport.calls == 4


# ------------------------------------------------------------------------------------- writes


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (Answer(500, HTML, PAGE), "answered HTTP 500: 502 Bad"),
        (Answer(503), "answered HTTP 503$"),
        (None, "cut the connection before its answer was complete"),
        (CUT, "cut the connection before its answer was complete"),
        (Answer(200, {"Content-Encoding": "gzip"}, b"not packed"), "cut the connection"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_write_whose_outcome_is_open_is_in_doubt_and_never_repeated(
    transport: HttpTransport, script: Script, broken: Answer | None, said: str, method: str
) -> None:
    script.answers = [broken]
    with pytest.raises(DoubtError, match=said):
        transport.run(one(Request(method, "customers/7", write=True)))
    assert transport.calls == transport.writes == len(script.calls) == 1


def test_a_write_that_is_not_answered_in_time_is_in_doubt(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    script.answers = [lambda call: Answer() if server.wait(5) else None]
    with pytest.raises(DoubtError, match=r"did not answer within 0\.05 s$"):
        connect(server.url, timeout=(5.0, 0.05)).run(one(WRITE))
    assert len(script.calls) == 1


def test_a_write_cut_on_a_connection_that_was_kept_alive_is_in_doubt(
    transport: HttpTransport, script: Script
) -> None:
    script.answers = [Answer(), None]
    with pytest.raises(DoubtError):
        transport.run(each(READ, WRITE))
    assert [call.method for call in script.calls] == ["GET", "POST"]


def test_a_write_is_repeated_neither_when_refused_nor_in_doubt(
    connect: Connect, closed_port: str
) -> None:
    transport = connect(closed_port)
    with pytest.raises(UnavailableError, match=r"^127\.0\.0\.1:\d+ refuses the connection$"):
        transport.run(one(WRITE))
    assert transport.calls == 1


def test_a_write_to_an_unknown_host_was_not_sent(connect: Connect) -> None:
    transport = connect("http://books.invalid")
    with pytest.raises(UnavailableError, match=r"^books\.invalid is not known"):
        transport.run(one(WRITE))


def test_a_write_by_tls_to_a_port_without_it_was_not_sent(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    transport = connect(server.url.replace("http://", "https://"))
    with pytest.raises(UnavailableError, match="does not speak TLS as expected"):
        transport.run(one(WRITE))
    assert script.calls == []


def test_a_certificate_nobody_vouches_for_is_refused(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    server.use_tls(context)
    transport = connect(server.url.replace("http://", "https://"))
    with pytest.raises(UnavailableError, match="TLS certificate that is not valid: self-signed"):
        transport.run(one(WRITE))
    assert script.calls == []


# --------------------------------------------------------------------------------- rate limits


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_a_rate_limit_is_waited_for_as_told_by_writes_too(
    transport: HttpTransport, script: Script, clock: ManualClock, request_: Request
) -> None:
    script.answers = [
        Answer(429, {"Retry-After": "3"}),
        Answer(429, {"Retry-After": "0"}),
        Answer(),
    ]
    assert transport.run(each(request_)) == [200]
    assert clock.slept == [3.0, 0.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "Wed, 18 Nov 2026 12:00:05 GMT"}, 5.0),
        (
            {
                "Retry-After": "Wed, 18 Nov 2026 09:00:02 GMT",
                "Date": "Wed, 18 Nov 2026 09:00:00 GMT",
            },
            2.0,
        ),
        ({"Retry-After": "Wed, 18 Nov 2026 11:00:00 GMT"}, 0.0),
    ],
    ids=["by our clock", "by the clock of the system", "long past"],
)
def test_a_rate_limit_may_name_a_date(
    transport: HttpTransport,
    script: Script,
    clock: ManualClock,
    headers: dict[str, str],
    seconds: float,
) -> None:
    script.answers = [Answer(429, headers), Answer()]
    transport.run(one(READ))
    assert clock.slept == [seconds]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}, {"Retry-After": "-1"}])
def test_a_rate_limit_that_does_not_say_how_long_waits_at_least_a_second(
    transport: HttpTransport, script: Script, clock: ManualClock, headers: dict[str, str]
) -> None:
    script.answers = [Answer(429, headers), Answer()]
    transport.run(one(WRITE))
    assert len(clock.slept) == 1
    assert clock.slept[0] >= 1.0


def test_a_wait_longer_than_allowed_is_left_to_the_engine(
    transport: HttpTransport, script: Script, clock: ManualClock
) -> None:
    script.answers = [Answer(429, {"Retry-After": "3600"})]
    with pytest.raises(RateLimitedError, match="asks to wait 3600 s") as caught:
        transport.run(one(WRITE))
    assert caught.value.retry_after == 3600
    assert (clock.slept, transport.calls) == ([], 1)


def test_a_rate_limit_without_end_is_left_to_the_engine(
    transport: HttpTransport, script: Script
) -> None:
    script.answers = [Answer(429, {"Retry-After": "1"})]
    with pytest.raises(RateLimitedError):
        transport.run(one(READ))
    assert transport.calls == 4


# --------------------------------------------------------------------------------- half done


LIMITED = Answer(429, {"Retry-After": "3600"})


@pytest.mark.parametrize("after", [LIMITED, Answer(500), Answer(403)], ids=["429", "500", "403"])
def test_what_fails_after_a_step_was_carried_out_is_in_doubt(
    transport: HttpTransport, script: Script, after: Answer
) -> None:
    def create_and_post() -> Flow[None]:
        yield WRITE
        response = yield READ
        if response.status == 403:
            raise AccessError("no right to read")

    script.answers = [json_answer({"id": 7}, 201), after]
    with pytest.raises(DoubtError, match="a step before it was carried out"):
        transport.run(create_and_post())


@pytest.mark.parametrize("first", [READ, WRITE], ids=["read", "refused write"])
def test_what_fails_before_a_step_was_carried_out_is_not(
    transport: HttpTransport, script: Script, first: Request
) -> None:
    script.answers = [Answer(200 if first is READ else 422), LIMITED]
    with pytest.raises(RateLimitedError):
        transport.run(each(first, WRITE))


def test_a_flow_after_one_that_wrote_begins_anew(transport: HttpTransport, script: Script) -> None:
    script.answers = [Answer(), LIMITED]
    transport.run(one(WRITE))
    with pytest.raises(RateLimitedError):
        transport.run(one(WRITE))


def test_a_record_rejected_after_a_step_stays_rejected(transport: HttpTransport) -> None:
    def flow() -> Flow[None]:
        yield WRITE
        raise RejectedError("the invoice cannot be posted")

    with pytest.raises(RejectedError):
        transport.run(flow())


def test_no_message_shows_a_query_or_a_secret(
    transport: HttpTransport, script: Script, connect: Connect, closed_port: str
) -> None:
    query = {"email": "anna@example.com", "key": "t0ken-of-tests"}
    said = []
    for target, answer in (
        (transport, Answer(500)),
        (transport, None),
        (connect(closed_port), None),
    ):
        script.answers = [answer]
        for write in (False, True):
            with pytest.raises(SyncdError) as caught:
                target.run(one(Request("GET", "customers", query, write=write)))
            said.append(str(caught.value))
            assert caught.value.__cause__ is None
    assert len(said) == 6
    assert not any(
        secret in text for text in said for secret in ("anna", "t0ken-of-tests", "email")
    )
