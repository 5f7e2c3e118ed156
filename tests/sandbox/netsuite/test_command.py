"""`syncd sandbox netsuite`, as somebody starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

COMMAND = [sys.executable, "-m", "syncd", "sandbox", "netsuite"]


@pytest.fixture(scope="module")
def hello() -> Iterator[dict[str, str]]:
    words = [*COMMAND, "--size", "3", "--switch", "zone=Asia/Tokyo", "--switch", "concurrency=0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.terminate()


def operate(hello: dict[str, str], name: str, **values: object) -> requests.Response:
    return requests.post(f"{hello['url']}/_sandbox/do/{name}", json=values, timeout=5)


def test_it_prints_what_to_log_in_with(hello: dict[str, str]) -> None:
    assert list(hello) == [
        "url", "account", "client_id", "certificate_id", "private_key", "consumer_key",
        "consumer_secret", "token_id", "token_secret",
    ]  # fmt: skip
    assert hello["private_key"].startswith("-----BEGIN PRIVATE KEY-----")


def test_operations_of_people(hello: dict[str, str]) -> None:
    who = operate(hello, "customer", companyname="株式会社 例", currency=4, subsidiary=3).json()[
        "id"
    ]
    invoice = operate(hello, "invoice", customer=who, lines=[[1, 2, "500"]]).json()["id"]
    paid = operate(hello, "pay", customer=who, amount=300, apply={str(invoice): 300})
    assert paid.json()["id"] > invoice
    page = requests.get(f"{hello['url']}/_sandbox/document/{invoice}", timeout=5).text
    assert ("Invoice : Open" in page, "300" in page) == (True, True)
    refused = operate(hello, "delete", document=invoice)
    assert (refused.status_code, "cannot be deleted" in refused.json()["error"]) == (400, True)
    unknown = operate(hello, "nothing")
    assert "there are: address, apply" in unknown.json()["error"]
    assert "unexpected keyword" in operate(hello, "void", paper=1).json()["error"]


def test_pages_for_people(hello: dict[str, str]) -> None:
    first = requests.get(f"{hello['url']}/_sandbox/", timeout=5).text
    assert ("ООО «Покупатель 00003»" in first, "Asia/Tokyo" in first) == (True, True)
    card = requests.get(f"{hello['url']}/_sandbox/customer/7", timeout=5).text
    assert ("custentity_syncd_receivable" in card, "INV1001" in card) == (True, True)
    settings = requests.get(f"{hello['url']}/_sandbox/settings", timeout=5).text
    assert ("write_off" in settings, "apply_touches" in settings) == (True, True)
    assert requests.get(f"{hello['url']}/_sandbox/deleted", timeout=5).ok
    assert requests.get(f"{hello['url']}/_sandbox/customer/99999", timeout=5).status_code == 404


def test_switches_count_from_the_start(hello: dict[str, str]) -> None:
    """No request has a place: without a login it is 401, with one 429."""
    got = requests.get(f"{hello['url']}/services/rest/record/v1/customer", timeout=5)
    assert got.status_code == 401


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--switch", "zone=Mars/Olympus"], "takes a time zone"),
        (["--switch", "date_format=MDY"], "takes one of M/D/YYYY"),
        (["--switch", "zoen=UTC"], "unknown switch zoen"),
        (["--data", "x.json"], "takes no --data"),
    ],
)
def test_a_start_that_makes_no_sense(words: list[str], told: str) -> None:
    done = subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
