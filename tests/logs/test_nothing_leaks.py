"""Two hundred planted secrets and personal data: none is in what operators and machines read, and
all kinds of them would be if redaction were taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from syncd import __version__, redaction, telemetry
from syncd.domain import Kind
from syncd.health.metrics import OUTCOMES, OWNERS
from syncd.http import transport
from tests.logs.life import Life, live_through
from tests.logs.planted import KINDS, found_in

PROBLEMS = "syncd_open_problems"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    return live_through(tmp_path_factory.mktemp("life"))


def test_none_of_two_hundred_is_shown(life: Life) -> None:
    leaks = {name: found for name, text in life.written.items() if (found := found_in(text))}
    assert leaks == {}


def test_what_is_written_still_says_what_an_operator_needs(life: Life) -> None:
    calls = [line for line in life.lines if line["event"] == "call"]
    assert len(calls) > 100
    assert all(line["host"] and line["method"] and line["path"] for line in calls)
    assert {200, 302, 400, 500, 503} <= {line["status"] for line in calls}
    assert "/crm/account/*" not in {line["path"] for line in calls}
    begins = [line for line in life.lines if line["event"] == "run begins"]
    ends = [line for line in life.lines if line["event"] == "run ends"]
    assert len(begins) == len(ends) > 5 and {line["pair"] for line in ends} == {"main"}
    assert {"ok", "failed"} <= {line["result"] for line in ends}
    silent = [line for line in life.lines if line["event"] == "not told"]
    assert ("sysadmin/2", "json") in {(line["target"], line["channel"]) for line in silent}
    whole = "\n".join(life.written.values())
    for told in (
        "crm: 127.0.0.1",
        "answered HTTP 500",
        "redirects to https://crm.example.com/*/x: use that as the url",
        "HTTP 200, not JSON",
        "crm refuses accounts",
        "invoices cannot be read: memory_books.yaml:",
    ):
        assert told in whole, told
    uncaught = life.written["uncaught"]
    assert '"error": "KeyError", "said": "…"' in uncaught
    assert "syncd/__main__.py:" in uncaught and "syncd/cli/status.py:" in uncaught
    assert '"said": "NOT NULL constraint failed: problem.cause"' in uncaught
    assert '"event": "Job \\"…\\" raised an exception"' in uncaught
    assert '"pair": "main", "count": 3' in uncaught


def test_metrics_are_labelled_with_words_of_syncd_and_of_the_configuration(life: Life) -> None:
    """Never with a key: whose it is could be looked up. Each label would be a series for ever."""
    families = list(text_string_to_metric_families(life.written["/metrics"]))
    samples = [one for family in families for one in family.samples]
    ours = [one for one in samples if one.name.startswith("syncd_")]
    assert len(ours) > 50 and sum(one.value for one in ours if one.name == PROBLEMS) > 1
    known = {"main", "books", "crm", "read", "write", __version__, *Kind, *OWNERS, *OUTCOMES}
    assert {value for one in ours for value in one.labels.values()} <= known


def test_each_kind_would_be_shown_without_redaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the days above would prove nothing."""

    def instead(function: Callable[..., object], plain: Callable[..., object]) -> None:
        monkeypatch.setattr(function, "__code__", plain.__code__)

    instead(redaction.patterns, lambda text: text)
    instead(redaction.without, lambda text, values: text)
    instead(redaction.unquoted, lambda text, *, words=False: text)
    instead(redaction.usual, lambda text: True)
    instead(redaction.plain, lambda text: True)
    instead(telemetry._kept, lambda name, value: value)
    instead(transport.HttpTransport._redact, lambda self, text: text)
    shown = found_in("\n".join(live_through(tmp_path, ("page", "refusal")).written.values()))
    assert shown.keys() == KINDS.keys()
    assert {kind for kind, values in shown.items() if len(values) < 5} == set()
