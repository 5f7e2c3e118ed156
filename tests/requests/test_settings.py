"""The lines of a pair: what they mean, and every mistake with its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from syncd.errors import ConfigError
from syncd.settings import PairSettings, load
from syncd.sync.pair import Limits, WonMode, WonPolicy

HEAD = """state: s
connections: {b: {system: x, url: "http://b"}, c: {system: x, url: "http://c"}}
pairs:
  main:
    books: b
    crm: c
"""


def pair(tmp_path: Path, lines: str) -> PairSettings:
    file = tmp_path / "syncd.yaml"
    file.write_text(HEAD + lines, encoding="utf-8")
    return load(file).pairs["main"]


def test_what_is_left_out_has_its_usual_value(tmp_path: Path) -> None:
    found = pair(tmp_path, "")
    assert (found.won, found.limits) == (WonPolicy(WonMode.CREATE, None), Limits())


def test_won_and_guards_are_read(tmp_path: Path) -> None:
    lines = "    won: {mode: propose, since: 2026-11-01}\n    guards: {few: 3, money: 0.5}\n"
    found = pair(tmp_path, lines)
    assert found.won == WonPolicy(WonMode.PROPOSE, dt.date(2026, 11, 1))
    assert found.limits == Limits(few=3, money=0.5)
    assert isinstance(found.limits.few, int)


def test_the_example_shows_what_is_usual() -> None:
    example = Path(__file__).parents[2] / "config" / "syncd.example.yaml"
    one = load(example)
    assert one.pairs["main"].limits == Limits()
    assert one.pairs["main"].won.mode is WonMode.CREATE


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("    every: 0.5", "7:12 every is a whole number of seconds, as 300"),
        ("    every: 5m", "7:12 every is a whole number of seconds, as 300"),
        ("    won: {mod: off}", "7:11 unknown setting mod; did you mean mode?"),
        ("    won: {mode: propse}", "7:17 unknown mode propse; did you mean propose?"),
        ("    won: {since: May}", "7:18 since May: expected a day as 2026-11-01"),
        ("    won: yes", "7:10 won is a table"),
        ("    guards: 5", "7:13 guards is a table"),
        ("    guards: {card: 1}", "7:14 unknown guard card; did you mean cards?"),
        ("    guards: {few: 1.5}", "7:19 few is a whole number of 0 or more"),
        ("    guards: {cards: 20}", "7:21 cards is a share from 0 to 1, as 0.2 for 20 %"),
        ("    guards: {money: much}", "7:21 money is a number of 0 or more"),
        ("numbers: {lease: -1}", "7:18 lease is a number of 0 or more"),
        ("numbers: {requests_a_commit: 2.5}", "7:30 requests_a_commit is a whole number of 0"),
        ("numbers: {correction_dely: 5}", "7:11 unknown number correction_dely; did you mean"),
        ("    gaurds: {}", "7:5 unknown setting gaurds; did you mean guards?"),
    ],
)
def test_a_mistake_has_its_place_and_a_suggestion(tmp_path: Path, lines: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        pair(tmp_path, lines + "\n")
    [problem] = error.value.problems
    assert problem.startswith(f"{tmp_path / 'syncd.yaml'}:{told}")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    lines = "    won: {mode: x, since: y}\n    guards: {few: z}\n"
    with pytest.raises(ConfigError) as error:
        pair(tmp_path, lines)
    assert len(error.value.problems) == 3


def test_quiet_hours_belong_to_the_connection_and_a_mistake_has_its_place(tmp_path: Path) -> None:
    file = tmp_path / "syncd.yaml"
    text = HEAD.replace('url: "http://b"', 'url: "http://b", quiet: "22:00-02:00 Europe/Moscow"')
    file.write_text(text, encoding="utf-8")
    found = load(file).pairs["main"].books
    assert str(found.quiet) == "22:00-02:00 Europe/Moscow" and not found.options
    file.write_text(text.replace("Moscow", "Moskva"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"2:54 quiet 22:00-02:00 Europe/Moskva: unknown zone"):
        load(file)
