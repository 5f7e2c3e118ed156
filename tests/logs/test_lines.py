"""The form of a log line, and what each pattern takes out or leaves."""

from __future__ import annotations

import io
import json
import logging
import os
from pathlib import Path

import pytest
import structlog

from syncd import telemetry
from syncd.redaction import path, patterns, plain, unquoted


def test_the_journal_gets_a_priority_before_each_line_and_nobody_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "journal"
    with file.open("w", encoding="utf-8") as stderr:
        monkeypatch.setattr("sys.stderr", stderr)
        found = os.fstat(stderr.fileno())
        for journal in (f"{found.st_dev}:{found.st_ino}", "8:15", None):
            telemetry.set_up(verbose=False, level=logging.INFO, journal=journal)
            structlog.get_logger().info("run begins", pair="главная", run=7)
            structlog.get_logger().warning("not told")
            structlog.get_logger().debug("call")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line[: line.index("{")] for line in lines] == ["<6>", "<4>", "", "", "", ""]
    said = json.loads(lines[0][3:])
    assert (said["event"], said["pair"], said["run"]) == ("run begins", "главная", 7)


def test_what_other_libraries_log_keeps_its_template_and_loses_its_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    telemetry.set_up(verbose=False)
    log = logging.getLogger("apscheduler.scheduler")
    log.warning('Run of job "%s" was missed by %d s', "Иван", 5)
    log.warning("about Иван, in one piece")
    log.info("nothing")
    first, second = map(json.loads, stderr.getvalue().splitlines())
    assert first["event"] == 'Run of job "…" was missed by 5 s'
    assert (second["event"], second["logger"]) == ("…", "apscheduler.scheduler")
    assert second["where"].startswith("test_lines:")


@pytest.mark.parametrize(
    "kept",
    [
        "Долг 48 200,00 ₽, просрочено с 05.11, изменилось 18.11 16:40",
        "EUR 18,412,330.55 on 1,311 of 1,313 cards, run 51240, 2026-11-18T12:00:00.000000Z",
        "127.0.0.1:45321 answered HTTP 503: Service Unavailable, waits 3600 s",
        "memory_books.yaml:36:15 number is empty, and it is required",
        "invoice 1f0c1234-aaaa-4bbb-8ccc-123456789012 and ТДЦБ-000342, plan 7f3c2a",
        "BottleCRM refused the token: Authentication credentials were not provided.",
        "https://crm.example.com/api: use that as the url",
    ],
)
def test_what_operators_need_has_no_pattern(kept: str) -> None:
    assert patterns(kept) == kept


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:geheim@h/x?token=geheim now", "https://***@h/x?*** now"),
        ("Authorization: Basic dTpnZWhlaW0=", "Authorization: Basic ***"),
        ("password=geheim&x", "password=***&x"),
        ('{"api_key": "geheim"}', '{"api_key": ***}'),
        ("Set-Cookie: sid=geheim; Path=/", "Set-Cookie: ***"),
        ("to иван@почта.рф from a+b@x.example.com", "to *** from ***"),
        ("call +7 (495) 123-45-67 or 03-1234-5678", "call *** or ***"),
        ("ИНН 7700000009, IBAN DE89 3704 0044 0532 0130 00", "ИНН ***, IBAN ***"),
    ],
)
def test_what_has_a_pattern_goes(text: str, shown: str) -> None:
    assert patterns(text) == shown


def test_a_path_keeps_names_and_ids() -> None:
    kept = "/odata/Document_Реализация/1f0c1234-aaaa-4bbb-8ccc-123456789012/42"
    assert path(kept + "?$filter=ИНН") == kept
    assert path("/party/anna@example.com/+7495/Анна/7700000009") == "/party/*/*/*/*"


def test_words_of_a_system_are_repeated_only_where_they_are_common_ones() -> None:
    assert plain('"USD" is not a valid choice.') and plain("Only 5.00 of custom_fields.x is open")
    assert plain("INVALID_QUERY: column given seems to be invalid") and not plain("ROMASHKA")
    assert not plain("The account of Anna Whitcombe is locked")
    assert not plain("ул. Ленина, д. 5") and not plain("顧客がありません")
    assert unquoted("'ООО «Пример»' is not in lookup state", words=True) == (
        "'…' is not in lookup state"
    )


def test_words_that_were_looked_through_are_said() -> None:
    event = {"event": "not reloaded", "problem": "tryton.yaml:2:10 unknown word emial"}
    assert telemetry.redact(None, "error", dict(event)) == event
