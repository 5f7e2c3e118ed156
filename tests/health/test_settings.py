"""What the configuration says of health: what it means, and every mistake with its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncd.errors import ConfigError
from syncd.health.calendar import Calendar, Span
from syncd.settings import Listen, Settings, load

HEAD = """state: s
connections:
  b: {system: x, url: "http://b"}
  c: {system: x, url: "http://c"%s}
pairs:
  main:
    books: b
    crm: c
"""


def read(tmp_path: Path, lines: str = "", budget: str = "") -> Settings:
    file = tmp_path / "syncd.yaml"
    file.write_text(HEAD % budget + lines, encoding="utf-8")
    return load(file)


def test_a_calendar_a_budget_and_an_address_are_read(tmp_path: Path) -> None:
    lines = """    calendar:
      zone: Europe/Moscow
      country: RU
      days: [2027-01-01/2027-01-08, 2027-03-05]
      weekend: [sat, sun]
listen: localhost:9273
"""
    found = read(tmp_path, lines, ", budget: 20000, reserve: 0, login: me")
    assert found.pairs["main"].calendar == Calendar(
        ZoneInfo("Europe/Moscow"),
        "RU",
        (
            Span(dt.date(2027, 1, 1), dt.date(2027, 1, 8)),
            Span(dt.date(2027, 3, 5), dt.date(2027, 3, 5)),
        ),
        frozenset({5, 6}),
    )
    assert found.listen == Listen("127.0.0.1", 9273)
    assert found.budgets == {"c": 20000}
    assert (found.connections["c"].reserve, found.connections["b"].reserve) == (0, None)
    assert dict(found.connections["c"].options) == {"login": "me"}


def test_what_is_left_out_is_quiet(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.listen is None and found.budgets == {}
    assert found.pairs["main"].calendar == Calendar()


def test_whoever_lets_others_read_has_to_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, "listen: 0.0.0.0:9273\n")
    assert str(refused.value).endswith(
        "9:9 0.0.0.0 can be reached from other machines, and nobody has to log in there; if "
        'anyone may read it: listen: {address: "0.0.0.0:9273", anyone: true}'
    )
    said = 'listen: {address: "0.0.0.0:9273", anyone: true}\n'
    assert read(tmp_path, said).listen == Listen("0.0.0.0", 9273)
    assert read(tmp_path, 'listen: "[::1]:80"\n').listen == Listen("::1", 80)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("    calendar: RU", "9:15 calendar is a table"),
        ("    calendar: {land: RU}", "9:16 unknown setting land"),
        ("    calendar: {zone: Moscow}", "9:22 unknown time zone Moscow"),
        ("    calendar: {country: XY}", "9:25 unknown country XY"),
        ("    calendar: {country: DE-XX}", "9:25 country DE-XX: DE has no part XX"),
        ("    calendar: {days: May}", "9:22 days May: expected 2027-01-01, or 2027-"),
        ("    calendar: {days: [2027-01-08/2027-01-01]}", "9:23 days 2027-01-08/2027-01-01: exp"),
        ("    calendar: {days: {a: b}}", "9:22 days is a list of texts"),
        ("    calendar: {weekend: [sat, sunday]}", "day of the week sunday; did you mean sun?"),
        ("listen: 9273", "9:9 listen is an address and a port, as 127.0.0.1:9273"),
        ("listen: example.com:80", "9:9 listen is an address and a port, as 127.0.0.1:9273"),
        ("listen: 127.0.0.1:99999", "9:9 listen is an address and a port"),
        ("listen: [a]", "9:9 listen is an address and a port"),
        ("listen: {anyone: true}", "9:9 address is missing"),
        ("listen: {address: '127.0.0.1:1', anyone: maybe}", "anyone is true or false"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place(tmp_path: Path, lines: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, lines + "\n")
    assert told in str(refused.value)


@pytest.mark.parametrize("typed", ["0", "many", "1.5", "true"])
def test_a_budget_is_a_number_of_calls(tmp_path: Path, typed: str) -> None:
    with pytest.raises(ConfigError, match="budget is a whole number of calls in 24 hours"):
        read(tmp_path, budget=f", budget: {typed}")


def test_a_reserve_is_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"reserve is a whole number .* 0 or more"):
        read(tmp_path, budget=", budget: 9, reserve: much")
    with pytest.raises(ConfigError, match="reserve leaves nothing of the budget of 9"):
        read(tmp_path, budget=", budget: 9, reserve: 9")
