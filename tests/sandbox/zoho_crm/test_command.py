"""`syncd sandbox zoho_crm`, as somebody starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

COMMAND = [sys.executable, "-m", "syncd", "sandbox", "zoho_crm"]


@pytest.fixture(scope="module")
def hello() -> Iterator[dict[str, str]]:
    words = [*COMMAND, "--size", "3", "--switch", "zone=Asia/Tokyo", "--switch", "credits=9"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.terminate()


def test_it_prints_what_to_log_in_with_and_serves(hello: dict[str, str]) -> None:
    assert list(hello) == ["url", "client_id", "client_secret", "refresh_token"]
    url = hello.pop("url")
    form = {**hello, "grant_type": "refresh_token"}
    token = requests.post(f"{url}/oauth/v2/token", data=form, timeout=5).json()
    assert token["api_domain"] == url
    headers = {"Authorization": f"Zoho-oauthtoken {token['access_token']}"}
    asked = {"fields": "Account_Name,Created_Time"}
    got = requests.get(f"{url}/crm/v8/Accounts", asked, headers=headers, timeout=5)
    assert len(got.json()["data"]) == 3
    assert got.json()["data"][0]["Created_Time"].endswith("+09:00")
    later = {**headers, "If-Modified-Since": "2030-01-01T00:00:00Z"}
    nothing = requests.get(f"{url}/crm/v8/Accounts", asked, headers=later, timeout=5)
    assert (nothing.status_code, nothing.headers.get("content-type")) == (304, None)
    assert "Zoho" in requests.get(f"{url}/_sandbox/", timeout=5).text


def test_a_switch_that_is_not_there() -> None:
    told = subprocess.run(
        [*COMMAND, "--switch", "zoen=UTC"], capture_output=True, text=True, timeout=30, check=False
    )
    assert told.returncode == 2
    assert "unknown switch zoen" in told.stderr
