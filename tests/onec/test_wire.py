"""Sessions, and what an answer stands for."""

from __future__ import annotations

import pytest

from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    DoubtError,
    ProtocolError,
    UnavailableError,
)
from syncd.port import Keys, Read, Response
from tests.onec.test_create import WRITE
from tests.onec.wire import (
    FIRMS,
    INVOICE,
    connector,
    drive,
    error,
    metadata,
    pull,
    ready,
    rows,
)


def _cookie(response: Response) -> Response:
    headers = {**response.headers, "set-cookie": "ibsession=17; path=/"}
    return Response(response.status, headers, response.body)


def test_a_session_is_started_by_what_asks_much_used_and_finished() -> None:
    made = connector(sessions="yes")
    [first], _ = drive(made.fields("orders"), metadata())
    assert not {"IBSession", "Cookie"} & set(first.headers)
    asked, _ = pull(made, Kind.INVOICE, (), Keys((INVOICE,)), _cookie(rows([])))
    assert [request.headers.get("IBSession") for request in asked] == ["start"]
    asked, _ = drive(made.identity(), FIRMS)
    assert [request.headers["Cookie"] for request in asked] == ["ibsession=17"]
    [last], _ = drive(made.acknowledge(), rows([]))
    assert last.headers["IBSession"] == "finish"
    assert last.headers["Cookie"] == "ibsession=17"


def test_a_stale_session_is_replaced_once() -> None:
    made = connector(sessions="yes")
    drive(made.fields("orders"), metadata())
    pull(made, Kind.INVOICE, (), Keys((INVOICE,)), _cookie(rows([])))
    stale = Response(400, {}, b"<html>no session</html>")
    asked, _ = drive(made.identity(), stale, FIRMS)
    assert [request.headers.get("IBSession") for request in asked] == [None, "start"]


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (Response(406, {}, b""), UnavailableError, "licence"),
        (error(401, "20", "Нет прав"), AccessError, "does not let"),
        (Response(401, {}, b"<html>401</html>"), AccessError, "refuses the login"),
        (error(404, "8", "Тип сущности не найден"), ProtocolError, "publish"),
        (error(400, "14", "Ошибка"), ProtocolError, "HTTP 400"),
        (Response(200, {}, b"<html>no</html>"), ProtocolError, "not JSON"),
        (UnavailableError("HTTP 500"), UnavailableError, "500"),
        (Response(503, {}, "Не обнаружено свободной лицензии!".encode()), UnavailableError, "lic"),
        (error(503, "-1", "Начало сеанса запрещено."), UnavailableError, "being updated"),
    ],
)
def test_what_an_answer_to_a_read_stands_for(
    answer: object, expected: type[Exception], said: str
) -> None:
    made = ready()
    with pytest.raises(expected, match=said):
        drive(made.pull(Read(Kind.INVOICE, "", ()), Keys((INVOICE,))), answer)


def test_what_1c_does_not_explain_is_left_to_the_transport_to_repeat() -> None:
    broken = Response(502, {}, b"<html>bad gateway</html>")
    asked, page = pull(ready(), Kind.INVOICE, (), Keys((INVOICE,)), broken, rows([]))
    assert [request.judged for request in asked] == [True, False]
    assert not page.records


def test_what_breaks_the_wire_in_a_write_is_in_doubt() -> None:
    made = ready()
    with pytest.raises(DoubtError):
        drive(
            made.push([WRITE]),
            error(404, "9", "Экземпляр сущности не найден"),
            rows([]),
            Response(502, {}, b"<html>bad gateway</html>"),
        )
